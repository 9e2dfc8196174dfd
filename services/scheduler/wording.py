"""Which copies say something else than what was sent: a name or a phone number, say, while the meeting stays. Pure.

Calendar programs take such a change under the same SEQUENCE, and the answers with it stay, but only with a newer DTSTAMP. Of what
was sent only a keyed digest is kept with the meeting: a course's document holds nobody's data in clear.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from services.scheduler.copy_text import copy_text
from services.scheduler.course import BookedMeeting, Course, Worded
from services.scheduler.invite import next_dtstamp
from shared.events import Person, Workplace
from shared.programme import Programme

WORDING: Final = b"wording\0"
"""Begins what is hashed, since other things are signed with the same key."""
DIGEST_BYTES: Final = 16


def with_wording(
    course: Course,
    people: Mapping[str, Person],
    *,
    places: Sequence[Workplace],
    programme: Programme,
    key: bytes,
    now: datetime,
) -> Course:
    """The course with a newer DTSTAMP for each copy of a meeting to come that says something else; the very same where none does.

    Only the copies of those whose text differs are newer: nobody else gets a mail.
    """
    meetings = tuple(
        _worded(meeting, course, people, places=places, programme=programme, key=key, now=now)
        if meeting.status == "confirmed" and meeting.start > now
        else meeting
        for meeting in course.meetings
    )
    return course if meetings == course.meetings else course.model_copy(update={"meetings": meetings})


def says_otherwise(before: Course, after: Course) -> bool:
    """Whether any copy became newer; wording that was not known of courses from before is no news."""
    return [one.dtstamp for one in before.meetings] != [one.dtstamp for one in after.meetings]


def _worded(
    meeting: BookedMeeting,
    course: Course,
    people: Mapping[str, Person],
    *,
    places: Sequence[Workplace],
    programme: Programme,
    key: bytes,
    now: datetime,
) -> BookedMeeting:
    newer = next_dtstamp(now, meeting.dtstamp)
    worded: dict[str, Worded] = {}
    for person_id, person in people.items():
        if not meeting.attends(person_id):
            continue
        text = copy_text(meeting, course, person, people=people, places=places, programme=programme)
        digest = _digest((*text, person.name, person.mail), key)
        known = meeting.worded.get(person_id)
        if known is None or known.sequence != meeting.sequence:
            worded[person_id] = Worded(digest=digest, sequence=meeting.sequence, dtstamp=meeting.dtstamp)
        elif known.digest == digest:
            worded[person_id] = known
        else:
            worded[person_id] = Worded(digest=digest, sequence=meeting.sequence, dtstamp=newer)
    if worded == meeting.worded:
        return meeting
    stamps = [meeting.dtstamp, *(one.dtstamp for one in worded.values())]
    return meeting.model_copy(update={"worded": worded, "dtstamp": max(stamps)})


def _digest(texts: Sequence[str], key: bytes) -> str:
    # No text holds a NUL: it would have been cleaned, or refused as an address.
    written = WORDING + "\0".join(texts).encode()
    return hmac.new(key, written, hashlib.sha256).digest()[:DIGEST_BYTES].hex()
