"""The mails that an act is said to send are those that the notifier then plans: two services, one rule."""

import random
from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.notifier.course_view import Told, ToldCourse
from services.notifier.plan_counters import plan_counters
from services.notifier.plan_course import plan_course
from services.scheduler.act_on_course import act_on_course
from services.scheduler.acts import Order, possible_acts
from services.scheduler.course import Course
from services.scheduler.course_change import Impossible
from services.scheduler.follow_application import follow_application
from services.scheduler.guarded_change import Done, read_before
from services.scheduler.move_meeting import meeting_places
from services.scheduler.preview import preview_act
from services.scheduler.save_consultant import save_consultant
from services.scheduler.waitlist import retry_waiting
from shared import mongo
from shared.events import EVENTS, CourseEvent
from shared.staff.staff import Staff
from tests.embedded import Embedded
from tests.scheduler_samples import Office, roster_entry
from tests.tailoring_samples import tailor_act

KIRSTEN = Staff(account="kirsten", role="coordinator")
REASON = "Aftalt med arbejdspladsen i telefonen."
Row = tuple[str, str, str | None]
"""Person, kind of mail, code of the meeting."""


class Post:
    """The notifier's planning of one course: what people were told so far, and what each further event sends."""

    def __init__(self, office: Office, course_id: str) -> None:
        self._office, self._course_id = office, course_id
        self._told: dict[str, Told] = {}
        self._before: ToldCourse | None = None
        self._handled = 0

    async def send(self) -> list[Row]:
        """The mails of all events since the last time."""
        row = await self._office.store.courses.find_one({"_id": self._course_id})
        assert row is not None
        sent: list[Row] = []
        for number in range(self._handled, len(row["outbox"])):
            event = EVENTS[row["outbox"][number]["type"]].model_validate_json(bytes(row["outbox"][number]["body"]))
            if isinstance(event, CourseEvent):
                people = await self._office.opened_people(self._course_id, number)
                sequence = row["outbox"][number]["sequence"]
                counters = plan_counters(event.course, people, self._told, sequence=sequence)
                plan = plan_course(event.course, people, counters.told, before=self._before, sequence=sequence)
                codes = {meeting.meeting_id: meeting.code for meeting in event.course.meetings}
                messages = (*plan.messages, *counters.messages)
                about = [one.calendar.meeting_id if one.calendar else one.about for one in messages]
                sent += [(one.person_id, one.kind, codes.get(what)) for one, what in zip(messages, about, strict=True)]
                self._told, self._before = plan.told, ToldCourse.of(event.course)
        self._handled = len(row["outbox"])
        return sent


@pytest.fixture
async def office(stack: Embedded) -> AsyncIterator[Office]:
    client = mongo.connect(stack.mongodb, app_name="test")
    office = await Office(client).open()
    for who in ("anne", "bo", "cam", "dan"):
        await save_consultant(roster_entry(who), means=office.means)
    yield office
    client.close()


async def previewed_and_done(office: Office, act: dict[str, Any]) -> list[Row] | None:
    """The mails that were promised, after doing it; None where it was refused, then and now for the same reason."""
    order = Order.model_validate({"act": act, "reason": REASON})
    preview = await preview_act(await read_before("a1", means=office.means), order.act, means=office.means)
    outcome = await act_on_course("a1", order, staff=KIRSTEN, means=office.means)
    if isinstance(preview, Impossible):
        assert isinstance(outcome, Impossible)
        assert outcome.code == preview.code
        return None
    assert isinstance(outcome, Done)
    return [(mail.person_id, mail.kind, mail.meeting) for mail in preview]


async def test_each_act_sends_exactly_the_mails_that_were_previewed(office: Office) -> None:
    """From the booking on: taken over, moved, a second one replaced, put back, booked again, cancelled."""
    await follow_application(*await office.application("a1", participants=80), means=office.means)
    post = Post(office, "a1")
    await post.send()
    for act in ({"kind": "pin", "consultant": "cam"}, {"kind": "exclude", "consultant": "bo"}):
        promised = await previewed_and_done(office, act)
        assert promised
        assert await post.send() == promised
    moved = await previewed_and_done(office, await a_move(office, random.Random(1)))
    assert moved
    assert [kind for _, kind, _ in moved] == ["course_changed", "invite"] * 4
    assert await post.send() == moved
    for kind in ("put_back", "try_again"):
        promised = await previewed_and_done(office, {"kind": kind})
        assert await post.send() == promised
    assert await retry_waiting(means=office.means) == 1
    await post.send()
    promised = await previewed_and_done(office, {"kind": "cancel"})
    assert promised
    assert {kind for _, kind, _ in promised} == {"course_cancelled", "cancellation"}
    assert await post.send() == promised


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_any_sequence_of_acts_sends_what_was_previewed(office: Office, seed: int) -> None:
    """Acts at random, with weeks between them, so that some meetings are past."""
    dice = random.Random(seed)
    await follow_application(*await office.application("a1", participants=dice.choice([24, 80])), means=office.means)
    post = Post(office, "a1")
    await post.send()
    for _ in range(10):
        course = (await office.course("a1")).course
        act = await an_act(office, course, dice)
        promised = await previewed_and_done(office, act)
        assert await post.send() == (promised or [])
        await retry_waiting(means=office.means)
        await post.send()
        office.clock.forward(dice.choice([0, 0, 3, 20]))
        office.means.calendar.roll(office.means.today())


async def an_act(office: Office, course: Course, dice: random.Random) -> dict[str, Any]:
    kinds = sorted(possible_acts(course, office.clock()) - {"cancel", "extend_window"})
    kind = dice.choice(kinds or ["put_back"])
    if kind == "move":
        return await a_move(office, dice)
    if kind == "tailor":
        return tailor_act(course, office.clock(), dice)
    if kind in ("pin", "exclude"):
        return {"kind": kind, "consultant": dice.choice(["anne", "bo", "cam", "dan"])}
    return {"kind": kind, "consultant": dice.choice(course.excluded)} if kind == "include" else {"kind": kind}


async def a_move(office: Office, dice: random.Random) -> dict[str, Any]:
    """To any place that one of the meetings still to come could have."""
    before = await read_before("a1", means=office.means)
    meeting = dice.choice([one for one in before.course.sittings if one.start > before.now])
    places = meeting_places(before, meeting.meeting_id, means=office.means)
    starts = [] if isinstance(places, Impossible) else [one.start for one in places if not one.present]
    return {"kind": "move", "meeting": meeting.meeting_id, "start": dice.choice(starts or ["2027-01-01T00:00"])}
