"""The calendars and words of the pages about consultants: what takes each day is said in words."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scheduler.calendars.busy import Busy, Span
from services.scheduler.calendars.source import CalendarSource
from services.scheduler.coordinator.roster_form import LeaveAdded, LeaveRemoved
from services.scheduler.coordinator.roster_month import DayCell, MonthTable, busy_by_day, month_table
from services.scheduler.coordinator.roster_visits import Visit
from services.scheduler.coordinator.roster_weeks import week_cells, week_heads
from services.scheduler.coordinator.roster_words import age_words, calendar_words, load_words
from services.scheduler.loads.report import Load
from services.scheduler.roster import LEAVE_PERIODS_MAX, Leave, RosterFacts
from shared.sealing import Sealed
from tests.scheduler_samples import NOW, roster_entry

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
DAY = timedelta(days=1)
MEETING = Visit(
    course_id="c", reference="SPARK-2222-2222", meeting_id="m", day=date(2027, 3, 9), clock="9.00–12.00", place="Odense"
)


def facts_of(**changes: Any) -> RosterFacts:
    return roster_entry(**changes).facts()


def table_of(month: str = "2027-03", **changes: Any) -> MonthTable:
    values: dict[str, Any] = {"facts": facts_of(), "visits": [], "busy": {}, "closed": set(), "language": "da"}
    return month_table(month, **(values | changes))


def cell_of(table: MonthTable, day: date) -> DayCell:
    (found,) = (cell for week in table.weeks for cell in week.cells if cell is not None and cell.day == day)
    return found


@given(st.dates(min_value=date(2024, 1, 1), max_value=date(2040, 12, 31)))
def test_a_month_holds_each_of_its_days_once(day: date) -> None:
    """Whatever its weeks are, and none of another month; with a weekend as there are hours on it."""
    facts = facts_of(hours={"sat": [["08:00", "12:00"]]})
    table = table_of(f"{day.year}-{day.month:02}", facts=facts)
    days = [cell.day for week in table.weeks for cell in week.cells if cell is not None]
    first = day.replace(day=1)
    assert days == [first + DAY * number for number in range(31) if (first + DAY * number).month == day.month]


def test_each_day_says_what_takes_it() -> None:
    """Meetings, leave, closed days, days off and her own calendar; leave hides the rest but never a meeting."""
    facts = facts_of(leave=[{"first": "2027-03-08", "last": "2027-03-09"}], hours={"mon": [["08:00", "16:00"]]})
    busy = {date(2027, 3, 15): 3}
    table = table_of(facts=facts, visits=[MEETING], busy=busy, closed={date(2027, 3, 22)})
    assert cell_of(table, date(2027, 3, 8)).words == ("fravær",)
    assert cell_of(table, MEETING.day).visits == (MEETING,)
    assert cell_of(table, date(2027, 3, 10)).words == ("arbejder ikke",)
    assert cell_of(table, date(2027, 3, 15)).words == ("optaget i egen kalender: 1,5 t.",)
    assert cell_of(table, date(2027, 3, 22)).words == ("lukket",)
    assert cell_of(table, date(2027, 3, 29)).words == ()


def test_weekends_are_left_out_unless_something_happens_then() -> None:
    """Five columns, seven with a meeting on a Saturday."""
    saturday = Visit(course_id="c", reference="r", meeting_id="m", day=date(2027, 3, 6), clock="9.00–12.00", place="")
    assert len(table_of().weekdays) == 5
    assert len(table_of(visits=[saturday]).weekdays) == 7


def test_busy_half_hours_are_counted_by_local_day() -> None:
    """From 23:30 to 0:30 in Copenhagen is a half hour on each of two days; what lies outside is not counted."""
    start = datetime(2027, 3, 9, 22, 30, tzinfo=UTC)
    span = Span(start - 9 * DAY, start + 9 * DAY)
    busy = Busy.of([(start, start + timedelta(hours=1)), (start - 2 * DAY, start - 2 * DAY + timedelta(hours=1))], span)
    found = busy_by_day(busy, first=date(2027, 3, 9), last=date(2027, 3, 10), zone=COPENHAGEN)
    assert found == {date(2027, 3, 9): 1, date(2027, 3, 10): 1}
    assert busy_by_day(None, first=date.min, last=date.max, zone=COPENHAGEN) == {}


def test_weeks_name_their_days_and_leave_its_weekdays() -> None:
    """One month is named once, two are both; leave is told by weekdays."""
    heads = week_heads(date(2027, 3, 1), "da")
    assert [(head.name, head.days) for head in heads[4:]] == [
        ("uge 13", "29. marts–4. april"),
        ("uge 14", "5.–11. april"),
    ]
    assert week_heads(date(2027, 3, 1), "en")[0].days == "1–7 March"
    roster = {"anne": facts_of(leave=[{"first": "2027-03-04", "last": "2027-03-08"}])}
    cells = week_cells("anne", date(2027, 3, 1), roster=roster, visits={"anne": [MEETING]}, language="da")
    assert [cell.away for cell in cells[:3]] == ["fravær tor–fre", "fravær man", ""]
    assert [stop.when for stop in cells[1].stops] == ["tir 9.00–12.00"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "Ikke læst endnu"),
        ({"good_at": NOW - timedelta(hours=3)}, "Læst for 3 timer siden"),
        (
            {"good_at": NOW - timedelta(minutes=5), "reason": "timed-out"},
            "Kan ikke læses for tiden, sidst læst for 5 minutter siden",
        ),
        ({"good_at": NOW - 3 * DAY}, "For gammel, sidst læst for 3 dage siden"),
        ({"set_at": NOW - 3 * DAY}, "For gammel, aldrig læst"),
    ],
)
def test_a_calendar_says_its_state_and_age(changes: dict[str, Any], expected: str) -> None:
    """In words, never with its address."""
    values = {"consultant_id": "anne", "secret": Sealed(key_id="k", nonce="n", box="b"), "set_at": NOW, **changes}
    source = CalendarSource.model_construct(**values)
    assert calendar_words(source, NOW, alert_after=DAY, language="da") == expected
    assert calendar_words(None, NOW, alert_after=DAY, language="en") == "No calendar"


def test_loads_and_ages_read_as_people_say_them() -> None:
    """A comma in Danish; without working hours there is no part of them."""
    assert load_words(Load("anne", 2, 750, 8400), "da") == "12,5 af 140 timer (9\N{NO-BREAK SPACE}%)"
    assert load_words(Load("anne", 1, 60, 0), "en") == "1 of 0 hours"
    assert load_words(None, "da") == "–"
    assert age_words(timedelta(seconds=100), "da") == "lige nu"


def test_two_colleagues_lose_nothing_of_each_others_leave() -> None:
    """A period is added to what stands there when it is written, once; and at most as many as may stand there are kept."""
    one, two = (Leave(first=date(2027, 3, day), last=date(2027, 3, day)) for day in (1, 2))
    facts = LeaveAdded(period=one).on(LeaveAdded(period=two).on(facts_of()))
    assert facts.leave == (one, two)
    assert LeaveAdded(period=one).on(facts) == facts
    assert LeaveRemoved(period=one).on(facts).leave == (two,)
    assert LeaveRemoved(period=one).on(LeaveRemoved(period=one).on(facts)).leave == (two,)
    many = tuple(
        Leave(first=date(2027, 4, 1) + DAY * number, last=date(2029, 1, 1)) for number in range(LEAVE_PERIODS_MAX)
    )
    full = facts.model_copy(update={"leave": many})
    assert len(LeaveAdded(period=one).on(full).leave) == LEAVE_PERIODS_MAX
