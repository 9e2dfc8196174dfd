"""The HTTP edge of the coordinators' pages. Acts take two POSTs, the first of which only asks back."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Final

import structlog
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from services.scheduler.act_on_course import act_on_course
from services.scheduler.acts import possible_acts
from services.scheduler.coordinator.act_form import FormWrongError, order_of
from services.scheduler.coordinator.act_pages import (
    form_page,
    impossible_page,
    question_page,
    token_is_right,
)
from services.scheduler.coordinator.act_words import ACTS
from services.scheduler.coordinator.course_page import course_page
from services.scheduler.coordinator.desk import PAGES, Desk
from services.scheduler.coordinator.list_page import list_file, list_page
from services.scheduler.coordinator.list_rows import Which
from services.scheduler.coordinator.tailor_page import tailor_form_page, tailor_question_page
from services.scheduler.coordinator.why_not_page import why_not_page
from services.scheduler.course_change import Before, Impossible
from services.scheduler.guarded_change import UnknownCourseError, read_before
from services.scheduler.roster import ID_PATTERN
from services.scheduler.tailoring.order_form import tailor_order
from shared.staff.staff import Staff
from shared.web.fields import read_fields

SEE_OTHER: Final = 303
FORM_TOKEN: Final = "form_token"  # noqa: S105 - the name of a field
CONFIRMED: Final = "confirmed"
TAILOR: Final = "tailor"

ConsultantId = Annotated[str, Path(pattern=ID_PATTERN)]
CourseId = Annotated[str, Path(pattern=r"^[0-9a-z-]{1,60}$")]

log = structlog.get_logger(__name__)


def coordinator_routes(desk: Desk) -> APIRouter:
    """Courses and what can be done about them, under `/coordinator`; for coordinators only."""
    router = APIRouter(prefix=PAGES, include_in_schema=False)
    _add_lists(router, desk)
    _add_why_not(router, desk)
    _add_acts(router, desk)
    return router


def _add_lists(router: APIRouter, desk: Desk) -> None:
    Coordinator = Annotated[Staff, Depends(desk.access.coordinator)]  # noqa: N806 - a type

    @router.get("")
    async def courses(
        request: Request,
        staff: Coordinator,
        show: Annotated[Which, Query()] = "waiting",
        page: Annotated[int, Query(ge=1, le=1000)] = 1,
        reference: Annotated[str, Query(max_length=100)] = "",
    ) -> Response:
        if reference:
            found = await desk.lists.by_reference(reference)
            if found is not None:
                return RedirectResponse(f"{PAGES}/courses/{found}", status_code=SEE_OTHER)
        return await list_page(request, show, number=page, not_found=bool(reference), staff=staff, desk=desk)

    @router.get("/courses.csv")
    async def file(request: Request, _staff: Coordinator, show: Annotated[Which, Query()] = "waiting") -> Response:
        return await list_file(request, show, desk=desk)

    @router.get("/courses/{course_id}")
    async def one(request: Request, course_id: CourseId, staff: Coordinator, done: str | None = None) -> Response:
        stored = await desk.means.store.course(course_id)
        if stored is None:
            raise HTTPException(404, "There is no such course")
        log.info("course-opened", course=course_id, account=staff.account)
        return await course_page(request, stored, staff=staff, desk=desk, done=done)


def _add_why_not(router: APIRouter, desk: Desk) -> None:
    Coordinator = Annotated[Staff, Depends(desk.access.coordinator)]  # noqa: N806 - a type

    @router.get("/courses/{course_id}/why-not/{consultant_id}")
    async def why_not(
        request: Request, course_id: CourseId, consultant_id: ConsultantId, staff: Coordinator
    ) -> Response:
        before = await _course(course_id, desk)
        return await why_not_page(request, before, consultant_id, staff=staff, desk=desk)


def _add_acts(router: APIRouter, desk: Desk) -> None:
    Coordinator = Annotated[Staff, Depends(desk.access.coordinator)]  # noqa: N806 - a type

    @router.get("/courses/{course_id}/acts/{kind}")
    async def form(request: Request, course_id: CourseId, kind: str, staff: Coordinator) -> Response:
        before = await _before(course_id, kind, desk)
        if kind not in possible_acts(before.course, before.now):
            return await impossible_page(request, before.course, kind, Impossible("state"), staff=staff, desk=desk)
        return await _form_of(kind)(request, before, kind, staff=staff, desk=desk)

    @router.post("/courses/{course_id}/acts/{kind}")
    async def act(request: Request, course_id: CourseId, kind: str, staff: Coordinator) -> Response:
        before = await _before(course_id, kind, desk)
        fields = dict(await read_fields(request))
        right = token_is_right(fields.pop(FORM_TOKEN, ""), before.course, kind, staff, desk)
        try:
            order = tailor_order(before, fields, means=desk.means) if kind == TAILOR else order_of(kind, fields)
        except FormWrongError as error:
            faults = error.faults
            return await _form_of(kind)(request, before, kind, staff=staff, desk=desk, typed=fields, faults=faults)
        if not right:
            return await _form_of(kind)(request, before, kind, staff=staff, desk=desk, typed=fields)
        if CONFIRMED not in fields:
            # The question names who is written to.
            log.info("course-opened", course=course_id, account=staff.account)
            ask = tailor_question_page if kind == TAILOR else question_page
            return await ask(request, before, order, fields, staff=staff, desk=desk)
        done = await act_on_course(course_id, order, staff=staff, means=desk.means)
        if isinstance(done, Impossible):
            return await impossible_page(request, before.course, kind, done, staff=staff, desk=desk)
        return RedirectResponse(f"{PAGES}/courses/{course_id}?done={kind}", status_code=SEE_OTHER)


def _form_of(kind: str) -> Callable[..., Awaitable[Response]]:
    return tailor_form_page if kind == TAILOR else form_page


async def _before(course_id: CourseId, kind: str, desk: Desk) -> Before:
    if kind not in ACTS:
        raise HTTPException(404, "There is no such act")
    return await _course(course_id, desk)


async def _course(course_id: str, desk: Desk) -> Before:
    try:
        return await read_before(course_id, means=desk.means)
    except UnknownCourseError:
        raise HTTPException(404, "There is no such course") from None
