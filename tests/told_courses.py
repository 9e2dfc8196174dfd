"""What the scheduler tells of the course of an application: the meetings, a consultant, everybody's own invites."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.intake.follow_views import follow_course
from shared.events import CourseEvent, Invite, Matter, Meeting, Person, Workplace
from shared.sealing import event_place
from shared.vault import application_key, person_key
from shared.words import Language
from tests.browsing import Applied
from tests.event_samples import BOOKED, envelope_of
from tests.intake_house import House

ZONE = ZoneInfo("Europe/Copenhagen")
MINUTES = {"opening": 120, "first": 180, "second": 180, "follow_up": 60}
"""The meetings of a course for one workplace."""
MATTER = Matter(
    themes=("cooperation",),
    workplaces=(
        Workplace(
            name="Plejecenter Åbrinken", street="Åvej 1", postal_code="8000", town="Aarhus C", municipality="751"
        ),
        Workplace(name="Kulturhuset", street="Torvet 2", postal_code="8000", town="Aarhus C", municipality="751"),
    ),
)
"""The workplace, and another place that was agreed on."""


def meetings_after(now: datetime, days: Sequence[int]) -> tuple[Meeting, ...]:
    """The four meetings, each so many days from `now`, at nine in the morning in Denmark."""
    walls = [datetime.combine((now + timedelta(days=day)).date(), time(9), ZONE) for day in days]
    return tuple(
        Meeting(
            meeting_id=f"meeting-{code}",
            code=code,
            place="online" if code == "follow_up" else "workplace",
            minutes=MINUTES[code],
            start=wall.astimezone(now.tzinfo),
            wall_start=wall.strftime("%Y-%m-%dT%H:%M"),
            zone=ZONE.key,
            uid=f"meeting-{code}@forloeb.example",
            sequence=0,
            dtstamp=now,
            status="confirmed",
        )
        for code, wall in zip(MINUTES, walls, strict=True)
    )


async def told(
    intake: House,
    mine: Applied,
    kind: type[CourseEvent],
    *,
    sequence: int,
    language: Language = "da",
    meetings: Sequence[Meeting] = (),
    **changes: Any,
) -> None:
    """Intake hears of an event. `changes` are those of the state of the course, as `state="waiting"`.

    Everybody is invited to a meeting that does not say who is.
    """
    event_id = f"event-{mine.id}-{sequence}"
    consultant = Person(
        person_id=f"consultant-{mine.id}",
        function="consultant",
        name="Karen Konsulent",
        title="",
        mail="karen@konsulenter.example",
        phone="12 34 56 78",
        language=language,
    )
    if sequence == 1:
        await intake.parts.vault.create([person_key(consultant.person_id)])
    contacts = (await intake.people(intake.events(mine.id)[-1])).values()
    invites = tuple(
        Invite(meeting_id=one.meeting_id, method="REQUEST", sequence=0, ics="BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
        for one in meetings
    )
    place = event_place(mine.id, kind.type, event_id)
    blocks = {
        one.person_id: await intake.parts.vault.seal(
            one.model_copy(update={"invites": invites}), key_id=person_key(one.person_id), place=place
        )
        for one in (*contacts, consultant)
    }
    matter = await intake.parts.vault.seal(MATTER, key_id=application_key(mine.id), place=place)
    course = BOOKED.model_copy(
        update={
            "application_id": mine.id,
            "people": blocks,
            "matter": matter,
            "contacts": tuple(one.person_id for one in contacts),
            "consultant_id": consultant.person_id,
            "meetings": tuple(
                one if one.attendees else one.model_copy(update={"attendees": tuple(blocks)}) for one in meetings
            ),
        }
        | changes
    )
    envelope = envelope_of(kind, id=event_id, subject=mine.id, sequence=sequence)
    assert await follow_course(kind.model_validate({"course": course}), envelope, views=intake.parts.store) == "handled"
