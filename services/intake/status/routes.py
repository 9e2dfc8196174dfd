"""The HTTP edge of the status pages: a link is exchanged for a cookie, and all else is done under an address without secrets."""

from typing import Any, Final, get_args

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from services.intake.errors import LinkError
from services.intake.gate import read_link
from services.intake.held.answer_link import PAGES as ANSWERS
from services.intake.link_actions import choose_language_with, confirm_with, see_with, withdraw_with
from services.intake.new_address.routes import routes as address_routes
from services.intake.new_dates.routes import routes as dates_routes
from services.intake.parts import Parts
from services.intake.status import new_link
from services.intake.status.open_content import open_invites
from services.intake.status.page import may_withdraw, status_page, withdraw_page
from services.intake.status.visit import PAGES, Visit, enter, read_act, remember
from shared.request_errors import RequestError
from shared.words import Language

LINKS: Final = "/s"
READING: Final = ["GET", "HEAD"]
SEE_OTHER: Final = 303
LANGUAGES: Final[dict[str, Language]] = {name: name for name in get_args(Language)}


def install(app: FastAPI, parts: Parts) -> None:
    """Add the pages, and the one page for every link that leads nowhere."""
    app.include_router(_links(parts))
    app.include_router(_status(parts))
    app.include_router(_acts(parts))
    app.include_router(new_link.routes(parts))
    app.include_router(dates_routes(parts))
    app.include_router(address_routes(parts))
    otherwise: Any = app.exception_handlers[RequestError]

    async def leads_nowhere(request: Request, error: Exception) -> Response:
        if str(request.scope["path"]).startswith((f"{LINKS}/", f"{PAGES}/", f"{ANSWERS}/")):
            return new_link.leads_nowhere(request, parts)
        answer: Response = await otherwise(request, error)
        return answer

    app.add_exception_handler(LinkError, leads_nowhere)


def _links(parts: Parts) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.api_route(LINKS + "/{token}", methods=READING)
    async def exchange(request: Request, token: str) -> Response:
        now = parts.clock()
        link = read_link(request, token, parts, now=now)
        application, course = await see_with(link, parts, now)
        return _back(Visit(link=link, application=application, course=course, now=now), parts)

    return router


def _status(parts: Parts) -> APIRouter:
    router = APIRouter(prefix=PAGES + "/{reference}", include_in_schema=False)

    @router.api_route("", methods=READING)
    async def status(request: Request, reference: str) -> Response:
        visit = await enter(request, reference, parts)
        return _renewed(await status_page(request, visit, parts), visit, parts)

    @router.api_route("/withdraw", methods=READING)
    async def ask_withdraw(request: Request, reference: str) -> Response:
        visit = await enter(request, reference, parts)
        if not may_withdraw(visit):
            return _back(visit, parts)
        return _renewed(await withdraw_page(request, visit, parts), visit, parts)

    @router.api_route("/meetings/{meeting_id}.ics", methods=READING)
    async def invite(request: Request, reference: str, meeting_id: str) -> Response:
        visit = await enter(request, reference, parts)
        invites = await open_invites(visit.application.id, visit.course, visit.person_id or "", vault=parts.vault)
        found = [one for one in invites if one.meeting_id == meeting_id and one.method == "REQUEST"]
        if not found or visit.application.state.state != "admitted":
            raise LinkError
        codes = {one.meeting_id: one.code for one in visit.course.meetings} if visit.course else {}
        name = f"{visit.reference}-{codes.get(meeting_id, 'meeting')}.ics"
        answer = Response(
            found[0].ics.encode(),
            media_type="text/calendar; charset=utf-8; method=REQUEST",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
        return _renewed(answer, visit, parts)

    return router


def _acts(parts: Parts) -> APIRouter:
    router = APIRouter(prefix=PAGES + "/{reference}", include_in_schema=False)

    @router.post("/confirm")
    async def confirm(request: Request, reference: str) -> Response:
        visit, fields = await read_act(request, reference, "confirm", parts)
        if fields is not None:
            await confirm_with(visit.link, parts, visit.now)
        return _back(visit, parts)

    @router.post("/withdraw")
    async def withdraw(request: Request, reference: str) -> Response:
        visit, fields = await read_act(request, reference, "withdraw", parts)
        if fields is not None:
            await withdraw_with(visit.link, parts, visit.now)
        return _back(visit, parts)

    @router.post("/language")
    async def language(request: Request, reference: str) -> Response:
        visit, fields = await read_act(request, reference, "language", parts)
        chosen = LANGUAGES.get((fields or {}).get("language", ""))
        if chosen is not None:
            await choose_language_with(visit.link, chosen, parts, visit.now)
        return _back(visit, parts)

    return router


def _back(visit: Visit, parts: Parts) -> Response:
    """To the status page, by GET: a page that is loaded again sends nothing twice."""
    return _renewed(RedirectResponse(visit.address, status_code=SEE_OTHER), visit, parts)


def _renewed(response: Response, visit: Visit, parts: Parts) -> Response:
    remember(response, visit.link, visit.reference, parts=parts, now=visit.now)
    return response
