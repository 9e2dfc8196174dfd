"""What a plan of mails is made of: values only. The ids are derived, so a plan made again is the same plan. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from services.notifier.course_view import Told
from shared import ids
from shared.events import Person

MessageKind = Literal[
    "receipt",
    "waiting_list",
    "course_booked",
    "course_changed",
    "course_left",
    "course_cancelled",
    "course_stalled",
    "stall_report",
    "invite",
    "cancellation",
    "counter_declined",
    "confirm_answer",
    "withdrawn",
    "declined",
    "new_link",
    "homework",
    "briefing",
    "reminder",
    "trial_check",
    "materials",
    "evaluation",
    "address_wanted",
    "address_report",
    "address_changed",
]
TO_OLD_ADDRESS: MessageKind = "address_changed"
"""The only kind that goes to an address that its reader has no more."""
CALENDAR_KINDS: frozenset[MessageKind] = frozenset({"invite", "cancellation", "counter_declined"})
"""Calendars read these; they count in no daily limit."""
ASKED_KINDS: frozenset[MessageKind] = frozenset({"receipt", "new_link", "confirm_answer"})
"""Somebody waits for these right now: they count, and are never put off."""
TIMED_KINDS: frozenset[MessageKind] = frozenset(
    {"homework", "briefing", "reminder", "trial_check", "materials", "evaluation"}
)
"""They go out at their time, in the hours of the programme. All other kinds explain what happened, and go before these."""

FIRST_SENDING = "0"
"""Counts up when staff have the same message sent again."""
COORDINATORS = "coordinators"
"""In place of a person's id: the mailbox that those who plan the courses share."""


class CalendarObject(NamedTuple):
    """A finished calendar object that a mail carries as it stands. `number`: of the proposal that it answers, if any."""

    meeting_id: str
    method: Literal["REQUEST", "CANCEL", "DECLINECOUNTER"]
    ics: str
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMessage:
    """One mail to one person. `about`: "application", "link", "course", the id of a meeting, or one answer or proposal.

    `replaces`: the person was told something else about it before; an invite is then a changed one. `follows`: she was not,
    as far as we know now, but an older mail about it may still be on its way, say to somebody who is asked again.
    `due_at`: when it goes out at the earliest; None: at once. `useful_until`: nobody needs it afterwards.
    `sequence` is that of the event that it comes from: of two mails about the same thing, the greater one is newer.
    """

    message_id: str
    person_id: str
    kind: MessageKind
    about: str
    replaces: bool
    sequence: int
    calendar: CalendarObject | None = None
    follows: bool = False
    due_at: datetime | None = None
    useful_until: datetime | None = None
    resend_of: str | None = None

    @property
    def timed(self) -> bool:
        return self.kind in TIMED_KINDS


@dataclass(frozen=True, slots=True)
class Plan:
    """The mails, for each person the explaining one first, and what everybody knows once they are sent.

    `obsolete` are pairs of person and `about`: older mails about these are wrong by now and stay unsent.
    """

    messages: tuple[PlannedMessage, ...]
    told: dict[str, Told]
    obsolete: tuple[tuple[str, str], ...] = ()


class Stream(NamedTuple):
    """The event that mails come from: its aggregate, its topic's half, and its sequence."""

    application_id: str
    half: str
    sequence: int


def planned(
    stream: Stream,
    person_id: str,
    kind: MessageKind,
    *,
    about: str,
    replaces: bool = False,
    calendar: CalendarObject | None = None,
    once: str = "",
    follows: bool = False,
) -> PlannedMessage:
    """A message of this event; with `once` it is the same one, whichever event it comes from."""
    return PlannedMessage(
        message_id=ids.derived(
            stream.application_id,
            once or f"{stream.half}:{stream.sequence}",
            calendar.meeting_id if calendar else "-",
            person_id,
            kind,
            FIRST_SENDING,
        ),
        person_id=person_id,
        kind=kind,
        about=about,
        replaces=replaces,
        sequence=stream.sequence,
        calendar=calendar,
        follows=follows,
    )


def in_order(person_ids: tuple[str, ...], people: Mapping[str, Person]) -> list[Person]:
    """Those of them who can still be read."""
    return [people[person_id] for person_id in person_ids if person_id in people]
