"""A small scheduler of one course: it moves, adds, drops, hands over and cancels, and tells each state as the real one does."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from shared.course_facts import Cause, Stall
from shared.events import CourseState, Invite, Meeting, Person
from tests.notifier_samples import SUBMITTED_AT, course, meeting, person

LEADS = ("consultant", "successor", "third")
FIRST_START = datetime(2027, 1, 12, 8, 0, tzinfo=UTC)
CAUSES: tuple[Cause | None, ...] = ("staff", "consultant_declined", "counter", "tailored", None)


@dataclass
class Sitting:
    """A meeting, and whoever has or had an invite to it."""

    code: int
    days: int = 0
    minutes: int = 120
    online: bool = False
    cancelled: bool = False
    sequence: int = 0
    tick: int = 0
    invited: set[str] = field(default_factory=set)
    uninvited: set[str] = field(default_factory=set)


class ChangingCourse:
    """Each method is one change; `state` and `people` are what its event tells. `of` is the application."""

    def __init__(self, of: str = "a001") -> None:
        self.of, self.tick = of, 0
        self.state_now: Literal["booked", "waiting", "cancelled"] = "booked"
        self.lead = "consultant"
        self.second: str | None = None
        self.by_staff = False
        self.stalled: Stall | None = None
        self.cause: Cause | None = None
        self.sittings = [Sitting(code) for code in range(3)]
        for one in self.sittings:
            one.invited = {"leader", "employee", self.lead}

    # -- changes ---------------------------------------------------------------------------------------------------

    def move(self, number: int, days: int) -> None:
        """To a day so many days after the first plan; 0 takes it back."""
        one = self._on(number)
        if one and self.state_now == "booked" and one.days != days:
            one.days = days
            self._changed(one)

    def lengthen(self, number: int, minutes: int) -> None:
        one = self._on(number)
        if one and self.state_now == "booked" and one.minutes != minutes:
            one.minutes = minutes
            self._changed(one)

    def go_online(self, number: int) -> None:
        one = self._on(number)
        if one and self.state_now == "booked":
            one.online = not one.online
            self._changed(one)

    def reword(self, number: int) -> None:
        """A text changes and nothing else: a newer DTSTAMP under the same SEQUENCE."""
        one = self._on(number)
        if one and self.state_now == "booked":
            self.tick += 1
            one.tick = self.tick

    def add(self) -> None:
        if self.state_now == "booked" and len(self.sittings) < 6:
            self.tick += 1
            everybody = {"leader", "employee", self.lead}
            self.sittings.append(Sitting(len(self.sittings), tick=self.tick, invited=everybody))

    def drop(self, number: int) -> None:
        one = self._on(number)
        if one and self.state_now == "booked" and sum(not each.cancelled for each in self.sittings) > 1:
            one.cancelled = True
            self._changed(one)

    def hand_over(self, to: str) -> None:
        """All meetings to another consultant; the one before is taken off."""
        if self.state_now == "booked" and to not in (self.lead, self.second):
            before, self.lead = self.lead, to
            for one in self.sittings:
                if not one.cancelled:
                    one.uninvited |= {before}
                    one.uninvited -= {to}
                    one.invited |= {to}
                    self._changed(one)

    def take_second(self, number: int) -> None:
        """A second consultant to one meeting, or off it again."""
        one = self._on(number)
        if one is None or self.state_now != "booked":
            return
        if self.second is None:
            self.second = "second"
            one.invited |= {"second"}
            one.uninvited -= {"second"}
            self._changed(one)
            return
        self.second = None
        for each in self.sittings:
            if "second" in each.invited - each.uninvited and not each.cancelled:
                each.uninvited |= {"second"}
                self._changed(each)

    def stall(self, number: int) -> None:
        """One meeting is in doubt, or is not any more."""
        if self.state_now == "booked":
            self.tick += 1
            since = SUBMITTED_AT + timedelta(seconds=self.tick)
            doubted = (f"{self.of}-m{number % len(self.sittings)}",)
            self.stalled = None if self.stalled else Stall(since=since, cause="leave", meetings=doubted)

    def answer(self) -> None:
        """Somebody's answer is noted."""

    def cancel(self) -> None:
        if self.state_now in ("booked", "waiting"):
            self.state_now, self.by_staff = "cancelled", True
            self._call_off()

    def put_back(self) -> None:
        if self.state_now == "booked":
            self.state_now, self.second = "waiting", None
            self._call_off()

    def book_again(self) -> None:
        """A course that waits gets new meetings."""
        if self.state_now == "waiting":
            self.state_now, self.tick = "booked", self.tick + 1
            everybody = {"leader", "employee", self.lead}
            self.sittings += [Sitting(len(self.sittings), tick=self.tick, invited=set(everybody)) for _ in range(1)]

    def because(self, cause: Cause | None) -> None:
        self.cause = cause

    def _on(self, number: int) -> Sitting | None:
        one = self.sittings[number % len(self.sittings)]
        return None if one.cancelled else one

    def _changed(self, one: Sitting) -> None:
        self.tick += 1
        one.sequence += 1
        one.tick = self.tick

    def _call_off(self) -> None:
        self.stalled = None
        for one in self.sittings:
            if not one.cancelled:
                one.cancelled = True
                self._changed(one)

    # -- what its event tells --------------------------------------------------------------------------------------

    def state(self) -> CourseState:
        return course(
            self.state_now,
            of=self.of,
            consultant_id=f"{self.of}-{self.lead}" if self.state_now == "booked" else None,
            second_id=f"{self.of}-{self.second}" if self.second and self.state_now == "booked" else None,
            cancelled_by="staff" if self.by_staff else None,
            meetings=tuple(self._meeting(one) for one in self.sittings),
            cause=self.cause,
            stall=self.stalled,
        )

    def people(self) -> dict[str, Person]:
        """Everybody who has or had an invite, each with her own copies."""
        keys = sorted(set().union(*(one.invited for one in self.sittings)))
        return {f"{self.of}-{key}": self._with_copies(key) for key in keys}

    def asked(self, key: str) -> dict[str, tuple[int, datetime]]:
        """The versions of the meetings that somebody's calendar should hold now."""
        if self.state_now != "booked":
            return {}
        return {
            f"{self.of}-m{one.code}": (one.sequence, _stamp(one))
            for one in self.sittings
            if key in one.invited - one.uninvited and not one.cancelled
        }

    def _with_copies(self, key: str) -> Person:
        copies = tuple(self._copy(key, one) for one in self.sittings if key in one.invited)
        return person(key, of=self.of, invites=copies)

    def _copy(self, key: str, one: Sitting) -> Invite:
        """With as much of a calendar object as tells one version from another."""
        method: Literal["REQUEST", "CANCEL"] = "CANCEL" if one.cancelled or key in one.uninvited else "REQUEST"
        ics = f"METHOD:{method}\r\nSEQUENCE:{one.sequence}\r\nDTSTAMP:{_stamp(one):%Y%m%dT%H%M%SZ}\r\n"
        return Invite(meeting_id=f"{self.of}-m{one.code}", method=method, sequence=one.sequence, ics=ics)

    def _meeting(self, one: Sitting) -> Meeting:
        start = FIRST_START + timedelta(days=21 * one.code + one.days)
        return meeting(0, of=self.of).model_copy(
            update={
                "meeting_id": f"{self.of}-m{one.code}",
                "uid": f"{self.of}-m{one.code}@forloeb.example",
                "start": start,
                "minutes": one.minutes,
                "place": "online" if one.online else "workplace",
                "sequence": one.sequence,
                "dtstamp": _stamp(one),
                "status": "cancelled" if one.cancelled else "confirmed",
                "attendees": tuple(sorted(one.invited - one.uninvited)),
            }
        )


def _stamp(one: Sitting) -> datetime:
    return SUBMITTED_AT + timedelta(seconds=one.tick)
