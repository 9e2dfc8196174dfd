"""Puts the status page and the question before a withdrawal together."""

from datetime import date

from fastapi import Request, Response

from services.intake.new_address.page import addresses_of
from services.intake.new_dates.page import asking_of, names_of
from services.intake.parts import Parts
from services.intake.progress import LABELS, progress_of
from services.intake.status.cause_words import CHANGED
from services.intake.status.materials import materials_of
from services.intake.status.meeting_rows import Circumstances, meeting_rows, span_of
from services.intake.status.message_rows import message_rows
from services.intake.status.open_content import open_content, open_invites
from services.intake.status.sections import sections_of
from services.intake.status.visit import Visit, language_of, token_for
from services.intake.status.what_next import next_of
from shared.reference.dates import format_date, format_short_date

ACTS = ("confirm", "withdraw", "language", "dates")
"""What a contact can do from here; each has a form token of its own."""


async def status_page(request: Request, visit: Visit, parts: Parts) -> Response:
    """Where the application stands, for this reader."""
    state, course = visit.application.state, visit.course
    content = await open_content(visit.application, course, vault=parts.vault)
    language = language_of(request, visit, content, parts)
    progress = progress_of(state, course, person_id=visit.person_id, now=visit.now)
    coming = next_of(state, course, progress, programme=parts.programme, now=visit.now)
    mails = await parts.store.messages(state.application_id)
    invites = await open_invites(state.application_id, course, visit.person_id or "", vault=parts.vault)
    told = Circumstances(
        kind=state.kind,
        course=course,
        matter=content.places,
        names=names_of(content),
        contacts=state.contacts,
        invited_to=[one.meeting_id for one in invites if one.method == "REQUEST"],
        programme=parts.programme,
        language=language,
        now=visit.now,
    )

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
        consultants=[one.name for one in content.consultants] if progress.meetings else [],
        changed=CHANGED[course.cause] if course and course.cause and progress.meetings else None,
        meetings=meeting_rows(progress.meetings, told),
        asking=asking_of(visit, content, parts, language),
        messages=message_rows(
            mails,
            people=content.people,
            contacts=state.contacts,
            kind=state.kind,
            meetings=course.meetings if course else (),
            programme=parts.programme,
            language=language,
        ),
        addresses=addresses_of(visit, content, mails, parts, language),
        materials=materials_of(state, content.matter, parts.programme),
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
        language=language_of(request, visit, content, parts),
        visit=visit,
        token=token_for(visit, "withdraw", parts),
    )


def may_withdraw(visit: Visit) -> bool:
    state = visit.application.state
    return progress_of(state, visit.course, person_id=visit.person_id, now=visit.now).may_withdraw
