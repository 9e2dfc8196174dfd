"""A booked course that cannot go on as it is, and for which nothing else was found: what is in doubt, what it still holds. Pure.

Everybody's calendar keeps the meetings meanwhile. What cannot be held is let go, so that others may have it; all else stays held.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from services.scheduler.claims import Held, by_consultant, holder
from services.scheduler.conflicts import Doubt
from services.scheduler.course import BookedMeeting, Course
from services.scheduler.grains import instant_of, parse_claim_key
from shared.course_facts import Cause, Stall


def stalled(course: Course, found: Collection[Doubt], *, cause: Cause, now: datetime) -> Course:
    """The course with every meeting in doubt that is so now, or was and is not held since; the same one where that is no news."""
    known = course.stall
    doubtful = {one.meeting.meeting_id for one in found} | {one.meeting_id for one in in_doubt(course, now)}
    meetings = tuple(one.meeting_id for one in course.sittings if one.meeting_id in doubtful)
    if known is not None and (known.cause, known.meetings) == (cause, meetings):
        return course
    since = now if known is None else known.since
    return _with_lapsed(course, now).model_copy(update={"stall": Stall(since=since, cause=cause, meetings=meetings)})


def resolved(course: Course, *, now: datetime, but: Collection[str] = ()) -> Course:
    """The course without its stall, apart from the meetings `but` that are still in doubt."""
    if course.stall is None:
        return course
    meetings = tuple(one.meeting_id for one in in_doubt(course, now) if one.meeting_id in but)
    stall = course.stall.model_copy(update={"meetings": meetings}) if meetings else None
    return _with_lapsed(course, now).model_copy(update={"stall": stall})


def in_doubt(course: Course, now: datetime) -> list[BookedMeeting]:
    """The meetings still to come that stall it: nobody who attends need hold them."""
    stalling = () if course.stall is None else course.stall.meetings
    return [one for one in course.sittings if one.meeting_id in stalling and one.start > now]


def unheld(course: Course) -> frozenset[str]:
    """Ids of the meetings that it may not hold: those that stall it, and those that began before anything was found."""
    return frozenset((*(course.stall.meetings if course.stall else ()), *course.lapsed))


def kept_claims(claims: Iterable[str], found: Iterable[Doubt]) -> Held:
    """What it holds without the half hours of whoever cannot hold a meeting. Her place stays hers while she leads the course."""
    gone = {(one.who, one.meeting.wall_start[:10]): ZoneInfo(one.meeting.zone) for one in found}
    return by_consultant(key for key in claims if "#" in key or not _is_of(key, gone))


def not_reclaimed(held: Held, claims: Iterable[str], meetings: Iterable[BookedMeeting]) -> Held:
    """What a plan would hold, with no more for these meetings than the course holds of them already."""
    own = set(claims)
    days = {one.wall_start[:10]: ZoneInfo(one.zone) for one in meetings}
    return {
        who: [
            key for key in keys if "#" in key or key in own or not _is_of(key, {(who, day): days[day] for day in days})
        ]
        for who, keys in held.items()
    }


def _is_of(key: str, days: dict[tuple[str, str], ZoneInfo]) -> bool:
    """Whether a half hour lies on one of the days: two meetings of a course never share one, so it is that meeting's."""
    who, grain = holder(key), parse_claim_key(key)[1]
    return any(
        who == one and instant_of(grain).astimezone(zone).date().isoformat() == day for (one, day), zone in days.items()
    )


def _with_lapsed(course: Course, now: datetime) -> Course:
    """Of meetings that began while they were in doubt nobody knows here whether they were held, and nothing is claimed for them."""
    begun = {one.meeting_id for one in course.sittings if one.start <= now}
    lapsed = [one for one in (course.stall.meetings if course.stall else ()) if one in begun]
    return course if not lapsed else course.model_copy(update={"lapsed": (*course.lapsed, *lapsed)})
