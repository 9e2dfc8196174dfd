"""The life of one booked course, as the scheduler's and the notifier's pure functions make it, and the mails that come of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from services.notifier.course_view import Told, ToldCourse
from services.notifier.mail_facts import course_facts
from services.notifier.message import MailContent, internet_message_id, to_mail
from services.notifier.mime import mail_bytes
from services.notifier.plan_counters import plan_counters
from services.notifier.plan_course import plan_course
from services.notifier.planned import PlannedMessage
from services.notifier.recipients import recipients_of
from services.notifier.template_files import load_templates
from services.notifier.write_messages import _content
from services.scheduler.answers import still_answered, with_answer
from services.scheduler.course import BookedMeeting, Course, Window
from services.scheduler.course_invites import with_invites
from services.scheduler.new_meetings import new_meeting
from services.scheduler.outcome import PlacedMeeting, Plan
from services.scheduler.own_plan import CourseMeeting
from services.scheduler.remeet import called_off, met_anew
from services.scheduler.wording import with_wording
from shared.course_facts import KnownAnswer
from shared.events import CourseState, Meeting, Person
from shared.sealing import Sealed
from shared.words import Words
from tests.factories import spark
from tests.scheduler_samples import contacts_of, matter_of, request_of, roster_entry

ZONE = ZoneInfo("Europe/Copenhagen")
NOW = datetime(2026, 11, 20, 9, 0, 15, tzinfo=UTC)
NOTHING = Sealed(key_id="", nonce="", box="")
LEADER, EMPLOYEE = "a1-leader", "a1-employee"
PROGRAMME = spark()
TEMPLATES = load_templates()


@dataclass(frozen=True)
class Sent:
    """One calendar mail: the bytes on the wire, and the calendar object in it."""

    person_id: str
    kind: str
    method: str
    ics: bytes
    eml: bytes


@dataclass
class Story:
    """A course with the meetings `starts`, by code, that Anne leads. Nothing is sent until `deliver`."""

    starts: dict[str, datetime]
    now: datetime = NOW
    consultant: str = "anne"
    second: str | None = None
    places: dict[str, str] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    told: dict[str, Told] = field(default_factory=dict)
    before: ToldCourse | None = None
    number: int = 0
    minted: int = 0

    def __post_init__(self) -> None:
        self.people = {**contacts_of("a1"), **{one: roster_entry(one).person() for one in ("anne", "bo", "cara")}}
        self.means: Any = SimpleNamespace(random=self._random, programme=PROGRAMME, clock=lambda: self.now)
        window = Window(earliest=NOW.date(), latest_start=NOW.date(), latest=NOW.date())
        meetings = [
            new_meeting(self._planned(one), self._placed(one), self._invited(one), means=self.means)
            for one in self.starts
        ]
        self.course = Course(
            application_id="a1",
            request=request_of().model_copy(update={"contacts": (LEADER, EMPLOYEE)}),
            window=window,
            state="booked",
            consultant_id=self.consultant,
            meetings=tuple(meetings),
            decided_at=self.now,
        )
        self._keep(self.course)

    # -- what happens to the course ------------------------------------------------------------------------------------

    def change(self) -> None:
        """The course as its plan, dates and people are by now."""
        plan = Plan(self.consultant, 0, {}, (), lambda: tuple(self._placed(one) for one in self.starts))
        first = next(iter(self.starts), None)
        second = None
        if self.second is not None and first is not None:
            second = Plan(self.second, 0, {}, (), lambda: (self._placed(first),))
        meetings = met_anew(
            self.course,
            [self._planned(one) for one in self.starts],
            plan,
            second,
            now=self.now,
            token=lambda: self._random(10).hex(),
            make=lambda one, placed, who: new_meeting(one, placed, [LEADER, EMPLOYEE, *who], means=self.means),
        )
        changed = {
            "meetings": meetings,
            "consultant_id": self.consultant,
            "second_id": self.second,
            "decided_at": self.now,
        }
        self._keep(self.course.model_copy(update=changed))

    def reword(self, person_id: str, **changes: str) -> None:
        """Somebody has another name, phone number or language."""
        self.people[person_id] = self.people[person_id].model_copy(update=changes)
        self._keep(self.course)

    def answer(self, person_id: str, meeting: BookedMeeting, partstat: str) -> None:
        values = {"meeting_id": meeting.meeting_id, "person_id": person_id, "partstat": partstat}
        news = KnownAnswer.model_validate(values | {"sequence": meeting.sequence, "dtstamp": self.now, "at": self.now})
        self.course = self.course.model_copy(update={"answers": with_answer(self.course.answers, news)})

    def cancel(self) -> None:
        meetings = tuple(called_off(one, self.now) for one in self.course.meetings)
        self.course = self.course.model_copy(
            update={
                "state": "cancelled",
                "cancelled_by": "staff",
                "meetings": meetings,
                "answers": (),
                "decided_at": self.now,
            }
        )

    def _keep(self, course: Course) -> None:
        answers = still_answered(course.answers, self.course.meetings, course.meetings)
        self.course = with_wording(
            course.model_copy(update={"answers": answers}),
            self.known(course),
            places=matter_of().workplaces,
            programme=PROGRAMME,
            key=bytes(32),
            now=self.now,
        )

    # -- what is sent ----------------------------------------------------------------------------------------------------

    def deliver(self, *, whole_mails: bool = True) -> list[Sent]:
        """Everything that people were not told of yet, however many changes it came from; else the calendar objects alone."""
        state, invited, messages, told = self._due()
        before, self.before = self.before, ToldCourse.of(state)
        earlier, self.told = self.told, told
        self.number += 1
        sent = []
        for one in messages:
            if one.calendar is not None:
                eml = self._mail(one, state, before, earlier, invited) if whole_mails else b""
                ics = one.calendar.ics.encode()
                sent.append(Sent(one.person_id, one.kind, one.calendar.method, ics, eml))
        return sent

    def all_told(self) -> bool:
        """Whether there is nothing to deliver."""
        return all(one.calendar is None for one in self._due()[2])

    def _due(self) -> tuple[CourseState, dict[str, Person], list[PlannedMessage], dict[str, Told]]:
        invited = with_invites(
            self.course,
            self.known(self.course),
            workplaces=matter_of().workplaces,
            programme=PROGRAMME,
            reply_key=bytes(32),
        )
        state = self._state(invited)
        planned = plan_course(state, invited, self.told, before=self.before, sequence=self.number + 1)
        counters = plan_counters(state, invited, planned.told, sequence=self.number + 1)
        return state, invited, [*planned.messages, *counters.messages], dict(counters.told)

    def _mail(
        self,
        message: PlannedMessage,
        state: CourseState,
        before: ToldCourse | None,
        told: dict[str, Told],
        invited: dict[str, Person],
    ) -> bytes:
        facts = course_facts(
            message,
            state=state,
            before=before,
            people=invited,
            matter=matter_of(),
            programme=PROGRAMME,
            told=told.get(message.person_id),
        )
        recipient = recipients_of(invited, application_id="a1", programme=PROGRAMME)[message.person_id]
        content: MailContent = _content(message, recipient, facts, PROGRAMME, TEMPLATES)
        leased: Any = SimpleNamespace(
            internet_message_id=internet_message_id(message.message_id, PROGRAMME.sender.domain), sendable_from=self.now
        )
        sender = PROGRAMME.sender
        return mail_bytes(to_mail(leased, content, sender_name=sender.display_name, sender=sender.address))

    def _state(self, invited: dict[str, Person]) -> CourseState:
        course = self.course
        return CourseState(
            application_id="a1",
            reference=course.request.reference,
            programme="spark",
            kind="single",
            state=course.state,
            earliest=NOW.date(),
            latest=NOW.date(),
            consultant_id=course.consultant_id,
            second_id=course.second_id,
            cancelled_by=course.cancelled_by,
            meetings=tuple(_told(one) for one in course.meetings),
            decided_at=course.decided_at,
            contacts=(LEADER, EMPLOYEE),
            people=dict.fromkeys(invited, NOTHING),
            matter=NOTHING,
            declined_counters=tuple(one.told() for one in course.declined_counters),
        )

    # -- parts -----------------------------------------------------------------------------------------------------------

    def known(self, course: Course) -> dict[str, Person]:
        return {one: self.people[one] for one in (LEADER, EMPLOYEE, *course.consultants())}

    def _planned(self, code: str) -> CourseMeeting:
        place: Any = self.places.get(code, "workplace")
        return CourseMeeting(
            code=code, kind="meeting", name=Words(da=f"møde {code}", en=f"meeting {code}"), minutes=120, place=place
        )

    def _placed(self, code: str) -> PlacedMeeting:
        start = self.starts[code]
        local = start.astimezone(ZONE)
        end = start + timedelta(minutes=120)
        return PlacedMeeting(code, "workplace", local.date(), f"{local:%Y-%m-%dT%H:%M}", start, end, start, end)

    def _invited(self, code: str) -> list[str]:
        helps = self.second is not None and code == next(iter(self.starts))
        return [LEADER, EMPLOYEE, self.consultant, *([self.second] if helps and self.second else [])]

    def _random(self, count: int) -> bytes:
        """Never the same twice, and in each run the same."""
        self.minted += 1
        return self.minted.to_bytes(count, "big")


def _told(meeting: BookedMeeting) -> Meeting:
    attendees = tuple(one for one in meeting.tokens if meeting.status == "confirmed" and meeting.attends(one))
    values = meeting.model_dump(exclude={"name", "tokens", "uninvited", "worded"})
    return Meeting.model_validate(
        {**values, "label": meeting.name.model_dump(), "reply_ids": meeting.tokens, "attendees": attendees}
    )


def by_person(sent: Iterable[Sent]) -> dict[str, list[str]]:
    """Methods of what each person got, in order."""
    found: dict[str, list[str]] = {}
    for one in sent:
        found.setdefault(one.person_id, []).append(one.method)
    return found
