"""A booked course whose people are invited, and what they answer about it, for tests of intake."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.intake.held.hold import Outcome, hold
from shared.events import AnswerHeld, CourseBooked, CourseEvent, Meeting, Person
from shared.outbox import PendingEvent
from shared.said import CalendarAnswer, CounterProposal
from shared.sealing import event_place
from tests.browsing import Applied
from tests.intake_house import TRUSTED, House, new_application
from tests.told_courses import meetings_after, told

DAYS = (40, 60, 80, 100)


@dataclass(frozen=True)
class Booked:
    """`meeting` is the first one; `leader` and `consultant` are ids of people who are invited to all."""

    mine: Applied
    meetings: tuple[Meeting, ...]
    leader: str
    consultant: str

    @property
    def meeting(self) -> Meeting:
        return self.meetings[0]


async def booked(intake: House, **options: Any) -> Booked:
    """An admitted application with its course; `options` are those of `told`."""
    answer = await intake.accepted(new_application(), headers=TRUSTED)
    mine = Applied(answer["application_id"], answer["reference"], await intake.contact_token(answer["application_id"]))
    contacts = await intake.people(intake.events(mine.id)[-1])
    consultant = f"consultant-{mine.id}"
    people = (*(one.person_id for one in contacts.values()), consultant)
    meetings = invited(meetings_after(intake.clock(), DAYS), people, mine)
    await told(intake, mine, CourseBooked, sequence=1, meetings=meetings, **options)
    return Booked(mine, meetings, contacts["leader"].person_id, consultant)


def invited(meetings: Sequence[Meeting], people: Sequence[str], mine: Applied) -> tuple[Meeting, ...]:
    """The meetings with everybody invited, under ids that no other application has."""
    return tuple(
        one.model_copy(
            update={
                "uid": f"{one.code}-{mine.id}@forloeb.example",
                "attendees": tuple(people),
                "reply_ids": {person: f"{mine.id[-8:]}{index}{place:011d}" for place, person in enumerate(people)},
            }
        )
        for index, one in enumerate(meetings)
    )


async def retold(intake: House, course: Booked, kind: type[CourseEvent], *, sequence: int, **changes: Any) -> None:
    """Intake hears of the course again, changed."""
    await told(intake, course.mine, kind, sequence=sequence, **({"meetings": course.meetings} | changes))


def declined(intake: House, course: Booked, person: str | None = None, **facts: Any) -> CalendarAnswer:
    """The consultant's "no" to the first meeting, or somebody else's."""
    usual: dict[str, Any] = {
        "number": 0,
        "meeting_id": course.meeting.meeting_id,
        "person_id": person or course.consultant,
        "partstat": "DECLINED",
        "sequence": 0,
        "dtstamp": intake.clock(),
        "at": intake.clock(),
    }
    return CalendarAnswer(**usual | facts)


async def held(intake: House, course: Booked, said: CalendarAnswer | CounterProposal, source: str) -> Outcome:
    """As the worker that takes mails in has it held."""
    parts = intake.parts
    return await hold(
        course.mine.id,
        said,
        source=source,
        store=parts.store,
        vault=parts.vault,
        signer=parts.signer,
        programme=parts.programme,
        now=intake.clock(),
    )


async def person_told(intake: House, event: PendingEvent) -> Person:
    """Who is to be mailed for an AnswerHeld, as its notifier reads it."""
    content = AnswerHeld.model_validate_json(event.body)
    place = event_place(event.envelope.subject, event.envelope.type, event.envelope.id)
    return await intake.parts.vault.unseal(content.person, Person, place=place)
