"""Busy half hours: rounding, comparing what was read at different times, and what the roster's picture makes of them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.scheduler.availability import MARGIN_DAYS, Horizon
from services.scheduler.calendars.busy import Busy, span_of
from services.scheduler.grains import capacity_key, claim_key, grain_of
from services.scheduler.roster_calendar import RosterCalendar
from tests.scheduler_samples import roster_entry

ZONE = ZoneInfo("Europe/Copenhagen")
TODAY = date(2027, 1, 4)
SPAN = span_of(TODAY, 30, ZONE)


def utc(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2027, 1, day, hour, minute, tzinfo=UTC)


def busy(*intervals: tuple[datetime, datetime], today: date = TODAY) -> Busy:
    return Busy.of(intervals, span_of(today, 30, ZONE))


def test_a_half_hour_that_is_touched_is_busy_whole() -> None:
    """9:10 to 9:50 takes 9:00 to 10:00; what touches none of it takes nothing."""
    assert busy((utc(5, 9, 10), utc(5, 9, 50))) == busy((utc(5, 9), utc(5, 10)))
    assert busy((utc(5, 9), utc(5, 9))).count() == 0


def test_overlapping_times_count_once() -> None:
    """And what lies outside the span not at all."""
    assert (
        busy((utc(5, 9), utc(5, 11)), (utc(5, 10), utc(5, 12)), (SPAN.end, SPAN.end + timedelta(days=1))).count() == 6
    )


def test_it_is_stored_and_read_again() -> None:
    """In a few bytes per day."""
    one = busy((utc(5, 9), utc(5, 11)), (utc(20, 9), utc(20, 11)))
    assert Busy.of_document(one.document()) == one
    assert len(one.document()["bits"]) < 30 * 6


def test_freed_is_what_was_busy_and_is_no_more() -> None:
    """A day that has passed was not freed by passing."""
    before = busy((utc(5, 9), utc(5, 11)), (utc(20, 9), utc(20, 11)))
    assert before.frees(busy((utc(5, 9), utc(5, 11))))
    assert not before.frees(busy((utc(5, 8), utc(5, 11)), (utc(20, 9), utc(20, 11))))
    assert not before.frees(busy((utc(20, 9), utc(20, 11)), today=date(2027, 1, 12)))


@pytest.mark.parametrize(("hours", "much"), [(10, False), (15, False), (16, True), (4, True), (5, False)])
def test_more_than_half_is_a_great_change(hours: int, *, much: bool) -> None:
    """Of what was busy before, in either direction."""
    before = busy((utc(5, 0), utc(5, 10)))
    assert before.changed_much(busy((utc(5, 0), utc(5, hours)))) is much


def test_a_calendar_moved_whole_is_a_great_change() -> None:
    """Although as much is busy as before."""
    assert busy((utc(5, 9), utc(5, 11))).changed_much(busy((utc(6, 9), utc(6, 11))))


def roster(today: date = TODAY) -> RosterCalendar:
    found = RosterCalendar(zone=ZONE, horizon_days=30, today=today)
    found.put("anne", roster_entry().facts())
    return found


def free_at(found: RosterCalendar, day: date, hour: int) -> bool:
    horizon = Horizon(first=day, days=1, zone=ZONE)
    [candidate] = found.candidates(horizon)
    wide_hours = (day - horizon.wide_first).days * 24 + hour
    return bool(candidate.free >> wide_hours * 2 & 1)


def test_busy_half_hours_are_not_free() -> None:
    """In wall time, over a change of the clock as well."""
    found = roster(date(2027, 3, 20))
    assert found.put_busy(
        "anne",
        Busy.of(
            [
                (datetime(2027, 3, 26, 8, tzinfo=UTC), datetime(2027, 3, 26, 9, tzinfo=UTC)),
                (datetime(2027, 3, 29, 7, tzinfo=UTC), datetime(2027, 3, 29, 8, tzinfo=UTC)),
            ],
            span_of(date(2027, 3, 20), 30, ZONE),
        ),
    )
    for day in (date(2027, 3, 26), date(2027, 3, 29)):
        assert [free_at(found, day, hour) for hour in (8, 9, 10)] == [True, False, True]


def test_what_a_course_holds_stays_free_for_it() -> None:
    """Her calendar may say busy on top of a booked meeting: where the course is repaired, the meeting can stay."""
    found = roster()
    found.hold("a1", {"anne": [claim_key("anne", grain_of(utc(5, 9))), capacity_key("anne", 0)]})
    found.put_busy("anne", busy((utc(5, 8), utc(5, 11))))
    horizon = Horizon(first=date(2027, 1, 5), days=1, zone=ZONE)
    shown = {
        without: [candidate.free >> (MARGIN_DAYS * 24 + hour) * 2 & 3 for hour in (8, 9, 10, 12)]
        for without in (None, "a1", "a2")
        for candidate in found.candidates(horizon, without=without)
    }
    assert shown == {None: [3, 0, 0, 3], "a1": [3, 0, 1, 3], "a2": [3, 0, 0, 3]}


def test_only_what_frees_time_opens_something() -> None:
    """The waiting list need not be tried when there is less time than before."""
    found = roster()
    openings = found.openings
    assert found.put_busy("anne", busy((utc(5, 9), utc(5, 11))))
    assert found.openings == openings
    assert not found.put_busy("anne", busy((utc(5, 9), utc(5, 11))))
    assert found.put_busy("anne", busy((utc(5, 9), utc(5, 10))))
    assert found.openings == openings + 1
    assert found.put_busy("anne", None)
    assert found.openings == openings + 2
    assert free_at(found, date(2027, 1, 5), 10)


def test_what_is_stored_is_taken_for_the_truth() -> None:
    """Who is not among it has no calendar any more."""
    found = roster()
    found.load_busy({"anne": busy((utc(5, 9), utc(5, 11)))})
    assert not free_at(found, date(2027, 1, 5), 10)
    found.load_busy({})
    assert free_at(found, date(2027, 1, 5), 10)
