"""The HTTP edge of other dates: ask by POST, look by GET, choose by POST. Below the address of the status page, with its cookie."""

from datetime import datetime
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from services.intake.links import NOBODY
from services.intake.new_dates.ask_for_dates import ask_for_dates
from services.intake.new_dates.choose_date import choose_date
from services.intake.new_dates.page import CHOOSE, NOTHING_CHOSEN, dates_page, mark_of
from services.intake.new_dates.question import question_of
from services.intake.parts import Parts
from services.intake.status.visit import PAGES, Visit, enter, read_act, remember

SEE_OTHER: Final = 303
READING: Final = ["GET", "HEAD"]
ASK: Final = "dates"
DIGITS_MAX: Final = 9


def routes(parts: Parts) -> APIRouter:
    router = APIRouter(prefix=PAGES + "/{reference}/dates", include_in_schema=False)

    @router.api_route("", methods=READING)
    async def dates(request: Request, reference: str) -> Response:
        visit = await enter(request, reference, parts)
        return _renewed(await dates_page(request, visit, parts), visit, parts)

    @router.api_route("/state", methods=READING)
    async def state(request: Request, reference: str) -> Response:
        # The cookie is not renewed: a page that only waits is no page in use.
        visit = await enter(request, reference, parts)
        question = question_of(visit.application.state, visit.course, now=visit.now)
        return JSONResponse({"mark": mark_of(question)})

    @router.post("/{meeting_id}")
    async def ask(request: Request, reference: str, meeting_id: str) -> Response:
        visit, fields = await read_act(request, reference, ASK, parts)
        if fields is None:
            return _see_other(visit.address, visit, parts)
        question = question_of(visit.application.state, visit.course, now=visit.now)
        if question is None or not question.is_open:
            await ask_for_dates(
                visit.application.id,
                meeting_id,
                course=visit.course,
                person_id=visit.person_id or NOBODY,
                source=_source(visit, meeting_id, fields.get("after", "")),
                store=parts.store,
                vault=parts.vault,
                signer=parts.signer,
                programme=parts.programme,
                now=visit.now,
            )
        return _see_other(f"{visit.address}/dates", visit, parts)

    @router.post("")
    async def choose(request: Request, reference: str) -> Response:
        visit, fields = await read_act(request, reference, CHOOSE, parts)
        question = question_of(visit.application.state, visit.course, now=visit.now)
        if fields is not None and question is not None and question.offer is not None:
            start = _instant(fields.get("start", ""))
            if start is None:
                return _renewed(await dates_page(request, visit, parts, fault=NOTHING_CHOSEN), visit, parts)
            await choose_date(
                visit.application.id,
                start,
                question=question,
                person_id=visit.person_id or NOBODY,
                store=parts.store,
                vault=parts.vault,
                signer=parts.signer,
                programme=parts.programme,
                now=visit.now,
            )
        return _see_other(f"{visit.address}/dates", visit, parts)

    return router


def _source(visit: Visit, meeting_id: str, after: str) -> str:
    """The same form sent twice asks once: it names how much had been said when it was made."""
    said = after if after.isdecimal() and len(after) <= DIGITS_MAX else str(visit.application.state.said_count)
    return f"asked {visit.link.person_id} {meeting_id} {said}"


def _instant(typed: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(typed)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _see_other(address: str, visit: Visit, parts: Parts) -> Response:
    return _renewed(RedirectResponse(address, status_code=SEE_OTHER), visit, parts)


def _renewed(response: Response, visit: Visit, parts: Parts) -> Response:
    remember(response, visit.link, visit.reference, parts=parts, now=visit.now)
    return response
