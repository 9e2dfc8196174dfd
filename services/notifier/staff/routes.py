"""The HTTP edge of staff's pages about mails: looking by GET; `act_routes.py` has what changes something."""

from datetime import date
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.exceptions import HTTPException

from services.notifier.staff.act_on_message import UnknownMessageError
from services.notifier.staff.act_routes import ApplicationId, MessageId, add_acts
from services.notifier.staff.application_page import application_page
from services.notifier.staff.asked import DAY_MAX, DAY_MIN, Asked, Which
from services.notifier.staff.desk import PAGES, StaffDesk
from services.notifier.staff.list_page import list_file, list_page
from services.notifier.staff.message_lists import CURSOR_CHARS_MAX
from services.notifier.staff.message_page import framed_mail, message_page
from services.notifier.staff.planned_page import DAYS_DEFAULT, DAYS_MAX, planned_page
from services.notifier.staff.suppressed_page import suppressed_page
from shared.staff.staff import Staff

Done = Annotated[str, Query(max_length=40)]
_Kind = Annotated[str, Query(pattern=r"^[a-z_]{0,40}$")]
_Cursor = Annotated[str, Query(max_length=CURSOR_CHARS_MAX)]

log = structlog.get_logger(__name__)


def staff_routes(desk: StaffDesk) -> APIRouter:
    """Mails and what can be done about them, under `/messages`; for coordinators only."""
    router = APIRouter(prefix=PAGES, include_in_schema=False)
    _add_lists(router, desk)
    add_acts(router, desk)
    _add_one(router, desk)
    return router


def _add_lists(router: APIRouter, desk: StaffDesk) -> None:
    Coordinator = Annotated[Staff, Depends(desk.access.coordinator)]  # noqa: N806 - a type

    @router.get("")
    async def messages(
        request: Request,
        staff: Coordinator,
        show: Which = "attention",
        kind: _Kind = "",
        day: str = "",
        after: _Cursor = "",
    ) -> Response:
        return await list_page(request, _asked(show, kind, day, after), staff=staff, desk=desk)

    @router.get("/messages.csv")
    async def file(
        request: Request, _staff: Coordinator, show: Which = "attention", kind: _Kind = "", day: str = ""
    ) -> Response:
        return await list_file(request, _asked(show, kind, day), desk=desk)

    @router.get("/planned")
    async def planned(
        request: Request, staff: Coordinator, days: Annotated[int, Query(ge=1, le=DAYS_MAX)] = DAYS_DEFAULT
    ) -> Response:
        return await planned_page(request, days, staff=staff, desk=desk)

    @router.get("/suppressed")
    async def suppressed(
        request: Request,
        staff: Coordinator,
        after: Annotated[str | None, Query(max_length=CURSOR_CHARS_MAX)] = None,
        done: Done = "",
    ) -> Response:
        log.info("suppressed-seen", account=staff.account)
        return await suppressed_page(request, after, staff=staff, desk=desk, done=done)

    @router.get("/applications/{application_id}")
    async def application(
        request: Request, application_id: ApplicationId, staff: Coordinator, done: Done = ""
    ) -> Response:
        page = await application_page(request, application_id, staff=staff, desk=desk, done=done)
        if page is None:
            raise HTTPException(404, "There is no such application")
        log.info("messages-seen", application_id=application_id, account=staff.account)
        return page


def _add_one(router: APIRouter, desk: StaffDesk) -> None:
    """Last, since any word could be an id."""
    Coordinator = Annotated[Staff, Depends(desk.access.coordinator)]  # noqa: N806 - a type

    @router.get("/{message_id}")
    async def message(request: Request, message_id: MessageId, staff: Coordinator, done: Done = "") -> Response:
        try:
            return await message_page(request, message_id, staff=staff, desk=desk, done=done)
        except UnknownMessageError:
            raise HTTPException(404, "There is no such mail") from None

    @router.get("/{message_id}/mail.html")
    async def framed(request: Request, message_id: MessageId, staff: Coordinator) -> Response:
        try:
            return await framed_mail(request, message_id, staff=staff, desk=desk)
        except UnknownMessageError:
            raise HTTPException(404, "There is no such mail") from None


def _asked(show: Which, kind: str, day: str, after: str = "") -> Asked:
    """A day that is none filters nothing: the field of the form may be empty."""
    try:
        on = date.fromisoformat(day)
    except ValueError:
        on = None
    if on is not None and not DAY_MIN <= on <= DAY_MAX:
        on = None
    return Asked(show=show, kind=kind, day=on, after=after)
