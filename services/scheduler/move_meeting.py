"""Where one meeting of a booked course could lie, each place with its cost, and moving it there."""

from dataclasses import dataclass

from services.scheduler.acts import Move
from services.scheduler.booked_question import MOVED_BY_HAND, after, ask_about
from services.scheduler.course_change import Before, Change, Impossible
from services.scheduler.means import Means
from services.scheduler.outcome import Feasible
from services.scheduler.places import as_booked, places_for
from services.scheduler.rebook import rebooked


@dataclass(frozen=True, slots=True)
class MeetingPlace:
    """A start (wall time, and the instant with its offset) and how much more the course would cost, by term: those that differ."""

    start: str
    instant: str
    difference: int
    terms: dict[str, int]
    present: bool


def meeting_places(before: Before, meeting_id: str, *, means: Means) -> list[MeetingPlace] | Impossible:
    """Every start that the meeting could have with all else kept, in order of time; the present one among them."""
    found = _courses(before, meeting_id, means=means)
    if isinstance(found, Impossible):
        return found
    courses, known = found
    (index,) = (place for place, one in enumerate(before.course.sittings) if one.meeting_id == meeting_id)
    return [
        MeetingPlace(
            start=start,
            instant=course.plan.meetings[index].starts_at.isoformat(),
            difference=course.cost - known.cost,
            terms={term: cost - known.terms[term] for term, cost in course.terms.items() if cost != known.terms[term]},
            present=start == before.course.sittings[index].wall_start,
        )
        for start, course in courses.items()
    ]


def plan_move(before: Before, act: Move, *, means: Means) -> Change | Impossible:
    """The meeting at the chosen start, if the matcher still says that it can be."""
    found = _courses(before, act.meeting, means=means)
    if isinstance(found, Impossible):
        return found
    courses, _ = found
    if any(one.wall_start == act.start for one in before.course.sittings if one.meeting_id == act.meeting):
        return Impossible("unchanged")
    if act.start not in courses:
        return Impossible("place")
    return rebooked(before, before.course, courses[act.start], means=means)


def _courses(before: Before, meeting_id: str, *, means: Means) -> tuple[dict[str, Feasible], Feasible] | Impossible:
    """The whole course by the start of that meeting, and the course as it is."""
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
    if not {before.course.consultant_id, before.course.second_id or before.course.consultant_id} <= people:
        return Impossible("consultant")
    now = after(before.now)
    moved_from = before.now + MOVED_BY_HAND
    places = places_for(asked.problem, asked.booked, now, index, moved_from=moved_from)
    return {one.start: one.course for one in places}, as_booked(asked.problem, asked.booked, now)
