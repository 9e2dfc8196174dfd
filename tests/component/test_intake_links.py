"""Every way in which a link, a cookie or a form can be wrong: always the same page, and never a change."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any, NamedTuple

import httpx2
import pytest

from services.intake.links import NOBODY, Link, Purpose
from services.intake.status import session
from tests.browsing import Applied, Browser, Outline, applied
from tests.embedded import Embedded
from tests.intake_house import House, house, settings_for

OTHER_KEY = b"another key, of another place..."
ACTS = ("confirm", "withdraw", "language")


class Try(NamedTuple):
    """One attempt: the link that stands in an address, and the cookie that is sent along."""

    token: str
    cookie: str


@pytest.fixture(scope="module")
async def intake(stack: Embedded) -> AsyncIterator[House]:
    async with house(settings_for(mongodb=stack.mongodb)) as found:
        yield found


def link_of(intake: House, mine: Applied) -> Link:
    link = intake.parts.signer.read(mine.token, now=intake.clock())
    assert link is not None
    return link


def made(intake: House, link: Link, *, key: bytes | None = None, programme: str = "spark") -> Try:
    """Token and cookie of a link, with another key or programme where a test says so."""
    signer = replace(intake.parts.signer, key=key or intake.parts.signer.key, programme=programme)
    cookie = session.make(link, key=key or intake.parts.session_key, programme=programme, now=intake.clock())
    return Try(signer.token(link), cookie)


async def right(intake: House, mine: Applied) -> Try:
    return made(intake, link_of(intake, mine))


async def other_programme(intake: House, mine: Applied) -> Try:
    return made(intake, link_of(intake, mine), programme="other")


async def other_key(intake: House, mine: Applied) -> Try:
    return made(intake, link_of(intake, mine), key=OTHER_KEY)


async def expired(intake: House, mine: Applied) -> Try:
    return made(intake, replace(link_of(intake, mine), expires_at=intake.clock()))


async def of_an_earlier_epoch(intake: House, mine: Applied) -> Try:
    return made(intake, replace(link_of(intake, mine), epoch=0))


async def of_no_contact(intake: House, mine: Applied) -> Try:
    return made(intake, replace(link_of(intake, mine), person_id=mine.id))


async def of_no_application(intake: House, mine: Applied) -> Try:
    return made(intake, replace(link_of(intake, mine), application_id="0193fd6a-0000-7000-8000-000000000001"))


async def cut(intake: House, mine: Applied) -> Try:
    token, cookie = await right(intake, mine)
    return Try(token[:-1], cookie[:-1])


async def in_another_case(intake: House, mine: Applied) -> Try:
    token, cookie = await right(intake, mine)
    return Try(token.swapcase(), cookie.swapcase())


async def each_in_the_place_of_the_other(intake: House, mine: Applied) -> Try:
    token, cookie = await right(intake, mine)
    return Try(cookie, token)


async def revoked(intake: House, mine: Applied) -> Try:
    found = await right(intake, mine)
    browser = Browser(intake)
    await browser.open("/nyt-link")
    await browser.press("nyt-link", reference=mine.reference)
    return found


async def nothing(_intake: House, _mine: Applied) -> Try:
    return Try("-", "")


WRONG: list[Callable[[House, Applied], Awaitable[Try]]] = [
    other_programme,
    other_key,
    expired,
    of_an_earlier_epoch,
    of_no_contact,
    of_no_application,
    cut,
    in_another_case,
    each_in_the_place_of_the_other,
    revoked,
    nothing,
]


def paths(mine: Applied) -> list[str]:
    return [mine.page, f"{mine.page}/withdraw", f"{mine.page}/meetings/m1.ics"]


async def send(intake: House, method: str, path: str, mine: Applied, cookie: str, **form: str) -> httpx2.Response:
    headers = {"Cookie": f"{session.cookie_of(mine.reference)}={cookie}"} if cookie else {}
    more: dict[str, Any] = {"data": form} if method == "POST" else {}
    return await intake.http.request(method, path, headers=headers, **more)


async def form_tokens(intake: House, mine: Applied) -> dict[str, str]:
    """The form tokens of the three acts, from the pages of somebody whose link is right."""
    browser = Browser(intake)
    forms = Outline(await browser.open(f"/s/{mine.token}")).forms
    return {act: form.fields["form_token"] for act, form in forms.items()} | {
        "withdraw": Outline(await browser.open(f"{mine.page}/withdraw")).forms["withdraw"].fields["form_token"]
    }


@pytest.mark.parametrize("wrong", WRONG, ids=lambda make: make.__name__)
@pytest.mark.parametrize("purpose", Purpose)
async def test_whatever_is_wrong_the_page_is_the_same_and_nothing_changes(
    intake: House, wrong: Callable[[House, Applied], Awaitable[Try]], purpose: Purpose
) -> None:
    """Both kinds of link, in the address and as cookie, read and sent, with form tokens that are right."""
    mine = await applied(intake)
    tokens = await form_tokens(intake, mine)
    if purpose is Purpose.STATUS:
        link = replace(link_of(intake, mine), purpose=purpose, person_id=NOBODY)
        mine = replace(mine, token=intake.parts.signer.token(link))
    found = await wrong(intake, mine)
    before = await intake.stored(mine.id)
    answers = [await send(intake, "GET", f"/s/{found.token}", mine, "")]
    answers += [await send(intake, "GET", path, mine, found.cookie) for path in paths(mine)]
    answers += [
        await send(intake, "POST", f"{mine.page}/{act}", mine, found.cookie, form_token=tokens[act], language="en")
        for act in ACTS
    ]
    assert {one.status_code for one in answers} == {404}
    assert len({one.text for one in answers}) == 1
    assert not [one for one in answers if "set-cookie" in one.headers]
    for path in (f"/s/{found.token}", *paths(mine)):
        assert (await send(intake, "HEAD", path, mine, found.cookie)).status_code == 404
    assert await intake.stored(mine.id) == before


@pytest.mark.parametrize("purpose", Purpose)
async def test_reading_with_the_right_link_changes_nothing_either(intake: House, purpose: Purpose) -> None:
    """Mail scanners open every link, and every link on the page behind it."""
    mine = await applied(intake)
    link = link_of(intake, mine)
    if purpose is Purpose.STATUS:
        link = replace(link, purpose=purpose, person_id=NOBODY)
    found = made(intake, link)
    before, told = await intake.stored(mine.id), len(intake.published)
    acts = [f"{mine.page}/{act}" for act in ACTS]
    for path in (f"/s/{found.token}", *paths(mine), *acts):
        for method in ("GET", "HEAD"):
            await send(intake, method, path, mine, found.cookie)
    assert (await intake.stored(mine.id), len(intake.published)) == (before, told)


async def test_the_senders_own_link_confirms_nothing_and_speaks_for_no_contact(intake: House) -> None:
    """Whoever typed the addresses cannot confirm that they are real; the page has no such buttons."""
    mine = await applied(intake)
    tokens = await form_tokens(intake, mine)
    link = replace(link_of(intake, mine), purpose=Purpose.STATUS, person_id=NOBODY)
    found = made(intake, link)
    page = await send(intake, "GET", mine.page, mine, found.cookie)
    assert page.status_code == 200
    assert not {"confirm", "language"} & Outline(page.text).forms.keys()
    for act in ("confirm", "language"):
        answer = await send(intake, "POST", f"{mine.page}/{act}", mine, found.cookie, form_token=tokens[act])
        assert answer.status_code == 404


async def test_an_idle_cookie_opens_nothing(intake: House) -> None:
    """Neither to read nor to act, with a form that was on the page; the link opens it again."""
    mine = await applied(intake)
    found = await right(intake, mine)
    tokens = await form_tokens(intake, mine)
    intake.clock.forward(seconds=session.IDLE.total_seconds())
    before = await intake.stored(mine.id)
    for path in paths(mine):
        assert (await send(intake, "GET", path, mine, found.cookie)).status_code == 404
    for act in ACTS:
        answer = await send(intake, "POST", f"{mine.page}/{act}", mine, found.cookie, form_token=tokens[act])
        assert answer.status_code == 404
    assert await intake.stored(mine.id) == before
    assert mine.reference in await Browser(intake).open(f"/s/{mine.token}")


async def test_the_cookie_of_one_application_opens_no_other(intake: House) -> None:
    """Sent under the other one's name."""
    mine, other = await applied(intake), await applied(intake)
    found = await right(intake, other)
    assert (await send(intake, "GET", mine.page, mine, found.cookie)).status_code == 404


@pytest.mark.parametrize("act", ACTS)
async def test_a_form_counts_for_one_act_of_one_person_on_one_application(intake: House, act: str) -> None:
    """Tokens of another act, another contact, another application, cut, or none at all do nothing."""
    mine, other = await applied(intake), await applied(intake)
    colleague = replace(mine, token=await intake.contact_token(mine.id, "employee"))
    own = await form_tokens(intake, mine)
    wrong = [
        *(token for name, token in own.items() if name != act),
        (await form_tokens(intake, colleague))[act],
        (await form_tokens(intake, other))[act],
        own[act][:-1],
        "",
    ]
    found = await right(intake, mine)
    before = await intake.stored(mine.id)
    for token in wrong:
        form = {"form_token": token, "language": "en"}
        assert (await send(intake, "POST", f"{mine.page}/{act}", mine, found.cookie, **form)).status_code == 404
    assert await intake.stored(mine.id) == before
    form = {"form_token": own[act], "language": "en"}
    assert (await send(intake, "POST", f"{mine.page}/{act}", mine, found.cookie, **form)).status_code == 303
    assert await intake.stored(mine.id) != before


async def test_a_form_that_lay_open_too_long_is_shown_again(intake: House) -> None:
    """The page stayed in use in another tab: nothing is done, and the button is there again."""
    mine = await applied(intake)
    tokens = await form_tokens(intake, mine)
    intake.clock.forward(hours=5)
    found = await right(intake, mine)
    before = await intake.stored(mine.id)
    answer = await send(intake, "POST", f"{mine.page}/confirm", mine, found.cookie, form_token=tokens["confirm"])
    assert (answer.status_code, answer.headers["location"]) == (303, mine.page)
    assert await intake.stored(mine.id) == before


@pytest.mark.parametrize("header", [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}])
async def test_a_form_on_somebody_elses_page_does_nothing(intake: House, header: dict[str, str]) -> None:
    """Even with everything else right."""
    mine = await applied(intake)
    tokens = await form_tokens(intake, mine)
    cookie = f"{session.cookie_of(mine.reference)}={(await right(intake, mine)).cookie}"
    before = await intake.stored(mine.id)
    for act in ACTS:
        data = {"form_token": tokens[act], "language": "en"}
        headers = {"Cookie": cookie, **header}
        assert (await intake.http.post(f"{mine.page}/{act}", data=data, headers=headers)).status_code == 403
    assert await intake.stored(mine.id) == before


async def test_guessing_is_refused_for_a_while(stack: Embedded) -> None:
    """Twenty wrong links or cookies a minute from one network; the right ones must wait too."""
    async with house(settings_for(mongodb=stack.mongodb, FORLOEB_INTAKE_BAD_LINK_LIMIT="20/minute")) as strict:
        mine = await applied(strict)
        for _ in range(10):
            assert (await strict.http.get("/s/junk")).status_code == 404
            assert (await send(strict, "GET", mine.page, mine, "junk")).status_code == 404
        for path, cookie in (("/s/junk", ""), (f"/s/{mine.token}", ""), (mine.page, "junk")):
            answer = await send(strict, "GET", path, mine, cookie)
            assert (answer.status_code, "For mange forsøg" in answer.text) == (429, True)
            assert int(answer.headers["retry-after"]) <= 60


async def test_a_page_that_was_closed_is_no_guess(stack: Embedded) -> None:
    """A whole town hall may share one network: who comes back after the half hour must not lock the others out."""
    async with house(settings_for(mongodb=stack.mongodb, FORLOEB_INTAKE_BAD_LINK_LIMIT="2/minute")) as strict:
        mine = await applied(strict)
        for _ in range(4):
            assert (await send(strict, "GET", mine.page, mine, "")).status_code == 404
            assert (await send(strict, "POST", f"{mine.page}/withdraw", mine, "")).status_code == 404
        assert (await send(strict, "GET", f"/s/{mine.token}", mine, "")).status_code == 303
