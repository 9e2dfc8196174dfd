"""Why not this consultant: asked about one course and one person, of today's roster, and worked out in full.

What a booking had no time for is found here. For a booked course it is the question as it would be asked today, as if
the course held nothing: the choice may since be another than the one that was made. Who is excluded is blocked, but
nobody is pinned, or there would be nobody to ask about.
"""

import asyncio

from services.scheduler.course_change import Before, Impossible
from services.scheduler.course_plan import question_of
from services.scheduler.decision import Decision
from services.scheduler.explain import Effort, explain
from services.scheduler.matching import match
from services.scheduler.means import Means
from services.scheduler.moved_date import MOVED_DAYS_MAX
from services.scheduler.plan_of_course import plan_of
from services.scheduler.problem import Problem
from services.scheduler.sought import without_excluded
from shared.events import Matter


async def ask_why_not(before: Before, consultant_id: str, *, means: Means) -> Decision | Impossible:
    """Today's winner, and the verdict on this consultant alone; none where she is the winner.

    Refused: "state" for a course that is neither booked nor waiting, "erased", "plan" where the programme has no such courses
    any more, "consultant" for nobody of that id.
    """
    course, matter = before.course, before.opened.matter
    if course.state not in ("booked", "waiting"):
        return Impossible("state")
    if matter is None:
        return Impossible("erased")
    if course.request.kind not in means.programme.plans:
        return Impossible("plan")
    problem = _question(before, matter, means=means)
    if consultant_id not in {one.id for one in problem.consultants}:
        return Impossible("consultant")
    # Made here and not in the thread, since the calendar changes under other requests.
    wide = _question(before, matter, means=means, wider_days=MOVED_DAYS_MAX)
    # A question about two consultants may take seconds: requests and heartbeats go on meanwhile.
    return await asyncio.to_thread(_work_out, problem, wide, consultant_id)


def _work_out(problem: Problem, wide: Problem, consultant_id: str) -> Decision:
    return explain(
        problem,
        match(problem, others=True),
        widen=lambda _: wide,
        effort=Effort.whole({consultant_id}),
    )


def _question(before: Before, matter: Matter, *, means: Means, wider_days: int = 0) -> Problem:
    course = before.course
    problem = question_of(
        course.request,
        course.window,
        matter,
        calendar=means.calendar,
        programme=means.programme,
        municipalities=means.municipalities,
        workplace_key=means.workplace_key,
        today=means.today(),
        without=course.application_id,
        plan=plan_of(course, matter, means.programme) if course.state == "booked" else None,
        venues=before.opened.venues,
        wider_days=wider_days,
    )
    return without_excluded(problem, course)
