"""Fourteen months of courses that are booked, moved, tailored, declined, in doubt, cancelled: as the scheduler would tell of them.

What happens does so at half past an hour, so that nothing happens at the very moment at which a mail is due.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from shared.course_facts import KnownAnswer, Stall
from shared.events import CourseState, Invite, Meeting, Person
from tests.notifier_samples import course, person
from tests.timed_courses import COPENHAGEN, meeting_at

BEGIN, END = date(2026, 11, 23), date(2028, 1, 14)
COURSES = 40
CONSULTANTS = tuple(f"consultant-{number}" for number in range(6))
CLOSED = {
    *(date(2026, 12, day) for day in (24, 25, 26, 31)),
    *(date(2027, 1, 1), date(2027, 3, 25), date(2027, 3, 26), date(2027, 3, 28), date(2027, 3, 29), date(2027, 5, 6)),
    *(date(2027, 5, 16), date(2027, 5, 17), date(2027, 6, 5), *(date(2027, 12, day) for day in (24, 25, 26, 31))),
    *(date(2028, 1, 1), *(date(2027, 7, 12) + timedelta(days=number) for number in range(28))),
}
"""Written down by hand: public holidays, what SPARK keeps closed, and the weeks 28 to 31."""
PLANS = {
    "single": (("opening", 0), ("first", 21), ("second", 42), ("follow_up", 56)),
    "joint": (
        *(("planning_1", 0), ("planning_2", 14), ("workshop_1", 21), ("planning_3", 28)),
        *(("workshop_2", 28), ("planning_4", 14), ("follow_up", 77)),
    ),
}


def works(day: date) -> bool:
    return day.weekday() < 5 and day not in CLOSED


def on_or_after(day: date) -> date:
    while not works(day):
        day += timedelta(days=1)
    return day


def instant(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=COPENHAGEN).astimezone(UTC)


@dataclass(kw_only=True)
class Happening:
    """A newer state of one course."""

    at: datetime
    state: CourseState
    what: str


@dataclass(kw_only=True)
class Life:
    """One course from its booking to its end."""

    of: str
    random: Random
    kind: str
    happenings: list[Happening] = field(default_factory=list)

    @property
    def now(self) -> CourseState:
        return self.happenings[-1].state

    def live(self) -> None:
        booked = BEGIN + timedelta(days=self.random.randrange(150))
        self.note("booked", self._moment(booked), self._booked(booked))
        at = self.happenings[-1].at
        for _ in range(self.random.randrange(6)):
            at = self._moment((at + timedelta(days=self.random.randrange(1, 35))).astimezone(COPENHAGEN).date())
            if self.now.state != "booked" or not self._to_come(at) or at <= self.happenings[-1].at:
                break
            self._change(at)
        if self.now.state == "booked":
            ends = max((one.start for one in self.now.meetings if one.status == "confirmed"), default=at)
            over = self._moment((max(ends, at) + timedelta(days=2)).astimezone(COPENHAGEN).date())
            self.note("completed", over, self.now.model_copy(update={"state": "completed", "stall": None}))

    def note(self, what: str, at: datetime, state: CourseState) -> None:
        self.happenings.append(Happening(at=at, state=state.model_copy(update={"decided_at": at}), what=what))

    def people(self, state: CourseState) -> dict[str, Person]:
        """Whoever has, or had, an invite; a consultant has one address, however many courses she has."""
        meetings = (one for happening in self.happenings for one in happening.state.meetings)
        names = {person_id for one in meetings for person_id in one.attendees}
        found = {}
        for person_id in sorted(names):
            key = person_id.removeprefix(f"{self.of}-")
            one = person("consultant" if person_id in CONSULTANTS else key, of=self.of, person_id=person_id)
            mail = f"{person_id}@kommune.example"
            found[person_id] = one.model_copy(update={"mail": mail, "invites": tuple(_invites(state, person_id))})
        return found

    def _booked(self, on: date) -> CourseState:
        day, meetings = on + timedelta(days=self.random.randrange(15, 90)), []
        consultant = self.random.choice(CONSULTANTS)
        everybody = (f"{self.of}-leader", f"{self.of}-employee", consultant)
        for code, gap in PLANS[self.kind]:
            day = on_or_after(day + timedelta(days=max(0, gap + self.random.randrange(-5, 6)) if gap else 0))
            clock = self.random.choice(("08:00", "09:00", "12:30", "14:00"))
            changes = {"meeting_id": f"{self.of}-{code}", "attendees": everybody, "uid": f"{self.of}-{code}@x.example"}
            meetings.append(meeting_at(f"{day.isoformat()}T{clock}", code, **changes))
        return course(of=self.of, kind=self.kind, consultant_id=consultant, meetings=tuple(meetings))

    def _to_come(self, at: datetime) -> list[Meeting]:
        return [one for one in self.now.meetings if one.status == "confirmed" and one.start > at + timedelta(days=1)]

    def _change(self, at: datetime) -> None:
        state, meeting = self.now, self.random.choice(self._to_come(at))
        match self.random.choice(("moved", "moved", "moved", "declined", "doubt", "dropped", "handover", "cancelled")):
            case "moved":
                day = on_or_after(
                    meeting.start.astimezone(COPENHAGEN).date() + timedelta(days=self.random.randrange(1, 22))
                )
                start = instant(day, self.random.choice((8, 9, 13)))
                wall = f"{start.astimezone(COPENHAGEN):%Y-%m-%dT%H:%M}"
                self.note("moved", at, _with(state, _newer(meeting, at, start=start, wall_start=wall), stall=None))
            case "declined":
                answer = _declined(meeting, self.random.choice(meeting.attendees[:2]), at)
                self.note("declined", at, state.model_copy(update={"answers": (*state.answers, answer)}))
            case "doubt":
                stall = Stall(since=at, cause="staff", meetings=(meeting.meeting_id,))
                self.note("doubt", at, state.model_copy(update={"stall": stall}))
                over = self._moment((at + timedelta(days=self.random.randrange(1, 9))).astimezone(COPENHAGEN).date())
                self.note("resolved", over, self.now.model_copy(update={"stall": None}))
            case "dropped":
                self.note("dropped", at, _with(state, _newer(meeting, at, status="cancelled"), stall=None))
            case "handover":
                other = self.random.choice([one for one in CONSULTANTS if one != state.consultant_id])
                everybody = (*state.contacts, other)
                for one in self._to_come(at):
                    state = _with(state, _newer(one, at, attendees=everybody), stall=None)
                self.note("handover", at, state.model_copy(update={"consultant_id": other}))
            case "cancelled":
                off = tuple(_newer(one, at, status="cancelled") for one in state.meetings)
                update = {"state": "cancelled", "cancelled_by": "staff", "meetings": off, "stall": None}
                self.note("cancelled", at, state.model_copy(update=update))

    def _moment(self, day: date) -> datetime:
        return instant(day, self.random.randrange(0, 24), 30)


def lives(seed: int) -> list[Life]:
    """Three of four are single courses."""
    made = []
    for number in range(COURSES):
        kind = "joint" if number % 4 == 0 else "single"
        life = Life(of=f"a{number:03d}", random=Random(seed * 1000 + number), kind=kind)
        life.live()
        made.append(life)
    return made


def _newer(meeting: Meeting, at: datetime, **changes: object) -> Meeting:
    return meeting.model_copy(update={"sequence": meeting.sequence + 1, "dtstamp": at, **changes})


def _with(state: CourseState, meeting: Meeting, **changes: object) -> CourseState:
    """The answers to older versions of a meeting are gone, as everybody is asked anew."""
    meetings = tuple(meeting if one.meeting_id == meeting.meeting_id else one for one in state.meetings)
    answers = tuple(one for one in state.answers if one.meeting_id != meeting.meeting_id)
    return state.model_copy(update={"meetings": meetings, "answers": answers, **changes})


def _declined(meeting: Meeting, person_id: str, at: datetime) -> KnownAnswer:
    return KnownAnswer(
        meeting_id=meeting.meeting_id,
        person_id=person_id,
        partstat="DECLINED",
        sequence=meeting.sequence,
        dtstamp=at,
        at=at,
    )


def _invites(state: CourseState, person_id: str) -> Iterator[Invite]:
    """Calendar objects that nobody reads here."""
    for one in state.meetings:
        on = one.status == "confirmed" and person_id in one.attendees
        yield Invite(
            meeting_id=one.meeting_id,
            method="REQUEST" if on else "CANCEL",
            sequence=one.sequence,
            dtstamp=one.dtstamp,
            ics="-",
        )
