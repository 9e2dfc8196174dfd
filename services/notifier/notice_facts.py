"""What the mails about single answers and proposals tell. Pure."""

from collections.abc import Mapping
from typing import Final

from services.notifier.course_view import Told, View
from services.notifier.meeting_mail_facts import ConfirmAnswerFacts, CounterDeclinedFacts, HeldAs
from services.notifier.planned import CalendarObject
from services.notifier.reading import Reading
from shared.events import ApplicationState, HeldAnswer, Meeting, Person
from shared.programme import Programme

POSSIBLE_MAX: Final = 3
_ANSWERS: Final[Mapping[str, HeldAs]] = {
    "ACCEPTED": "yes",
    "DECLINED": "no",
    "TENTATIVE": "maybe",
    "DELEGATED": "delegated",
}


def counter_facts(about: Reading, meeting: Meeting, answered: CalendarObject) -> CounterDeclinedFacts:
    """The times are told as long as the course keeps them."""
    declined = next((one for one in about.state.declined_counters if one.number == answered.number), None)
    return CounterDeclinedFacts(
        reference=about.state.reference,
        reader=about.reader,
        meeting=about.facts(meeting),
        proposed=about.time(meeting, declined.proposed.start) if declined else None,
        possible=tuple(about.time(meeting, one.start) for one in declined.starts[:POSSIBLE_MAX]) if declined else (),
        status_url=about.person.links.get("status"),
    )


def held_facts(
    held: HeldAnswer, *, view: View, person: Person, state: ApplicationState, programme: Programme
) -> ConfirmAnswerFacts:
    """The meeting is as the view knows it; it may not know the course yet. A place is not told, so no matter is needed."""
    about, meeting = None, None
    if view.course is not None:
        people = {person.person_id: person}
        about = Reading(
            state=view.course, before=None, person=person, people=people, matter=None, programme=programme, told=Told()
        )
        meeting = about.meeting(held.meeting_id)
    return ConfirmAnswerFacts(
        reference=state.reference,
        answer="other_time" if held.proposed else _ANSWERS.get(held.partstat or "", "maybe"),
        until=held.until.astimezone(programme.tz),
        answer_url=person.links["answer"],
        meeting=about.facts(meeting) if about and meeting else None,
        proposed=about.time(meeting, held.proposed) if about and meeting and held.proposed else None,
    )
