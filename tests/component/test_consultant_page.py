"""The consultant's page of one course, without an account: what she sees, what she changes, and every link that leads nowhere."""

import html
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from services.scheduler.act_on_course import act_on_course
from services.scheduler.acts import Order
from services.scheduler.consultant_page.link import IDLE, KEPT, PAGES, cookie_of
from services.scheduler.consultant_page.room import GUESSES
from services.scheduler.guarded_change import Done
from shared.events import EVENTS, StaffActed
from shared.staff.staff import Staff
from shared.vault import person_key
from tests.consultant_room import PlanRoom, plan_room
from tests.embedded import Embedded

KIRSTEN = Staff(account="kirsten", role="coordinator")
REASON = "Aftalt med arbejdspladsen på det indledende møde."
NOWHERE = "Linket virker ikke"


@pytest.fixture
async def room(stack: Embedded) -> AsyncIterator[PlanRoom]:
    async with plan_room(stack.mongodb) as opened:
        yield opened


async def act(room: PlanRoom, kind: str, **values: str) -> None:
    order = Order.model_validate({"act": {"kind": kind, **values}, "reason": REASON})
    assert isinstance(await act_on_course(room.course_id, order, staff=KIRSTEN, means=room.office.means), Done)


async def leads_nowhere(room: PlanRoom, path: str) -> bool:
    """The same page, whatever is wrong."""
    answer = await room.http.get(path)
    return (answer.status_code, NOWHERE in html.unescape(answer.text)) == (404, True)


async def test_her_link_opens_her_course(room: PlanRoom) -> None:
    """Meetings, who has answered, and how to reach the workplace; no secret stands in the address or in the page."""
    link = await room.link()
    await room.enter()
    page = await room.read()
    for words in (
        "Dit forløb SPARK-K7QM-4T2X",
        "Indledende møde",
        "(afholdt)",
        "Opfølgning",
        "Lone Leder",
        "Ikke svaret endnu",
    ):
        assert words in page
    assert "Tilpas forløbet" in page
    assert link.removeprefix(f"{PAGES}/") not in page
    answer = await room.http.get(room.page)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"


async def test_contacts_get_no_such_link(room: PlanRoom) -> None:
    """It is hers alone; the second consultant would have one of her own."""
    people = await room.office.opened_people(room.course_id)
    assert {who for who, person in people.items() if "plan" in person.links} == {"anne"}


async def test_she_tailors_her_course_and_stays_its_consultant(room: PlanRoom) -> None:
    """Looked at first, then done: the history and the audit name her, the reason is sealed."""
    await room.enter()
    fields = {"drop_second": "yes", "place_first": "online", "reason": REASON}
    asked = await room.send(fields)
    text = html.unescape(asked.text)
    assert asked.status_code == 200
    for words in ("Sådan bliver forløbet", "aflyses", "Hvem får besked", "Lone Leder"):
        assert words in text
    before = await room.office.course(room.course_id)
    done = await room.send({**fields, "confirmed": "yes"})
    assert (done.status_code, done.headers["location"]) == (303, f"{room.page}?done=1")
    after = await room.office.course(room.course_id)
    assert before.version < after.version
    assert [one.code for one in after.course.sittings] == ["opening", "first", "follow_up"]
    assert after.course.consultant_id == "anne"
    assert (after.course.history[-1].account, after.course.history[-1].act) == ("anne", "course.tailored")
    row = await room.office.store.courses.find_one({"_id": room.course_id})
    assert row is not None
    assert REASON not in str(row)
    told = [EVENTS[one["type"]].model_validate_json(bytes(one["body"])) for one in row["outbox"]]
    (audit,) = [one.staff_act for one in told if isinstance(one, StaffActed)]
    assert (audit.account, audit.role, audit.act) == ("anne", "consultant", "course.tailored")
    assert "Forløbet er tilpasset" in await room.read("?done=1")


async def test_what_cannot_be_says_so_and_wrong_fields_are_named(room: PlanRoom) -> None:
    """And nothing is written."""
    await room.enter()
    version = (await room.office.course(room.course_id)).version
    wrong = await room.send({"gap_ideal_second": "1"})
    assert wrong.status_code == 422
    assert 'href="#gap_ideal_second"' in wrong.text
    assert 'href="#reason"' in wrong.text
    drops = {f"drop_{code}": "yes" for code in ("first", "second", "follow_up")}
    refused = await room.send({**drops, "reason": REASON, "confirmed": "yes"})
    assert refused.status_code == 409
    assert "Intet er ændret" in html.unescape(refused.text)
    assert (await room.office.course(room.course_id)).version == version


async def test_a_change_by_somebody_else_meanwhile_is_noticed(room: PlanRoom) -> None:
    """She sees another course than the one that she has looked at."""
    await room.enter()
    fields = {"drop_second": "yes", "reason": REASON, "confirmed": "yes", "version": "1"}
    await act(room, "exclude", consultant="bo")
    answer = await room.send(fields)
    assert answer.status_code == 409
    assert "En anden har ændret forløbet imens" in html.unescape(answer.text)


async def test_reading_writes_nothing(room: PlanRoom) -> None:
    """A mail scanner that opens every link changes nothing."""
    before = await room.office.course(room.course_id)
    link = await room.link()
    for method in ("HEAD", "GET"):
        await room.http.request(method, link)
        await room.http.request(method, room.page)
        await room.http.request(method, f"{room.page}/tailor?drop_first=yes&confirmed=yes")
    assert await room.office.course(room.course_id) == before


async def test_every_wrong_link_leads_to_the_same_page(room: PlanRoom) -> None:
    """Altered, cut, invented, of another programme, another key, another consultant, another epoch."""
    means = room.office.means
    good = await room.link()
    link = means.plan_signer.read(good.removeprefix(f"{PAGES}/"), now=means.clock())
    assert link is not None
    others = [
        means.plan_signer.token(one)
        for one in (
            replace(link, consultant_id="bo"),
            replace(link, consultant_id="a1-leader"),
            replace(link, course_id="nothing"),
            replace(link, epoch=1),
            replace(link, expires_at=means.clock()),
        )
    ]
    foreign = [replace(means.plan_signer, key=bytes([7]) * 32), replace(means.plan_signer, programme="other")]
    token = good.removeprefix(f"{PAGES}/")
    for wrong in (*others, *(one.token(link) for one in foreign), token[:-1], token + "A", "x", "æ", "A" * 401):
        assert await leads_nowhere(room, f"{PAGES}/{wrong}"), wrong
    assert not room.http.cookies


async def test_a_link_ends_with_her_part_in_the_course(room: PlanRoom) -> None:
    """Handed over, put to an end, erased, revoked, or a month after the last meeting: her open page ends, too."""
    await room.enter()
    assert "Dit forløb" in await room.read()
    await act(room, "pin", consultant="bo")
    assert await leads_nowhere(room, room.page)
    await act(room, "pin", consultant="anne")
    assert "Dit forløb" in await room.read()
    old = await room.link()
    await act(room, "close_link")
    assert await leads_nowhere(room, room.page)
    assert await leads_nowhere(room, old)
    await act(room, "pin", consultant="bo")
    await act(room, "pin", consultant="anne")
    await room.enter()
    assert await leads_nowhere(room, old)
    assert "Dit forløb" in await room.read()
    await room.office.vault.erase(person_key("anne"))
    assert await leads_nowhere(room, room.page)


async def test_a_link_is_good_until_a_month_after_the_last_meeting(room: PlanRoom) -> None:
    """And tells what was held."""
    last = (await room.office.course(room.course_id)).course.sittings[-1].end
    link = await room.link()
    room.office.clock.now = last + KEPT - timedelta(minutes=1)
    assert (await room.http.get(link)).status_code == 303
    page = await room.read()
    assert "Tilpas forløbet" not in page
    room.office.clock.now = last + KEPT
    assert await leads_nowhere(room, link)
    assert await leads_nowhere(room, room.page)


async def test_an_unused_page_is_closed_after_half_an_hour(room: PlanRoom) -> None:
    """The link in her mail opens it again."""
    await room.enter()
    room.office.clock.now += IDLE
    assert await leads_nowhere(room, room.page)
    await room.enter()
    assert "Dit forløb" in await room.read()


async def test_a_cookie_opens_its_own_course_alone(room: PlanRoom) -> None:
    """Under another course's name it is a guess."""
    await room.enter()
    value = room.http.cookies[cookie_of(room.course_id)]
    room.http.cookies.clear()
    for course, cookie, status in (
        (room.course_id, value, 200),
        ("another", value, 404),
        (room.course_id, value[:-1], 404),
    ):
        path, header = f"{PAGES}/plan/{course}", {"Cookie": f"{cookie_of(course)}={cookie}"}
        assert (await room.http.get(path, headers=header)).status_code == status
        room.http.cookies.clear()


async def test_guesses_are_slowed_down(room: PlanRoom) -> None:
    """After thirty wrong links from one network even a right one has to wait."""
    count = int(GUESSES.partition("/")[0])
    for number in range(count):
        assert await leads_nowhere(room, f"{PAGES}/{number}")
    answer = await room.http.get(await room.link())
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


async def test_forms_come_from_her_own_page_alone(room: PlanRoom) -> None:
    """A foreign page, a missing or foreign token, and an old one: nothing is done."""
    await room.enter()
    version = (await room.office.course(room.course_id)).version
    fields = {"drop_second": "yes", "reason": REASON, "confirmed": "yes"}
    path = f"{room.page}/tailor"
    foreign = await room.http.post(path, data=fields, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert (await room.http.post(path, data=fields)).status_code == 404
    assert (await room.http.post(path, data={**fields, "form_token": "x"})).status_code == 404
    assert (await room.office.course(room.course_id)).version == version


async def test_over_https_the_cookie_is_for_this_host_alone(stack: Embedded) -> None:
    """Never for scripts, never over plain HTTP, never for another host."""
    async with plan_room(stack.mongodb, public_url="https://forloeb.example") as room:
        cookie = (await room.http.get(await room.link())).headers["set-cookie"]
    assert cookie.startswith(f"__Host-{cookie_of(room.course_id)}=")
    for part in ("HttpOnly", "Secure", "SameSite=lax", "Path=/", f"Max-Age={int(IDLE.total_seconds())}"):
        assert part in cookie


async def test_she_finds_her_calendar_and_makes_a_new_address(room: PlanRoom) -> None:
    """The address stands on her page; after a new one was made, the page shows that, and says so."""
    await room.enter()
    page = await room.read()
    assert "Alle dine møder i din kalender" in page
    before = _feed(page)
    token = re.findall(r'name="form_token" value="([^"]+)"', page)[-1]
    answer = await room.http.post(f"{room.page}/calendar", data={"form_token": token})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{room.page}?renewed=1")
    after = await room.read("?renewed=1")
    assert "Kalenderen har fået en ny adresse" in after
    assert _feed(after) != before
    assert _feed(after).startswith("http://test/kalender/")


async def test_a_new_address_needs_the_token_of_that_form(room: PlanRoom) -> None:
    """That of tailoring does not do."""
    await room.enter()
    before = _feed(await room.read())
    tailoring = re.findall(r'name="form_token" value="([^"]+)"', await room.read("/tailor"))[-1]
    for token in ("", tailoring):
        assert (await room.http.post(f"{room.page}/calendar", data={"form_token": token})).status_code == 404
    await room.enter()
    assert _feed(await room.read()) == before


def _feed(page: str) -> str:
    return re.findall(r'<code id="feed">([^<]+)</code>', page)[0]
