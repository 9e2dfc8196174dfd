"""The HTTP edge of the consultants' pages: a link is exchanged for a cookie, all else has addresses without secrets."""

from typing import Annotated, Any, Final

import structlog
from fastapi import APIRouter, FastAPI, Path, Request, Response
from fastapi.responses import RedirectResponse

from services.scheduler.act_on_course import act_on_course
from services.scheduler.acts import Order
from services.scheduler.consultant_page.link import PAGES
from services.scheduler.consultant_page.pages import (
    impossible_page,
    leads_nowhere,
    plan_page,
    question_page,
    tailor_page,
)
from services.scheduler.consultant_page.room import ConsultantRoom, PlanLinkError, admit_change
from services.scheduler.consultant_page.visit import RENEW_FEED, PlanVisit, check_token, enter, follow, remember
from services.scheduler.coordinator.act_form import FormWrongError
from services.scheduler.course_change import Impossible
from services.scheduler.feed.renew_feed import renew_feed
from services.scheduler.tailoring.order_form import tailor_order
from shared.origin import require_same_origin
from shared.staff.staff import Staff
from shared.web.fields import read_fields

READING: Final = ["GET", "HEAD"]
SEE_OTHER: Final = 303
FORM_TOKEN: Final = "form_token"  # noqa: S105 - the name of a field
CONFIRMED: Final = "confirmed"
CourseId = Annotated[str, Path(pattern=r"^[0-9a-z-]{1,60}$")]

log = structlog.get_logger(__name__)


def install(app: FastAPI, room: ConsultantRoom) -> None:
    """Add the pages, and the one page for every link that leads nowhere."""
    room.site.mount(app)
    app.include_router(_reading(room))
    app.include_router(_tailoring(room))

    async def nowhere(request: Request, _error: Exception) -> Response:
        return leads_nowhere(request, room)

    app.add_exception_handler(PlanLinkError, nowhere)


def _reading(room: ConsultantRoom) -> APIRouter:
    router = APIRouter(prefix=PAGES, include_in_schema=False)

    @router.api_route("/{token}", methods=READING)
    async def exchange(request: Request, token: str) -> Response:
        visit = await follow(request, token, room)
        return remember(RedirectResponse(visit.address, status_code=SEE_OTHER), visit, room)

    @router.api_route("/plan/{course_id}", methods=READING)
    async def plan(
        request: Request, course_id: CourseId, done: str | None = None, renewed: str | None = None
    ) -> Response:
        visit = await enter(request, course_id, room)
        log.info("plan-opened", course=course_id, consultant=visit.link.consultant_id)
        page = await plan_page(request, visit, room, done=done is not None, renewed=renewed is not None)
        return remember(page, visit, room)

    return router


def _tailoring(room: ConsultantRoom) -> APIRouter:
    router = APIRouter(prefix=PAGES + "/plan/{course_id}", include_in_schema=False)

    @router.api_route("/tailor", methods=READING)
    async def form(request: Request, course_id: CourseId) -> Response:
        visit = await enter(request, course_id, room)
        return remember(tailor_page(request, visit, room), visit, room)

    @router.post("/tailor")
    async def tailor(request: Request, course_id: CourseId) -> Response:
        require_same_origin(request, room.signer.public_url)
        admit_change(request, room)
        visit = await enter(request, course_id, room)
        return remember(await _sent(request, visit, room), visit, room)

    @router.post("/calendar")
    async def renew(request: Request, course_id: CourseId) -> Response:
        require_same_origin(request, room.signer.public_url)
        admit_change(request, room)
        visit = await enter(request, course_id, room)
        fields = dict(await read_fields(request))
        if not check_token(fields.get(FORM_TOKEN, ""), visit, room, act=RENEW_FEED):
            return remember(await plan_page(request, visit, room), visit, room)
        staff = Staff(account=visit.link.consultant_id, role="consultant")
        await renew_feed(visit.link.consultant_id, staff=staff, means=room.means)
        return remember(RedirectResponse(f"{visit.address}?renewed=1", status_code=SEE_OTHER), visit, room)

    return router


async def _sent(request: Request, visit: PlanVisit, room: ConsultantRoom) -> Response:
    """A form that was sent: asked back at first, then done."""
    fields = dict(await read_fields(request))
    fresh = check_token(fields.pop(FORM_TOKEN, ""), visit, room)
    try:
        order = _by_her(tailor_order(visit.before, fields, means=room.means))
    except FormWrongError as error:
        return tailor_page(request, visit, room, typed=fields, faults=error.faults)
    if not fresh:
        return tailor_page(request, visit, room, typed=fields)
    if CONFIRMED not in fields:
        return await question_page(request, visit, room, order, fields)
    staff = Staff(account=visit.link.consultant_id, role="consultant")
    done = await act_on_course(visit.link.course_id, order, staff=staff, means=room.means)
    if isinstance(done, Impossible):
        return impossible_page(request, visit, room, done)
    return RedirectResponse(f"{visit.address}?done=1", status_code=SEE_OTHER)


def _by_her(order: Order) -> Order:
    """She changes her course, and does not give it away."""
    act: Any = order.act.model_copy(update={"same_consultant": True})
    return order.model_copy(update={"act": act})
