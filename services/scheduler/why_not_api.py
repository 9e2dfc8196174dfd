"""The HTTP edge of why not: what alone would have made one consultant the choice for a course, asked of today's roster."""

from typing import Any

from fastapi import APIRouter, Response

from services.scheduler.ask_why_not import ask_why_not
from services.scheduler.course_change import Impossible
from services.scheduler.guarded_change import UnknownCourseError, read_before
from services.scheduler.means import Means
from services.scheduler.why_not_json import verdict_as_json
from shared.problems import problem

DETAILS = {
    "state": (409, "The course is neither booked nor waiting."),
    "erased": (410, "The application was erased."),
    "plan": (409, "The programme has no plan for such courses any more."),
    "consultant": (404, "There is no such consultant, or she is not active."),
}


def add_why_not(router: APIRouter, means: Means) -> None:
    """Add `GET /courses/{course_id}/why-not/{consultant_id}`."""

    @router.get("/courses/{course_id}/why-not/{consultant_id}", response_model=None)
    async def why_not(course_id: str, consultant_id: str) -> dict[str, Any] | Response:
        try:
            before = await read_before(course_id, means=means)
        except UnknownCourseError:
            return problem(404, "There is no such course")
        decision = await ask_why_not(before, consultant_id, means=means)
        if isinstance(decision, Impossible):
            status, detail = DETAILS[decision.code]
            return problem(status, "This cannot be asked", detail=detail)
        found = decision.winner is not None
        return {
            "winner": decision.winner.model_dump(mode="json") if decision.winner else None,
            "why_not": verdict_as_json(decision.others[0], found=found) if decision.others else None,
        }
