"""What one calendar part says: whose answer to which meeting, or why that cannot be told (RFC 5546 sections 3.2.3 and 3.2.7). Pure.

As lenient as real programs need: ORGANIZER, DTSTAMP and SEQUENCE may be missing, summaries are ignored, times of an answer are
never used. A counter proposal stays one although Google writes ACCEPTED and Outlook DECLINED into it.
"""

import html
import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from services.intake.imip.content_lines import Component, Line, UnreadableError, read_components, unescaped
from services.intake.imip.mime_walk import CalendarPart
from services.intake.imip.proposals import instant, proposal
from services.intake.imip.sender import plain_address
from services.intake.imip.understood import COMMENT_CHARACTERS_MAX, SEQUENCE_MAX, Dropped, Parked
from shared.said import PartStat

UID_CHARACTERS_MAX: Final = 255
ATTENDEES_MAX: Final = 100
_PARTSTATS: Final[dict[str, PartStat]] = {
    "NEEDS-ACTION": "NEEDS-ACTION",
    "ACCEPTED": "ACCEPTED",
    "DECLINED": "DECLINED",
    "TENTATIVE": "TENTATIVE",
    "DELEGATED": "DELEGATED",
}
_DROPPED: Final[dict[str, Dropped]] = {
    "REQUEST": "method-request",
    "CANCEL": "method-cancel",
    "PUBLISH": "method-publish",
    "ADD": "method-add",
}
_METHOD: Final = re.compile(r"[A-Z-]{1,30}")
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,20}")
_UID: Final = re.compile(rf"[^\x00-\x1f\x7f]{{1,{UID_CHARACTERS_MAX}}}")


@dataclass(frozen=True, slots=True)
class Attendee:
    address: str
    partstat: PartStat | None
    delegated_to: str | None = None
    delegated_from: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What a part says; `fault` where it is no answer and no proposal that can be attributed."""

    fault: Dropped | Parked | Literal["proposal-unreadable"] | None = None
    method: str | None = None
    uid: str | None = None
    attendee: str | None = None
    attendees: tuple[str, ...] = ()
    partstat: PartStat | None = None
    sequence: int | None = None
    dtstamp: datetime | None = None
    proposed_start: datetime | None = None
    proposed_end: datetime | None = None
    comment: str | None = None

    def core(self) -> tuple[object, ...]:
        """What the calendar parts of one mail have to agree on."""
        return (self.fault, self.method, self.uid, self.attendee, self.partstat, self.sequence, self.proposed_start)


def read_part(part: CalendarPart, *, sender: str | None) -> Part:
    """Read a part. `sender` only tells who of all those listed makes a proposal; it never names an attendee by itself."""
    try:
        calendars = read_components(part.content, part.charset)
    except UnreadableError:
        return Part("unreadable")
    methods = {line.value.strip().upper() for calendar in calendars for line in calendar.all("METHOD")}
    events = [(calendar, event) for calendar in calendars for event in calendar.parts("VEVENT")]
    if not calendars:
        return Part("unreadable")
    method = methods.pop() if len(methods) == 1 else ""
    if not _METHOD.fullmatch(method):
        return Part("no-method")
    if method not in ("REPLY", "COUNTER"):
        return Part(_DROPPED.get(method, "method-other"), method=method)
    if len(events) != 1:
        return Part("two-events" if events else "no-event", method=method)
    return _read_event(*events[0], method=method, sender=sender)


def _read_event(calendar: Component, event: Component, *, method: str, sender: str | None) -> Part:
    everybody = _attendees(event)
    who = _replier(everybody, method=method, sender=sender)
    begin, end = proposal(event, calendar) if method == "COUNTER" else (None, None)
    uid = unescaped(event.one("UID") or "")
    stamps = event.all("DTSTAMP")
    part = Part(
        method=method,
        uid=uid if _UID.fullmatch(uid) else None,
        attendee=who.address if who else None,
        attendees=tuple(sorted({one.address for one in everybody})),
        partstat=who.partstat if who else None,
        sequence=_sequence(event.one("SEQUENCE")),
        dtstamp=instant(stamps[0], calendar) if len(stamps) == 1 else None,
        proposed_start=begin,
        proposed_end=end,
        comment=_comment(event, who),
    )
    fault = _fault(part, recurrence=bool(event.all("RECURRENCE-ID")))
    return replace(part, fault=fault)


def _fault(part: Part, *, recurrence: bool) -> Parked | Literal["proposal-unreadable"] | None:
    if part.uid is None:
        return "no-uid"
    if recurrence:
        return "recurrence"
    if part.attendee is None:
        return "two-attendees" if part.attendees else "no-attendee"
    if part.method == "COUNTER":
        return None if part.proposed_start else "proposal-unreadable"
    return None if part.partstat else "no-partstat"


def _attendees(event: Component) -> list[Attendee]:
    """Whom the event lists, each once unless they are said to answer in two ways."""
    read = (_attendee(line) for line in event.all("ATTENDEE")[:ATTENDEES_MAX])
    return list(dict.fromkeys(one for one in read if one is not None))


def _attendee(line: Line) -> Attendee | None:
    # Apple may name people by a path of its server, with the address beside it (RFC 7986 section 6.2).
    address = _address(line.value) or _address(line.parameters.get("EMAIL"))
    if address is None:
        return None
    return Attendee(
        address,
        _PARTSTATS.get(line.parameters.get("PARTSTAT", "").upper()),
        _address(line.parameters.get("DELEGATED-TO")),
        _address(line.parameters.get("DELEGATED-FROM")),
        line.parameters.get("X-RESPONSE-COMMENT"),
    )


def _address(text: str | None) -> str | None:
    # What stands before the last scheme is the tail of a parameter that a program forgot to quote.
    return plain_address((text or "").strip().lower().rpartition("mailto:")[2].strip().strip("<>"))


def _replier(everybody: list[Attendee], *, method: str, sender: str | None) -> Attendee | None:
    if len(everybody) == 1:
        return everybody[0]
    if method == "COUNTER":
        # KMail lists everybody who is invited.
        senders = [one for one in everybody if one.address == sender]
        return senders[0] if len(senders) == 1 else None
    if len(everybody) == 2:  # noqa: PLR2004 - who delegates, and to whom
        for one, other in (everybody, everybody[::-1]):
            linked = one.delegated_to == other.address or other.delegated_from == one.address
            if one.partstat == "DELEGATED" and linked and other.partstat != "DELEGATED":
                return one
    return None


def _sequence(text: str | None) -> int | None:
    return min(max(int(text), 0), SEQUENCE_MAX) if text and _NUMBER.fullmatch(text) else None


def _comment(event: Component, who: Attendee | None) -> str | None:
    written = [line.value for line in event.all("COMMENT")]
    if who and who.comment:
        written.append(who.comment)
    text = "\n".join(html.unescape(unescaped(each[: 4 * COMMENT_CHARACTERS_MAX])) for each in written[:3])
    kept = "".join(
        letter for letter in text if letter == "\n" or unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co")
    )
    return kept.strip()[:COMMENT_CHARACTERS_MAX] or None
