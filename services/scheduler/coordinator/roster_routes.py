"""The HTTP edge of the pages about consultants: the roster, everybody's weeks, and one consultant with her leave."""

from datetime import date
from typing import Annotated, Final

import structlog
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from services.scheduler.coordinator.act_form import FormWrongError
from services.scheduler.coordinator.desk import PAGES, Desk
from services.scheduler.coordinator.roster_form import FIRST_YEAR, LAST_YEAR, leave_to_add, leave_to_remove
from services.scheduler.coordinator.roster_list import roster_file, roster_page, weeks_page
from services.scheduler.coordinator.roster_page import consultant_address, consultant_page, token_subject
from services.scheduler.feed.renew_feed import renew_feed
from services.scheduler.loads.months import MONTH_PATTERN
from services.scheduler.roster import ID_PATTERN, RosterChange, RosterFacts
from services.scheduler.save_consultant import UnknownConsultantError, change_consultant
from shared.mongo import Document
from shared.staff.staff import Staff
from shared.vault import ErasedError
from shared.web import form_token
from shared.web.fields import read_fields

SEE_OTHER: Final = 303
FORM_TOKEN: Final = "form_token"  # noqa: S105 - the name of a field
NOBODY: Final = "There is no such consultant"

ConsultantId = Annotated[str, Path(pattern=ID_PATTERN)]
Month = Annotated[str | None, Query(pattern=MONTH_PATTERN)]
Number = Annotated[int, Query(ge=1, le=1000)]
Day = Annotated[date | None, Query(alias="from", ge=date(FIRST_YEAR, 1, 1), lt=date(LAST_YEAR, 1, 1))]

log = structlog.get_logger(__name__)


def consultant_routes(desk: Desk) -> APIRouter:
    """Consultants under `/coordinator`; for coordinators only."""
    router = APIRouter(prefix=PAGES, include_in_schema=False)
    _add_pages(router, desk)
    _add_changes(router, desk)
    return router


def _add_pages(router: APIRouter, desk: Desk) -> None:
    Coordinator = Annotated[Staff, Depends(desk.access.coordinator)]  # noqa: N806 - a type

    @router.get("/consultants")
    async def roster(request: Request, staff: Coordinator, page: Number = 1) -> Response:
        return await roster_page(request, number=page, staff=staff, desk=desk)

    @router.get("/consultants.csv")
    async def file(request: Request, staff: Coordinator) -> Response:
        log.info("roster-read", account=staff.account)
        return await roster_file(request, desk=desk)

    @router.get("/weeks")
    async def weeks(request: Request, staff: Coordinator, day: Day = None, page: Number = 1) -> Response:
        return await weeks_page(request, day=day, number=page, staff=staff, desk=desk)

    @router.get("/consultants/{consultant_id}")
    async def one(
        request: Request,
        consultant_id: ConsultantId,
        staff: Coordinator,
        month: Month = None,
        done: str | None = None,
    ) -> Response:
        document = await _document(consultant_id, desk)
        log.info("consultant-opened", consultant=consultant_id, account=staff.account)
        return await consultant_page(request, document, month=month, staff=staff, desk=desk, done=done)


def _add_changes(router: APIRouter, desk: Desk) -> None:
    Coordinator = Annotated[Staff, Depends(desk.access.coordinator)]  # noqa: N806 - a type

    @router.post("/consultants/{consultant_id}/leave")
    async def add_leave(request: Request, consultant_id: ConsultantId, staff: Coordinator) -> Response:
        document, fields, right = await _sent(request, consultant_id, staff, desk)
        try:
            given = leave_to_add(fields, RosterFacts.model_validate(document), today=desk.means.today())
        except FormWrongError as wrong:
            return await consultant_page(
                request, document, month=None, staff=staff, desk=desk, typed=fields, wrong=wrong
            )
        if not right:
            return await consultant_page(request, document, month=None, staff=staff, desk=desk, typed=fields)
        return await _change(consultant_id, given, "leave", staff, desk)

    @router.post("/consultants/{consultant_id}/leave/remove")
    async def remove_leave(request: Request, consultant_id: ConsultantId, staff: Coordinator) -> Response:
        document, fields, right = await _sent(request, consultant_id, staff, desk)
        given = leave_to_remove(fields)
        if given is None or not right:
            return await consultant_page(request, document, month=None, staff=staff, desk=desk)
        return await _change(consultant_id, given, "leave_removed", staff, desk)

    @router.post("/consultants/{consultant_id}/active")
    async def set_active(request: Request, consultant_id: ConsultantId, staff: Coordinator) -> Response:
        document, fields, right = await _sent(request, consultant_id, staff, desk)
        if fields.get("active") not in ("yes", "no") or not right:
            return await consultant_page(request, document, month=None, staff=staff, desk=desk)
        active = fields["active"] == "yes"
        done = "active" if active else "inactive"
        return await _change(consultant_id, RosterChange(active=active), done, staff, desk)

    @router.post("/consultants/{consultant_id}/feed")
    async def new_feed(request: Request, consultant_id: ConsultantId, staff: Coordinator) -> Response:
        document, _, right = await _sent(request, consultant_id, staff, desk)
        if not right:
            return await consultant_page(request, document, month=None, staff=staff, desk=desk)
        await renew_feed(consultant_id, staff=staff, means=desk.means)
        return _changed(consultant_id, "feed", staff)


async def _document(consultant_id: str, desk: Desk) -> Document:
    document = await desk.means.store.consultant(consultant_id)
    if document is None:
        raise HTTPException(404, NOBODY)
    return document


async def _sent(
    request: Request, consultant_id: str, staff: Staff, desk: Desk
) -> tuple[Document, dict[str, str], bool]:
    """The consultant, the fields of the form, and whether its token is right: without, the form is shown once more."""
    document = await _document(consultant_id, desk)
    fields = dict(await read_fields(request))
    token, subject = fields.pop(FORM_TOKEN, ""), token_subject(consultant_id, staff)
    verdict = form_token.check(token, key=desk.form_key, subject=subject, now=desk.means.clock())
    return document, fields, verdict == "right"


async def _change(consultant_id: str, given: RosterChange, done: str, staff: Staff, desk: Desk) -> Response:
    try:
        await change_consultant(consultant_id, given, staff=staff, means=desk.means)
    except (UnknownConsultantError, ErasedError):
        raise HTTPException(404, NOBODY) from None
    return _changed(consultant_id, done, staff)


def _changed(consultant_id: str, done: str, staff: Staff) -> Response:
    log.info("consultant-changed-by-staff", consultant=consultant_id, account=staff.account, act=done)
    return RedirectResponse(f"{consultant_address(consultant_id)}?done={done}", status_code=SEE_OTHER)
