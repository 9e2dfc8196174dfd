"""Which proposals of other times are still to be answered with "not possible", each of them once. Pure.

They go at once and by themselves: somebody waits for the answer, and nobody's meetings change by it.
"""

from collections.abc import Mapping

from services.notifier.course_view import Told
from services.notifier.planned import CalendarObject, Plan, PlannedMessage, Stream, in_order, planned
from shared.events import CourseState, Person


def plan_counters(state: CourseState, people: Mapping[str, Person], told: Mapping[str, Told], *, sequence: int) -> Plan:
    """One mail for each declined proposal in a person's block whose number she was not told of."""
    messages: list[PlannedMessage] = []
    after = dict(told)
    meetings = {meeting.meeting_id for meeting in state.meetings}
    stream = Stream(state.application_id, "courses", sequence)
    for person in in_order(tuple(sorted(people)), people):
        known = told.get(person.person_id, Told())
        numbers = tuple(sorted(reply.number for reply in person.counter_replies))
        if numbers == known.counters:
            continue
        after[person.person_id] = known.model_copy(update={"counters": numbers})
        for reply in person.counter_replies:
            if reply.number not in known.counters and reply.meeting_id in meetings:
                about = f"counter:{reply.number}"
                carried = CalendarObject(reply.meeting_id, "DECLINECOUNTER", reply.ics, reply.number)
                messages.append(
                    planned(stream, person.person_id, "counter_declined", about=about, calendar=carried, once=about)
                )
    return Plan(tuple(messages), after)
