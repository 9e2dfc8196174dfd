"""Puts the page of other dates together, and what the status page tells of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import Request, Response

from services.intake.links import NOBODY
from services.intake.meeting_words import name_of
from services.intake.new_dates.question import ASKED_PER_DAY_MAX, Question, asked_lately, question_of
from services.intake.parts import Parts
from services.intake.status.content import Content
from services.intake.status.meeting_rows import span_at, span_of
from services.intake.status.open_content import open_content
from services.intake.status.visit import Visit, language_of, token_for
from shared.reference.dates import format_clock
from shared.words import Language, Words

CHOOSE = "choose"
NOTHING_CHOSEN = Words(da="Vælg et af tidspunkterne.", en="Choose one of the times.")
SECONDS_OF_MINUTE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Possible:
    """One time to choose. `value` is its instant in ISO 8601."""

    value: str
    span: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What the status page tells: the last question, and whether another one can be asked. `address` is that of the page of dates."""

    question: Question | None
    meeting: Words | None
    chosen: str
    asked_by: str
    by_reader: bool
    may_ask: bool
    too_often: bool
    address: str


def asking_of(visit: Visit, content: Content, parts: Parts, language: Language) -> Asking:
    """What is known about other dates at the time of this visit."""
    state, course = visit.application.state, visit.course
    question = question_of(state, course, now=visit.now)
    too_often = asked_lately(state, now=visit.now) >= ASKED_PER_DAY_MAX
    return Asking(
        question=question,
        meeting=name_of(question.meeting, state.kind, parts.programme) if question else None,
        chosen=span_at(question.meeting, question.chosen, language) if question and question.chosen else "",
        asked_by=names_of(content).get(question.person_id, "") if question else "",
        by_reader=question is not None and question.person_id == (visit.person_id or NOBODY),
        may_ask=not too_often
        and not (question and question.is_open)
        and course is not None
        and course.state == "booked",
        too_often=too_often,
        address=f"{visit.address}/dates",
    )


async def dates_page(request: Request, visit: Visit, parts: Parts, *, fault: Words | None = None) -> Response:
    """The question as far as it has come; where times are offered, the form to choose one. `fault`: nothing was chosen."""
    content = await open_content(visit.application, visit.course, vault=parts.vault)
    language = language_of(request, visit, content, parts)
    asking = asking_of(visit, content, parts, language)
    question = asking.question
    offer = question.offer if question else None
    return parts.site.page(
        request,
        "new_dates/dates.html",
        language=language,
        status_code=422 if fault else 200,
        visit=visit,
        asking=asking,
        question=question,
        mark=mark_of(question),
        now_span=span_of(question.meeting, language) if question else "",
        possible=_possible(question, language) if question else (),
        until=_clock(question, offer.until, language) if question and offer else "",
        minutes=round((offer.until - offer.at).total_seconds() / SECONDS_OF_MINUTE) if offer else 0,
        affected=_affected(question, content) if question else (),
        fault=fault,
        after=visit.application.state.said_count,
        tokens={act: token_for(visit, act, parts) for act in ("dates", CHOOSE)},
    )


def mark_of(question: Question | None) -> str:
    """Changes whenever the page would look different; it tells nothing."""
    return f"{question.stage}-{question.number}" if question else "none-0"


def names_of(content: Content) -> Mapping[str, str]:
    """The names of everybody who can still be read, by id: the contacts, then who leads the course."""
    contacts = {person_id: person.name for person_id, person in content.people.items()}
    return contacts | {one.person_id: one.name for one in content.consultants}


def _possible(question: Question, language: Language) -> tuple[Possible, ...]:
    starts = question.offer.starts if question.offer else ()
    return tuple(
        Possible(value=one.start.isoformat(), span=span_at(question.meeting, one.start, language)) for one in starts
    )


def _affected(question: Question, content: Content) -> tuple[str, ...]:
    names = names_of(content)
    return tuple(names[one] for one in names if one in question.meeting.attendees)


def _clock(question: Question, instant: datetime, language: Language) -> str:
    return format_clock(instant.astimezone(ZoneInfo(question.meeting.zone)), language)
