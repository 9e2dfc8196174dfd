"""What one mail says about a meeting, as far as the mail itself tells it; who may say it is judged elsewhere. Pure."""

from typing import Final, Literal, get_args

from pydantic import AwareDatetime

from shared.fact import Fact
from shared.said import PartStat

COMMENT_CHARACTERS_MAX: Final = 2_000
SEQUENCE_MAX: Final = 2**31 - 1
"""RFC 5545 section 3.8.7.4 names an integer; programs keep it in 32 bits."""

Authentication = Literal["pass", "fail", "grey"]
"""What our own mail server found about the domain in From: it is, it is not, or nothing that could be relied on."""

Dropped = Literal[
    "method-request",
    "method-cancel",
    "method-publish",
    "method-add",
    "bounce",
    "auto-reply",
    "forwarded-copy",
]
"""No answer, and nothing for a human either: only counted. A forwarded copy is a mail whose only calendar is in a quoted mail."""

Parked = Literal[
    "no-calendar-part",
    "no-method",
    "method-other",
    "no-event",
    "two-events",
    "recurrence",
    "no-uid",
    "no-attendee",
    "two-attendees",
    "parts-disagree",
    "no-partstat",
    "unreadable",
    "too-large",
    "headers-too-large",
    "too-many-parts",
    "overran",
]
"""A human has to look: ordinary text, a calendar object that says too little or too much, or more than is read."""

Reason = Literal["ok", "proposal-unreadable"] | Dropped | Parked

DROPPED: Final[frozenset[str]] = frozenset(get_args(Dropped))
ALARMING: Final[frozenset[str]] = frozenset({"two-attendees", "parts-disagree"})
"""No ordinary program writes these; somebody may be trying something."""


class Understood(Fact):
    """What was read. Of a mail that is `not_ours`, the fields after `alarm` hold what could be read on the way.

    `what` is the word to go by: a `counter` is never an answer, whatever its `partstat` says. Its proposal is missing where
    `reason` is "proposal-unreadable". `attendee` is lower-case and has no scheme; `attendees` are all that the mail names.
    `sequence` lies in 0..SEQUENCE_MAX and is None where the mail has none; neither it nor `dtstamp` is compared with ours yet.
    `sender` is the one address in From, lower-case, and None where From leaves any doubt. `sent_at` is the mail's Date.
    `comment` is plain text of the person who answers: personal data, never for a log.
    """

    what: Literal["answer", "counter", "not_ours"]
    reason: Reason
    drop: bool = False
    alarm: bool = False
    method: str | None = None
    uid: str | None = None
    attendee: str | None = None
    attendees: tuple[str, ...] = ()
    partstat: PartStat | None = None
    sequence: int | None = None
    dtstamp: AwareDatetime | None = None
    proposed_start: AwareDatetime | None = None
    proposed_end: AwareDatetime | None = None
    comment: str | None = None
    sender: str | None = None
    message_id: str | None = None
    sent_at: AwareDatetime | None = None
    authentication: Authentication = "grey"


def not_ours(reason: Dropped | Parked) -> Understood:
    """A mail that is no answer: to be dropped and counted, or to be parked for a human, as its reason says."""
    return Understood(what="not_ours", reason=reason, drop=reason in DROPPED, alarm=reason in ALARMING)
