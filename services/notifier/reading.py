"""One reader of one course's mails: which meetings and people she reads of, in her language. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from services.notifier.course_view import Told, ToldCourse
from services.notifier.fact_parts import MeetingFacts, PersonFacts, Reader, TimeFacts
from shared.course_facts import Cause
from shared.events import CourseState, Matter, Meeting, Person, Workplace
from shared.programme import Programme
from shared.programme_meetings import PlannedMeeting
from shared.words import Words

ONLINE = Words(da="online", en="online")
A_MEETING = Words(da="møde", en="meeting")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """`before` is the course that people were last told of, and `told` what this reader knows; `causes` why it changed since.

    `matter` is None where the application was erased.
    """

    state: CourseState
    before: ToldCourse | None
    person: Person
    people: Mapping[str, Person]
    matter: Matter | None
    programme: Programme
    told: Told
    causes: tuple[Cause, ...] = ()

    @property
    def reader(self) -> Reader:
        return "contact" if self.person.person_id in self.state.contacts else "consultant"

    def meeting(self, meeting_id: str) -> Meeting | None:
        return next((one for one in self.state.meetings if one.meeting_id == meeting_id), None)

    def meetings(self) -> list[Meeting]:
        """The meetings that are on; for the second consultant those that she is asked to."""
        confirmed = [one for one in self.state.meetings if one.status == "confirmed"]
        if self.person.person_id != self.state.second_id:
            return confirmed
        return [one for one in confirmed if one.meeting_id in self.asked_to()]

    def asked_to(self) -> set[str]:
        """Ids of the meetings that the reader has an invite to."""
        return {one.meeting_id for one in self.person.invites if one.method == "REQUEST"}

    def known(self, meeting_id: str) -> Meeting | None:
        """The meeting as people knew it before; as it is now where they did not."""
        earlier = self.before.meetings if self.before else ()
        return next((one for one in earlier if one.meeting_id == meeting_id), self.meeting(meeting_id))

    def facts(self, meeting: Meeting) -> MeetingFacts:
        """The meeting in the reader's words. The programme may have changed its plan since the course was booked."""
        language = self.person.language
        planned = self._planned(meeting)
        name = meeting.label or (planned.name if planned else A_MEETING)
        span = self.time(meeting, meeting.start)
        return MeetingFacts(
            label=name.in_language(language),
            starts=span.starts,
            ends=span.ends,
            place=self._place(meeting),
            preparation=planned.preparation.in_language(language) if planned and planned.preparation else "",
        )

    def time(self, meeting: Meeting, start: datetime) -> TimeFacts:
        """The meeting's span if it began at this instant."""
        zone = ZoneInfo(meeting.zone)
        return TimeFacts(start.astimezone(zone), (start + timedelta(minutes=meeting.minutes)).astimezone(zone))

    def others(self, *, of: Collection[str] | None = None) -> tuple[PersonFacts, ...]:
        """The other people of the course, those `of` a meeting alone; how to reach them is told to consultants only."""
        reachable = self.reader == "consultant"
        present = {*self.state.contacts, self.state.consultant_id, self.state.second_id} - {self.person.person_id}
        if of is not None:
            present &= set(of)
        return tuple(
            PersonFacts(
                name=one.name,
                function=one.function,
                mail=one.mail if reachable else "",
                phone=one.phone if reachable else "",
            )
            for one in self.people.values()
            if one.person_id in present
        )

    def _place(self, meeting: Meeting) -> str:
        if meeting.place == "online":
            return ONLINE.in_language(self.person.language)
        if self.matter and meeting.workplace < len(self.matter.workplaces):
            return address(self.matter.workplaces[meeting.workplace])
        return ""

    def _planned(self, meeting: Meeting) -> PlannedMeeting | None:
        plan = self.programme.plans.get(self.state.kind)
        return plan.meeting(meeting.code) if plan else None


def address(workplace: Workplace) -> str:
    return f"{workplace.name}, {workplace.street}, {workplace.postal_code} {workplace.town}"
