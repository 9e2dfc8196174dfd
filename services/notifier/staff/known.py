"""What is known of an application and its people, once their blocks are open. Pure values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.notifier.course_view import View
from services.notifier.planned import COORDINATORS
from services.notifier.timed.due import planned_of
from services.notifier.timed.facts import materials_of
from services.notifier.timed.timed_mail import TimedMail
from shared.events import Matter, Person
from shared.programme import Programme
from shared.words import Words


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a mail goes to; empty where the person was erased, or is not known."""

    person_id: str
    function: str = ""
    name: str = ""
    mail: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What the view knows of an application. `in_course` are the same people with their calendar objects."""

    view: View
    reference: str
    people: Mapping[str, Person]
    in_course: Mapping[str, Person]
    matter: Matter | None

    def addressee(self, person_id: str, programme: Programme) -> Addressee:
        return addressee_of(person_id, self.people.get(person_id), programme)

    def meeting(self, meeting_id: str | None, programme: Programme) -> Words | None:
        """The neutral name of a meeting of the course; None where it has no such meeting, or a name of nobody's."""
        course = self.view.course
        found = (one for one in course.meetings if one.meeting_id == meeting_id) if course else ()
        meeting = next(iter(found), None)
        if course is None or meeting is None:
            return None
        plan = programme.plans.get(course.kind)
        planned = plan.meeting(meeting.code) if plan else None
        name = meeting.label or (planned.name if planned else None)
        return Words(da=name.da, en=name.en) if name else None

    def coming(self, programme: Programme, now: datetime) -> list[TimedMail]:
        """What still goes out at its time, the first due first; materials only where its themes have some."""
        mails = planned_of(self.view, programme, now)
        has_materials = any(one.kind == "materials" for one in mails) and materials_of(self.matter, programme)
        return [one for one in mails if one.kind != "materials" or has_materials]

    def links(self, person_id: str) -> frozenset[str]:
        """The links that the person holds by now."""
        person = self.people.get(person_id)
        return frozenset(person.links.values()) if person else frozenset()


def addressee_of(person_id: str, person: Person | None, programme: Programme) -> Addressee:
    """Whom mails to this person go to; `person` is None where nobody can be opened."""
    if person_id == COORDINATORS:
        mail = programme.coordinators.mail if programme.coordinators else ""
        return Addressee(person_id, function=COORDINATORS, mail=mail)
    if person is None:
        return Addressee(person_id)
    return Addressee(person_id, function=person.function, name=person.name, mail=person.mail)
