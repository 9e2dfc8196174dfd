"""Puts the coordinators' pages together: the lists, one application with its decision, and the question before it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import Request, Response

from services.intake import blocks
from services.intake.parts import Parts
from services.intake.progress import LABELS, code_of
from services.intake.record import COLLECTION, Application, is_confirmed
from services.intake.review.decide import NOTE_FIELD, awaits_decision
from services.intake.review.decision import Choice, Note
from services.intake.review.store import Row, Which
from services.intake.status.open_content import open_content
from services.intake.status.sections import sections_of
from shared.reference.dates import format_date, format_short_date
from shared.sealing import document_place
from shared.staff.staff import Staff
from shared.vault import ErasedError
from shared.web import form_token
from shared.words import Language, Words

PAGES = "/review"
TABS: Mapping[Which, Words] = {
    "waiting": Words(da="Venter på svar", en="Waiting for an answer"),
    "unconfirmed": Words(da="Ikke bekræftet endnu", en="Not confirmed yet"),
    "decided": Words(da="Besvaret", en="Answered"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One application in a list, in words."""

    reference: str
    kind: str
    municipalities: str
    submitted: str
    participants: int
    outcome: str


def list_page(
    request: Request, rows: list[Row], which: Which, *, staff: Staff, parts: Parts, language: Language
) -> Response:
    """The list behind one tab."""
    return parts.site.page(
        request,
        "review/list.html",
        language=language,
        staff=staff,
        which=which,
        tabs=TABS,
        lines=[_line(row, parts, language) for row in rows],
    )


async def application_page(
    request: Request,
    application: Application,
    *,
    staff: Staff,
    parts: Parts,
    language: Language,
    typed: Mapping[str, Any] | None = None,
    faults: Mapping[str, Words] | None = None,
) -> Response:
    """All that was sent in, and either the form to decide with or what was decided."""
    state, now = application.state, parts.clock()
    course = await parts.store.course(application.id)
    content = await open_content(application, course, vault=parts.vault)
    decision = application.decision
    return parts.site.page(
        request,
        "review/application.html",
        language=language,
        status_code=422 if faults else 200,
        staff=staff,
        reference=state.reference,
        address=f"{PAGES}/{state.reference}",
        label=LABELS[code_of(state, course, now=now)],
        sent_on=_day(state.submitted_at, parts, language),
        sections=sections_of(state, content, reader=None, parts=parts, language=language),
        may_decide=awaits_decision(state),
        contacts_address=f"{PAGES}/applications/{application.id}/contacts",
        mails_address=f"/messages/applications/{application.id}",
        has_meetings=bool(course and course.meetings),
        decision=decision,
        decided_on=_day(decision.decided_at, parts, language) if decision else "",
        ground=parts.programme.decline_ground(decision.ground or "") if decision else None,
        note=await _note(application, parts),
        grounds=parts.programme.decline_grounds,
        typed=typed or {},
        faults=faults or {},
        token=token_for(application, staff, parts, now=now),
    )


async def question_page(
    request: Request, application: Application, choice: Choice, *, staff: Staff, parts: Parts, language: Language
) -> Response:
    """What will be done and whom it will be mailed to, before anything is."""
    state = application.state
    people = await blocks.open_people(parts.vault, state)
    told = [people[one] for one in state.contacts if one in people and is_confirmed(state, one)]
    ground = parts.programme.decline_ground(choice.ground or "")
    return parts.site.page(
        request,
        "review/question.html",
        language=language,
        staff=staff,
        reference=state.reference,
        address=f"{PAGES}/{state.reference}",
        choice=choice,
        ground=ground,
        recipients=told if choice.outcome == "declined" else [],
        token=token_for(application, staff, parts, now=parts.clock()),
    )


def token_for(application: Application, staff: Staff, parts: Parts, *, now: datetime) -> str:
    """The form token of this decision by this member of staff."""
    return form_token.make(key=parts.form_key, subject=subject_of(application, staff), now=now)


def subject_of(application: Application, staff: Staff) -> str:
    return f"review {application.id} {staff.account}"


def _line(row: Row, parts: Parts, language: Language) -> Line:
    state = row.state
    plan = parts.programme.plans.get(state.kind)
    known = parts.municipalities
    outcome = LABELS["admitted" if row.decision.outcome == "admitted" else "declined"] if row.decision else None
    return Line(
        reference=state.reference,
        kind=parts.site.say(plan.name, language) if plan else state.kind,
        municipalities=", ".join(known.get(one).short_name for one in state.municipalities if one in known),
        submitted=_day(state.submitted_at, parts, language, short=True),
        participants=state.participants,
        outcome=parts.site.say(outcome, language) if outcome else "",
    )


async def _note(application: Application, parts: Parts) -> str:
    decision = application.decision
    if decision is None or decision.note is None:
        return ""
    place = document_place(COLLECTION, application.id, NOTE_FIELD)
    try:
        return (await parts.vault.unseal(decision.note, Note, place=place)).text
    except ErasedError:
        return ""


def _day(instant: datetime, parts: Parts, language: Language, *, short: bool = False) -> str:
    day = instant.astimezone(parts.programme.tz).date()
    return format_short_date(day, language) if short else format_date(day, language)
