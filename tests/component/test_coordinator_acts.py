"""What coordinators do to courses through the pages, on a real database: asked back, done, refused, and kept with its reason."""

import html
import re
from collections.abc import AsyncIterator

import pytest

from services.scheduler.coordinator.desk import PAGES
from services.scheduler.roster import RosterChange
from services.scheduler.save_consultant import change_consultant
from tests.coordinator_desk import CoordinatorDesk, coordinator_desk
from tests.embedded import Embedded
from tests.scheduler_samples import AARHUS

REASON = "Konsulenten har selv bedt om det i telefonen."


@pytest.fixture
async def desk(stack: Embedded) -> AsyncIterator[CoordinatorDesk]:
    async with coordinator_desk(stack.mongodb) as opened:
        await opened.consultant("anne")
        yield opened


def times(page: str) -> list[str]:
    """The starts among which a page lets choose."""
    return re.findall(r'name="start" value="([^"]+)"(?![^>]* disabled)', page)


async def test_a_meeting_is_moved_to_one_of_the_possible_times(desk: CoordinatorDesk) -> None:
    """The page lists the mails before; afterwards the meeting is there, and the history tells who, what and why."""
    course = await desk.application()
    meeting = (await desk.office.course(course)).course.sittings[0]
    path = f"/courses/{course}/acts/move?meeting={meeting.meeting_id}"
    start = times(await desk.page(path))[0]
    asked = await desk.send(path, {"start": start, "reason": REASON})
    text = html.unescape(asked.text)
    assert asked.status_code == 200
    assert "Det sender disse" in text
    assert "Lone Leder" in text
    assert "Konsulent Anne" in text
    assert "→" in text
    assert (await desk.office.course(course)).course.sittings[0] == meeting, "nothing is done yet"
    done = await desk.send(path, {"start": start, "reason": REASON, "confirmed": "yes"})
    assert (done.status_code, done.headers["location"]) == (303, f"{PAGES}/courses/{course}?done=move")
    moved = (await desk.office.course(course)).course.sittings[0]
    assert (moved.wall_start, moved.uid, moved.sequence) == (start, meeting.uid, meeting.sequence + 1)
    shown = await desk.page(f"/courses/{course}?done=move")
    assert "Mødet er flyttet" in shown
    assert REASON in shown
    assert REASON not in str(await desk.office.store.courses.find_one({"_id": course})), "it is sealed"


async def test_more_times_are_shown_on_demand_with_what_each_costs(desk: CoordinatorDesk) -> None:
    """First the cheapest; the present time cannot be chosen."""
    course = await desk.application()
    meeting = (await desk.office.course(course)).course.sittings[1]
    path = f"/courses/{course}/acts/move?meeting={meeting.meeting_id}"
    few, many = await desk.page(path), await desk.page(f"{path}&all=1")
    assert len(times(few)) < len(times(many))
    assert meeting.wall_start not in times(many)
    assert "som det er nu" in few
    assert "afstand mellem møderne" in many


async def test_each_act_does_what_it_says(desk: CoordinatorDesk) -> None:
    """Choosing, keeping out, putting back, trying again and cancelling, one after the other on one course."""
    await desk.consultant("bodil", municipality=AARHUS)
    course = await desk.application()

    async def state() -> tuple[str, str | None, str | None, tuple[str, ...], bool]:
        found = (await desk.office.course(course)).course
        return found.state, found.consultant_id, found.pinned, found.excluded, found.held

    assert await state() == ("booked", "anne", None, (), False)
    for kind, fields, expected in (
        ("pin", {"consultant": "bodil"}, ("booked", "bodil", "bodil", (), False)),
        ("unpin", {}, ("booked", "bodil", None, (), False)),
        ("exclude", {"consultant": "bodil"}, ("booked", "anne", None, ("bodil",), False)),
        ("include", {"consultant": "bodil"}, ("booked", "anne", None, (), False)),
        ("put_back", {}, ("waiting", None, None, (), True)),
        ("extend_window", {"latest_start": "2027-08-30"}, ("waiting", None, None, (), True)),
        ("try_again", {}, ("waiting", None, None, (), False)),
        ("cancel", {}, ("cancelled", None, None, (), False)),
    ):
        answer = await desk.act(course, kind, reason=REASON, **fields)
        assert answer.status_code == 303, (kind, html.unescape(answer.text))
        found = await state()
        assert found[0] == expected[0], kind
        assert found[1:4] == expected[1:4] or kind in ("put_back", "extend_window", "try_again", "cancel"), kind
        assert found[4] == expected[4], kind
    shown = await desk.page(f"/courses/{course}")
    assert shown.count(REASON) == 8
    assert "Det kan I gøre" not in shown


async def test_what_cannot_be_done_says_why_and_changes_nothing(desk: CoordinatorDesk) -> None:
    """Keeping out the only consultant of a booked course: nobody else could hold it."""
    course = await desk.application()
    before = await desk.office.course(course)
    answer = await desk.act(course, "exclude", reason=REASON, consultant="anne")
    text = html.unescape(answer.text)
    assert answer.status_code == 409
    assert "Ingen konsulent kan tage forløbet sådan." in text
    assert "Intet er ændret" in text
    assert (await desk.office.course(course)).version == before.version


async def test_a_change_by_somebody_else_is_noticed(desk: CoordinatorDesk) -> None:
    """What was asked back about an older state is not done."""
    course = await desk.application()
    shown = (await desk.http.get(f"{PAGES}/courses/{course}/acts/cancel")).text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', shown))
    assert (await desk.act(course, "pin", reason=REASON, consultant="anne")).status_code == 303
    late = await desk.http.post(
        f"{PAGES}/courses/{course}/acts/cancel", data={**hidden, "reason": REASON, "confirmed": "yes"}
    )
    assert late.status_code == 409
    assert "En anden har ændret forløbet imens" in html.unescape(late.text)
    assert (await desk.office.course(course)).course.state == "booked"


@pytest.mark.parametrize(
    ("kind", "fields", "fault"),
    [
        ("cancel", {"reason": "kort"}, "Skriv hvorfor"),
        ("cancel", {"reason": "x" * 1001}, "Skriv hvorfor"),
        ("pin", {"consultant": "", "reason": REASON}, "Vælg en konsulent."),
        ("extend_window", {"latest_start": "i morgen", "reason": REASON}, "Skriv en dato."),
    ],
)
async def test_an_unfinished_form_is_shown_again(
    desk: CoordinatorDesk, kind: str, fields: dict[str, str], fault: str
) -> None:
    """With 422, a sentence at the field, and what was typed."""
    course = await desk.application(themes=("samarbejde",), participants=24)
    if kind == "extend_window":
        await desk.act(course, "put_back", reason=REASON)
    version = (await desk.office.course(course)).version
    answer = await desk.send(f"/courses/{course}/acts/{kind}", {**fields, "confirmed": "yes"})
    assert answer.status_code == 422
    assert fault in html.unescape(answer.text)
    assert (await desk.office.course(course)).version == version


async def test_nothing_is_done_without_the_token_of_the_form(desk: CoordinatorDesk) -> None:
    """Neither without one, nor with that of another act; and a GET never does anything."""
    course = await desk.application()
    version = (await desk.office.course(course)).version
    shown = (await desk.http.get(f"{PAGES}/courses/{course}/acts/exclude")).text
    (other,) = re.findall(r'name="form_token" value="([^"]*)"', shown)
    for token in ("", other):
        answer = await desk.http.post(
            f"{PAGES}/courses/{course}/acts/cancel", data={"form_token": token, "reason": REASON, "confirmed": "yes"}
        )
        assert answer.status_code == 200
    await desk.http.get(f"{PAGES}/courses/{course}/acts/cancel", params={"reason": REASON, "confirmed": "yes"})
    assert (await desk.office.course(course)).version == version


async def test_only_coordinators_come_in(desk: CoordinatorDesk) -> None:
    """Without a session people are led to the log-in and programs get 401, on every page and act."""
    course = await desk.application()
    for path in ("", "/courses.csv", f"/courses/{course}", f"/courses/{course}/acts/cancel"):
        answer = await desk.http.get(f"{PAGES}{path}", headers={"Authorization": ""})
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/staff/login")
    answer = await desk.http.post(f"{PAGES}/courses/{course}/acts/cancel", headers={"Authorization": "Bearer wrong"})
    assert answer.status_code in (303, 401)


async def test_no_other_mails_are_sent_than_were_shown(desk: CoordinatorDesk) -> None:
    """Whoever would take over has gone on leave since: it would be somebody else, so it is asked back again."""
    await desk.consultant("bodil")
    await desk.consultant("clara", municipality=AARHUS)
    course = await desk.application()
    path = f"/courses/{course}/acts/exclude"
    fields = {"consultant": "anne", "reason": REASON}
    asked = html.unescape((await desk.send(path, fields)).text)
    assert "Konsulent Bodil" in asked
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', asked))
    await change_consultant("bodil", RosterChange(active=False), means=desk.office.means)
    late = await desk.http.post(f"{PAGES}{path}", data=hidden)
    assert late.status_code == 409
    assert (await desk.office.course(course)).course.consultant_id == "anne"
    assert (await desk.send(path, {**fields, "confirmed": "yes"})).status_code == 303
    assert (await desk.office.course(course)).course.consultant_id == "clara"
    shown = await desk.page(f"/courses/{course}")
    assert f"{PAGES}/courses/{course}/why-not/anne" in shown, "the first reasons no longer hold: all can be asked about"
