"""Plans other dates or other people for a booked course, from what the matcher found; nothing is written here."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.scheduler.booked_question import MOVED_BY_US, after, ask_about
from services.scheduler.claims import Held, before, by_consultant
from services.scheduler.course import Course
from services.scheduler.course_change import Before, Change, Impossible
from services.scheduler.course_plan import plan_of
from services.scheduler.holding import hold_plans
from services.scheduler.means import Means
from services.scheduler.new_meetings import new_meeting
from services.scheduler.outcome import Feasible, Infeasible
from services.scheduler.remeet import met_anew
from services.scheduler.repair import repair
from shared.address_token import RANDOM_BYTES
from shared.course_facts import Cause
from shared.events import CourseRebooked


def repaired(seen: Before, course: Course, *, means: Means, cause: Cause = "staff") -> Change | Impossible:
    """The course with the least change under what staff decided: whom `course` pins and excludes. `cause` is told to people."""
    asked = ask_about(seen, course, means=means)
    if isinstance(asked, Impossible):
        return asked
    only = None if course.pinned is None else {course.pinned}
    now, moved_from = after(seen.now), seen.now + MOVED_BY_US
    found = repair(asked.problem, asked.booked, now, moved_from=moved_from, only=only)
    if found.winner is None:
        verdicts = repair(asked.problem, asked.booked, now, moved_from=moved_from, only=only, others=True).others
        return Impossible("nobody", tuple(one for one in verdicts or () if isinstance(one, Infeasible)))
    return rebooked(seen, course, Feasible(found.winner, found.second), means=means, cause=cause)


def rebooked(
    seen: Before, course: Course, found: Feasible, *, means: Means, cause: Cause = "staff"
) -> Change | Impossible:
    """The course as it was found; where neither dates nor people differ, nobody has to know."""
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
    people = tuple(plan.consultant for plan in plans)
    second_id = second.consultant if second is not None else None
    same = (seen.course.consultant_id, seen.course.second_id) == (found.plan.consultant, second_id)
    if same and meetings == seen.course.meetings:
        return Change(course=course, held=by_consultant(seen.claims))
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
