"""What becomes of a course's meetings in a change: pure, so the corners are tried here."""

from datetime import UTC, datetime, timedelta

from services.scheduler.course import CALLED_OFF_KEPT, BookedMeeting
from services.scheduler.remeet import CALLED_OFF_MEETINGS_MAX, called_off, still_told
from shared.words import Words

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
