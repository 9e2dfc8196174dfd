"""The HTTP edge of parked mails for coordinators: GET shows, POST says whose answer a mail is, discards it, or enters one by hand."""

from typing import Annotated, Final

import structlog
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from services.intake.errors import LinkError
from services.intake.parked.attribute import DecidedAlreadyError, attribute, discard
from services.intake.parked.by_hand import add_by_hand
from services.intake.parked.choice import PROPOSAL, ChoiceWrongError, choice_of
from services.intake.parked.form_fields import FORM_TOKEN
from services.intake.parked.look import Candidates, Opened, candidates, open_mail, parked_mails
from services.intake.parked.pages import PAGES, decided_page, list_page, mail_page, subject_of
from services.intake.parts import Parts
from services.intake.record import Application
from services.intake.reference_number import read_reference
from shared.staff.staff import Staff
from shared.web import form_token
from shared.web.fields import read_fields

SEE_OTHER: Final = 303

log = structlog.get_logger(__name__)


def routes(parts: Parts) -> APIRouter:
    """Everything under `/review/mail`, and `/review/{reference}/answer`."""
    router = APIRouter(include_in_schema=False)
    _add_reading(router, parts)
    _add_deciding(router, parts)
    add_by_hand(router, parts)
    return router


def _add_reading(router: APIRouter, parts: Parts) -> None:
    Coordinator = Annotated[Staff, Depends(parts.access.coordinator)]  # noqa: N806 - a type

    @router.get(PAGES)
    async def mails(request: Request, staff: Coordinator) -> Response:
        found = await parked_mails(parts)
        references = await parts.queue.references({one.about.application_id for one in found if one.about})
        language = parts.site.language_of(request)
        return list_page(request, found, references, staff=staff, parts=parts, language=language)

    @router.get(PAGES + "/{mail_id}")
    async def mail(
        request: Request, mail_id: str, staff: Coordinator, reference: Annotated[str, Query(max_length=40)] = ""
    ) -> Response:
        opened = await open_mail(mail_id, parts)
        log.info("parked-mail-opened", document_id=mail_id, account=staff.account)
        found = await _candidates(opened, reference, parts)
        return mail_page(
            request,
            opened,
            found,
            staff=staff,
            parts=parts,
            typed=_guess(opened),
            reference_wrong=bool(reference) and found is None,
        )

    @router.get(PAGES + "/{mail_id}/raw")
    async def raw(mail_id: str, staff: Coordinator) -> Response:
        opened = await open_mail(mail_id, parts)
        log.info("parked-mail-fetched", document_id=mail_id, account=staff.account)
        # Never as mail or text: nothing on this machine is to open it, or to fetch what it points at.
        return Response(
            opened.raw,
            media_type="application/octet-stream",
            headers={"Content-Disposition": f'attachment; filename="{opened.mail.mail_id}.eml"'},
        )


def _add_deciding(router: APIRouter, parts: Parts) -> None:
    Coordinator = Annotated[Staff, Depends(parts.access.coordinator)]  # noqa: N806 - a type

    @router.post(PAGES + "/{mail_id}/attribute")
    async def attributed(request: Request, mail_id: str, staff: Coordinator) -> Response:
        opened = await _still_parked(mail_id, parts)
        if opened is None:
            return decided_page(request, staff=staff, parts=parts)
        fields = dict(await read_fields(request))
        now = parts.clock()
        found = await _candidates(opened, fields.get("reference", ""), parts)
        verdict = form_token.check(
            fields.get(FORM_TOKEN, ""), key=parts.form_key, subject=subject_of(mail_id, staff), now=now
        )
        if found is None or verdict != "right":
            return mail_page(request, opened, found, staff=staff, parts=parts, typed=fields)
        proposed = opened.understood.proposed_start if opened.understood else None
        try:
            choice = choice_of(fields, found.meetings, can_propose=proposed is not None)
        except ChoiceWrongError as error:
            return mail_page(request, opened, found, staff=staff, parts=parts, typed=fields, faults=error.faults)
        try:
            await attribute(
                opened.mail,
                found.application.id,
                choice,
                understood=opened.understood,
                other_address=opened.other_address,
                staff=staff,
                parts=parts,
                now=now,
            )
        except DecidedAlreadyError:
            return decided_page(request, staff=staff, parts=parts)
        return RedirectResponse(PAGES, status_code=SEE_OTHER)

    @router.post(PAGES + "/{mail_id}/discard")
    async def discarded(request: Request, mail_id: str, staff: Coordinator) -> Response:
        opened = await _still_parked(mail_id, parts)
        if opened is None:
            return decided_page(request, staff=staff, parts=parts)
        token, now = dict(await read_fields(request)).get(FORM_TOKEN, ""), parts.clock()
        if form_token.check(token, key=parts.form_key, subject=subject_of(mail_id, staff), now=now) != "right":
            return RedirectResponse(f"{PAGES}/{opened.mail.mail_id}", status_code=SEE_OTHER)
        try:
            await discard(opened.mail, staff=staff, parts=parts, now=now)
        except DecidedAlreadyError:
            return decided_page(request, staff=staff, parts=parts)
        return RedirectResponse(PAGES, status_code=SEE_OTHER)


async def _still_parked(mail_id: str, parts: Parts) -> Opened | None:
    try:
        return await open_mail(mail_id, parts)
    except LinkError:
        return None


async def _candidates(opened: Opened, typed: str, parts: Parts) -> Candidates | None:
    """Of the application that was typed, or else of the one that the mail came to."""
    application: Application | None = None
    if typed:
        reference = read_reference(parts.programme.reference_prefix, typed)
        application = await parts.store.application_by_reference(reference) if reference else None
    elif opened.mail.about:
        application = await parts.store.application(opened.mail.about.application_id)
    return await candidates(application, parts) if application else None


def _guess(opened: Opened) -> dict[str, str]:
    """What the form begins with: whom the mail's address belongs to, and what it says."""
    about, understood = opened.mail.about, opened.understood
    answer = PROPOSAL if understood and understood.what == "counter" else (understood and understood.partstat) or ""
    return {"answer": answer, **({"meeting": about.meeting_id, "person": about.person_id} if about else {})}
