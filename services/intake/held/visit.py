"""Who looks at a held answer: from the link in her mail, or from the cookie that it was exchanged for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from fastapi import Request, Response

from services.intake.course_view import CourseView
from services.intake.errors import LinkError
from services.intake.gate import genuine
from services.intake.held import answer_link
from services.intake.held.answer_link import AnswerLink
from services.intake.held.confirm_answer import find_held
from services.intake.held.held_answer import Held
from services.intake.held.hold import open_invited
from services.intake.parts import Parts
from services.intake.record import Application
from shared.events import Meeting, Person
from shared.vault import ErasedError
from shared.web import form_token
from shared.web.cookies import read_cookie, set_cookie

Act = Literal["ja", "nej"]


@dataclass(frozen=True, kw_only=True)
class Visit:
    """`meeting` is None where it is gone, cancelled, or not hers any more; then there is nothing left to confirm."""

    link: AnswerLink
    application: Application
    held: Held
    person: Person
    meeting: Meeting | None
    now: datetime

    @property
    def is_overtaken(self) -> bool:
        """The meeting has changed since: an answer to how it was before counts no more."""
        return self.meeting is None or self.held.said.sequence < self.meeting.sequence

    def subject(self, act: Act) -> str:
        """Of the form token: an answer that has been replaced meanwhile is not confirmed by a page that shows the old one."""
        return f"svar {self.held.held_id} {self.held.version} {act}"


async def enter_by_link(request: Request, token: str, parts: Parts) -> Visit:
    """Raises LinkError: not genuine, expired, or there is nothing behind it; TooManyError: too many wrong ones from this network."""
    now = parts.clock()
    link = genuine(request, parts, lambda: answer_link.read_token(token, parts.signer, now=now))
    return await _open(link, parts, now)


async def enter(request: Request, held_id: str, parts: Parts) -> Visit:
    """The visit that the cookie stands for. Raises as `enter_by_link`, also where there is no cookie, or it was idle too long."""
    now = parts.clock()
    name = AnswerLink(application_id="", held_id=held_id, expires_at=now).cookie
    value = read_cookie(request, name, public_url=parts.signer.public_url)
    if value is None:
        raise LinkError
    link, used_at = genuine(
        request,
        parts,
        lambda: answer_link.read_cookie(value, key=parts.session_key, programme=parts.programme.code),
    )
    if link.held_id != held_id or link.expires_at <= now or now - used_at >= answer_link.IDLE:
        raise LinkError
    return await _open(link, parts, now)


def remember(response: Response, visit: Visit, parts: Parts) -> None:
    """Give the browser the cookie, or renew it."""
    set_cookie(
        response,
        visit.link.cookie,
        answer_link.make_cookie(visit.link, key=parts.session_key, programme=parts.programme.code, now=visit.now),
        public_url=parts.signer.public_url,
        max_age_seconds=int(answer_link.IDLE.total_seconds()),
    )


def token_for(visit: Visit, act: Act, parts: Parts) -> str:
    return form_token.make(key=parts.form_key, subject=visit.subject(act), now=visit.now)


async def _open(link: AnswerLink, parts: Parts, now: datetime) -> Visit:
    application = await parts.store.application(link.application_id)
    if application is None or application.state.state != "admitted":
        raise LinkError
    held = find_held(application, link.held_id, now)
    course = await parts.store.course(application.id)
    try:
        person = await open_invited(application, course, held.said.person_id, vault=parts.vault)
    except ErasedError:
        raise LinkError from None
    return Visit(
        link=link,
        application=application,
        held=held,
        person=person,
        meeting=_meeting(course, held),
        now=now,
    )


def _meeting(course: CourseView | None, held: Held) -> Meeting | None:
    meetings = course.meetings if course and course.state == "booked" else ()
    return next(
        (
            one
            for one in meetings
            if one.meeting_id == held.said.meeting_id
            and one.status == "confirmed"
            and held.said.person_id in one.attendees
        ),
        None,
    )
