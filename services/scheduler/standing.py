"""What stands beside a booked course's meetings, offered dates and proposals, and what of it outlives a change. Pure.

An offer holds claims of its own. No plan of a change sees them: they stay with the offer or go with it, here and nowhere else.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from services.scheduler.claims import Held, by_consultant
from services.scheduler.course import BookedMeeting, Course, TurnedDown

OFFER_HELD: Final = timedelta(minutes=10)
"""How long offered dates are told to be held."""
CHOICE_ON_ITS_WAY: Final = timedelta(minutes=1)
"""They are held so much longer: who chooses in the last second gets what she chose."""
DECLINED_COUNTERS_KEPT: Final = timedelta(days=30)
DECLINED_COUNTERS_MAX: Final = 20


def without_offer(course: Course) -> Course:
    """The course without the dates that it offers; their claims go with them."""
    if course.offer is None and not course.offered:
        return course
    return course.model_copy(update={"offer": None, "offered": ()})


def settled(before: Course, after: Course, *, now: datetime) -> Course:
    """A course after a change, rid of what does not hold any more.

    An offer of before goes when any meeting changes, and when it is over. An open proposal goes when its meeting is another
    than it was about.
    """
    if after.offer is not None and (_is_over(after, now) or (after.offer == before.offer and _is_other(before, after))):
        after = without_offer(after)
    open_counters = tuple(one for one in after.open_counters if is_open(after, one.meeting_id, one.sequence, now=now))
    declined = still_kept(after.declined_counters, now=now)
    if (open_counters, declined) == (after.open_counters, after.declined_counters):
        return after
    return after.model_copy(update={"open_counters": open_counters, "declined_counters": declined})


def sitting(course: Course, meeting_id: str) -> BookedMeeting | None:
    """A meeting of the plan, past or to come."""
    return next((one for one in course.sittings if one.meeting_id == meeting_id), None)


def is_open(course: Course, meeting_id: str, sequence: int, *, now: datetime) -> bool:
    """Whether a meeting is still to come and still as it was under this SEQUENCE."""
    meeting = sitting(course, meeting_id)
    return course.state == "booked" and meeting is not None and meeting.start > now and meeting.sequence == sequence


def still_kept(declined: Iterable[TurnedDown], *, now: datetime) -> tuple[TurnedDown, ...]:
    """The newest declined proposals, the newest last."""
    return tuple(one for one in declined if one.at > now - DECLINED_COUNTERS_KEPT)[-DECLINED_COUNTERS_MAX:]


def releases_at(course: Course) -> datetime | None:
    """When the claims of its offer are let go."""
    return None if course.offer is None else course.offer.until + CHOICE_ON_ITS_WAY


def with_offered(held: Held, course: Course) -> Held:
    """All that a course holds: what its meetings need, and the dates that it offers."""
    if not course.offered:
        return held
    merged = {who: list(keys) for who, keys in held.items()}
    for who, keys in by_consultant(course.offered).items():
        mine = merged.setdefault(who, [])
        known = set(mine)
        mine += [key for key in keys if key not in known]
    return merged


def without_offered(claims: Iterable[str], course: Course) -> list[str]:
    """What it holds apart from the dates that it offers."""
    offered = set(course.offered)
    return [key for key in claims if key not in offered]


def waits_for_staff(course: Course) -> list[str]:
    """By which lists of the coordinators it is found: "stalled", "counter"."""
    if course.state != "booked":
        return []
    return [name for name, there in (("stalled", course.stall), ("counter", course.open_counters)) if there]


def _is_over(course: Course, now: datetime) -> bool:
    until = releases_at(course)
    return course.state != "booked" or until is None or until <= now


def _is_other(before: Course, after: Course) -> bool:
    return (before.sittings, before.consultant_id, before.second_id) != (
        after.sittings,
        after.consultant_id,
        after.second_id,
    )
