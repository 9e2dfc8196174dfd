"""The HTTP edge of what staff do to courses: possible places of a meeting, what an act would send, and the act."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict

from services.scheduler.act_on_course import act_on_course
from services.scheduler.acts import Act, Order
from services.scheduler.course_change import Impossible
from services.scheduler.guarded_change import UnknownCourseError, read_before
from services.scheduler.means import Means
from services.scheduler.move_meeting import meeting_places
from services.scheduler.planned_mails import digest_of
from services.scheduler.preview import preview_act
from services.scheduler.show import course_as_json
from shared.problems import problem
from shared.staff.access import StaffAccess
from shared.staff.staff import Staff

DETAILS = {
    "state": "The course is in another state.",
    "unchanged": "It is so already.",
    "begun": "A meeting of the course has begun.",
    "erased": "The application was erased.",
    "meeting": "The course has no such meeting still to come.",
    "consultant": "The roster has no such consultant, or she is not active.",
    "place": "The meeting cannot start then.",
    "nobody": "No consultant can hold the course so.",
    "plan": "The programme has another plan for such courses by now.",
    "tailor_last": "At least one meeting that is still to come has to stay.",
    "tailor_many": "A course cannot have so many meetings.",
    "tailor_first": "The first meeting has to be one that is booked.",
    "tailor_gap": "The first meeting has none before it.",
    "tailor_place": "There is no such place, or the course has too many of its own.",
    "tailor_join": "Only two meetings of one kind, in one place and one after the other, can be joined.",
    "window": "The day must be later than the present one, and at most a year ahead.",
    "stale": "The course has changed since.",
    "counter": "No such proposal waits any more.",
}
"""What the codes of refused acts mean."""


class Asked(BaseModel):
    """An act to look at, without its reason."""

    model_config = ConfigDict(extra="forbid")

    act: Act


def add_acts(router: APIRouter, means: Means, access: StaffAccess) -> None:
    """Add the addresses below `/courses/{course_id}`."""

    @router.get("/courses/{course_id}/meetings/{meeting_id}/places", response_model=None)
    async def places(course_id: str, meeting_id: str) -> dict[str, Any] | Response:
        try:
            before = await read_before(course_id, means=means)
        except UnknownCourseError:
            return _no_course()
        found = meeting_places(before, meeting_id, means=means)
        if isinstance(found, Impossible):
            return _refused(found)
        return {"version": before.stored.version, "places": [asdict(one) for one in found]}

    @router.post("/courses/{course_id}/acts/preview", response_model=None)
    async def preview(course_id: str, asked: Asked) -> dict[str, Any] | Response:
        try:
            before = await read_before(course_id, means=means)
        except UnknownCourseError:
            return _no_course()
        mails = await preview_act(before, asked.act, means=means)
        if isinstance(mails, Impossible):
            return _refused(mails)
        return {
            "version": before.stored.version,
            "mails": [asdict(mail) for mail in mails],
            "digest": digest_of(mails),
        }

    @router.post("/courses/{course_id}/acts", response_model=None)
    async def do(
        course_id: str, order: Order, staff: Annotated[Staff, Depends(access.coordinator)]
    ) -> dict[str, Any] | Response:
        try:
            done = await act_on_course(course_id, order, staff=staff, means=means)
        except UnknownCourseError:
            return _no_course()
        if isinstance(done, Impossible):
            return _refused(done)
        return {"version": done.version, "course": course_as_json(done.course, means=means)}


def _no_course() -> Response:
    return problem(404, "There is no such course")


def _refused(why: Impossible) -> Response:
    """409: what is asked for is well written, but this course cannot have it. `code` is one of `DETAILS`."""
    verdicts = [one.as_json() for one in why.verdicts]
    return problem(409, "It cannot be done", detail=DETAILS[why.code], code=why.code, verdicts=verdicts)
