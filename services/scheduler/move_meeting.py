"""Where one meeting of a booked course could lie, each place with its cost, and moving it there."""

from dataclasses import dataclass
from datetime import datetime

from services.scheduler.acts import Move
from services.scheduler.booked_question import MOVED_BY_HAND, after, ask_about
from services.scheduler.conflicts import consultants_at
from services.scheduler.course_change import Before, Change, Impossible
from services.scheduler.grains import grains_between
from services.scheduler.means import Means
from services.scheduler.outcome import Feasible
from services.scheduler.places import Place, as_booked, places_for
from services.scheduler.rebook import rebooked
from services.scheduler.stall import in_doubt


@dataclass(frozen=True, slots=True)
class MeetingPlace:
    """A start (wall time, and the instant with its offset) and how much more the course would cost, by term: those that differ."""

    start: str
    instant: str
    difference: int
    terms: dict[str, int]
    present: bool


@dataclass(frozen=True, slots=True)
class Places:
    """What one meeting could be moved to by its start (wall time), and the course as it is; `index` is the meeting's."""

    index: int
    found: dict[str, Place]
    known: Feasible


def meeting_places(before: Before, meeting_id: str, *, means: Means) -> list[MeetingPlace] | Impossible:
    """Every start that the meeting could have with all else kept, in order of time; the present one among them."""
    found = places_of(before, meeting_id, means=means)
    if isinstance(found, Impossible):
        return found
    present = before.course.sittings[found.index].wall_start
    return [
        MeetingPlace(
            start=start,
            instant=one.starts_at.isoformat(),
            difference=one.course.cost - found.known.cost,
            terms={
                term: cost - found.known.terms[term]
                for term, cost in one.course.terms.items()
                if cost != found.known.terms[term]
            },
            present=start == present,
        )
        for start, one in found.found.items()
    ]


def plan_move(before: Before, act: Move, *, means: Means) -> Change | Impossible:
    """The meeting at the chosen start, if the matcher still says that it can be."""
    found = places_of(before, act.meeting, means=means)
    if isinstance(found, Impossible):
        return found
    if before.course.sittings[found.index].wall_start == act.start:
        return Impossible("unchanged")
    if act.start not in found.found:
        return Impossible("place")
    return rebooked(before, before.course, found.found[act.start].course, means=means)


def places_of(before: Before, meeting_id: str, *, means: Means, noticed: datetime | None = None) -> Places | Impossible:
    """Every start of that meeting, the present one among them where it is still allowed.

    Others lie MOVED_BY_HAND after `noticed`, which is now unless the people agreed earlier.
    """
    sittings = before.course.sittings
    index = next((place for place, one in enumerate(sittings) if one.meeting_id == meeting_id), None)
    if before.course.state != "booked":
        return Impossible("state")
    if index is None or sittings[index].start <= before.now:
        return Impossible("meeting")
    asked = ask_about(before, before.course, means=means)
    if isinstance(asked, Impossible):
        return asked
    people = {one.id for one in asked.problem.consultants}
    needed = {who for one in sittings if one.start > before.now for who in consultants_at(one, before.course)}
    if not {before.course.consultant_id, *needed} <= people:
        return Impossible("consultant")
    now = after(before.now)
    known = as_booked(asked.problem, asked.booked, now)
    if _in_the_way(known, index, before, means=means):
        # Every place would keep a meeting to which her way has become longer, into the time of another course of hers.
        return Places(index, {}, known)
    moved_from = (noticed or before.now) + MOVED_BY_HAND
    places = places_for(asked.problem, asked.booked, now, index, moved_from=moved_from)
    return Places(index, {one.start: one for one in places}, known)


def _in_the_way(known: Feasible, moving: int, before: Before, *, means: Means) -> bool:
    """Whether another course holds what this one would claim, with today's ways, for the meetings that stay.

    Meetings that stall the course are not held anyway.
    """
    course_id = before.course.application_id
    loose = {known.plan.meetings[moving].code, *(one.code for one in in_doubt(before.course, before.now))}
    for plan in (known.plan, known.second):
        if plan is None:
            continue
        others = means.calendar.held_by_others(plan.consultant, course_id)
        for one in plan.meetings:
            if one.past or one.code in loose:
                continue
            if not others.isdisjoint(grains_between(one.claimed_from, one.claimed_until)):
                return True
    return False
