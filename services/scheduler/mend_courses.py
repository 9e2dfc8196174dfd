"""Looks through booked courses for what cannot be held, mends each, and tries those again for which nothing was found before."""

import asyncio
from collections.abc import Iterable
from contextlib import aclosing

import structlog

from services.scheduler.claims import all_keys
from services.scheduler.conflicts import Near, Roster, doubts
from services.scheduler.course import Course
from services.scheduler.course_change import Before, Change, Impossible
from services.scheduler.guarded_change import Done, change_course
from services.scheduler.know_people import know_people
from services.scheduler.means import Means
from services.scheduler.mend import mended
from services.scheduler.people import open_consultant, open_course
from services.scheduler.roster import RosterFacts
from services.scheduler.workplace_hash import hashes_of
from shared import trace
from shared.errors import DependencyDownError
from shared.vault import ErasedError, KeyMissingError

log = structlog.get_logger(__name__)


async def try_stalled(*, means: Means) -> int:
    """Try each stalled course again; return how many were changed.

    Raises:
        DependencyDownError: something is away; the rest was not tried. Safe to repeat, and for several processes at once.

    """
    return await _mend_all(await means.store.stalled(), means=means)


async def check_courses(consultant_id: str | None = None, *, means: Means) -> int:
    """Mend what is in doubt of all booked courses, or of those of one consultant; return how many were changed.

    Raises as `try_stalled`.
    """
    roster: dict[str, RosterFacts | None] = {}
    doubtful = []
    async with aclosing(means.store.booked(consultant_id)) as found:
        async for stored in found:
            for who in stored.course.consultants():
                if who not in roster:
                    roster[who] = await _facts_of(who, means=means)
            if await _is_in_doubt(stored.course, roster, means=means):
                doubtful.append(stored.course.application_id)
            # There may be thousands; let requests and heartbeats in between.
            await asyncio.sleep(0)
    return await _mend_all(doubtful, means=means)


async def mend(course_id: str, *, means: Means) -> bool:
    """Heal one course, or have it stall; return whether it was changed. Raises DependencyDownError."""
    for give_up in (False, True):

        async def plan(before: Before, *, give_up: bool = give_up) -> Change | Impossible:
            if before.course.state != "booked":
                return Impossible("state")
            await know_people(before.course, means=means)
            planned = mended(before, before.course, means=means, give_up=give_up)
            # One more of its consultants may be in doubt about the same meeting: what she cannot use is let go.
            same = planned.kind is None and set(all_keys(planned.held)) == set(before.claims)
            return Impossible("unchanged") if same else planned

        outcome = await change_course(course_id, plan, means=means)
        if isinstance(outcome, Done):
            _tell(outcome.course)
            return True
        if outcome.code != "nobody":
            return False
    raise DependencyDownError("quiet-document")


async def _mend_all(course_ids: Iterable[str], *, means: Means) -> int:
    changed = 0
    for course_id in course_ids:
        trace.begin()
        try:
            changed += await mend(course_id, means=means)
        except KeyMissingError:
            # Missing for this one only: it must not keep the others from it.
            log.error("not-mended", course=course_id, waiting_for="vault key")  # noqa: TRY400 - the trace says nothing
        except DependencyDownError:
            raise
        except Exception:
            # One that cannot be looked at must not keep the others from it.
            log.exception("not-mended", course=course_id)
    return changed


async def _facts_of(consultant_id: str, *, means: Means) -> RosterFacts | None:
    """What is stored of her now; None where she is gone, or was erased."""
    document = await means.store.consultant(consultant_id)
    if document is None:
        return None
    try:
        await open_consultant(document, vault=means.vault)
    except ErasedError:
        return None
    return RosterFacts.model_validate(document)


async def _is_in_doubt(course: Course, roster: Roster, *, means: Means) -> bool:
    """Whether there is something to do that was not seen before. What stalls a course already is tried again elsewhere."""
    municipalities, workplaces = set(course.request.municipalities), frozenset[str]()
    facts = [one for one in map(roster.get, course.consultants()) if one is not None]
    if any(one.blocked_municipalities or one.blocked_workplaces for one in facts):
        document = await means.store.course(course.application_id)
        matter = None if document is None else (await open_course(document.course, vault=means.vault)).matter
        if matter is not None:
            municipalities |= {one.municipality for one in matter.workplaces}
            workplaces = hashes_of(matter.workplaces, means.workplace_key)
    found = doubts(course, roster, near=Near(municipalities, workplaces), now=means.clock())
    known = () if course.stall is None else course.stall.meetings
    return any(one.meeting.meeting_id not in known for one in found)


def _tell(course: Course) -> None:
    if course.stall is None:
        log.info("mended", course=course.application_id, reason=course.cause)
    else:
        log.warning("stalled", course=course.application_id, reason=course.stall.cause)
