"""From a planned message to the facts that its mail tells: pure, with the programme's names of meetings and places."""

from collections.abc import Mapping
from datetime import timedelta

from services.notifier.change_facts import cancelled_facts, changed_facts, stalled_facts
from services.notifier.course_mail_facts import CourseBookedFacts, CourseLeftFacts, StallReportFacts
from services.notifier.course_view import Told, ToldCourse, versions
from services.notifier.facts import DeclinedFacts, Facts, NewLinkFacts, ReceiptFacts, WaitingListFacts, WithdrawnFacts
from services.notifier.meeting_mail_facts import CancellationFacts, InviteFacts
from services.notifier.notice_facts import counter_facts
from services.notifier.planned import PlannedMessage
from services.notifier.reading import Reading, address
from shared.course_facts import Cause
from shared.events import ApplicationState, CourseState, Matter, Person
from shared.programme import Programme
from shared.working_days import working_days_after


def application_facts(
    planned: PlannedMessage, *, state: ApplicationState, person: Person, programme: Programme, booked: bool
) -> Facts:
    """Of a receipt, a refusal, a withdrawal or a new link. `booked`: meetings had been booked for the application."""
    if planned.kind == "withdrawn":
        return WithdrawnFacts(reference=state.reference, reader="contact", meetings_cancelled=booked)
    if planned.kind == "declined":
        ground = programme.decline_ground(state.declined_ground or "")
        return DeclinedFacts(
            reference=state.reference,
            ground=ground.in_language(person.language) if ground else "",
            phone=programme.organisation.phone,
            mail=programme.organisation.email,
        )
    link = person.links["status"]
    if planned.kind == "new_link":
        return NewLinkFacts(reference=state.reference, status_url=link)
    confirm = state.needs_confirmation and state.state == "submitted"
    answer_days = programme.mail.answer_within_working_days
    begun_on = (state.admitted_at or state.submitted_at).astimezone(programme.tz).date()
    return ReceiptFacts(
        reference=state.reference,
        answer_days=answer_days,
        answer_before=None if confirm else working_days_after(begun_on, answer_days, programme),
        confirm_url=link if confirm else None,
        status_url=None if confirm else link,
        reviewed=programme.admission == "review",
    )


def course_facts(
    planned: PlannedMessage,
    *,
    state: CourseState,
    before: ToldCourse | None,
    people: Mapping[str, Person],
    matter: Matter | None,
    programme: Programme,
    told: Told | None = None,
    causes: tuple[Cause, ...] = (),
    staff_url: str = "",
) -> Facts:
    """Of every mail about a course. `before` is the course that people were last told of, `told` what this one knows, if anything.

    `matter` is None where the application was erased: then places have no address. `causes` are why it changed since then.
    """
    if planned.kind == "stall_report":
        return StallReportFacts(
            reference=state.reference,
            meetings=len(state.stall.meetings) if state.stall else 0,
            course_url=f"{staff_url}/coordinator/courses/{state.application_id}",
        )
    about = Reading(
        state=state,
        before=before,
        person=people[planned.person_id],
        people=people,
        matter=matter,
        programme=programme,
        told=told or Told(),
        causes=causes,
    )
    return _of_meeting(planned, about) if planned.calendar else _of_course(planned, about)


def _of_course(planned: PlannedMessage, about: Reading) -> Facts:
    facts: Facts
    match planned.kind:
        case "withdrawn":
            facts = WithdrawnFacts(reference=about.state.reference, reader="consultant", meetings_cancelled=True)
        case "waiting_list":
            facts = _waiting(planned, about)
        case "course_booked":
            facts = _booked(about)
        case "course_changed":
            facts = changed_facts(about)
        case "course_stalled":
            facts = stalled_facts(about)
        case "course_left":
            facts = CourseLeftFacts(reference=about.state.reference)
        case "course_cancelled":
            facts = cancelled_facts(about)
        case kind:
            raise ValueError(f"{kind} is no mail about a course")
    return facts


def _of_meeting(planned: PlannedMessage, about: Reading) -> Facts:
    carried = planned.calendar
    meeting = about.meeting(carried.meeting_id) if carried else None
    if carried is None or meeting is None:
        raise ValueError("a calendar object of a meeting that the course does not have")
    if carried.method == "DECLINECOUNTER":
        return counter_facts(about, meeting, carried)
    if carried.method == "CANCEL":
        # By the time that the reader's calendar knows: for somebody taken off, it may have moved in the same change.
        known = about.known(meeting.meeting_id) or meeting
        return CancellationFacts(meeting=about.facts(known), whole_meeting=meeting.status == "cancelled")
    told, now = about.told.meetings.get(meeting.meeting_id), versions(about.state, about.person)[meeting.meeting_id]
    reworded = told is not None and told.sequence == now.sequence
    return InviteFacts(meeting=about.facts(meeting), changed=planned.replaces, reworded=reworded)


def _waiting(planned: PlannedMessage, about: Reading) -> WaitingListFacts:
    # The course may end as late as `latest`; its first meeting must lie so much earlier.
    windows = about.programme.windows
    return WaitingListFacts(
        reference=about.state.reference,
        again=planned.replaces,
        start_before=about.state.latest - timedelta(days=windows.horizon_days - windows.first_meeting_within_days),
        status_url=about.person.links.get("status"),
        decided=about.programme.admission == "review" and not planned.replaces,
    )


def _booked(about: Reading) -> CourseBookedFacts:
    matter = about.matter
    return CourseBookedFacts(
        reference=about.state.reference,
        reader=about.reader,
        meetings=tuple(about.facts(meeting) for meeting in about.meetings()),
        people=about.others(),
        workplaces=tuple(address(one) for one in matter.workplaces) if matter and about.reader != "contact" else (),
        status_url=about.person.links.get("status"),
        plan_url=about.person.links.get("plan"),
        second=about.person.person_id == about.state.second_id,
        # Who was on the waiting list has heard it.
        decided=about.programme.admission == "review" and about.reader == "contact" and about.told.course is None,
    )
