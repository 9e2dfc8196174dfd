"""What the endpoints answer, as models: the same ones describe the API. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from services.intake.course_view import CourseView
from services.intake.faults import FieldFault
from services.intake.links import NOBODY, Link, Purpose, Signer
from services.intake.meeting_words import PLACES, name_of
from services.intake.opening import links_until
from services.intake.progress import LABELS, NEXT, Code, next_words, progress_of
from services.intake.record import Application
from shared.events import ApplicationState, Meeting
from shared.programme import Programme


class Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class Accepted(Answer):
    """The application was taken in. Whoever holds the links may see its state and withdraw it: keep them to yourselves."""

    reference: Annotated[str, Field(description="For people to read out.", examples=["SPARK-7K4M-2QX9"])]
    application_id: str
    state: Code
    state_label: str
    next: Annotated[str, Field(description="What happens next.")]
    status_url: Annotated[str, Field(description="GET it for the state and the booked meetings as JSON.")]
    page_url: Annotated[str, Field(description="The same as a page for people.")]


class AnswerCounts(Answer):
    """How many have answered the invitation how, to the meeting as it is now. Nobody is named."""

    accepted: int = 0
    declined: int = 0
    tentative: int = 0
    delegated: int = 0
    unanswered: int = 0


class BookedMeeting(Answer):
    code: str
    label: str
    start: Annotated[str, Field(description="With the zone's offset.", examples=["2027-01-12T09:00:00+01:00"])]
    minutes: int
    place: Annotated[str, Field(examples=["workplace"])]
    place_label: str
    contacts: Annotated[AnswerCounts, Field(description="What the contacts who are invited have answered.")]
    consultants: Annotated[AnswerCounts, Field(description="What those who lead the course have answered.")]
    in_doubt: Annotated[bool, Field(description="It cannot be held as it is, and is being placed anew.")]


class Status(Answer):
    """Where an application stands."""

    reference: str
    state: Code
    state_label: str
    next: Annotated[str, Field(description="What happens next.")]
    may_confirm: Annotated[bool, Field(description="The link is a contact's, and nobody has confirmed yet.")]
    may_withdraw: bool
    meetings: tuple[BookedMeeting, ...]


class WrongField(Answer):
    """One wrong field. What was typed is never repeated."""

    field: Annotated[str, Field(description="Empty for the whole application.", examples=["contacts.leader.email"])]
    pointer: Annotated[str, Field(description="JSON Pointer (RFC 6901).", examples=["#/contacts/leader/email"])]
    code: Annotated[str, Field(examples=["email"])]
    text: str


class Problem(BaseModel):
    """RFC 9457."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str | None = None


class FieldsProblem(Problem):
    errors: tuple[WrongField, ...] = ()


def accepted(application: Application, *, signer: Signer, programme: Programme, language: str) -> Accepted:
    """The answer to a new application, and the same again to its repetition."""
    state = application.state
    code: Code = "received" if state.needs_confirmation else "under_review"
    if not state.needs_confirmation and programme.admission == "immediate":
        code = "admitted"
    link = senders_link(application, programme)
    return Accepted(
        reference=state.reference,
        application_id=state.application_id,
        state=code,
        state_label=LABELS[code].in_language(language),
        next=NEXT[code].in_language(language),
        status_url=f"{signer.public_url}{status_path(signer.token(link))}",
        page_url=signer.page(link),
    )


def senders_link(application: Application, programme: Programme) -> Link:
    """The link for whoever sent the application: it opens the status page, and confirms nothing."""
    return Link(
        purpose=Purpose.STATUS,
        application_id=application.id,
        person_id=NOBODY,
        epoch=application.epoch_of(NOBODY),
        expires_at=links_until(application.state.submitted_at, programme),
    )


def status_path(token: str) -> str:
    return f"/api/v1/status/{token}"


def status(
    application: Application,
    course: CourseView | None,
    link: Link,
    *,
    programme: Programme,
    language: str,
    now: datetime,
) -> Status:
    """What the holder of this link sees."""
    person_id = link.person_id if link.purpose is Purpose.CONTACT else None
    progress = progress_of(application.state, course, person_id=person_id, now=now)
    return Status(
        reference=application.state.reference,
        state=progress.code,
        state_label=LABELS[progress.code].in_language(language),
        next=next_words(progress).in_language(language),
        may_confirm=progress.may_confirm,
        may_withdraw=progress.may_withdraw,
        meetings=tuple(
            _meeting(meeting, application.state, course, programme, language) for meeting in progress.meetings
        ),
    )


def wrong_fields(faults: tuple[FieldFault, ...], language: str) -> list[dict[str, str]]:
    return [
        WrongField(field=one.path, pointer=one.pointer, code=one.code, text=one.text(language)).model_dump()
        for one in faults
    ]


def answer_counts(meeting: Meeting, course: CourseView, person_ids: Iterable[str]) -> AnswerCounts:
    """What those of these people who are invited have answered."""
    found = [course.answer(meeting, one) for one in person_ids if one in meeting.attendees]
    codes = [one.partstat if one else "NEEDS-ACTION" for one in found]
    return AnswerCounts(
        accepted=codes.count("ACCEPTED"),
        declined=codes.count("DECLINED"),
        tentative=codes.count("TENTATIVE"),
        delegated=codes.count("DELEGATED"),
        unanswered=codes.count("NEEDS-ACTION"),
    )


def _meeting(
    meeting: Meeting, state: ApplicationState, course: CourseView | None, programme: Programme, language: str
) -> BookedMeeting:
    if course is None:
        raise ValueError("meetings are told of a course")
    place = PLACES.get(meeting.place)
    return BookedMeeting(
        code=meeting.code,
        label=name_of(meeting, state.kind, programme).in_language(language),
        start=meeting.start.astimezone(ZoneInfo(meeting.zone)).isoformat(),
        minutes=meeting.minutes,
        place=meeting.place,
        place_label=place.in_language(language) if place else meeting.place,
        contacts=answer_counts(meeting, course, state.contacts),
        consultants=answer_counts(meeting, course, course.consultants),
        in_doubt=course.stall is not None and meeting.meeting_id in course.stall.meetings,
    )
