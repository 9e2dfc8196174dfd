"""Plans other dates or other people for a booked course, from what the matcher found; nothing is written here."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.scheduler.booked_question import MOVED_BY_US, after, ask_about, warned
from services.scheduler.claims import Held, before, by_consultant
from services.scheduler.course import Course
from services.scheduler.course_change import Before, Change, Impossible
from services.scheduler.holding import hold_plans
from services.scheduler.means import Means
from services.scheduler.new_meetings import new_meeting
from services.scheduler.outcome import Feasible, Infeasible
from services.scheduler.plan_of_course import plan_of
from services.scheduler.remeet import met_anew
from services.scheduler.repair import repair
from services.scheduler.stall import in_doubt, not_reclaimed, resolved
from shared.address_token import RANDOM_BYTES
from shared.course_facts import Cause
from shared.events import CourseRebooked


def repaired(
    seen: Before,
    course: Course,
    *,
    means: Means,
    cause: Cause = "staff",
    reasons: bool = True,
    moved_ahead: timedelta = MOVED_BY_US,
    taken_over_ahead: timedelta = timedelta(0),
    only: set[str] | None = None,
) -> Change | Impossible:
    """The course with the least change under what was decided: whom `course` pins and excludes, and times refused for it.

    All rules are asked of all that is to come, so that nothing is in doubt afterwards. `cause` is told to people.
    Where there is none, the matcher's `reasons` are asked for, too. What moves lies at least so far ahead, and so does what
    somebody takes over; nobody leads it but `only`.
    """
    asked = ask_about(seen, course, means=means)
    if isinstance(asked, Impossible):
        return asked
    if taken_over_ahead:
        asked = warned(asked, seen.now + taken_over_ahead)
    only = only if course.pinned is None else {course.pinned}
    now, moved_from = after(seen.now), seen.now + moved_ahead
    found = repair(asked.problem, asked.booked, now, moved_from=moved_from, only=only)
    if found.winner is None and not reasons:
        return Impossible("nobody")
    if found.winner is None:
        verdicts = repair(asked.problem, asked.booked, now, moved_from=moved_from, only=only, others=True).others
        return Impossible("nobody", tuple(one for one in verdicts or () if isinstance(one, Infeasible)))
    planned = _rebooked(seen, course, Feasible(found.winner, found.second), means=means, cause=cause)
    if isinstance(planned, Impossible):
        return planned
    return replace(planned, course=resolved(planned.course, now=seen.now))


def rebooked(
    seen: Before, course: Course, found: Feasible, *, means: Means, cause: Cause = "staff"
) -> Change | Impossible:
    """The course as it was found, where what does not move was not looked at: what is in doubt stays so where it stays."""
    planned = _rebooked(seen, course, found, means=means, cause=cause)
    if isinstance(planned, Impossible) or course.stall is None:
        return planned
    stays = {(one.meeting_id, one.start) for one in planned.course.sittings}
    still = [one for one in in_doubt(course, seen.now) if (one.meeting_id, one.start) in stays]
    left = resolved(planned.course, now=seen.now, but=[one.meeting_id for one in still])
    return replace(planned, course=left, held=not_reclaimed(planned.held, seen.claims, still))


def _rebooked(seen: Before, course: Course, found: Feasible, *, means: Means, cause: Cause) -> Change | Impossible:
    """The course as it was found, all of it held; where dates and people are the same and nothing was in doubt, nobody has to know."""
    # Whose meetings as the second are all past may lead the rest: then she holds it alone, under one place and one set of claims.
    second = found.second if found.second is not None and found.second.consultant != found.plan.consultant else None
    plans = [found.plan] if second is None else [found.plan, second]
    held = hold_plans(plans, calendar=means.calendar, own=seen.claims)
    if held is None:
        return Impossible("nobody", tuple(Infeasible(one.consultant, "capacity") for one in plans))
    planned = None if seen.opened.matter is None else plan_of(course, seen.opened.matter, means.programme)
    if planned is None:
        return Impossible("plan")
    meetings = met_anew(
        course,
        planned,
        found.plan,
        second,
        now=seen.now,
        token=lambda: means.random(RANDOM_BYTES).hex(),
        make=lambda one, placed, who: new_meeting(one, placed, [*seen.opened.contacts, *who], means=means),
    )
    # A second one whose meetings are all past need not be there any more: she may have been erased.
    people = tuple(plan.consultant for plan in plans if not all(one.past for one in plan.meetings))
    second_id = second.consultant if second is not None else None
    same = (seen.course.consultant_id, seen.course.second_id) == (found.plan.consultant, second_id)
    if same and meetings == seen.course.meetings:
        if course.stall is None:
            return Change(course=course, held=by_consultant(seen.claims))
        # It can go on as it is: what was let go is held again.
        return Change(course=course, held=_with_past(held, seen), kind=CourseRebooked, relies_on=people)
    return Change(
        course=course.model_copy(
            update={
                "consultant_id": found.plan.consultant,
                "second_id": second_id,
                "meetings": meetings,
                "plan": planned,
                "decision": None,
                "cause": cause,
                "decided_at": seen.now,
            }
        ),
        held=_with_past(held, seen),
        kind=CourseRebooked,
        relies_on=people,
    )


def _with_past(held: Held, seen: Before) -> Held:
    """Plans claim nothing of what has begun. But the way home of today's meeting is still to come, and counts check the past."""
    begun = [one for one in seen.course.sittings if one.start <= seen.now]
    if not begun:
        return held
    # Two meetings of a course never lie on one day, so a day's claims are those of its meeting.
    day = datetime.fromisoformat(begun[-1].wall_start).date() + timedelta(days=1)
    midnight = datetime.combine(day, time(), tzinfo=ZoneInfo(begun[-1].zone))
    merged = {who: list(keys) for who, keys in held.items()}
    for who, keys in by_consultant(before(seen.claims, midnight)).items():
        mine = merged.setdefault(who, [])
        mine[:0] = [key for key in keys if key not in mine]
    return merged
