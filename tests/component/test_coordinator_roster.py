"""The coordinators' pages about consultants on a real database: the roster with load, the calendars in words, leave and breaks."""

import csv
import io
import re
from collections.abc import AsyncIterator
from datetime import date

import pytest

from services.scheduler.coordinator.desk import PAGES
from services.scheduler.roster import Leave
from tests.coordinator_desk import CoordinatorDesk, coordinator_desk
from tests.embedded import Embedded
from tests.scheduler_samples import AARHUS

LATER = Leave(first=date(2026, 12, 21), last=date(2026, 12, 23))


@pytest.fixture
async def desk(stack: Embedded) -> AsyncIterator[CoordinatorDesk]:
    async with coordinator_desk(stack.mongodb) as opened:
        await opened.consultant("anne")
        yield opened


async def leave_of(desk: CoordinatorDesk, consultant_id: str = "anne") -> tuple[Leave, ...]:
    facts = await desk.office.store.facts_of(consultant_id)
    assert facts is not None
    return facts.leave


async def test_the_roster_tells_how_much_each_has_to_do(desk: CoordinatorDesk) -> None:
    """Courses of how many, hours of this and the next month, the state of her calendar, and how evenly it is shared."""
    await desk.consultant("bodil", municipality=AARHUS, active=False)
    await desk.application()
    shown = await desk.page("/consultants")
    anne = shown[shown.index("Konsulent Anne") : shown.index("Konsulent Bodil")]
    bodil = shown[shown.index("Konsulent Bodil") :]
    assert "1 af 8" in anne
    assert "Odense" in anne
    assert re.search(r"\d af \d+(,\d)? timer \(\d+", anne)
    assert "Ingen kalender" in anne
    assert "0 af 8" in bodil
    assert "<strong>Nej</strong>" in bodil
    assert re.search(r"Fordelingen af forløb i november 2026 er \d,\d\d", shown)


async def test_the_weeks_tell_who_is_where_when(desk: CoordinatorDesk) -> None:
    """Meetings by weekday and municipality, each a link to its course, and leave; no workplace and no theme."""
    course = await desk.application()
    meeting = (await desk.office.course(course)).course.sittings[0]
    await desk.consultant("bodil", leave=[{"first": meeting.start.date(), "last": meeting.start.date()}])
    shown = await desk.page(f"/weeks?from={meeting.wall_start[:10]}")
    assert f"{PAGES}/courses/{course}" in shown
    assert "Odense" in shown
    assert "fravær" in shown
    assert "Jobcentret" not in shown
    assert f"{PAGES}/courses/{course}" not in await desk.page("/weeks?from=2030-01-07")


async def test_the_page_of_a_consultant_holds_her_calendar_in_words(desk: CoordinatorDesk) -> None:
    """Meetings with time and place, closed days, leave, and days on which she does not work."""
    course = await desk.application()
    meeting = (await desk.office.course(course)).course.sittings[0]
    await desk.consultant("anne", leave=[LATER.model_dump()], hours={"mon": [["08:00", "16:00"]]})
    shown = await desk.page(f"/consultants/anne?month={meeting.wall_start[:7]}")
    table = shown[shown.index("calendar-picture") :]
    assert f"{PAGES}/courses/{course}" in table
    assert "arbejder ikke" in table
    december = await desk.page("/consultants/anne?month=2026-12")
    assert "fravær" in december
    assert "lukket" in december
    for words in ("anne@konsulenter.example", "Mandag 8.00–16.00", "Konsulent Anne"):
        assert words in shown
    assert "Konsulent Anne" not in shown[: shown.index("</title>")], "no name in the title"


async def test_leave_is_entered_and_removed(desk: CoordinatorDesk) -> None:
    """Beside what somebody else enters meanwhile; and an event tells who did it."""
    answer = await desk.send("/consultants/anne", {"first": "2026-12-21", "last": "2026-12-23"}, to="/leave")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGES}/consultants/anne?done=leave")
    await desk.send("/consultants/anne", {"first": "2027-02-08", "last": "2027-02-08"}, to="/leave")
    assert await leave_of(desk) == (LATER, Leave(first=date(2027, 2, 8), last=date(2027, 2, 8)))
    shown = await desk.page("/consultants/anne?done=leave")
    assert "Fraværet er skrevet ind" in shown
    assert "21. december 2026 – 23. december 2026" in shown
    await desk.send("/consultants/anne", {"first": "2026-12-21", "last": "2026-12-23"}, to="/leave/remove")
    assert await leave_of(desk) == (Leave(first=date(2027, 2, 8), last=date(2027, 2, 8)),)


@pytest.mark.parametrize(
    ("first", "last", "fault"),
    [
        ("", "2026-12-23", "Skriv den første dag som dato."),
        ("2026-12-23", "juleaften", "Skriv den sidste dag som dato."),
        ("2026-12-23", "2026-12-21", "Den sidste dag ligger før den første."),
        ("2026-11-02", "2026-11-03", "Fraværet er allerede slut."),
        ("0001-01-01", "9999-12-31", "Skriv den første dag som dato."),
    ],
)
async def test_wrong_days_are_told(desk: CoordinatorDesk, first: str, last: str, fault: str) -> None:
    """With 422 and a sentence; what was typed stands there still, and nothing is stored."""
    answer = await desk.send("/consultants/anne", {"first": first, "last": last}, to="/leave")
    assert answer.status_code == 422
    assert fault in desk.words(answer)
    assert f'value="{first}"' in answer.text
    assert await leave_of(desk) == ()


async def test_meetings_on_days_of_leave_are_pointed_out(desk: CoordinatorDesk) -> None:
    """They stay, so somebody has to move them: the page leads there."""
    course = await desk.application()
    meeting = (await desk.office.course(course)).course.sittings[0]
    assert "Møder på dage med fravær" not in await desk.page("/consultants/anne")
    day = meeting.wall_start[:10]
    await desk.send("/consultants/anne", {"first": day, "last": day}, to="/leave")
    shown = await desk.page("/consultants/anne")
    assert "Møder på dage med fravær" in shown
    assert f"{PAGES}/courses/{course}/acts/move?meeting={meeting.meeting_id}" in shown


async def test_a_consultant_takes_a_break_and_comes_back(desk: CoordinatorDesk) -> None:
    """One button each way; meanwhile the roster says so."""
    for active, words in (("no", "Konsulenten får ingen forløb"), ("yes", "Konsulenten kan få forløb igen")):
        answer = await desk.send("/consultants/anne", {"active": active}, to="/active")
        assert answer.status_code == 303
        facts = await desk.office.store.facts_of("anne")
        assert facts is not None
        assert facts.active is (active == "yes")
        assert words in await desk.page(answer.headers["location"].removeprefix(PAGES))


async def test_a_calendars_address_is_made_void(desk: CoordinatorDesk) -> None:
    """When it came into wrong hands; the coordinator does not get to see it."""
    answer = await desk.send("/consultants/anne", {}, to="/feed")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGES}/consultants/anne?done=feed")
    document = await desk.office.store.consultant("anne")
    assert document is not None
    assert document["feed_epoch"] == 1
    page = await desk.page("/consultants/anne?done=feed")
    assert "Kalenderen har fået en ny adresse" in page
    assert "/kalender/" not in page


async def test_nothing_changes_without_the_token_of_the_form(desk: CoordinatorDesk) -> None:
    """Neither without one nor with another consultant's, and no GET changes anything."""
    await desk.consultant("bodil")
    shown = (await desk.http.get(f"{PAGES}/consultants/bodil")).text
    other = re.findall(r'name="form_token" value="([^"]*)"', shown)[0]
    for token in ("", other):
        for act, fields in (
            ("leave", {"first": "2026-12-21", "last": "2026-12-23"}),
            ("active", {"active": "no"}),
            ("feed", {}),
        ):
            answer = await desk.http.post(f"{PAGES}/consultants/anne/{act}", data={"form_token": token, **fields})
            assert answer.status_code == 200
    assert (await desk.http.get(f"{PAGES}/consultants/anne/leave")).status_code == 405
    facts = await desk.office.store.facts_of("anne")
    assert facts is not None
    assert (facts.active, facts.leave) == (True, ())
    document = await desk.office.store.consultant("anne")
    assert document is not None
    assert "feed_epoch" not in document


async def test_only_coordinators_see_consultants(desk: CoordinatorDesk) -> None:
    """Without a session people are led to the log-in; unknown and odd ids are not there."""
    for path in ("/consultants", "/weeks", "/consultants/anne"):
        answer = await desk.http.get(f"{PAGES}{path}", headers={"Authorization": ""})
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/staff/login")
    for path in ("/consultants/nobody", "/consultants/%7C"):
        assert (await desk.http.get(f"{PAGES}{path}")).status_code in (404, 422)
    answer = await desk.http.post(f"{PAGES}/consultants/nobody/active", data={"active": "no"})
    assert answer.status_code == 404


async def test_the_roster_comes_as_a_file_without_formulas(desk: CoordinatorDesk) -> None:
    """Everybody, with load and calendar; what begins like a formula is text."""
    await desk.consultant("anne", name="=1+1")
    answer = await desk.http.get(f"{PAGES}/consultants.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0][:4] == ["Nummer", "Navn", "Kommune", "Forløb"]
    assert len(rows[0]) == len(rows[1]) == 7
    assert rows[1][:3] == ["anne", "'=1+1", "Odense"]
