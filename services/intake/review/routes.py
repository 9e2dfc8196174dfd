"""The HTTP edge of the coordinators' pages: lists by GET, a decision by two POSTs, the first of which only asks back."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from services.intake.errors import LinkError
from services.intake.parts import Parts
from services.intake.record import Application
from services.intake.reference_number import read_reference
from services.intake.review.decide import decide
from services.intake.review.decision import ChoiceWrongError, choice_of
from services.intake.review.pages import PAGES, application_page, list_page, question_page, subject_of
from services.intake.review.store import Which
from shared.staff.staff import Staff
from shared.web import form_token
from shared.web.fields import read_fields

SEE_OTHER = 303
FORM_TOKEN = "form_token"  # noqa: S105 - the name of a field
CONFIRMED = "confirmed"

log = structlog.get_logger(__name__)


def routes(parts: Parts) -> APIRouter:
    """Everything under `/review`; for coordinators only."""
    router = APIRouter(prefix=PAGES, include_in_schema=False)
    Coordinator = Annotated[Staff, Depends(parts.access.coordinator)]  # noqa: N806 - a type

    @router.get("")
    async def applications(
        request: Request, staff: Coordinator, show: Annotated[Which, Query()] = "waiting"
    ) -> Response:
        rows = await parts.queue.rows(show)
        language = parts.site.language_of(request)
        return list_page(request, rows, show, staff=staff, parts=parts, language=language)

    @router.get("/{reference}")
    async def application(request: Request, reference: str, staff: Coordinator) -> Response:
        found = await _application(reference, parts)
        log.info("application-opened", application_id=found.id, account=staff.account)
        language = parts.site.language_of(request)
        return await application_page(request, found, staff=staff, parts=parts, language=language)

    @router.post("/{reference}")
    async def decided(request: Request, reference: str, staff: Coordinator) -> Response:
        found = await _application(reference, parts)
        fields = dict(await read_fields(request))
        language = parts.site.language_of(request)
        now = parts.clock()
        token = fields.get(FORM_TOKEN, "")
        verdict = form_token.check(token, key=parts.form_key, subject=subject_of(found, staff), now=now)
        try:
            choice = choice_of(fields, parts.programme)
        except ChoiceWrongError as error:
            return await application_page(
                request, found, staff=staff, parts=parts, language=language, typed=fields, faults=error.faults
            )
        if verdict != "right":
            return await application_page(request, found, staff=staff, parts=parts, language=language, typed=fields)
        if CONFIRMED not in fields:
            return await question_page(request, found, choice, staff=staff, parts=parts, language=language)
        await decide(
            found.id,
            choice,
            staff=staff,
            store=parts.store,
            vault=parts.vault,
            signer=parts.signer,
            programme=parts.programme,
            now=now,
        )
        return RedirectResponse(f"{PAGES}/{found.state.reference}", status_code=SEE_OTHER)

    return router


async def _application(typed: str, parts: Parts) -> Application:
    reference = read_reference(parts.programme.reference_prefix, typed)
    found = await parts.store.application_by_reference(reference) if reference else None
    if found is None:
        raise LinkError
    return found
