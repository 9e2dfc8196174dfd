"""What must lie in the mailboxes when courses are booked or cancelled, and what must never be: pure comparisons.

Worked out from the courses and the roster as staff see them, independently of how the services made their mails.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any, Literal

from deploy.local.demo.mailboxes import Letter

JSON = dict[str, Any]
Method = Literal["REQUEST", "CANCEL"]


@dataclass(frozen=True, kw_only=True, order=True)
class Expected:
    """One calendar mail that a person must have got."""

    mailbox: str
    meeting_id: str
    method: Method
    sequence: int
    starts_at: datetime


def expected_letters(course: JSON, contacts: Iterable[str], consultant: str) -> list[Expected]:
    """Everybody's invite to every meeting of a course that was never changed, and its cancellation where it was called off."""
    booked = [{**meeting, "status": "confirmed", "sequence": 0} for meeting in course["meetings"]]
    return expected_over([{**course, "meetings": booked}, course], contacts, {course["consultant"]: consultant})


def expected_over(states: Iterable[JSON], contacts: Iterable[str], mail_of: Mapping[str, str]) -> list[Expected]:
    """What everybody must have got of a course that went through these states, each told before the next.

    Whoever is at a meeting has its invite as it is in each state. Whoever was, and is no more, has a cancellation of what her
    calendar knew, under the new sequence.
    """
    found: set[Expected] = set()
    known: dict[str, tuple[set[str], datetime]] = {}
    leaders = {mail.lower() for mail in contacts}
    for state in states:
        people = leaders | {mail_of[one].lower() for one in (state["consultant"], state.get("second")) if one}
        for meeting in state["meetings"]:
            name, start = meeting["meeting_id"], datetime.fromisoformat(meeting["start"])
            were, began = known.get(name, (set(), start))
            are = people if meeting["status"] == "confirmed" else set()
            found |= {_expected(one, meeting, "REQUEST", start) for one in are}
            found |= {_expected(one, meeting, "CANCEL", began) for one in were - are}
            known[name] = (are, start)
    return sorted(found)


def _expected(mailbox: str, meeting: JSON, method: Method, starts_at: datetime) -> Expected:
    return Expected(
        mailbox=mailbox,
        meeting_id=meeting["meeting_id"],
        method=method,
        sequence=meeting["sequence"],
        starts_at=starts_at,
    )


def is_told_anew(before: JSON, now: JSON) -> bool:
    """Whether a course has changed in what calendars know of it."""
    return _told(before) != _told(now)


def _told(course: JSON) -> tuple[object, ...]:
    meetings = [(one["meeting_id"], one["start"], one["sequence"], one["status"]) for one in course["meetings"]]
    return course["consultant"], course.get("second"), meetings


def found_letters(mailboxes: Mapping[str, Sequence[Letter]]) -> dict[Expected, dict[datetime, set[str]]]:
    """The calendar mails in the mailboxes, and by DTSTAMP the Message-IDs under which each came."""
    found: dict[Expected, dict[datetime, set[str]]] = {}
    for mailbox, letters in mailboxes.items():
        for letter in letters:
            calendar = letter.calendar
            if calendar is None or calendar.method not in ("REQUEST", "CANCEL"):
                continue
            key = Expected(
                mailbox=mailbox,
                meeting_id=calendar.uid.partition("@")[0],
                method="REQUEST" if calendar.method == "REQUEST" else "CANCEL",
                sequence=calendar.sequence,
                starts_at=calendar.starts_at,
            )
            found.setdefault(key, {}).setdefault(calendar.dtstamp, set()).add(letter.message_id)
    return found


def count_found(expected: Iterable[Expected], mailboxes: Mapping[str, Sequence[Letter]]) -> int:
    return len(set(expected) & found_letters(mailboxes).keys())


def letter_faults(expected: Iterable[Expected], mailboxes: Mapping[str, Sequence[Letter]]) -> list[str]:
    """What is wrong with the calendar mails in these mailboxes, in sentences; an empty list where all is well."""
    wanted, found = set(expected), found_letters(mailboxes)
    faults = [f"{one.mailbox} has no {one.method} for the meeting of {one.starts_at}" for one in wanted - found.keys()]
    faults += [f"{one.mailbox} has a {one.method} for a meeting that there is not" for one in found.keys() - wanted]
    faults += [
        f"{one.mailbox} has one {one.method} under {len(message_ids)} Message-IDs"
        for one, by_dtstamp in found.items()
        for message_ids in by_dtstamp.values()
        if len(message_ids) > 1
    ]
    uids: dict[str, set[str]] = {}
    for mailbox, letters in mailboxes.items():
        for letter in letters:
            if letter.calendar is None:
                continue
            calendar = letter.calendar
            uids.setdefault(calendar.uid.partition("@")[0], set()).add(calendar.uid)
            if calendar.attendees != (mailbox,):
                faults.append(f"{mailbox} has a calendar object whose attendee is another")
            if calendar.mail_method.upper() != calendar.method:
                faults.append(f"{mailbox} has a mail that states another METHOD than its object")
    faults += [f"a meeting has {len(names)} UIDs" for names in uids.values() if len(names) > 1]
    return faults


def second_message_ids(mailboxes: Mapping[str, Sequence[Letter]]) -> list[str]:
    """Mails that somebody got more than once under different Message-IDs, by what they say."""
    faults = []
    for mailbox, letters in mailboxes.items():
        same: dict[tuple[str, object], set[str]] = {}
        for letter in letters:
            same.setdefault((letter.subject, letter.calendar), set()).add(letter.message_id)
        faults += [f"{mailbox}: {subject}" for (subject, _), ids in same.items() if len(ids) > 1]
    return faults


def planned_faults(planned: Iterable[JSON], courses: Mapping[str, JSON]) -> list[str]:
    """Meetings to be held, weeks ahead, that nobody is to be reminded of; and mails about one that is not."""
    reminded = {mail["meeting_id"] for mail in planned if mail["kind"] == "reminder"}
    held = {
        meeting["meeting_id"]
        for course in courses.values()
        for meeting in course["meetings"]
        if meeting["status"] == "confirmed"
    }
    faults = [f"nobody is to be reminded of the meeting {one}" for one in sorted(held - reminded)]
    return faults + [
        f"a reminder is planned of the meeting {one}, which is not held" for one in sorted(reminded - held)
    ]


def copies(mailboxes: Mapping[str, Sequence[Letter]]) -> int:
    """How many mails came more than once under the same Message-ID."""
    return sum(
        count - 1
        for letters in mailboxes.values()
        for count in Counter(letter.message_id for letter in letters).values()
    )


def count_overlaps(courses: Iterable[JSON]) -> int:
    """Pairs of booked meetings of one consultant that overlap in time."""
    held: dict[str, list[tuple[datetime, datetime]]] = {}
    for course in courses:
        for meeting in course["meetings"]:
            if meeting["status"] == "confirmed":
                start = datetime.fromisoformat(meeting["start"])
                end = start + timedelta(minutes=meeting["minutes"])
                held.setdefault(course["consultant"], []).append((start, end))
    return sum(
        one[0] < other[1] and other[0] < one[1] for spans in held.values() for one, other in combinations(spans, 2)
    )
