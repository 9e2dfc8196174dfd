"""Which mails are due: the difference between what people were told and what is true now. Pure.

The ids are derived, so that a plan made again for the same event, after a crash or in another process, is the same plan.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from services.notifier.course_view import Told, ToldApplication, ToldMeeting
from shared import ids
from shared.events import ApplicationState, CourseState, Invite, Meeting, Person

MessageKind = Literal[
    "receipt",
    "waiting_list",
    "course_booked",
    "course_changed",
    "course_left",
    "course_cancelled",
    "invite",
    "cancellation",
    "withdrawn",
    "declined",
    "new_link",
]
FIRST_SENDING = "0"
"""Counts up when staff have the same message sent again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMessage:
    """One mail to one person. `about`: "application", "link", "course" or the id of a meeting.

    `replaces`: the person was told something else about it before; an invite is then a changed one. `sequence` is that
    of the event that it comes from: of two mails about the same thing, the greater one is newer.
    """

    message_id: str
    person_id: str
    kind: MessageKind
    about: str
    replaces: bool
    sequence: int
    invite: Invite | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The mails, for each person the explaining one first, and what everybody knows once they are sent.

    `obsolete` are pairs of person and `about`: older mails about these are wrong by now and stay unsent.
    """

    messages: tuple[PlannedMessage, ...]
    told: dict[str, Told]
    obsolete: tuple[tuple[str, str], ...]


def plan_application(
    state: ApplicationState,
    people: Mapping[str, Person],
    told: Mapping[str, Told],
    *,
    sequence: int,
    new_links: bool = False,
) -> Plan:
    """The mails of a newer application. `people` are those who can still be read: nobody else is written to.

    With `new_links` each contact whose block has one is sent it, unless another mail of this plan brings it along.
    """
    messages: list[PlannedMessage] = []
    after = dict(told)
    obsolete: list[tuple[str, str]] = []
    for person in _in_order(state.contacts, people):
        before = told.get(person.person_id, Told())
        now, kind = _told_of(state)
        may_write = _may_write(state, person, kind)
        if before.application is None and kind == "receipt" and not may_write:
            # Not told yet: intake announces the application again when the address has room.
            continue
        after[person.person_id] = before.model_copy(update={"application": now})
        about = "application"
        if before.application == now:
            if not new_links or "status" not in person.links:
                continue
            kind, may_write, about = "new_link", True, "link"
        if may_write:
            stream, replaces = ("applications", sequence), before.application is not None
            messages.append(_planned(state.application_id, stream, person, kind, about=about, replaces=replaces))
        if before.application is not None:
            obsolete += [(person.person_id, one) for one in _overtaken(kind, now)]
    return Plan(tuple(messages), after, tuple(obsolete))


def _told_of(state: ApplicationState) -> tuple[ToldApplication, MessageKind]:
    """What its contacts know of an application in this state, and the mail that says so."""
    if state.state == "withdrawn":
        return "withdrawn", "withdrawn"
    return ("declined", "declined") if state.state == "declined" else ("received", "receipt")


def _overtaken(kind: MessageKind, now: ToldApplication) -> tuple[str, ...]:
    """What unsent mails are about that a mail of this kind makes wrong.

    A new link makes the one in a receipt void. A withdrawal or a refusal has no link in it and must be heard of all the same.
    """
    if kind != "new_link":
        return ("application",)
    return ("application", "link") if now == "received" else ("link",)


def _may_write(state: ApplicationState, person: Person, kind: MessageKind) -> bool:
    """A person without a link gets no receipt: intake left it out, because the address has had enough mail for today.

    An address that nobody has confirmed gets its receipt and no more, until the application is admitted.
    """
    if kind == "receipt":
        return "status" in person.links
    return not state.needs_confirmation or state.admitted_at is not None or person.person_id in state.confirmed_by


def plan_course(state: CourseState, people: Mapping[str, Person], told: Mapping[str, Told], *, sequence: int) -> Plan:
    """The mails of a newer course. `people` are whoever has or had an invite, as far as they can still be read."""
    messages: list[PlannedMessage] = []
    after = dict(told)
    obsolete: list[tuple[str, str]] = []
    meetings = {meeting.meeting_id: meeting for meeting in state.meetings}
    stream = ("courses", sequence)
    for person in _in_order((*state.contacts, *sorted(people.keys() - set(state.contacts))), people):
        before = told.get(person.person_id, Told())
        now = _told_after(state, person, meetings).model_copy(update={"application": before.application})
        calendar = list(_calendar(state, person, before, now, stream))
        kind = _explaining(state, person, before, news=bool(calendar))
        if kind:
            replaces = before.course is not None
            messages.append(_planned(state.application_id, stream, person, kind, about="course", replaces=replaces))
        messages += calendar
        after[person.person_id] = now
        obsolete += [(person.person_id, about) for about in _changed(before, now, news=bool(calendar))]
    return Plan(tuple(messages), after, tuple(obsolete))


def _calendar(
    state: CourseState, person: Person, before: Told, now: Told, stream: tuple[str, int]
) -> Iterator[PlannedMessage]:
    invited = takes_part(state, person)
    for invite in person.invites:
        known, current = before.meetings.get(invite.meeting_id), now.meetings.get(invite.meeting_id)
        kind: MessageKind
        if invite.method == "CANCEL" and known is not None:
            kind = "cancellation"
        elif invited and invite.method == "REQUEST" and current is not None and (known is None or current > known):
            kind = "invite"
        else:
            continue
        yield _planned(
            state.application_id,
            stream,
            person,
            kind,
            about=invite.meeting_id,
            replaces=known is not None,
            invite=invite,
        )


def _explaining(state: CourseState, person: Person, before: Told, *, news: bool) -> MessageKind | None:
    """The one mail with the whole story. Contacts hear of a withdrawal from their application, not from its course."""
    is_contact = person.person_id in state.contacts
    kind: MessageKind
    match state.state:
        case "booked" if takes_part(state, person):
            kind, due = ("course_changed", news) if before.course == "booked" else ("course_booked", True)
        case "waiting" if is_contact:
            kind, due = "waiting_list", before.course != "waiting"
        case "booked" | "waiting":
            kind, due = "course_left", before.course == "booked"
        case "cancelled" if state.cancelled_by == "staff":
            kind, due = "course_cancelled", before.course in ("booked", "waiting")
        case "cancelled" if not is_contact:
            kind, due = "withdrawn", before.course == "booked"
        case _:
            return None
    return kind if due else None


def takes_part(state: CourseState, person: Person) -> bool:
    """Whether the person is one of the course's people now: a consultant whom somebody took over from is so no more."""
    return person.person_id in (*state.contacts, state.consultant_id, state.second_id)


def _told_after(state: CourseState, person: Person, meetings: Mapping[str, Meeting]) -> Told:
    """Depends on the current state alone, so whatever came before it, and in what order, ends here."""
    course: Literal["waiting", "booked", "completed"] | None = None if state.state == "cancelled" else state.state
    if not takes_part(state, person):
        course = None
    requests = [invite for invite in person.invites if invite.method == "REQUEST" and state.state == "booked"]
    return Told(
        course=course,
        meetings={
            invite.meeting_id: ToldMeeting(invite.sequence, meetings[invite.meeting_id].dtstamp) for invite in requests
        },
    )


def _changed(before: Told, now: Told, *, news: bool) -> Iterator[str]:
    if before.course is not None and (news or before.course != now.course):
        yield "course"
    yield from (about for about, known in before.meetings.items() if now.meetings.get(about) != known)


def _in_order(person_ids: tuple[str, ...], people: Mapping[str, Person]) -> list[Person]:
    return [people[person_id] for person_id in person_ids if person_id in people]


def _planned(
    application_id: str,
    stream: tuple[str, int],
    person: Person,
    kind: MessageKind,
    *,
    about: str,
    replaces: bool,
    invite: Invite | None = None,
) -> PlannedMessage:
    topic, sequence = stream
    meeting_id = invite.meeting_id if invite else "-"
    return PlannedMessage(
        message_id=ids.derived(
            application_id, f"{topic}:{sequence}", meeting_id, person.person_id, kind, FIRST_SENDING
        ),
        person_id=person.person_id,
        kind=kind,
        about=about,
        replaces=replaces,
        sequence=sequence,
        invite=invite,
    )
