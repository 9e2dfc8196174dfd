"""Which mails are due: the difference between what people were told and what is true now. Pure.

The ids are derived, so that a plan made again for the same event, after a crash or in another process, is the same plan.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from services.notifier.course_view import Told, ToldMeeting
from shared import ids
from shared.events import ApplicationState, CourseState, Invite, Meeting, Person

MessageKind = Literal["receipt", "waiting_list", "course_booked", "invite", "cancellation", "withdrawn"]
FIRST_SENDING = "0"
"""Counts up when staff have the same message sent again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMessage:
    """One mail to one person. `changed`: an invite to a meeting that the person has in the calendar already."""

    message_id: str
    person_id: str
    kind: MessageKind
    invite: Invite | None = None
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """The mails, for each person the explaining one first, and what everybody knows once they are sent."""

    messages: tuple[PlannedMessage, ...]
    told: dict[str, Told]


def plan_application(
    state: ApplicationState, people: Mapping[str, Person], told: Mapping[str, Told], *, sequence: int
) -> Plan:
    """The mails of a newer application. `people` are those who can still be read: nobody else is written to."""
    messages: list[PlannedMessage] = []
    after = dict(told)
    for person in _in_order(state.contacts, people):
        before = told.get(person.person_id, Told())
        now: Literal["received", "withdrawn"] = "withdrawn" if state.state == "withdrawn" else "received"
        kind: MessageKind = "receipt" if now == "received" else "withdrawn"
        if before.application != now and _may_write(state, person, kind):
            messages.append(_planned(state.application_id, f"applications:{sequence}", person, kind))
        after[person.person_id] = before.model_copy(update={"application": now})
    return Plan(tuple(messages), after)


def _may_write(state: ApplicationState, person: Person, kind: MessageKind) -> bool:
    """A person without a link gets no receipt: intake left it out, because the address has had enough mail for today.

    An address that nobody has confirmed gets its receipt and no more, until the application is admitted.
    """
    if kind == "receipt":
        return "status" in person.links
    return state.admitted_at is not None or person.person_id in state.confirmed_by


def plan_course(state: CourseState, people: Mapping[str, Person], told: Mapping[str, Told], *, sequence: int) -> Plan:
    """The mails of a newer course. `people` are the contacts and the consultant, as far as they can still be read."""
    messages: list[PlannedMessage] = []
    after = dict(told)
    meetings = {meeting.meeting_id: meeting for meeting in state.meetings}
    for person in _in_order((*state.contacts, *sorted(people.keys() - set(state.contacts))), people):
        before = told.get(person.person_id, Told())
        stream = f"courses:{sequence}"
        calendar = list(_calendar(state, person, before, meetings, stream))
        kind = _explaining(state, person, before, news=bool(calendar))
        if kind:
            messages.append(_planned(state.application_id, stream, person, kind))
        messages += calendar
        after[person.person_id] = _told_after(state, person, before, meetings)
    return Plan(tuple(messages), after)


def _calendar(
    state: CourseState, person: Person, before: Told, meetings: Mapping[str, Meeting], stream: str
) -> Iterator[PlannedMessage]:
    for invite in person.invites:
        known = before.meetings.get(invite.meeting_id)
        if invite.method == "CANCEL" and known is not None:
            yield _planned(state.application_id, stream, person, "cancellation", invite=invite)
        if invite.method == "REQUEST" and state.state == "booked":
            current = _version(invite, meetings)
            if known is None or (current.sequence, current.dtstamp) > (known.sequence, known.dtstamp):
                yield _planned(state.application_id, stream, person, "invite", invite=invite, changed=known is not None)


def _explaining(state: CourseState, person: Person, before: Told, *, news: bool) -> MessageKind | None:
    """The one mail with the whole story. Contacts hear of a withdrawal from their application, not from its course."""
    is_contact = person.person_id in state.contacts
    if state.state == "booked" and (news or before.course != "booked"):
        return "course_booked"
    if state.state == "waiting" and is_contact and before.course != "waiting":
        return "waiting_list"
    if state.state == "cancelled" and not is_contact and before.course == "booked":
        return "withdrawn"
    return None


def _told_after(state: CourseState, person: Person, before: Told, meetings: Mapping[str, Meeting]) -> Told:
    """Depends on the current state alone, so whatever came before it, and in what order, ends here."""
    requests = [invite for invite in person.invites if invite.method == "REQUEST" and state.state == "booked"]
    course: Literal["waiting", "booked", "completed"] | None = None if state.state == "cancelled" else state.state
    if state.state == "waiting" and person.person_id not in state.contacts:
        course = None
    return before.model_copy(
        update={
            "course": course,
            "meetings": {invite.meeting_id: _version(invite, meetings) for invite in requests},
        }
    )


def _version(invite: Invite, meetings: Mapping[str, Meeting]) -> ToldMeeting:
    return ToldMeeting(sequence=invite.sequence, dtstamp=meetings[invite.meeting_id].dtstamp)


def _in_order(person_ids: tuple[str, ...], people: Mapping[str, Person]) -> list[Person]:
    return [people[person_id] for person_id in person_ids if person_id in people]


def _planned(
    application_id: str,
    stream: str,
    person: Person,
    kind: MessageKind,
    *,
    invite: Invite | None = None,
    changed: bool = False,
) -> PlannedMessage:
    meeting_id = invite.meeting_id if invite else "-"
    return PlannedMessage(
        message_id=ids.derived(application_id, stream, meeting_id, person.person_id, kind, FIRST_SENDING),
        person_id=person.person_id,
        kind=kind,
        invite=invite,
        changed=changed,
    )
