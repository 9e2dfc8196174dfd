"""Messages as rows of staff's pages, in the reader's language. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from services.notifier.message import UNSENT
from services.notifier.staff.known import Addressee, Known
from services.notifier.staff.words import FUNCTIONS, KINDS, OUTCOMES, PHASES, REASONS, STATES, words_of
from services.notifier.stored_message import StoredAttempt, StoredMessage
from services.notifier.timed.timed_mail import TimedMail
from shared.programme import Programme
from shared.reference.dates import format_clock, format_short_date
from shared.words import Language, Words

HEADINGS: Final = (
    Words(da="Skrevet", en="Written"),
    Words(da="Referencenummer", en="Reference number"),
    Words(da="Mail", en="Mail"),
    Words(da="Status", en="State"),
    Words(da="Hvorfor", en="Why"),
    Words(da="Næste forsøg", en="Next attempt"),
    Words(da="Forsøg", en="Attempts"),
    Words(da="Kode", en="Code"),
    Words(da="Udvidet kode", en="Enhanced code"),
    Words(da="Mailens id", en="Id of the mail"),
)
"""Of the file for spreadsheet programs: it names nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRow:
    """`said` are the mail server's own words, without secrets."""

    when: str
    phase: Words
    outcome: Words
    reason: Words
    code: str
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    """`next` is when it goes out at the earliest, or is tried again; empty where it is done."""

    message_id: str
    application_id: str
    reference: str
    kind: Words
    meeting: str
    to: Addressee
    function: Words
    state: Words
    code: str
    why: Words | None
    when: str
    next: str
    attempts: int
    waits: bool
    resend_of: str | None
    resent_as: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRow:
    application_id: str
    key: str
    reference: str
    kind: Words
    meeting: str
    to: Addressee
    function: Words
    due: str
    until: str
    stopped: bool
    moved_from: str


class Rows:
    """Makes rows in one language and one zone."""

    def __init__(self, language: Language, zone: ZoneInfo) -> None:
        self._language = language
        self._zone = zone

    def moment(self, at: datetime | None) -> str:
        """A wall time with its date, "12. januar 2027 kl. 9.00"; empty for none."""
        if at is None:
            return ""
        wall = at.astimezone(self._zone)
        between = " kl. " if self._language == "da" else ", "
        return f"{format_short_date(wall.date(), self._language)}{between}{format_clock(wall, self._language)}"

    def message(
        self, message: StoredMessage, to: Addressee, reference: str, meeting: Words | None = None
    ) -> MessageRow:
        return MessageRow(
            message_id=message.message_id,
            application_id=message.application_id,
            reference=reference,
            kind=words_of(message.kind, KINDS),
            meeting=self._say(meeting) if meeting else "",
            to=to,
            function=words_of(to.function, FUNCTIONS),
            state=STATES[message.state],
            code="" if message.state == "accepted" else " ".join(_codes(message)),
            why=why_of(message),
            when=self.moment(message.created_at),
            next=self.moment(message.due_at),
            attempts=len(message.attempts),
            waits=message.state in UNSENT,
            resend_of=message.resend_of,
            resent_as=message.resent_as,
        )

    def attempt(self, attempt: StoredAttempt, said: str) -> AttemptRow:
        return AttemptRow(
            when=self.moment(attempt.at),
            phase=words_of(attempt.phase, PHASES),
            outcome=words_of(attempt.outcome, OUTCOMES),
            reason=words_of(attempt.reason, REASONS),
            code=" ".join(str(one) for one in (attempt.code, attempt.enhanced) if one),
            said=said,
        )

    def planned(self, mail: TimedMail, known: Known, programme: Programme) -> PlannedRow:
        to = known.addressee(mail.person_id, programme)
        meeting = known.meeting(mail.meeting_id, programme)
        return PlannedRow(
            application_id=known.view.application_id,
            key=mail.key,
            reference=known.reference,
            kind=KINDS[mail.kind],
            meeting=", ".join([*([self._say(meeting)] if meeting else []), self.moment(mail.starts_at)]),
            to=to,
            function=words_of(to.function, FUNCTIONS),
            due=self.moment(mail.due_at),
            until=self.moment(mail.useful_until),
            stopped=mail.stopped,
            moved_from=self.moment(mail.moved_from),
        )

    def cells(self, message: StoredMessage, reference: str) -> Sequence[object]:
        """Under HEADINGS."""
        why = why_of(message)
        code, enhanced = last_codes(message)
        return (
            self.moment(message.created_at),
            reference,
            self._say(words_of(message.kind, KINDS)),
            self._say(STATES[message.state]),
            self._say(why) if why else "",
            self.moment(message.due_at),
            len(message.attempts),
            code,
            enhanced,
            message.message_id,
        )

    def _say(self, words: Words) -> str:
        return words.in_language(self._language)


def why_of(message: StoredMessage) -> Words | None:
    """Why it is in its state, where that is not plain from the state itself."""
    table: Mapping[str, Words] = REASONS
    if message.state == "bounced":
        return words_of(message.bounce_reason or "returned", table)
    if message.state == "stopped" or (message.why and message.state == "pending"):
        return words_of(message.why, table) if message.why else None
    if message.state == "failed" and message.why:
        return words_of(message.why, table)
    if message.state in ("failed", "deferred", "unknown") and message.attempts:
        return words_of(message.attempts[-1].reason, table)
    return None


def last_codes(message: StoredMessage) -> tuple[int | None, str | None]:
    """The last answer's code and enhanced code; of a mail that came back, the report's."""
    last = message.attempts[-1] if message.attempts else None
    if message.state == "bounced":
        return None, message.bounce_code
    return (last.code, last.enhanced) if last else (None, None)


def _codes(message: StoredMessage) -> list[str]:
    return [str(one) for one in last_codes(message) if one]
