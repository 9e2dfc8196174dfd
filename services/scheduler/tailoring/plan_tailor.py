"""Plans the changes that the consultant or staff make to the plan of a booked course: the rest is placed with the least change."""

from dataclasses import replace

from services.scheduler.acts import Tailor
from services.scheduler.booked_question import MOVED_BY_HAND, MOVED_BY_US
from services.scheduler.course_change import Before, Change, Impossible
from services.scheduler.means import Means
from services.scheduler.plan_of_course import plan_of
from services.scheduler.rebook import repaired
from services.scheduler.tailoring.change_plan import CannotTailorError, ChangedPlan, PlanGround, changed_plan


def plan_tailor(before: Before, act: Tailor, *, means: Means) -> Change | Impossible:
    """The course with its changed plan. What moves lies two weeks ahead, or where that cannot be, at least a day."""
    if before.course.state != "booked":
        return Impossible("state")
    ground = plan_ground(before, means=means)
    if isinstance(ground, Impossible):
        return ground
    try:
        changed = changed_plan(ground, act.changes)
    except CannotTailorError as error:
        return Impossible(error.code)
    return _placed(before, act, changed, means=means)


def plan_ground(before: Before, *, means: Means) -> PlanGround | Impossible:
    """What changes of this course's plan start from."""
    course, matter = before.course, before.opened.matter
    if matter is None:
        return Impossible("erased")
    plan = plan_of(course, matter, means.programme)
    if plan is None:
        return Impossible("plan")
    of_kind = means.programme.plans.get(course.request.kind)
    return PlanGround(
        plan=plan,
        coming={one.code for one in course.sittings if one.start > before.now},
        known={one.code for one in course.meetings},
        places=before.opened.places,
        own=len(matter.workplaces),
        municipalities=means.municipalities,
        programmes=of_kind.meetings if of_kind is not None else (),
    )


def _placed(before: Before, act: Tailor, changed: ChangedPlan, *, means: Means) -> Change | Impossible:
    wanted = before.course.model_copy(update={"plan": changed.plan})
    seen = replace(before, opened=before.opened._replace(venues=changed.venues))
    only = {before.course.consultant_id} if act.same_consultant and before.course.consultant_id else None
    planned: Change | Impossible = Impossible("nobody")
    for ahead in (MOVED_BY_US, MOVED_BY_HAND):
        planned = repaired(seen, wanted, means=means, cause="tailored", moved_ahead=ahead, only=only)
        if isinstance(planned, Change):
            new_places = changed.venues != before.opened.venues
            return replace(planned, venues=changed.venues) if new_places else planned
    return planned
