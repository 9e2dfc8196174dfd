"""Who is looking: from a request's cookie, or from the link that it was exchanged for, to an application."""

from dataclasses import dataclass
from datetime import datetime

from fastapi import Request, Response

from services.intake.course_view import CourseView
from services.intake.errors import LinkError
from services.intake.gate import admit_change, genuine
from services.intake.link_actions import see_with
from services.intake.links import NOBODY, Link
from services.intake.parts import Parts
from services.intake.record import Application
from services.intake.status import session
from services.intake.status.content import Content
from shared.origin import require_same_origin
from shared.web import form_token
from shared.web.cookies import read_cookie, set_cookie
from shared.web.fields import read_fields
from shared.words import Language

PAGES = "/status"
FORM_TOKEN = "form_token"  # noqa: S105 - the name of a field


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One request of somebody whose link is still good. `fields` are those of a form that was sent."""

    link: Link
    application: Application
    course: CourseView | None
    now: datetime

    @property
    def reference(self) -> str:
        return self.application.state.reference

    @property
    def person_id(self) -> str | None:
        """The contact whose own link it is; None for whoever sent the application."""
        return None if self.link.person_id == NOBODY else self.link.person_id

    @property
    def address(self) -> str:
        """The path of the status page; there is no secret in it."""
        return f"{PAGES}/{self.reference}"


async def enter(request: Request, reference: str, parts: Parts) -> Visit:
    """The visit that the cookie for this reference number stands for.

    Raises:
        LinkError: there is no such cookie, it was idle for too long, or its link is no longer good.
        TooManyError: too many wrong ones came from this network.

    """
    now = parts.clock()

    value = read_cookie(request, session.cookie_of(reference), public_url=parts.signer.public_url)
    if value is None:
        # The browser has dropped it after the half hour: no guess, and many share one network.
        raise LinkError
    found = genuine(request, parts, lambda: session.read(value, key=parts.session_key, programme=parts.programme.code))
    if found.is_idle(now) or found.link.expires_at <= now:
        raise LinkError
    application, course = await see_with(found.link, parts, now)
    if application.state.reference != reference:
        # The cookie of another application, under a name that it was not made for.
        raise LinkError
    return Visit(link=found.link, application=application, course=course, now=now)


def remember(response: Response, link: Link, reference: str, *, parts: Parts, now: datetime) -> None:
    """Give the browser the cookie of this link, or renew it: it opens the status page of this application."""
    set_cookie(
        response,
        session.cookie_of(reference),
        session.make(link, key=parts.session_key, programme=parts.programme.code, now=now),
        public_url=parts.signer.public_url,
        max_age_seconds=int(session.IDLE.total_seconds()),
    )


def language_of(request: Request, visit: Visit, content: Content, parts: Parts) -> Language:
    """The contact's own language, where the link is a contact's."""
    reader = content.people.get(visit.person_id or "")
    return reader.language if reader else parts.site.language_of(request)


def token_for(visit: Visit, act: str, parts: Parts) -> str:
    """The form token of one act on this application by this person."""
    return form_token.make(key=parts.form_key, subject=_subject(visit, act), now=visit.now)


async def read_act(request: Request, reference: str, act: str, parts: Parts) -> tuple[Visit, dict[str, str] | None]:
    """The visit of somebody who sent a form to do `act`, and its fields; no fields where the page is to be shown again.

    Raises:
        HTTPException: 403, the form is not from our own page.
        LinkError: as `enter`, or the form token is not of this act, application and person.
        TooManyError: as `enter`, or too many forms came.

    """
    require_same_origin(request, parts.signer.public_url)
    admit_change(request, parts)
    visit = await enter(request, reference, parts)
    fields = dict(await read_fields(request))
    token = fields.get(FORM_TOKEN, "")
    verdict = form_token.check(token, key=parts.form_key, subject=_subject(visit, act), now=visit.now)
    if verdict == "wrong":
        raise LinkError
    return visit, fields if verdict == "right" else None


def _subject(visit: Visit, act: str) -> str:
    # Ids and codes hold no separator, so no two subjects are alike.
    return f"status {visit.application.id} {visit.link.person_id} {act}"
