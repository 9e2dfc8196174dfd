"""The HTTP edge of contacts' addresses for staff: pages that show, ask back and change, and one address for programs."""

from typing import Annotated, Final

import structlog
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from services.intake.errors import FieldsWrongError
from services.intake.faults import FieldFault
from services.intake.field_types import EMAIL_CHARACTERS_MAX
from services.intake.new_address.change_address import Request as Asked
from services.intake.new_address.change_address import change_address, check_address, reading
from services.intake.new_address.page import FIELD
from services.intake.new_address.refusals import AddressRefusedError
from services.intake.new_address.staff_page import (
    PAGES,
    REASON,
    contacts_address,
    contacts_page,
    find,
    form_page,
    question_page,
    reason_fault,
    subject_of,
)
from services.intake.parts import Parts
from services.intake.review.decision import NOTE_CHARACTERS_MAX, NOTE_CHARACTERS_MIN
from shared.staff.staff import Staff
from shared.web import form_token
from shared.web.fields import read_fields

SEE_OTHER: Final = 303
FORM_TOKEN: Final = "form_token"  # noqa: S105 - the name of a field
CONFIRMED: Final = "confirmed"

log = structlog.get_logger(__name__)


class NewAddress(BaseModel):
    """What a program sends."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    mail: Annotated[str, Field(max_length=EMAIL_CHARACTERS_MAX)]
    reason: Annotated[str, Field(min_length=NOTE_CHARACTERS_MIN, max_length=NOTE_CHARACTERS_MAX)]


def staff_routes(parts: Parts) -> APIRouter:
    """Everything under `/review/applications`."""
    router = APIRouter(prefix=PAGES, include_in_schema=False)
    Coordinator = Annotated[Staff, Depends(parts.access.coordinator)]  # noqa: N806 - a type

    @router.get("/{application_id}/contacts")
    async def contacts(request: Request, application_id: str, staff: Coordinator) -> Response:
        found = await find(application_id, parts)
        log.info("contacts-opened", application_id=application_id, account=staff.account)
        return await contacts_page(request, found, staff=staff, parts=parts)

    @router.get("/{application_id}/contacts/{person_id}/address")
    async def ask(request: Request, application_id: str, person_id: str, staff: Coordinator) -> Response:
        found = await find(application_id, parts)
        if not found.may_change:
            return RedirectResponse(contacts_address(application_id), status_code=SEE_OTHER)
        return form_page(request, found, person_id, staff=staff, parts=parts)

    @router.post("/{application_id}/contacts/{person_id}/address")
    async def change(request: Request, application_id: str, person_id: str, staff: Coordinator) -> Response:
        found = await find(application_id, parts)
        fields = dict(await read_fields(request))
        typed = {FIELD: fields.get(FIELD, "").strip(), REASON: " ".join(fields.get(REASON, "").split())}
        faults = {}
        try:
            check_address(typed[FIELD], person_id, found.people)
        except AddressRefusedError as refused:
            faults[FIELD] = refused.words
        if wrong := reason_fault(typed[REASON]):
            faults[REASON] = wrong
        token, subject = fields.get(FORM_TOKEN, ""), subject_of(application_id, person_id, staff)
        verdict = form_token.check(token, key=parts.form_key, subject=subject, now=parts.clock())
        if faults or verdict != "right":
            return form_page(request, found, person_id, staff=staff, parts=parts, typed=typed, faults=faults)
        if CONFIRMED not in fields:
            return question_page(request, found, person_id, staff=staff, parts=parts, typed=typed)
        try:
            await _change(application_id, person_id, typed[FIELD], typed[REASON], staff, parts)
        except AddressRefusedError as refused:
            # Somebody else was faster.
            faults = {FIELD: refused.words}
            return form_page(request, found, person_id, staff=staff, parts=parts, typed=typed, faults=faults)
        return RedirectResponse(contacts_address(application_id), status_code=SEE_OTHER)

    return router


def staff_api(parts: Parts) -> APIRouter:
    """The same for programs of the organisation."""
    router = APIRouter(prefix="/api/v1/applications", include_in_schema=False)
    Program = Annotated[Staff, Depends(parts.access.program)]  # noqa: N806 - a type

    @router.post("/{application_id}/contacts/{person_id}/address", status_code=204)
    async def change(application_id: str, person_id: str, asked: NewAddress, staff: Program) -> Response:
        try:
            await _change(application_id, person_id, asked.mail, asked.reason, staff, parts)
        except AddressRefusedError as refused:
            words = refused.words
            raise FieldsWrongError([FieldFault(FIELD, refused.why, words.da, words.en)]) from None
        return Response(status_code=204)

    return router


async def _change(application_id: str, person_id: str, mail: str, reason: str, staff: Staff, parts: Parts) -> None:
    await change_address(
        Asked(person_id=person_id, typed=mail, by="staff", staff=staff, reason=reason),
        read=reading(application_id, store=parts.store),
        store=parts.store,
        vault=parts.vault,
        signer=parts.signer,
        programme=parts.programme,
        address_key=parts.address_key,
        now=parts.clock(),
    )
