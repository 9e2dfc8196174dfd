"""From a planned message to the facts that its mail tells: pure, with the programme's names of meetings and places."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from services.notifier.facts import (
    CancellationFacts,
    CourseBookedFacts,
    DeclinedFacts,
    Facts,
    InviteFacts,
    MeetingFacts,
    NewLinkFacts,
    PersonFacts,
    ReceiptFacts,
    WaitingListFacts,
    WithdrawnFacts,
)
from services.notifier.plan_messages import PlannedMessage
from shared.events import ApplicationState, CourseState, Matter, Meeting, Person, Workplace
from shared.programme import Programme
from shared.programme_meetings import PlannedMeeting
from shared.words import Words
from shared.working_days import working_days_after

ONLINE = Words(da="online", en="online")
A_MEETING = Words(da="møde", en="meeting")


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
    people: Mapping[str, Person],
    matter: Matter | None,
    programme: Programme,
) -> Facts:
    """Of every mail about a course. `matter` is None where the application was erased: then places have no address."""
    person = people[planned.person_id]
    reader = "contact" if person.person_id in state.contacts else "consultant"
    if planned.kind == "withdrawn":
        return WithdrawnFacts(reference=state.reference, reader="consultant", meetings_cancelled=True)
    if planned.kind == "waiting_list":
        # The course may end as late as `latest`; its first meeting must lie so much earlier.
        windows = programme.windows
        start_before = state.latest - timedelta(days=windows.horizon_days - windows.first_meeting_within_days)
        return WaitingListFacts(
            reference=state.reference, start_before=start_before, status_url=person.links.get("status")
        )
    if planned.kind == "course_booked":
        confirmed = [meeting for meeting in state.meetings if meeting.status == "confirmed"]
        return CourseBookedFacts(
            reference=state.reference,
            reader="contact" if reader == "contact" else "consultant",
            meetings=tuple(_meeting(meeting, state, person, matter, programme) for meeting in confirmed),
            people=_others(person, state, people),
            workplaces=tuple(_address(each) for each in matter.workplaces) if matter and reader != "contact" else (),
            status_url=person.links.get("status"),
        )
    meeting = next(each for each in state.meetings if planned.invite and each.meeting_id == planned.invite.meeting_id)
    facts = _meeting(meeting, state, person, matter, programme)
    if planned.kind == "cancellation":
        return CancellationFacts(meeting=facts, whole_meeting=meeting.status == "cancelled")
    return InviteFacts(meeting=facts, changed=planned.replaces)


def _meeting(
    meeting: Meeting, state: CourseState, person: Person, matter: Matter | None, programme: Programme
) -> MeetingFacts:
    zone = ZoneInfo(meeting.zone)
    starts = meeting.start.astimezone(zone)
    ends: datetime = (meeting.start + timedelta(minutes=meeting.minutes)).astimezone(zone)
    planned = _planned(meeting, state, programme)
    # The programme may have changed its plan since the course was booked.
    label = (planned.name if planned else A_MEETING).in_language(person.language)
    preparation = planned.preparation.in_language(person.language) if planned and planned.preparation else ""
    place = ""
    if meeting.place == "online":
        place = ONLINE.in_language(person.language)
    elif meeting.place == "workplace" and matter and meeting.workplace < len(matter.workplaces):
        place = _address(matter.workplaces[meeting.workplace])
    return MeetingFacts(label=label, starts=starts, ends=ends, place=place, preparation=preparation)


def _planned(meeting: Meeting, state: CourseState, programme: Programme) -> PlannedMeeting | None:
    plan = programme.plans.get(state.kind)
    return plan.meeting(meeting.code) if plan else None


def _others(reader: Person, state: CourseState, people: Mapping[str, Person]) -> tuple[PersonFacts, ...]:
    """The other people; how to reach them is told to the consultant alone."""
    to_consultant = reader.person_id not in state.contacts
    return tuple(
        PersonFacts(
            name=person.name,
            function=person.function,
            mail=person.mail if to_consultant else "",
            phone=person.phone if to_consultant else "",
        )
        for person in people.values()
        if person.person_id != reader.person_id
    )


def _address(workplace: Workplace) -> str:
    return f"{workplace.name}, {workplace.street}, {workplace.postal_code} {workplace.town}"
