"""A person's calendar, as the measured Thunderbird treats invites by mail after an accept: what it takes, and what it loses."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from typing import Literal

import vobject

Taken = Literal["new", "major", "minor", "removed", "already processed", "ignored"]


@dataclass(frozen=True)
class Entry:
    """One event in the calendar, with the numbers by which the next mail is judged."""

    sequence: int
    dtstamp: datetime
    start: datetime
    end: datetime
    summary: str
    location: str
    description: str
    partstat: str


@dataclass
class ModelCalendar:
    """`gone` are the SEQUENCEs under which events were removed: nothing up to them comes back."""

    address: str
    entries: dict[str, Entry] = field(default_factory=dict)
    gone: dict[str, int] = field(default_factory=dict)

    def take(self, ics: bytes) -> Taken:
        """One calendar mail. AssertionError where it is not for this person alone."""
        method, uid, address, entry = _read(ics)
        assert address == self.address.lower(), "somebody else's copy"
        known = self.entries.get(uid)
        if method == "CANCEL":
            return self._cancelled(uid, entry.sequence, known)
        if known is None:
            if entry.sequence <= self.gone.get(uid, -1):
                return "ignored"
            self.entries[uid] = entry
            return "new"
        return self._updated(uid, known, entry)

    def answer(self, uid: str, partstat: str) -> None:
        self.entries[uid] = replace(self.entries[uid], partstat=partstat)

    def _updated(self, uid: str, known: Entry, entry: Entry) -> Taken:
        if entry.sequence > known.sequence:
            self.entries[uid] = entry
            return "major"
        if entry.sequence < known.sequence or entry.dtstamp < known.dtstamp:
            return "ignored"
        if entry.dtstamp == known.dtstamp:
            return "already processed"
        # Taken without asking: the answer stays, also where the time is another one.
        self.entries[uid] = replace(entry, partstat=known.partstat)
        return "minor"

    def _cancelled(self, uid: str, sequence: int, known: Entry | None) -> Taken:
        if known is None or sequence <= known.sequence:
            return "already processed"
        del self.entries[uid]
        self.gone[uid] = sequence
        return "removed"


@cache
def _read(ics: bytes) -> tuple[str, str, str, Entry]:
    """Method, UID, address of the one attendee, and the event. Kept, since the parser is slow and copies come again."""
    calendar = vobject.readOne(ics.decode())
    event = calendar.vevent
    (attendee,) = event.attendee_list
    entry = Entry(
        sequence=int(event.sequence.value),
        dtstamp=event.dtstamp.value,
        start=event.dtstart.value.astimezone(UTC),
        end=event.dtend.value.astimezone(UTC),
        summary=event.summary.value,
        location=event.location.value if hasattr(event, "location") else "",
        description=event.description.value if hasattr(event, "description") else "",
        partstat=attendee.params.get("PARTSTAT", [""])[0],
    )
    return calendar.method.value, event.uid.value, attendee.value.lower().removeprefix("mailto:"), entry
