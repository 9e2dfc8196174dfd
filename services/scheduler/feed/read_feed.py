"""Reads one consultant's calendar: the meetings of her courses, those to come and those of the last year."""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from services.scheduler.copy_text import feed_text
from services.scheduler.course import BookedMeeting, StoredCourse
from services.scheduler.course_event import consultants_of
from services.scheduler.feed.feed_calendar import feed_calendar
from services.scheduler.feed.feed_link import FeedLink, FeedSigner
from services.scheduler.invite import CalendarEvent
from services.scheduler.means import Means
from services.scheduler.people import open_consultant, open_course
from services.scheduler.roster import RosterFacts
from shared.events import Person
from shared.mongo import Document
from shared.vault import ErasedError

FEED_PAST: Final = timedelta(days=365)
"""Meetings that ended longer ago are left out."""
FEED_COURSES_MAX: Final = 200
FEED_MEETINGS_MAX: Final = 500
"""Of more, the earliest are left out. A meeting takes less than a kilobyte."""


@dataclass(frozen=True, slots=True)
class Feed:
    """The calendar's bytes, and a strong validator that changes with any of them (RFC 9110 section 8.8.3)."""

    ics: bytes
    etag: str


async def read_feed(link: FeedLink, *, means: Means) -> Feed | None:
    """Her calendar; None where the address is void, or she takes no courses, or was erased. Raises DependencyDownError."""
    document = await means.store.consultant(link.consultant_id)
    if document is None or epoch_of(document) != link.epoch or not RosterFacts.model_validate(document).active:
        return None
    try:
        reader = await open_consultant(document, vault=means.vault)
    except ErasedError:
        return None
    since = means.clock() - FEED_PAST
    found: list[CalendarEvent] = []
    for stored in await means.store.led_by(link.consultant_id, since=since, limit=FEED_COURSES_MAX):
        found += await _events(stored, reader, since, means=means)
    found.sort(key=lambda one: (one.start, one.uid))
    name = means.programme.name.in_language(reader.language)
    # In a thread: hundreds of meetings take longer than booking should wait.
    ics = await asyncio.to_thread(feed_calendar, found[-FEED_MEETINGS_MAX:], name=name)
    return Feed(ics, f'"{hashlib.sha256(ics).hexdigest()[:32]}"')


def epoch_of(document: Document) -> int:
    """Of a consultant's document: raised to make her calendar's address void."""
    return int(document.get("feed_epoch", 0))


async def feed_address(consultant_id: str, *, signer: FeedSigner, means: Means) -> str:
    """Where her calendar is; of somebody whom the roster does not know, it opens nothing."""
    document = await means.store.consultant(consultant_id)
    epoch = 0 if document is None else epoch_of(document)
    return signer.address(FeedLink(consultant_id=consultant_id, epoch=epoch))


async def _events(stored: StoredCourse, reader: Person, since: datetime, *, means: Means) -> list[CalendarEvent]:
    """Her meetings of one course, in the words of the calendar."""
    course = stored.course
    hers = [one for one in course.sittings if one.attends(reader.person_id) and one.end > since]
    if not hers:
        return []
    opened = await open_course(course, vault=means.vault)
    people = {**opened.contacts, **await consultants_of(course, means=means)}

    def event(meeting: BookedMeeting) -> CalendarEvent:
        text = feed_text(meeting, course, reader, people=people, places=opened.places, programme=means.programme)
        return CalendarEvent(
            uid=meeting.uid,
            sequence=meeting.sequence,
            dtstamp=meeting.copy_dtstamp(reader.person_id).astimezone(UTC),
            start=meeting.start.astimezone(UTC),
            end=meeting.end.astimezone(UTC),
            zone=meeting.zone,
            summary=text.summary,
            description=text.description,
            location=text.location,
        )

    return [event(one) for one in hers]
