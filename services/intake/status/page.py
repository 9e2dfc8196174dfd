"""Puts the status page and the question before a withdrawal together."""

from datetime import date

from fastapi import Request, Response

from services.intake.parts import Parts
from services.intake.progress import LABELS, progress_of
from services.intake.status.content import Content
from services.intake.status.meeting_rows import meeting_rows, span_of
from services.intake.status.message_rows import message_rows
from services.intake.status.open_content import open_content, open_invites
from services.intake.status.sections import sections_of
from services.intake.status.visit import Visit, token_for
from services.intake.status.what_next import next_of
from shared.reference.dates import format_date, format_short_date
from shared.words import Language

ACTS = ("confirm", "withdraw", "language")
"""What a contact can do from here; each has a form token of its own."""


async def status_page(request: Request, visit: Visit, parts: Parts) -> Response:
    """Where the application stands, for this reader."""
    state, course = visit.application.state, visit.course
    content = await open_content(visit.application, course, vault=parts.vault)
    language = _language(request, visit, content, parts)
    progress = progress_of(state, course, person_id=visit.person_id, now=visit.now)
    coming = next_of(state, course, progress, programme=parts.programme, now=visit.now)
    invites = await open_invites(state.application_id, course, visit.person_id or "", vault=parts.vault)

    def day(one: date) -> str:
        return format_date(one, language)

    return parts.site.page(
        request,
        "status/status.html",
        language=language,
        visit=visit,
        state=state,
        label=LABELS[progress.code],
        progress=progress,
        next=coming,
        next_span=span_of(coming.meeting, language) if coming.meeting else "",
        day=day,
        consultant=content.consultant.name if content.consultant and progress.meetings else "",
        meetings=meeting_rows(
            progress.meetings,
            kind=state.kind,
            matter=content.matter,
            invited_to=[one.meeting_id for one in invites if one.method == "REQUEST"],
            programme=parts.programme,
            language=language,
            now=visit.now,
        ),
        messages=message_rows(
            await parts.store.messages(state.application_id),
            people=content.people,
            contacts=state.contacts,
            kind=state.kind,
            meetings=course.meetings if course else (),
            programme=parts.programme,
            language=language,
        ),
        sent_on=format_short_date(state.submitted_at.astimezone(parts.programme.tz).date(), language),
        sections=sections_of(state, content, reader=visit.person_id, parts=parts, language=language),
        tokens={act: token_for(visit, act, parts) for act in ACTS},
    )


async def withdraw_page(request: Request, visit: Visit, parts: Parts) -> Response:
    """The question that is asked once."""
    content = await open_content(visit.application, visit.course, vault=parts.vault)
    return parts.site.page(
        request,
        "status/withdraw.html",
        language=_language(request, visit, content, parts),
        visit=visit,
        token=token_for(visit, "withdraw", parts),
    )


def may_withdraw(visit: Visit) -> bool:
    state = visit.application.state
    return progress_of(state, visit.course, person_id=visit.person_id, now=visit.now).may_withdraw


def _language(request: Request, visit: Visit, content: Content, parts: Parts) -> Language:
    """The contact's own language, where the link is a contact's."""
    reader = content.people.get(visit.person_id or "")
    return reader.language if reader else parts.site.language_of(request)
