"""What one person's calendar entry of one meeting says, in her language. Pure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from services.scheduler.course import BookedMeeting, Course
from services.scheduler.invite_text import OtherPerson, meeting_description, meeting_title
from shared.events import Person, Workplace
from shared.programme import Programme

ONLINE_LOCATION = "Online"


class CopyText(NamedTuple):
    """The title, the text with LF between its lines, and the place; "" where it may not be known any more."""

    summary: str
    description: str
    location: str


def copy_text(
    meeting: BookedMeeting,
    course: Course,
    reader: Person,
    *,
    people: Mapping[str, Person],
    places: Sequence[Workplace],
    programme: Programme,
) -> CopyText:
    """`people` are all that could be opened, by id; `places` those that meetings count through."""
    return CopyText(
        summary=copy_title(meeting, reader, programme),
        description=meeting_description(
            reference=course.request.reference,
            others=[_other(one, reader=reader) for one in _others(meeting, course, reader, people)],
            language=reader.language,
        ),
        location=_location(meeting, places),
    )


def copy_title(meeting: BookedMeeting, reader: Person, programme: Programme) -> str:
    return meeting_title(
        programme=programme.name.in_language(reader.language),
        meeting=meeting.name.in_language(reader.language),
        language=reader.language,
    )


def feed_text(
    meeting: BookedMeeting,
    course: Course,
    reader: Person,
    *,
    people: Mapping[str, Person],
    places: Sequence[Workplace],
    programme: Programme,
) -> CopyText:
    """The same for a calendar that is subscribed to: other people's servers fetch it, so it tells nobody's mail or phone."""
    others = [OtherPerson(one.name, one.function) for one in _others(meeting, course, reader, people)]
    return CopyText(
        summary=copy_title(meeting, reader, programme),
        description=meeting_description(
            reference=course.request.reference, others=others, language=reader.language, asks=False
        ),
        location=_location(meeting, places),
    )


def _others(meeting: BookedMeeting, course: Course, reader: Person, people: Mapping[str, Person]) -> list[Person]:
    """Contacts are named in all copies; a consultant only in those of the meetings that she takes part in.

    In the order of the meeting's own values: whoever leads the course by now must not change what was sent before.
    """
    contacts = course.request.contacts
    named = [*contacts, *(one for one in meeting.tokens if one not in contacts and meeting.attends(one))]
    return [people[one] for one in named if one in people and one != reader.person_id]


def _other(person: Person, *, reader: Person) -> OtherPerson:
    """Only the consultant is told how to reach the others."""
    reach = {"mail": person.mail, "phone": person.phone} if reader.function == "consultant" else {}
    return OtherPerson(person.name, person.function, **reach)


def _location(meeting: BookedMeeting, places: Sequence[Workplace]) -> str:
    if meeting.place == "online":
        return ONLINE_LOCATION
    if meeting.workplace >= len(places):
        return ""
    place = places[meeting.workplace]
    return f"{place.name}, {place.street}, {place.postal_code} {place.town}"
