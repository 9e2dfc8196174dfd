"""One reader of one course's mails: which meetings and people she reads of, in her language. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from services.notifier.facts import MeetingFacts, PersonFacts, Reader
from shared.events import CourseState, Matter, Meeting, Person, Workplace
from shared.programme import Programme
from shared.programme_meetings import PlannedMeeting
from shared.words import Words

ONLINE = Words(da="online", en="online")
A_MEETING = Words(da="møde", en="meeting")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """`before` is the state that people were last told of; `matter` is None where the application was erased."""

    state: CourseState
    before: CourseState | None
    person: Person
    people: Mapping[str, Person]
    matter: Matter | None
    programme: Programme

    @property
    def reader(self) -> Reader:
        return "contact" if self.person.person_id in self.state.contacts else "consultant"

    def meeting(self, meeting_id: str) -> Meeting:
        return next(one for one in self.state.meetings if one.meeting_id == meeting_id)

    def meetings(self) -> list[Meeting]:
        """The meetings that are on; for the second consultant those that she is asked to."""
        confirmed = [one for one in self.state.meetings if one.status == "confirmed"]
        if self.person.person_id != self.state.second_id:
            return confirmed
        hers = {one.meeting_id for one in self.person.invites if one.method == "REQUEST"}
        return [one for one in confirmed if one.meeting_id in hers]

    def known(self, meeting: Meeting) -> Meeting:
        """The meeting as people knew it before."""
        earlier = self.before.meetings if self.before else ()
        return next((one for one in earlier if one.meeting_id == meeting.meeting_id), meeting)

    def facts(self, meeting: Meeting) -> MeetingFacts:
        """The meeting in the reader's words. The programme may have changed its plan since the course was booked."""
        zone, language = ZoneInfo(meeting.zone), self.person.language
        planned = self._planned(meeting)
        return MeetingFacts(
            label=(planned.name if planned else A_MEETING).in_language(language),
            starts=meeting.start.astimezone(zone),
            ends=(meeting.start + timedelta(minutes=meeting.minutes)).astimezone(zone),
            place=self._place(meeting),
            preparation=planned.preparation.in_language(language) if planned and planned.preparation else "",
        )

    def others(self) -> tuple[PersonFacts, ...]:
        """The other people of the course; how to reach them is told to consultants alone."""
        reachable = self.reader == "consultant"
        present = {*self.state.contacts, self.state.consultant_id, self.state.second_id} - {self.person.person_id}
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
        if meeting.place == "workplace" and self.matter and meeting.workplace < len(self.matter.workplaces):
            return address(self.matter.workplaces[meeting.workplace])
        return ""

    def _planned(self, meeting: Meeting) -> PlannedMeeting | None:
        plan = self.programme.plans.get(self.state.kind)
        return plan.meeting(meeting.code) if plan else None


def address(workplace: Workplace) -> str:
    return f"{workplace.name}, {workplace.street}, {workplace.postal_code} {workplace.town}"
