"""Who is looking: from a link, or from the cookie that it was exchanged for, to a consultant and her course."""

from dataclasses import dataclass
from typing import Final

from fastapi import Request, Response

from services.scheduler.consultant_page.link import (
    IDLE,
    PAGES,
    PlanLink,
    cookie_of,
    make_session,
    read_session,
)
from services.scheduler.consultant_page.room import ConsultantRoom, PlanLinkError, count_guess, refuse_guessing
from services.scheduler.course_change import Before
from services.scheduler.course_event import consultants_of
from services.scheduler.guarded_change import UnknownCourseError, read_before
from shared.events import Person
from shared.web import form_token
from shared.web.cookies import read_cookie, set_cookie
from shared.words import Language

TAILOR: Final = "tailor"
RENEW_FEED: Final = "renew-feed"


@dataclass(frozen=True, kw_only=True)
class PlanVisit:
    """One request of a consultant whose link is still good. `colleagues`: all consultants of the course by id, she herself too."""

    link: PlanLink
    before: Before
    colleagues: dict[str, Person]

    @property
    def consultant(self) -> Person:
        return self.colleagues[self.link.consultant_id]

    @property
    def language(self) -> Language:
        return self.consultant.language

    @property
    def address(self) -> str:
        """The path of her page; there is no secret in it."""
        return f"{PAGES}/plan/{self.link.course_id}"


async def follow(request: Request, token: str, room: ConsultantRoom) -> PlanVisit:
    """The visit that a link begins.

    Raises:
        PlanLinkError: it is not genuine, or no longer good.
        TooManyError: too many wrong ones came from this network.

    """
    refuse_guessing(request, room)
    link = room.signer.read(token, now=room.means.clock())
    if link is None:
        count_guess(request, room)
        raise PlanLinkError
    return await _visit(link, room)


async def enter(request: Request, course_id: str, room: ConsultantRoom) -> PlanVisit:
    """The visit that the cookie for this course stands for. Raises as `follow`."""
    refuse_guessing(request, room)
    value = read_cookie(request, cookie_of(course_id), public_url=room.signer.public_url)
    if value is None:
        # The browser has dropped it after the half hour: no guess, and many share one network.
        raise PlanLinkError
    session = read_session(value, key=room.session_key, programme=room.signer.programme)
    if session is None or session.link.course_id != course_id:
        count_guess(request, room)
        raise PlanLinkError
    if session.is_idle(room.means.clock()):
        raise PlanLinkError
    return await _visit(session.link, room)


def remember(response: Response, visit: PlanVisit, room: ConsultantRoom) -> Response:
    """Give the browser the cookie of this link, or renew it: it opens the page of this course."""
    set_cookie(
        response,
        cookie_of(visit.link.course_id),
        make_session(visit.link, key=room.session_key, programme=room.signer.programme, now=room.means.clock()),
        public_url=room.signer.public_url,
        max_age_seconds=int(IDLE.total_seconds()),
    )
    return response


def token_for(visit: PlanVisit, room: ConsultantRoom, *, act: str = TAILOR) -> str:
    """The form token of an act of this consultant on the page of this course."""
    return form_token.make(key=room.form_key, subject=_subject(visit, act), now=room.means.clock())


def check_token(token: str, visit: PlanVisit, room: ConsultantRoom, *, act: str = TAILOR) -> bool:
    """Whether it is fresh; an old one has the form shown again.

    Raises:
        PlanLinkError: it is not of this course and consultant.

    """
    verdict = form_token.check(token, key=room.form_key, subject=_subject(visit, act), now=room.means.clock())
    if verdict == "wrong":
        raise PlanLinkError
    return verdict == "right"


async def _visit(link: PlanLink, room: ConsultantRoom) -> PlanVisit:
    try:
        before = await read_before(link.course_id, means=room.means)
    except UnknownCourseError:
        raise PlanLinkError from None
    if not link.opens(before.course, before.now):
        raise PlanLinkError
    colleagues = await consultants_of(before.course, means=room.means)
    if link.consultant_id not in colleagues:
        # Erased.
        raise PlanLinkError
    return PlanVisit(link=link, before=before, colleagues=colleagues)


def _subject(visit: PlanVisit, act: str) -> str:
    # Ids hold no blank, so no two subjects are alike.
    return f"consultant {visit.link.course_id} {visit.link.consultant_id} {act}"
