"""Plans of consultants with part time, leave and hours by period, checked by plain dates and clock times."""

from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduler.course_plan import question_of, window_for
from services.scheduler.matching import match
from services.scheduler.roster import RosterEntry
from services.scheduler.roster_calendar import RosterCalendar
from shared.reference.municipalities import load_municipalities
from shared.wall_times import WEEKDAYS, minutes_of_day
from tests.factories import spark
from tests.scheduler_samples import ODENSE, matter_of, request_of, roster_entry

SPARK = spark()
TODAY = date(2026, 11, 20)
HOURS = (["08:00", "16:00"], ["08:00", "12:00"], ["12:30", "16:00"], ["09:00", "15:30"])

days = st.dates(TODAY, TODAY + timedelta(days=300))
weeks = st.dictionaries(
    st.sampled_from(WEEKDAYS[:5]), st.lists(st.sampled_from(HOURS), min_size=1, max_size=2, unique_by=str), max_size=5
)


@st.composite
def periods(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Periods one after the other, some with days between, the last one perhaps until further notice."""
    found, first = [], draw(days)
    for _ in range(draw(st.integers(0, 4))):
        last = first + timedelta(days=draw(st.integers(0, 90)))
        found.append({"first": str(first), "last": str(last), "hours": draw(weeks)})
        first = last + timedelta(days=draw(st.integers(1, 40)))
    if found and draw(st.booleans()):
        found[-1]["last"] = None
    return draw(st.permutations(found))


def intervals_on(entry: RosterEntry, day: date) -> list[tuple[int, int]]:
    """Her hours of one day, looked up the long way."""
    week = entry.hours
    for period in entry.hours_by_period:
        if period.first <= day and (period.last is None or day <= period.last):
            week = period.hours
    hours = getattr(week, WEEKDAYS[day.weekday()])
    return [(minutes_of_day(begin), minutes_of_day(end)) for begin, end in hours]


@settings(max_examples=60, deadline=None)
@given(week=weeks, by_period=periods(), away=st.lists(st.tuples(days, st.integers(0, 60)), max_size=3))
def test_each_meeting_lies_within_her_hours_of_that_day_and_outside_of_leave(
    week: dict[str, Any], by_period: list[dict[str, Any]], away: list[tuple[date, int]]
) -> None:
    """Whatever the periods are: one interval of that very day holds the meeting, and no leave or school holiday the day."""
    leave = [{"first": str(first), "last": str(first + timedelta(days=length))} for first, length in away]
    entry = roster_entry(hours=week, hours_by_period=by_period, leave=leave)
    calendar = RosterCalendar(zone=SPARK.tz, horizon_days=SPARK.windows.horizon_days, today=TODAY)
    calendar.put(entry.id, entry.facts())
    request = request_of()
    plan = match(
        question_of(
            request,
            window_for(request, SPARK),
            matter_of(),
            calendar=calendar,
            programme=SPARK,
            municipalities=load_municipalities(),
            workplace_key=bytes(32),
            today=TODAY,
        )
    ).winner
    closed = SPARK.closed_days(TODAY, date(2028, 6, 1), municipalities=[ODENSE])
    for meeting in () if plan is None else plan.meetings:
        begin = minutes_of_day(meeting.wall[11:])
        end = begin + round((meeting.ends_at - meeting.starts_at).total_seconds() / 60)
        assert any(low <= begin and end <= high for low, high in intervals_on(entry, meeting.day))
        assert not any(one.first <= meeting.day <= one.last for one in entry.leave)
        assert meeting.day not in closed
