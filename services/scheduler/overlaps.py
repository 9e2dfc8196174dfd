"""Checks, from what is stored and not through any index, that no consultant's half hour is held twice. Pure."""

from collections import Counter
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from services.scheduler.course import BookedMeeting, Course
from services.scheduler.grains import capacity_key, claim_key, grains_between, parse_capacity_key
from services.scheduler.stall import unheld


@dataclass(frozen=True, slots=True)
class Overlaps:
    """`overlapping` must be 0: keys that more than one course holds, by their claims or by their meetings' times.

    `unclaimed` must be 0 too: half hours of meetings that their own course does not hold, though they are not in doubt.
    """

    courses: int
    claims: int
    overlapping: int
    unclaimed: int


def find_overlaps(active: Iterable[tuple[Course, Iterable[str]]]) -> Overlaps:
    """Count over all courses that are booked or hold claims, each with its claim keys."""
    claimed: Counter[str] = Counter()
    met: Counter[str] = Counter()
    courses = unclaimed = 0
    for course, keys in active:
        courses += 1
        own = set(keys)
        claimed.update(own)
        if course.state == "booked":
            # Worked out anew from the times that people were told, so a wrong claim hides nothing.
            times = _meeting_keys(course, unheld(course))
            met.update(times)
            unclaimed += sum(key not in own for key in times) + sum(
                not _has_place(one, own) for one in _leading(course)
            )
    twice = {key for counts in (claimed, met) for key, count in counts.items() if count > 1}
    return Overlaps(courses=courses, claims=claimed.total(), overlapping=len(twice), unclaimed=unclaimed)


def _meeting_keys(course: Course, unheld: AbstractSet[str]) -> set[str]:
    """Half hours of all meetings but those that are in doubt, or began so: their half hours may be another course's by now."""
    return {
        claim_key(consultant, grain)
        for meeting in course.sittings
        if meeting.meeting_id not in unheld
        for consultant in _holding(course, meeting)
        for grain in grains_between(meeting.start, meeting.end)
    }


def _holding(course: Course, meeting: BookedMeeting) -> set[str]:
    """Who was told to be there, contacts apart: not always who leads the course now. A meeting is never without anybody."""
    invited = {one for one in meeting.tokens if meeting.attends(one) and one not in course.request.contacts}
    return invited or set(_leading(course)[:1])


def _leading(course: Course) -> tuple[str, ...]:
    return (course.consultant_id or "", *([course.second_id] if course.second_id else []))


def _has_place(consultant: str, keys: set[str]) -> bool:
    places = [parse_capacity_key(key)[1] for key in keys if "#" in key]
    return any(capacity_key(consultant, place) in keys for place in places)
