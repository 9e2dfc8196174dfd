"""What becomes of a course's meetings in a change: pure, so the corners are tried here."""

from datetime import UTC, datetime, timedelta

from services.scheduler.course import CALLED_OFF_KEPT, BookedMeeting, Course
from services.scheduler.outcome import PlacedMeeting, Plan
from services.scheduler.own_plan import CourseMeeting
from services.scheduler.remeet import CALLED_OFF_MEETINGS_MAX, UNINVITED_MAX, called_off, met_anew, still_told
from shared.words import Words
from tests.scheduler_samples import request_of

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def meeting(number: int = 1, *, days: float = 30, stamped: datetime = NOW, status: str = "confirmed") -> BookedMeeting:
    """A meeting so many days from now."""
    start = NOW + timedelta(days=days)
    return BookedMeeting.model_validate(
        {
            "meeting_id": f"m{number}",
            "code": "first",
            "place": "online",
            "minutes": 60,
            "start": start,
            "wall_start": f"{start:%Y-%m-%dT%H:%M}",
            "zone": "Europe/Copenhagen",
            "uid": f"m{number}@forloeb.example",
            "sequence": 3,
            "dtstamp": stamped,
            "status": status,
            "name": Words(da="møde", en="meeting"),
            "tokens": {},
        }
    )


def test_calling_off_raises_the_number_and_the_stamp_even_within_a_second() -> None:
    """Calendars take no change that has the number or the stamp of the one before."""
    off = called_off(meeting(stamped=NOW + timedelta(seconds=5)), NOW)
    assert (off.status, off.sequence, off.dtstamp) == ("cancelled", 4, NOW + timedelta(seconds=6))


def test_what_has_begun_or_is_off_already_is_left_alone() -> None:
    """Also a meeting that begins this very moment."""
    for one in (meeting(days=0), meeting(days=-1), meeting(status="cancelled")):
        assert called_off(one, NOW) is one


def test_cancelled_meetings_are_told_of_for_a_while_and_not_too_many() -> None:
    """What is on is not among them; of those that are off, the old ones go, and of many the first."""
    old = meeting(0, status="cancelled", stamped=NOW - CALLED_OFF_KEPT)
    many = [meeting(number, status="cancelled") for number in range(1, CALLED_OFF_MEETINGS_MAX + 3)]
    told = still_told([old, *many, meeting(99)], NOW)
    assert [one.meeting_id for one in told] == [one.meeting_id for one in many[2:]]


def test_of_those_who_were_taken_off_a_meeting_the_newest_are_told_of() -> None:
    """However often it changes hands, its events stay small enough to be published."""
    plan = [
        CourseMeeting(
            code="first", kind="meeting", name=Words(da="møde", en="meeting"), minutes=60, place="online", gap=None
        )
    ]
    course = Course.model_validate(
        {
            "application_id": "a1",
            "request": request_of(contacts=()),
            "window": {"earliest": NOW.date(), "latest_start": NOW.date(), "latest": NOW.date()},
            "state": "booked",
            "decided_at": NOW,
            "meetings": [meeting().model_copy(update={"tokens": {"c0": "00"}})],
        }
    )
    for number in range(1, UNINVITED_MAX + 4):
        [one] = met_anew(
            course,
            plan,
            held_by(f"c{number}"),
            None,
            now=NOW + timedelta(hours=number),
            token=lambda: "00",
            make=unmade,
        )
        course = course.model_copy(update={"meetings": (one,)})
    [one] = course.meetings
    assert list(one.uninvited) == [f"c{number}" for number in range(3, UNINVITED_MAX + 3)]
    assert set(one.tokens) == {*one.uninvited, f"c{UNINVITED_MAX + 3}"}


def held_by(consultant: str) -> Plan:
    """The meeting at its time, held by somebody."""
    start = meeting().start
    placed = PlacedMeeting(
        code="first",
        place="online",
        day=start.date(),
        wall=f"{start:%Y-%m-%dT%H:%M}",
        starts_at=start,
        ends_at=start + timedelta(hours=1),
        claimed_from=start,
        claimed_until=start + timedelta(hours=1),
    )
    return Plan(consultant, 0, {}, (), lambda: (placed,))


def unmade(*_: object) -> BookedMeeting:
    raise AssertionError("nothing was added")
