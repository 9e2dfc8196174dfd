"""The HTTP edge of held answers: the link becomes a cookie, the page asks, and two buttons answer. GET changes nothing."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.intake.gate import admit_change
from services.intake.held.answer_link import PAGES
from services.intake.held.confirm_answer import confirm_answer
from services.intake.held.visit import Act, Visit, enter, enter_by_link, remember, token_for
from services.intake.imip.answer_words import ANSWERS, PROPOSES
from services.intake.meeting_words import name_of
from services.intake.parts import Parts
from services.intake.status.meeting_rows import span_of
from shared.origin import require_same_origin
from shared.reference.dates import format_clock, format_date
from shared.said import CounterProposal
from shared.web import form_token
from shared.web.fields import read_fields
from shared.words import Language

READING = ["GET", "HEAD"]
SEE_OTHER = 303
FORM_TOKEN = "form_token"  # noqa: S105 - the name of a field


def routes(parts: Parts) -> APIRouter:
    """Everything under `/svar`."""
    router = APIRouter(prefix=PAGES, include_in_schema=False)

    @router.api_route("/{token}", methods=READING)
    async def exchange(request: Request, token: str) -> Response:
        return _back(await enter_by_link(request, token, parts), parts)

    @router.api_route("/moede/{held_id}", methods=READING)
    async def ask(request: Request, held_id: str) -> Response:
        visit = await enter(request, held_id, parts)
        response = _page(request, visit, parts)
        remember(response, visit, parts)
        return response

    @router.post("/moede/{held_id}/ja")
    async def hers(request: Request, held_id: str) -> Response:
        return await _answered(request, held_id, "ja", parts)

    @router.post("/moede/{held_id}/nej")
    async def not_hers(request: Request, held_id: str) -> Response:
        return await _answered(request, held_id, "nej", parts)

    return router


async def _answered(request: Request, held_id: str, act: Act, parts: Parts) -> Response:
    require_same_origin(request, parts.signer.public_url)
    admit_change(request, parts)
    visit = await enter(request, held_id, parts)
    token = dict(await read_fields(request)).get(FORM_TOKEN, "")
    verdict = form_token.check(token, key=parts.form_key, subject=visit.subject(act), now=visit.now)
    # A token of another answer, or an old one: the page is shown again, with what waits now.
    if verdict == "right" and not (act == "ja" and visit.is_overtaken):
        await confirm_answer(
            visit.application.id,
            held_id,
            version=visit.held.version,
            is_hers=act == "ja",
            store=parts.store,
            vault=parts.vault,
            signer=parts.signer,
            programme=parts.programme,
            now=visit.now,
        )
    return _back(visit, parts)


def _back(visit: Visit, parts: Parts) -> Response:
    response = RedirectResponse(visit.link.path, status_code=SEE_OTHER)
    remember(response, visit, parts)
    return response


def _page(request: Request, visit: Visit, parts: Parts) -> Response:
    language, said = visit.person.language, visit.held.said
    tz = parts.programme.tz
    until = visit.held.until.astimezone(tz)
    return parts.site.page(
        request,
        "held/answer.html",
        language=language,
        visit=visit,
        outcome="overtaken" if visit.held.outcome == "pending" and visit.is_overtaken else visit.held.outcome,
        meeting=name_of(visit.meeting, visit.application.state.kind, parts.programme) if visit.meeting else None,
        when=span_of(visit.meeting, language) if visit.meeting else "",
        answer=PROPOSES if isinstance(said, CounterProposal) else ANSWERS[said.partstat],
        proposed=_proposed(visit, language),
        received=format_date(said.at.astimezone(tz).date(), language),
        until_day=format_date(until.date(), language),
        until_clock=format_clock(until, language),
        tokens={"ja": token_for(visit, "ja", parts), "nej": token_for(visit, "nej", parts)},
    )


def _proposed(visit: Visit, language: Language) -> str:
    said, meeting = visit.held.said, visit.meeting
    if not isinstance(said, CounterProposal) or meeting is None:
        return ""
    return span_of(meeting.model_copy(update={"start": said.start}), language)
