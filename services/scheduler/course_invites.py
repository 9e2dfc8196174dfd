"""Writes each person's calendar objects of a course from its stored values: the same values, the same bytes. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, timedelta

from services.scheduler import invite
from services.scheduler.counter_reply import decline_counter, why_declined
from services.scheduler.course import BookedMeeting, Course, TurnedDown
from services.scheduler.invite_text import OtherPerson, meeting_description, meeting_title
from shared.address_token import address_with, make_token
from shared.events import CounterReply, Invite, Person, Workplace
from shared.programme import Programme

ONLINE_LOCATION = "Online"


def with_invites(
    course: Course,
    people: Mapping[str, Person],
    *,
    workplaces: Sequence[Workplace],
    programme: Programme,
    reply_key: bytes,
) -> dict[str, Person]:
    """The people, each with her own copy of every meeting that she has a reply token for.

    `workplaces` are those of the application, none where they may not be known any more: places are then left out.
    """
    return {
        person_id: person.model_copy(
            update={
                "invites": tuple(
                    _copy(
                        meeting,
                        course,
                        person,
                        others=_others(meeting, course, person, people),
                        location=_location(meeting, workplaces),
                        programme=programme,
                        reply_key=reply_key,
                    )
                    for meeting in course.meetings
                    if person_id in meeting.tokens
                ),
                "counter_replies": tuple(
                    _counter_reply(declined, course, person, programme=programme, reply_key=reply_key)
                    for declined in course.declined_counters
                    if declined.person_id == person_id and _token(declined.meeting_id, course, person_id) is not None
                ),
            }
        )
        for person_id, person in people.items()
    }


def _copy(
    meeting: BookedMeeting,
    course: Course,
    person: Person,
    *,
    others: Iterable[Person],
    location: str,
    programme: Programme,
    reply_key: bytes,
) -> Invite:
    start = meeting.told_start(person.person_id).astimezone(UTC)
    values = invite.Invite(
        uid=meeting.uid,
        sequence=meeting.sequence,
        dtstamp=meeting.dtstamp.astimezone(UTC),
        start=start,
        end=start + timedelta(minutes=meeting.minutes),
        zone=meeting.zone,
        summary=_summary(meeting, person, programme),
        description=meeting_description(
            reference=course.request.reference,
            others=[_other(one, reader=person) for one in others],
            language=person.language,
        ),
        location=location,
        organizer=_organizer(meeting, person, programme=programme, reply_key=reply_key),
        attendee=invite.CalendarUser(person.name, person.mail),
    )
    uninvited = person.person_id in meeting.uninvited
    cancelled = uninvited or meeting.status == "cancelled"
    written = invite.cancel(values, whole_meeting=not uninvited) if cancelled else invite.request(values)
    return Invite(
        meeting_id=meeting.meeting_id,
        method="CANCEL" if cancelled else "REQUEST",
        sequence=meeting.sequence,
        ics=written.decode(),
    )


def _counter_reply(
    declined: TurnedDown, course: Course, person: Person, *, programme: Programme, reply_key: bytes
) -> CounterReply:
    """What declines her proposal, with the meeting's values of that moment."""
    meeting = next(one for one in course.meetings if one.meeting_id == declined.meeting_id)
    start = declined.start.astimezone(UTC)
    values = invite.Invite(
        uid=meeting.uid,
        sequence=declined.sequence,
        dtstamp=declined.dtstamp.astimezone(UTC),
        start=start,
        end=start + timedelta(minutes=declined.minutes),
        zone=meeting.zone,
        summary=_summary(meeting, person, programme),
        description="",
        location="",
        organizer=_organizer(meeting, person, programme=programme, reply_key=reply_key),
        attendee=invite.CalendarUser(person.name, person.mail),
    )
    written = decline_counter(values, why_declined(declined, person.language))
    return CounterReply(number=declined.number, meeting_id=meeting.meeting_id, ics=written.decode())


def _token(meeting_id: str, course: Course, person_id: str) -> str | None:
    return next((one.tokens.get(person_id) for one in course.meetings if one.meeting_id == meeting_id), None)


def _summary(meeting: BookedMeeting, person: Person, programme: Programme) -> str:
    return meeting_title(
        programme=programme.name.in_language(person.language),
        meeting=meeting.name.in_language(person.language),
        language=person.language,
    )


def _organizer(
    meeting: BookedMeeting, person: Person, *, programme: Programme, reply_key: bytes
) -> invite.CalendarUser:
    """Where her answers for this meeting arrive."""
    token, sender = make_token(bytes.fromhex(meeting.tokens[person.person_id]), key=reply_key), programme.sender
    return invite.CalendarUser(
        sender.display_name, address_with(token, mailbox=sender.invite_mailbox, domain=sender.domain)
    )


def _others(meeting: BookedMeeting, course: Course, reader: Person, people: Mapping[str, Person]) -> list[Person]:
    """Contacts are named in all copies; a consultant only in those of the meetings that she takes part in.

    In the order of the meeting's own values: whoever leads the course by now must not change what was sent before.
    """
    contacts = course.request.contacts
    named = [*contacts, *(one for one in meeting.tokens if one not in contacts and meeting.attends(one))]
    return [people[one] for one in named if one in people and people[one] is not reader]


def _other(person: Person, *, reader: Person) -> OtherPerson:
    """Only the consultant is told how to reach the others."""
    reach = {"mail": person.mail, "phone": person.phone} if reader.function == "consultant" else {}
    return OtherPerson(person.name, person.function, **reach)


def _location(meeting: BookedMeeting, workplaces: Sequence[Workplace]) -> str:
    if meeting.place == "online":
        return ONLINE_LOCATION
    if meeting.workplace >= len(workplaces):
        return ""
    workplace = workplaces[meeting.workplace]
    return f"{workplace.name}, {workplace.street}, {workplace.postal_code} {workplace.town}"
