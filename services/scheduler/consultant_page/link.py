"""Signed links to a consultant's page of one course, and the cookie that such a link is exchanged for. Pure.

All that a link says stands in it and is covered by its signature; nothing about it is stored. It is void once the course's
`link_epoch` is raised, and as long as she is not among the course's consultants.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from services.scheduler.course import Course
from shared.signed_token import signed, verified

PAGES: Final = "/forloeb"
"""Everything that is for consultants stands below: a proxy passes this on."""
PLAN_LINK: Final = "plan-link"
"""Purpose of the key that signs links; a token of another purpose never passes for one."""
PLAN_SESSION: Final = "plan-session"
PLAN_FORM: Final = "plan-form"
KEPT: Final = timedelta(days=30)
"""A link is good for so long after the end of the last meeting."""
IDLE: Final = timedelta(minutes=30)
"""So long after the last page the cookie opens nothing any more. The link itself still does."""
KEY_NUMBER: Final = 1
"""Which signing key: a second one may join it while keys are changed."""
_HEAD: Final = struct.Struct(">BHQB")
_USED: Final = struct.Struct(">Q")


@dataclass(frozen=True, kw_only=True)
class PlanLink:
    """Whose link to which course it is; `expires_at` is an instant in whole seconds."""

    course_id: str
    consultant_id: str
    epoch: int
    expires_at: datetime

    def opens(self, course: Course, now: datetime) -> bool:
        """Whether it is still good: the course goes on or was held, and she is one of its consultants."""
        return (
            now < self.expires_at
            and self.course_id == course.application_id
            and self.epoch == course.link_epoch
            and course.state in ("booked", "completed")
            and self.consultant_id in (course.consultant_id, course.second_id)
        )


@dataclass(frozen=True, kw_only=True)
class Session:
    """A link that was opened in a browser, and when a page of it was last used."""

    link: PlanLink
    used_at: datetime

    def is_idle(self, now: datetime) -> bool:
        return now - self.used_at >= IDLE


@dataclass(frozen=True, kw_only=True)
class PlanSigner:
    """Makes and reads the links of one programme; `public_url` is where its pages are reached."""

    key: bytes = field(repr=False)
    programme: str
    public_url: str

    def token(self, link: PlanLink) -> str:
        return signed(_packed(link), key=self.key, programme=self.programme)

    def read(self, token: str, *, now: datetime) -> PlanLink | None:
        """The link that a token stands for, or None: not genuine, or expired."""
        claims = verified(token, key=self.key, programme=self.programme)
        link = None if claims is None else _unpacked(claims)
        return link if link is not None and now < link.expires_at else None

    def addresses(self, course: Course) -> dict[str, str]:
        """By consultant, the address of her page of a booked course; none while it is not booked."""
        end = max((one.end for one in course.sittings), default=None)
        if course.state != "booked" or end is None:
            return {}
        return {
            who: f"{self.public_url}{PAGES}/{self.token(link)}"
            for who in _leading(course)
            for link in [
                PlanLink(
                    course_id=course.application_id,
                    consultant_id=who,
                    epoch=course.link_epoch,
                    expires_at=(end + KEPT).replace(microsecond=0),
                )
            ]
        }


def cookie_of(course_id: str) -> str:
    """The cookie's name: one for each course, so that several are open in one browser."""
    return f"forloeb_plan_{course_id}"


def make_session(link: PlanLink, *, key: bytes, programme: str, now: datetime) -> str:
    """The value of the cookie after a use at `now`."""
    return signed(_USED.pack(int(now.timestamp())) + _packed(link), key=key, programme=programme)


def read_session(value: str, *, key: bytes, programme: str) -> Session | None:
    """The session that a cookie stands for, or None: not one of ours. Whether it is idle or void, the caller asks."""
    claims = verified(value, key=key, programme=programme)
    if claims is None or len(claims) < _USED.size:
        return None
    link = _unpacked(claims[_USED.size :])
    (used,) = _USED.unpack(claims[: _USED.size])
    return None if link is None else Session(link=link, used_at=datetime.fromtimestamp(used, UTC))


def _leading(course: Course) -> Iterable[str]:
    return (one for one in (course.consultant_id, course.second_id) if one is not None)


def _packed(link: PlanLink) -> bytes:
    course = link.course_id.encode()
    return (
        _HEAD.pack(KEY_NUMBER, link.epoch, int(link.expires_at.timestamp()), len(course))
        + course
        + link.consultant_id.encode()
    )


def _unpacked(claims: bytes) -> PlanLink | None:
    """What was signed by us, so that only an older or newer version of us could have written it otherwise."""
    if len(claims) < _HEAD.size:
        return None
    number, epoch, expires, length = _HEAD.unpack(claims[: _HEAD.size])
    ids = claims[_HEAD.size :]
    if number != KEY_NUMBER or len(ids) <= length:
        return None
    return PlanLink(
        course_id=ids[:length].decode(),
        consultant_id=ids[length:].decode(),
        epoch=epoch,
        expires_at=datetime.fromtimestamp(expires, UTC),
    )
