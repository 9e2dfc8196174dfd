"""Writes each person's calendar objects of a course from its stored values: the same values, the same bytes. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, timedelta

from services.scheduler import invite
from services.scheduler.answers import known_answer
from services.scheduler.copy_text import CopyText, copy_text, copy_title
from services.scheduler.counter_reply import decline_counter, why_declined
from services.scheduler.course import BookedMeeting, Course, TurnedDown
from shared.address_token import address_with, make_token
from shared.events import CounterReply, Invite, Person, Workplace
from shared.programme import Programme


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
                        text=copy_text(meeting, course, person, people=people, places=workplaces, programme=programme),
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
    text: CopyText,
    programme: Programme,
    reply_key: bytes,
) -> Invite:
    start = meeting.told_start(person.person_id).astimezone(UTC)
    dtstamp = meeting.copy_dtstamp(person.person_id).astimezone(UTC)
    values = invite.Invite(
        uid=meeting.uid,
        sequence=meeting.sequence,
        dtstamp=dtstamp,
        start=start,
        end=start + timedelta(minutes=meeting.minutes),
        zone=meeting.zone,
        summary=text.summary,
        description=text.description,
        location=text.location,
        organizer=_organizer(meeting, person, programme=programme, reply_key=reply_key),
        attendee=invite.CalendarUser(person.name, person.mail),
        partstat=_partstat(meeting, course, person.person_id),
    )
    uninvited = person.person_id in meeting.uninvited
    cancelled = uninvited or meeting.status == "cancelled"
    written = invite.cancel(values, whole_meeting=not uninvited) if cancelled else invite.request(values)
    return Invite(
        meeting_id=meeting.meeting_id,
        method="CANCEL" if cancelled else "REQUEST",
        sequence=meeting.sequence,
        dtstamp=dtstamp,
        ics=written.decode(),
    )


def _partstat(meeting: BookedMeeting, course: Course, person_id: str) -> invite.PartStat:
    """Her answer to the meeting as it is: under a raised SEQUENCE everybody is asked anew (RFC 5546 section 2.1.4)."""
    known = known_answer(course.answers, meeting.meeting_id, person_id)
    return known.partstat if known is not None and known.sequence == meeting.sequence else "NEEDS-ACTION"


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
        summary=copy_title(meeting, person, programme),
        description="",
        location="",
        organizer=_organizer(meeting, person, programme=programme, reply_key=reply_key),
        attendee=invite.CalendarUser(person.name, person.mail),
    )
    written = decline_counter(values, why_declined(declined, person.language))
    return CounterReply(number=declined.number, meeting_id=meeting.meeting_id, ics=written.decode())


def _token(meeting_id: str, course: Course, person_id: str) -> str | None:
    return next((one.tokens.get(person_id) for one in course.meetings if one.meeting_id == meeting_id), None)


def _organizer(
    meeting: BookedMeeting, person: Person, *, programme: Programme, reply_key: bytes
) -> invite.CalendarUser:
    """Where her answers for this meeting arrive."""
    token, sender = make_token(bytes.fromhex(meeting.tokens[person.person_id]), key=reply_key), programme.sender
    return invite.CalendarUser(
        sender.display_name, address_with(token, mailbox=sender.invite_mailbox, domain=sender.domain)
    )
