from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from jinja2 import Environment, FunctionLoader

from services.notifier.gates import Later, Objection, Stop
from services.notifier.message import LeasedMessage, NewMessage
from services.notifier.planned import CALENDAR_KINDS, TIMED_KINDS
from services.notifier.tell_course import tell_about_course
from services.notifier.template_files import Templates
from services.notifier.timed.change import move_timed, stop_timed
from services.notifier.timed.due import planned_of
from services.notifier.timed.gates import timed_gates
from services.notifier.timed.hours import in_hours, next_opening
from services.notifier.timed.sweep import put_in_due
from services.notifier.timed.timed_mail import TimedMail
from shared.events import CourseCancelled, CourseCompleted, CourseRebooked, CourseState
from shared.web.texts import LANGUAGES
from tests.notifier_memory import MemoryDays, Room
from tests.notifier_samples import leased
from tests.timed_courses import COPENHAGEN, PROGRAMME, at
from tests.timed_oracle import Due, due_on, helps_until
from tests.timed_year import BEGIN, END, Happening, Life, instant, lives, works

NOTIFIER_AWAY = at("2027-02-08T06:15"), at("2027-02-11T10:00")
"""Three days in which no notifier runs; events wait."""
MAIL_AWAY = at("2027-03-02T07:15"), at("2027-03-03T13:00")
"""The mail server takes nothing."""
STAFF_EVERY = timedelta(days=3)
HALF_HOUR = timedelta(minutes=30)
KINDS = {"cancelled": CourseCancelled, "completed": CourseCompleted}


class Year:
    """A notifier with a clock that jumps, and beside it what it should send."""

    def __init__(self, seed: int) -> None:
        short = {language: Environment(loader=FunctionLoader(_short)) for language in LANGUAGES}  # noqa: S701 - no HTML
        self.room = Room(quiet=timedelta(0), templates=Templates(text=short, html=short))
        self.lives = {life.of: life for life in lives(seed)}
        self.random = Random(seed)
        waiting = [(one.at, life, one) for life in self.lives.values() for one in life.happenings]
        self.waiting = sorted(waiting, key=lambda one: (one[0], one[1].of))
        self.states: dict[str, CourseState] = {}
        self.numbers: Counter[str] = Counter()
        self.unsent: dict[str, datetime] = {}
        self.sent: dict[str, datetime] = {}
        self.stopped: dict[str, str] = {}
        self.expected: dict[str, tuple[str, Due, datetime, datetime]] = {}
        self.by_staff: dict[tuple[Any, ...], datetime | None] = {}
        self.moved: dict[datetime, list[tuple[str, Due, date]]] = {}
        self.kept: dict[str, dict[tuple[Any, ...], date]] = {}
        self.doubted: dict[str, datetime] = {}
        self.held: dict[str, dict[tuple[Any, ...], date]] = {}
        self.gates = timed_gates(
            views=self.room.views, days=MemoryDays(), programme=PROGRAMME, clock=lambda: self.room.now
        )

    async def live(self) -> None:
        staff_at = at("2026-12-14T10:30")
        for now in _half_hours():
            self.room.now = now
            if NOTIFIER_AWAY[0] <= now < NOTIFIER_AWAY[1]:
                for of, one, day in self._due_now(now):
                    self.kept.setdefault(of, {})[one.key()] = day
                continue
            while self.waiting and self.waiting[0][0] <= now:
                _, life, happening = self.waiting.pop(0)
                await self._tell(life, happening)
            for of, kept in self.kept.items():
                for key, day in kept.items():
                    self._add(of, _given(key, day, self.states[of]), day, now)
            self.kept.clear()
            for of, one, day in self._due_now(now):
                self._add(of, one, day, now)
            if now >= staff_at:
                await self._act(now)
                staff_at = now + STAFF_EVERY
            await put_in_due(desk=self.room.desk)
            await self._send(now)

    def row(self, message_id: str) -> NewMessage:
        return self.room.messages.rows[message_id]

    async def _tell(self, life: Life, happening: Happening) -> None:
        of, before, state = life.of, self.states.get(life.of), happening.state
        self.numbers[of] += 1
        kind = KINDS.get(state.state, CourseRebooked)
        event = await self.room.event(state, life.people(state), sequence=self.numbers[of], kind=kind)
        assert await tell_about_course(*event, desk=self.room.desk) == "handled"
        self.states[of] = state
        # Waiting for the notifier it has to be given by every state that came meanwhile.
        kept = self.kept.get(of, {})
        for key in [key for key, day in kept.items() if _given(key, day, state) is None]:
            if state.stall is not None:
                self.held.setdefault(of, {})[key] = kept[key]
            del kept[key]
        if before is not None:
            self._expect_questionnaires(of, before, state)
            self._expect_what_was_held_back(of, before, state)

    def _expect_what_was_held_back(self, of: str, before: CourseState, state: CourseState) -> None:
        """What would have gone out since a meeting is in doubt goes out when it is not any more, if it still helps."""
        now, held = self.room.now, self.held.pop(of, {})
        if state.stall is not None:
            self.doubted[of], self.held[of] = now, held
            return
        since = self.doubted.pop(of, now)
        for day in _days(since.astimezone(COPENHAGEN).date(), now.astimezone(COPENHAGEN).date()):
            given = {one.key() for one in due_on(day, before)}
            for one in due_on(day, before.model_copy(update={"stall": None})):
                due_at = self.by_staff.get(one.key(), instant(day, 8))
                if one.key() not in given and due_at is not None and since < due_at <= now:
                    held[one.key()] = day
        goes_at = now if in_hours(now, PROGRAMME) else next_opening(now, PROGRAMME)
        for key, day in held.items():
            one = _given(key, day, state)
            if one is not None and goes_at < helps_until(one, day):
                self._add(of, one, day, now)

    def _expect_questionnaires(self, of: str, before: CourseState, state: CourseState) -> None:
        """What was to come after the last meeting held is off: then its questionnaire is due at once, if it still helps."""
        now = self.room.now
        today = now.astimezone(COPENHAGEN).date()
        for day in _days(today - timedelta(days=33), today):
            known = {one.key() for one in due_on(day, before)}
            for one in due_on(day, state):
                if one.kind == "evaluation" and one.key() not in known and instant(day, 8) <= now:
                    self._add(of, one, day, now)

    def _due_now(self, now: datetime) -> Iterator[tuple[str, Due, date]]:
        wall = now.astimezone(COPENHAGEN)
        if (wall.hour, wall.minute) == (8, 0):
            for of, state in self.states.items():
                for one in due_on(wall.date(), state):
                    if one.key() not in self.by_staff:
                        yield of, one, wall.date()
        for of, was, day in self.moved.get(now, ()):
            one = _given(was.key(), day, self.states[of])
            if one is not None:
                yield of, one, day

    def _add(self, of: str, one: Due | None, day: date, now: datetime) -> None:
        if one is not None and now < helps_until(one, day):
            self.expected.setdefault(one.message_id(of), (of, one, now, helps_until(one, day)))

    async def _act(self, now: datetime) -> None:
        """A coordinator stops one mail that is planned, or has it go two hours after the opening of the working day after."""
        views = self.room.views
        of = self.random.choice(list(views.views))
        choices = [
            mail
            for mail in planned_of(views.views[of], PROGRAMME, now)
            if now + timedelta(hours=1) < mail.due_at and not (mail.stopped or mail.moved_from)
        ]
        choices = [mail for mail in choices if mail.kind != "materials"]
        if not choices:
            return
        mail = self.random.choice(choices)
        due = self._due(of, mail)
        later = next_opening(mail.due_at + HALF_HOUR, PROGRAMME) + timedelta(hours=2)
        if later < mail.useful_until and self.random.random() < 0.5:
            await move_timed(of, mail.key, later, by="anne", views=views, programme=PROGRAMME, now=now)
            self.by_staff[due.key()] = later
            self.moved.setdefault(later, []).append((of, due, mail.due_at.astimezone(COPENHAGEN).date()))
        else:
            await stop_timed(of, mail.key, by="anne", views=views, programme=PROGRAMME, now=now)
            self.by_staff[due.key()] = None

    def _due(self, of: str, mail: TimedMail) -> Due:
        meeting = next(one for one in self.states[of].meetings if one.meeting_id == mail.meeting_id)
        return Due(mail.kind, mail.offset, mail.person_id, meeting)

    async def _send(self, now: datetime) -> None:
        rows = self.room.messages.rows
        for message_id in list(rows)[len(self.sent) + len(self.stopped) + len(self.unsent) :]:
            self.unsent[message_id] = rows[message_id].due_at
        if MAIL_AWAY[0] <= now < MAIL_AWAY[1]:
            return
        for message_id in sorted(
            (one for one, due_at in self.unsent.items() if due_at <= now), key=self.unsent.__getitem__
        ):
            match await self._asked(rows[message_id]):
                case Later(due_at, _):
                    assert due_at > now
                    self.unsent[message_id] = due_at
                    continue
                case Stop(why):
                    self.stopped[message_id] = why
                case None:
                    self.sent[message_id] = now
            del self.unsent[message_id]

    async def _asked(self, row: NewMessage) -> Objection | None:
        message = _leased(row)
        for gate in self.gates:
            objection = await gate(message)
            if objection is not None:
                return objection
        return None


def _short(name: str) -> str:
    """What mails say is looked at elsewhere."""
    return name


def _given(key: tuple[Any, ...], day: date, state: CourseState) -> Due | None:
    """The mail of this key, if the course has it due on this day."""
    return next((one for one in due_on(day, state) if one.key() == key), None)


def _leased(row: NewMessage) -> LeasedMessage:
    names = (
        "message_id",
        "application_id",
        "person_id",
        "kind",
        "about",
        "sequence",
        "addressee",
        "useful_until",
        "timed",
    )
    return leased(**{name: getattr(row, name) for name in names})


def _half_hours() -> Iterator[datetime]:
    now, end = instant(BEGIN, 0), instant(END, 0)
    while now < end:
        yield now
        now += HALF_HOUR


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


@pytest.fixture(scope="module")
async def year() -> Year:
    lived = Year(1)
    await lived.live()
    return lived


async def test_in_a_year_of_courses_exactly_the_due_mails_go_out(year: Year) -> None:
    """None for what moved, was cancelled, declined, in doubt or stopped by staff; after an outage what still helps."""
    sent = {one for one in year.sent if year.row(one).timed}
    assert {year.expected[one][1] for one in year.expected.keys() - sent} == set()
    assert {year.row(one).about for one in sent - year.expected.keys()} == set()
    kinds = Counter(year.row(one).kind for one in sent)
    assert kinds["reminder"] > 600
    assert min(kinds[kind] for kind in ("homework", "briefing", "trial_check", "evaluation")) > 20
    assert set(kinds) == set(TIMED_KINDS) - {"materials"}
    assert len(year.by_staff) > 60
    assert sum(NOTIFIER_AWAY[1] == year.sent[one] for one in sent) > 5


async def test_they_go_in_the_hours_of_working_days_while_they_help(year: Year) -> None:
    """Also those that waited for a notifier, for the mail server, or for a day with room; most go when they are due."""
    late = 0
    for one, (_, due, expected_at, until) in year.expected.items():
        sent_at = year.sent[one]
        assert in_hours(sent_at, PROGRAMME), due
        assert works(sent_at.astimezone(COPENHAGEN).date()), due
        assert sent_at < until, due
        assert sent_at >= expected_at, due
        late += sent_at != expected_at
    assert 0 < late < len(year.expected) / 20


async def test_nobody_gets_too_many_mails_a_day(year: Year) -> None:
    """Consultants with many courses neither; no mail is lost for it, and what explains goes out within a day."""
    days: Counter[tuple[str, date]] = Counter()
    for one, sent_at in year.sent.items():
        row = year.row(one)
        if row.kind not in CALENDAR_KINDS:
            days[row.addressee, sent_at.astimezone(COPENHAGEN).date()] += 1
        if not row.timed and not MAIL_AWAY[0] <= row.created_at < MAIL_AWAY[1]:
            assert sent_at - row.created_at < timedelta(days=2)
    assert 1 < max(days.values()) <= PROGRAMME.messages.per_person_per_day_max
    assert not [why for why in year.stopped.values() if why == "too_late"]
    assert not year.unsent
