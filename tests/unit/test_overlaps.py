"""The count of half hours held twice: it must see what an index would have refused, and what a wrong claim would hide."""

from datetime import UTC, datetime, timedelta

from services.scheduler.course import BookedMeeting, Course, Window
from services.scheduler.grains import capacity_key, claim_key, grains_between
from services.scheduler.overlaps import Overlaps, find_overlaps
from shared.words import Words
from tests.scheduler_samples import NOW, request_of

START = datetime(2027, 1, 12, 8, 0, tzinfo=UTC)


def course(course_id: str, start: datetime, consultant: str = "anne") -> tuple[Course, list[str]]:
    """A booked course of one meeting of two hours, and the claims that belong to it."""
    meeting = BookedMeeting(
        meeting_id=course_id,
        code="opening",
        place="workplace",
        minutes=120,
        start=start,
        wall_start="2027-01-12T09:00",
        zone="Europe/Copenhagen",
        uid=f"{course_id}@forloeb.example",
        sequence=0,
        dtstamp=NOW,
        status="confirmed",
        name=Words(da="møde", en="meeting"),
        tokens={},
    )
    made = Course(
        application_id=course_id,
        request=request_of(),
        window=Window(earliest=NOW.date(), latest_start=NOW.date(), latest=NOW.date()),
        state="booked",
        consultant_id=consultant,
        meetings=(meeting,),
        decided_at=NOW,
    )
    grains = grains_between(start - timedelta(hours=1), start + timedelta(hours=3))
    return made, [*(claim_key(consultant, grain) for grain in grains), capacity_key(consultant, int(course_id[1:]))]


def test_courses_that_keep_apart_overlap_nowhere() -> None:
    """The same times with two consultants, and one after the other with one."""
    found = find_overlaps([course("a1", START), course("a2", START, "bo"), course("a3", START + timedelta(hours=4))])
    assert found == Overlaps(courses=3, claims=27, overlapping=0, unclaimed=0)


def test_claims_held_twice_are_counted_by_half_hours() -> None:
    """Travel of one into the meeting of another: two half hours."""
    found = find_overlaps([course("a1", START), course("a2", START + timedelta(hours=3))])
    assert found.overlapping == 2


def test_the_same_place_among_her_courses_is_an_overlap() -> None:
    """Two courses may not hold one place."""
    first, keys = course("a1", START)
    second, other = course("a2", START + timedelta(days=7))
    assert find_overlaps([(first, keys), (second, [*other[:-1], keys[-1]])]).overlapping == 1


def test_wrong_claims_do_not_hide_meetings_at_the_same_time() -> None:
    """Claims elsewhere: the meetings' own times still meet, and their half hours are not held."""
    first, keys = course("a1", START)
    second, _ = course("a2", START)
    _, elsewhere = course("a2", START + timedelta(days=7))
    found = find_overlaps([(first, keys), (second, elsewhere)])
    assert (found.overlapping, found.unclaimed) == (4, 4)


def test_a_booked_course_without_claims_is_seen() -> None:
    """Four half hours and a place that it should hold."""
    made, _ = course("a1", START)
    assert find_overlaps([(made, [])]).unclaimed == 5


def test_a_second_consultant_must_hold_her_half_hours_and_a_place_too() -> None:
    """Told to be there: four half hours and a place are missing, and another course of hers at that time is seen."""
    made, keys = course("a1", START)
    meeting = made.meetings[0].model_copy(update={"tokens": {"a": "", "anne": "", "bo": ""}})
    made = made.model_copy(update={"second_id": "bo", "meetings": (meeting,)})
    assert find_overlaps([(made, keys)]).unclaimed == 5
    other, others = course("a2", START, "bo")
    assert find_overlaps([(made, keys), (other, others)]).overlapping == 4
