"""Answers that somebody has to confirm: held in one write, one mail a day, decided once, and only by her own link."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from services.intake.held import answer_link
from services.intake.held.held_answer import CONFIRM_WITHIN
from services.intake.say import say
from shared.events import AnswerHeld, CourseRebooked, InvitationAnswered
from shared.said import AnsweredBy, CounterProposal
from shared.vault import person_key
from tests.answer_samples import Booked, booked, declined, held, person_told, retold
from tests.browsing import Browser
from tests.embedded import Embedded
from tests.intake_house import House, house, read_event, settings_for


@pytest.fixture(scope="module")
async def intake(stack: Embedded) -> AsyncIterator[House]:
    async with house(settings_for(mongodb=stack.mongodb)) as found:
        yield found


async def asked(intake: House, course: Booked, source: str = "mail-1") -> str:
    """The path of the link that the consultant is mailed for her "no"."""
    assert await held(intake, course, declined(intake, course), source) == "held"
    return await link(intake, course)


async def link(intake: House, course: Booked) -> str:
    event = intake.events(course.mine.id)[-1]
    assert event.envelope.type == AnswerHeld.type
    return urlsplit((await person_told(intake, event)).links["answer"]).path


def count(intake: House, course: Booked, kind: type[AnswerHeld | InvitationAnswered]) -> int:
    return sum(one.envelope.type == kind.type for one in intake.events(course.mine.id))


async def test_her_link_leads_to_the_question_and_yes_says_it(intake: House) -> None:
    """GET changes nothing; what is said after the yes is the answer as it was held, and hers."""
    course = await booked(intake)
    browser = Browser(intake)
    shown = await browser.open(await asked(intake, course))
    assert "Var det dig?" in shown
    assert browser.page.url.path.startswith("/svar/moede/")
    assert count(intake, course, InvitationAnswered) == 0
    shown = await browser.press("ja")
    assert "Tak, vi har fået dit svar" in shown
    event = intake.events(course.mine.id)[-1]
    (said,) = read_event(event.envelope, event.body).application.said
    assert said == declined(intake, course, number=1, at=said.at, dtstamp=said.at)


@pytest.mark.parametrize(
    ("is_grey", "answered_by", "last"), [(True, "self", "no"), (False, "other", "no"), (False, "self", "yes")]
)
async def test_what_nobody_vouched_for_does_not_outdate_what_she_confirms(
    intake: House, *, is_grey: bool, answered_by: AnsweredBy, last: str
) -> None:
    """Whoever knows the address of her invite could else answer after her, and her confirmed no would count for nothing."""
    course = await booked(intake)
    browser = Browser(intake)
    await browser.open(await asked(intake, course))
    later = intake.clock() + timedelta(minutes=5)
    yes = declined(intake, course, partstat="ACCEPTED", dtstamp=later, at=later, answered_by=answered_by)
    parts = intake.parts
    await say(
        course.mine.id,
        lambda number: yes.model_copy(update={"number": number}),
        kind=InvitationAnswered,
        source="mail-2",
        is_grey=is_grey,
        store=parts.store,
        vault=parts.vault,
        signer=parts.signer,
        programme=parts.programme,
        now=intake.clock(),
    )
    await browser.press("ja")
    event = intake.events(course.mine.id)[-1]
    said = read_event(event.envelope, event.body).application.said
    newest = max(said, key=lambda one: (one.dtstamp, one.number))
    assert len(said) == 2
    assert newest.partstat == {"no": "DECLINED", "yes": "ACCEPTED"}[last]


async def test_no_leaves_everything_as_it_was(intake: House) -> None:
    """Nothing is said, neither now nor by pressing yes on a page that still stands open."""
    course = await booked(intake)
    path = await asked(intake, course)
    browser, other = Browser(intake), Browser(intake)
    await browser.open(path)
    await other.open(path)
    assert "vi ser bort fra svaret" in await browser.press("nej")
    assert "vi ser bort fra svaret" in await other.press("ja")
    assert count(intake, course, InvitationAnswered) == 0


async def test_pressed_many_times_at_once_it_is_said_once(intake: House) -> None:
    """Ten browsers with the same link press yes together."""
    course = await booked(intake)
    path = await asked(intake, course)
    browsers = [Browser(intake) for _ in range(10)]
    for one in browsers:
        await one.open(path)
    await asyncio.gather(*(one.press("ja") for one in browsers))
    assert count(intake, course, InvitationAnswered) == 1
    assert (await intake.stored(course.mine.id))["application"]["said_count"] == 1


async def test_the_mail_goes_to_her_registered_address_with_nothing_but_the_link(intake: House) -> None:
    """Sealed under her own key; the event tells in clear whose answer it is and which, by ids and codes."""
    course = await booked(intake)
    await asked(intake, course)
    event = intake.events(course.mine.id)[-1]
    person = await person_told(intake, event)
    assert (person.mail, person.person_id) == ("karen@konsulenter.example", course.consultant)
    assert set(person.links) == {"answer"}
    assert not person.invites
    content = AnswerHeld.model_validate_json(event.body)
    assert content.person.key_id == person_key(course.consultant)
    assert (content.held.partstat, content.held.meeting_id) == ("DECLINED", course.meeting.meeting_id)
    assert content.held.until - content.held.at == CONFIRM_WITHIN


async def test_a_contact_is_asked_as_well(intake: House) -> None:
    """A proposal of hers: the page shows the time that is proposed."""
    course = await booked(intake)
    start = course.meeting.start + timedelta(days=1)
    facts = declined(intake, course, course.leader).model_dump(exclude={"kind", "partstat"})
    assert await held(intake, course, CounterProposal(**facts, start=start), "mail-1") == "held"
    browser = Browser(intake)
    shown = await browser.open(await link(intake, course))
    assert "Foreslår et andet tidspunkt" in shown
    assert f"{start.day}." in shown


async def test_she_is_mailed_once_a_day_and_the_link_leads_to_what_she_said_last(intake: House) -> None:
    """Many answers, one mail; the page that showed the earlier one confirms nothing any more."""
    course = await booked(intake)
    path = await asked(intake, course)
    browser = Browser(intake)
    await browser.open(path)
    intake.clock.forward(minutes=5)
    later = declined(intake, course, partstat="DELEGATED")
    assert await held(intake, course, later, "mail-2") == "held"
    assert count(intake, course, AnswerHeld) == 1
    shown = await browser.press("ja")
    assert "Sender en anden" in shown
    assert "Var det dig?" in shown
    assert count(intake, course, InvitationAnswered) == 0
    await browser.press("ja")
    assert count(intake, course, InvitationAnswered) == 1
    intake.clock.forward(hours=25)
    assert await held(intake, course, declined(intake, course), "mail-3") == "held"
    assert count(intake, course, AnswerHeld) == 2


async def test_many_at_once_make_one_mail(intake: House) -> None:
    """Ten forged answers in the same moment: one question, and every one of them is taken care of."""
    course = await booked(intake)
    answers = [declined(intake, course) for _ in range(10)]
    outcomes = await asyncio.gather(*(held(intake, course, one, f"mail-{n}") for n, one in enumerate(answers)))
    assert outcomes == ["held"] * 10
    assert count(intake, course, AnswerHeld) == 1
    assert len((await intake.stored(course.mine.id))["held"]) == 1


async def test_after_she_has_decided_the_next_one_of_the_day_is_for_staff(intake: House) -> None:
    """She is not mailed again, so nobody would see it."""
    course = await booked(intake)
    browser = Browser(intake)
    await browser.open(await asked(intake, course))
    await browser.press("nej")
    assert await held(intake, course, declined(intake, course), "mail-2") == "again"


async def test_the_same_mail_is_held_once(intake: House) -> None:
    """After a crash it comes again, before and after she has answered: no second mail, nothing said twice."""
    course = await booked(intake)
    browser = Browser(intake)
    await browser.open(await asked(intake, course))
    assert await held(intake, course, declined(intake, course), "mail-1") == "held"
    await browser.press("ja")
    intake.clock.forward(hours=25)
    assert await held(intake, course, declined(intake, course), "mail-1") == "held"
    assert (count(intake, course, AnswerHeld), count(intake, course, InvitationAnswered)) == (1, 1)


async def test_an_answer_to_a_meeting_that_has_moved_is_not_confirmed(intake: House) -> None:
    """The page says so; a form that still stands open changes nothing."""
    course = await booked(intake)
    browser = Browser(intake)
    await browser.open(await asked(intake, course))
    moved = tuple(one.model_copy(update={"sequence": 1}) for one in course.meetings)
    await retold(intake, course, CourseRebooked, sequence=2, meetings=moved)
    assert "Mødet er ændret siden" in await browser.press("ja")
    assert count(intake, course, InvitationAnswered) == 0


async def test_every_wrong_link_leads_to_the_one_page(intake: House) -> None:
    """Cut, altered, of another kind, of another programme, expired, idle, without its cookie: 404, and nothing is told."""
    course = await booked(intake)
    path = await asked(intake, course)
    token = path.rpartition("/")[2]
    found = answer_link.read_token(token, intake.parts.signer, now=intake.clock())
    assert found
    foreign = urlsplit(answer_link.address_of(found, replace(intake.parts.signer, programme="other"))).path
    browser = Browser(intake)
    wrong = [path[:-1], path + "A", f"/svar/{course.mine.token}", f"/s/{token}", foreign, found.path, "/svar/moede/x"]
    for one in wrong:
        shown = await browser.open(one)
        assert browser.page.status_code == 404, one
        assert "Linket virker ikke" in shown, one
    await browser.open(path)
    cookie = browser.http.cookies[found.cookie]
    stolen = Browser(intake)
    other = replace(found, held_id="01a200dc-ac4b-7f47-9dfc-b8e5e1c2b62e")
    stolen.http.cookies.set(other.cookie, cookie)
    await stolen.open(other.path)
    assert stolen.page.status_code == 404
    intake.clock.forward(minutes=31)
    await browser.open(found.path)
    assert browser.page.status_code == 404
    intake.clock.forward(days=7)
    await browser.open(path)
    assert browser.page.status_code == 404


async def test_of_an_erased_person_nothing_is_held_or_shown(intake: House) -> None:
    """Her link leads nowhere, and no later answer of hers is kept."""
    course = await booked(intake)
    path = await asked(intake, course)
    await intake.parts.vault.erase(person_key(course.consultant))
    browser = Browser(intake)
    await browser.open(path)
    assert browser.page.status_code == 404
    intake.clock.forward(hours=25)
    assert await held(intake, course, declined(intake, course), "mail-2") == "gone"


async def test_a_foreign_page_cannot_answer_for_her(intake: House) -> None:
    """The form comes from our own page or not at all."""
    course = await booked(intake)
    browser = Browser(intake)
    await browser.open(await asked(intake, course))
    browser.http.headers["Sec-Fetch-Site"] = "cross-site"
    await browser.press("ja")
    assert browser.page.status_code == 403
    assert count(intake, course, InvitationAnswered) == 0


async def test_guesses_are_counted_as_those_of_other_links(stack: Embedded) -> None:
    """After too many from one network, the answer is "wait", for right ones too."""
    limited = settings_for(mongodb=stack.mongodb, FORLOEB_INTAKE_BAD_LINK_LIMIT="3/minute")
    async with house(limited) as intake:
        course = await booked(intake)
        path = await asked(intake, course)
        statuses = [(await intake.http.get(f"/svar/{'A' * number}")).status_code for number in range(40, 44)]
        assert statuses == [404, 404, 404, 429]
        assert (await intake.http.get(path)).status_code == 429
