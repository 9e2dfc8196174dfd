import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notifier.desk import Desk
from services.notifier.facts import KINDS
from services.notifier.template_files import Templates, load_templates
from tests.changing_course import CAUSES, LEADS, ChangingCourse
from tests.notifier_memory import DiedError, Mortal, Room

QUIET = timedelta(seconds=60)
STORIES = {"course_booked", "course_changed", "course_left", "course_cancelled", "course_stalled", "waiting_list"}
NUMBER = st.integers(0, 5)
CHANGES = st.one_of(
    st.tuples(st.just("move"), NUMBER, st.integers(0, 2)),
    st.tuples(st.just("lengthen"), NUMBER, st.sampled_from([120, 180])),
    st.tuples(st.just("go_online"), NUMBER),
    st.tuples(st.just("reword"), NUMBER),
    st.tuples(st.just("add")),
    st.tuples(st.just("drop"), NUMBER),
    st.tuples(st.just("hand_over"), st.sampled_from(LEADS)),
    st.tuples(st.just("take_second"), NUMBER),
    st.tuples(st.just("stall"), NUMBER),
    st.tuples(st.just("answer")),
    st.tuples(st.just("because"), st.sampled_from(CAUSES)),
)
ENDINGS = st.sampled_from([("answer",), ("cancel",), ("put_back",)])
STEPS = st.lists(
    st.tuples(
        st.one_of(CHANGES, CHANGES, CHANGES, st.sampled_from([("put_back",), ("book_again",)])),
        st.sampled_from([0, 0, 20, 61]),
        st.sampled_from(["once", "once", "twice", "lost"]),
    ),
    max_size=12,
)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """Templates with next to nothing in them: the plan is under test here, and there are many mails."""
    folder = tmp_path_factory.mktemp("templates")
    for kind in KINDS:
        (folder / f"{kind.kind}.mail").write_text("Forløb", encoding="utf-8")
    return load_templates(folder)


class Calendars:
    """What each person's calendar holds after the mails, by the rules of RFC 5546 2.1.5; faults are counted."""

    def __init__(self, room: Room) -> None:
        self._room, self._read = room, 0
        self.held: dict[str, dict[str, tuple[int, str]]] = {}
        self.faults: list[str] = []

    def receive(self) -> list[Any]:
        """Take in what was sent since the last time; the new messages."""
        rows = list(self._room.messages.rows.values())[self._read :]
        self._read += len(rows)
        for row in rows:
            content = self._room.content(row)
            if content.ics is not None and row.meeting_id is not None:
                self._apply(row.person_id, row.meeting_id, content.method or "", content.ics)
        return rows

    def _apply(self, person_id: str, meeting_id: str, method: str, ics: str) -> None:
        version = (int(value(ics, "SEQUENCE")), value(ics, "DTSTAMP"))
        held = self.held.setdefault(person_id, {})
        if meeting_id in held and version <= held[meeting_id]:
            self.faults.append(f"{person_id} {meeting_id} {method}: not newer than what is there")
        if method == "REQUEST":
            held[meeting_id] = version
        elif held.pop(meeting_id, None) is None:
            self.faults.append(f"{person_id} {meeting_id}: off, and never was on")


def value(ics: str, name: str) -> str:
    found = re.search(rf"^{name}:(.*)\r$", ics, re.MULTILINE)
    assert found
    return found.group(1)


def seen_by(course: ChangingCourse, key: str) -> object:
    """What one person would notice of the course."""
    asked = course.asked(key)
    meetings = [one for one in course.state().meetings if one.meeting_id in asked]
    return {one.meeting_id: (one.start, one.minutes, one.place, one.attendees) for one in meetings}


class Run:
    """One random life of a course, checked after everything that was told."""

    def __init__(self, templates: Templates, *, quiet: timedelta) -> None:
        self.room, self.course = Room(quiet=quiet, templates=templates), ChangingCourse()
        self.calendars, self.sequence = Calendars(self.room), 0
        self.seen: dict[str, object] = {}
        self.booked: set[str] = set()

    async def live(self, steps: list[Any], ending: tuple[Any, ...]) -> None:
        await self.tell("once")
        for (name, *values), seconds, fate in steps:
            getattr(self.course, name)(*values)
            await self.tell(fate)
            await self.room.wait(seconds)
            self.check()
        name, *values = ending
        getattr(self.course, name)(*values)
        await self.tell("once")
        await self.room.wait(5 * 60 + 1)
        self.check()
        assert await self.room.wait(0) == 0

    async def tell(self, fate: str) -> None:
        self.sequence += 1
        for _ in range({"lost": 0, "once": 1, "twice": 2}[fate]):
            await self.room.tell(self.course.state(), self.course.people(), sequence=self.sequence)

    def check(self) -> None:
        new = self.calendars.receive()
        assert self.calendars.faults == []
        stories = Counter((row.person_id, row.sequence) for row in new if row.kind in STORIES)
        assert set(stories.values()) <= {1}, "one explaining mail per person and change"


@settings(deadline=None, max_examples=50)
@given(steps=STEPS, ending=ENDINGS, quiet=st.sampled_from([timedelta(0), QUIET]))
def test_however_changes_are_told_each_calendar_ends_with_the_meetings_that_are_on(
    bare: Templates, steps: list[Any], ending: tuple[Any, ...], quiet: timedelta
) -> None:
    """Told at once or together, with events that come twice or never: the same meetings, one story per batch."""
    run = Run(bare, quiet=quiet)
    asyncio.run(run.live(steps, ending))
    for key in ("leader", "employee", *LEADS, "second"):
        held = run.calendars.held.get(f"a001-{key}", {})
        expected = {one: (sequence, f"{at:%Y%m%dT%H%M%SZ}") for one, (sequence, at) in run.course.asked(key).items()}
        assert held == expected, key


@settings(deadline=None, max_examples=50)
@given(changes=st.lists(CHANGES, min_size=1, max_size=6))
def test_who_sees_nothing_change_hears_nothing_and_who_does_reads_one_mail(bare: Templates, changes: list[Any]) -> None:
    """Of one batch: a story exactly for those whose meetings, or whose company there, are others than they were."""
    room, course = Room(quiet=QUIET, templates=bare), ChangingCourse()

    async def live() -> tuple[dict[str, object], int]:
        await room.tell(course.state(), course.people(), sequence=1)
        seen, count = (
            {key: seen_by(course, key) for key in ("leader", "employee", "consultant")},
            len(room.messages.rows),
        )
        for sequence, (name, *values) in enumerate(changes, 2):
            getattr(course, name)(*values)
            await room.tell(course.state(), course.people(), sequence=sequence)
        assert len(room.messages.rows) == count, "nothing before it has been quiet"
        await room.wait(61)
        return seen, count

    before, count = asyncio.run(live())
    stories = Counter(key for key, kind in room.kinds(count) if kind in STORIES)
    for key, seen in before.items():
        stalled = course.stalled is not None and key != "consultant"
        assert stories[key] == int(seen_by(course, key) != seen or stalled), key


STORY: list[tuple[tuple[Any, ...], int]] = [
    (("move", 0, 1), 0),
    (("hand_over", "successor"), 0),
    (("hand_over", "third"), 61),
    (("hand_over", "consultant"), 0),
    (("drop", 1), 61),
    (("stall", 2), 0),
    (("cancel",), 0),
]


async def lived(room: Room, calendars: Calendars) -> ChangingCourse:
    """The story above; whoever dies is begun anew, and gets the event in hand once more."""
    course = ChangingCourse()
    for sequence, ((name, *values), seconds) in enumerate([(("answer",), 0), *STORY], 1):
        getattr(course, name)(*values)
        await until_it_lives(partial(room.tell, course.state(), course.people(), sequence=sequence))
        room.now += timedelta(seconds=seconds)
        await until_it_lives(partial(room.wait, 0))
        stories = Counter((row.person_id, row.sequence) for row in calendars.receive() if row.kind in STORIES)
        assert set(stories.values()) <= {1}
    return course


async def until_it_lives(act: Callable[[], Awaitable[object]]) -> None:
    with suppress(DiedError):
        await act()
        return
    await act()


def test_wherever_the_process_dies_the_same_mails_go_out(bare: Templates) -> None:
    """At each look and write of a long story, one after the other: nothing lost, nothing twice, calendars end right."""

    async def told(dies_at: int) -> tuple[list[tuple[str, str]], int]:
        room = Room(quiet=QUIET, templates=bare)
        mortal, calendars = Mortal(room, dies_at=dies_at), Calendars(room)
        await lived(room, calendars)
        assert calendars.faults == [], dies_at
        assert not any(calendars.held.values()), dies_at
        return sorted(room.kinds()), mortal.calls

    expected, calls = asyncio.run(told(-1))
    assert calls > len(STORY) * 3
    for number in range(calls):
        assert asyncio.run(told(number))[0] == expected, number


def test_the_desk_is_quiet_only_where_it_is_told_to_be() -> None:
    """A test that forgets the quiet would otherwise wait a minute."""
    assert {field.name: field.default for field in Desk.__dataclass_fields__.values()}["quiet"] == timedelta(0)
