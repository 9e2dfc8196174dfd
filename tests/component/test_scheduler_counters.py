"""Times that people propose from their calendars, on a real database: taken, declined with what is possible, or kept for staff."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest

from services.scheduler.act_on_course import act_on_course
from services.scheduler.acts import DeclineCounter, Order
from services.scheduler.counter import COUNTER_DECLINED, plan_counter
from services.scheduler.course import BookedMeeting, Course
from services.scheduler.course_change import Impossible
from services.scheduler.follow_application import follow_application
from services.scheduler.guarded_change import Done, read_before
from services.scheduler.hear import hear
from services.scheduler.history import HistoryEntry
from services.scheduler.move_meeting import meeting_places
from services.scheduler.preview import preview_act
from services.scheduler.roster import Leave, RosterChange
from services.scheduler.save_consultant import change_consultant, save_consultant
from services.scheduler.upkeep import count_overlaps
from shared import mongo
from shared.course_facts import DeclinedCounter
from shared.events import InvitationAnswered
from shared.said import CounterProposal
from shared.staff.staff import Staff
from tests.embedded import Embedded
from tests.scheduler_samples import AARHUS, Office, roster_entry


@pytest.fixture
async def office(stack: Embedded) -> AsyncIterator[Office]:
    """Anne holds the course; Bo is somebody else."""
    client = mongo.connect(stack.mongodb, app_name="test")
    office = await Office(client).open()
    await save_consultant(roster_entry("anne"), means=office.means)
    await save_consultant(roster_entry("bo", municipality=AARHUS), means=office.means)
    await follow_application(*await office.application("a1"), means=office.means)
    yield office
    client.close()


async def course_of(office: Office) -> Course:
    return (await office.course("a1")).course


async def third(office: Office) -> BookedMeeting:
    return (await course_of(office)).sittings[2]


async def free_start(office: Office, place: int = 5) -> datetime:
    """One of the other starts that the third meeting could have."""
    before = await read_before("a1", means=office.means)
    found = meeting_places(before, (await third(office)).meeting_id, means=office.means)
    assert not isinstance(found, Impossible)
    return datetime.fromisoformat([one for one in found if not one.present][place].instant)


async def propose(office: Office, start: datetime, *, person: str = "a1-leader", **changes: Any) -> Course:
    """Propose a start of the third meeting, and return the course afterwards."""
    course, meeting = await course_of(office), await third(office)
    values = {
        "number": course.heard + 1,
        "meeting_id": meeting.meeting_id,
        "person_id": person,
        "start": start,
        "sequence": meeting.sequence,
        "dtstamp": office.clock().replace(microsecond=0),
        "at": office.clock(),
    }
    await hear("a1", [CounterProposal.model_validate(values | changes)], means=office.means)
    return await course_of(office)


async def names(office: Office) -> list[str]:
    return [name for name, _, _ in await office.events("a1")]


async def reply_to(office: Office, person: str = "a1-leader") -> icalendar.Event:
    """The newest answer to a proposal of hers, as a calendar program reads it."""
    people = await office.opened_people("a1")
    calendar = icalendar.Calendar.from_ical(people[person].counter_replies[-1].ics)
    assert calendar["METHOD"] == "DECLINECOUNTER"
    (event,) = calendar.walk("VEVENT")
    return event


@pytest.mark.parametrize("person", ["a1-leader", "anne"])
async def test_a_possible_time_is_taken_and_everybody_is_asked_anew(office: Office, person: str) -> None:
    """From a contact as from the consultant: one new SEQUENCE, and a REQUEST for that meeting to all."""
    old, start = await third(office), await free_start(office)
    course = await propose(office, start, person=person)
    new = course.sittings[2]
    assert (new.start, new.uid, new.sequence) == (start, old.uid, old.sequence + 1)
    assert (course.cause, course.declined_counters) == ("counter", ())
    assert (course.history[-1].account, course.history[-1].facts["person"]) == ("", person)
    people = await office.opened_people("a1")
    for one in ("a1-leader", "a1-employee", "anne"):
        asked = people[one].invites[2]
        assert (asked.method, asked.sequence) == ("REQUEST", old.sequence + 1)
    found = await count_overlaps(means=office.means)
    assert (found.overlapping, found.unclaimed) == (0, 0)


async def test_an_impossible_time_is_declined_with_the_nearest_possible_ones(office: Office) -> None:
    """At night nobody meets. Nothing moves; whoever proposed it gets the answer for her calendar, in her language."""
    old = await third(office)
    proposed = old.start.replace(hour=1)
    course = await propose(office, proposed)
    assert course.sittings[2] == old
    (declined,) = course.declined_counters
    assert (declined.proposed.start, declined.by, declined.outdated) == (proposed, "rules", False)
    assert len({one.wall_start[:10] for one in declined.starts}) == 3
    away = [abs(one.start - proposed) for one in declined.starts]
    assert away == sorted(away)
    assert away[0] < timedelta(days=2)
    name, _, event = (await office.events("a1"))[-1]
    assert (name, event.course.declined_counters) == ("CounterDeclined", (_told(declined),))
    reply = await reply_to(office)
    assert (reply["UID"], reply["SEQUENCE"]) == (old.uid, old.sequence)
    assert reply["DTSTAMP"].dt > old.dtstamp
    assert reply["DTSTART"].dt == old.start
    assert reply["ATTENDEE"] == "mailto:leader-a1@odense.example"
    assert reply["ORGANIZER"].startswith("mailto:")
    assert "STATUS" not in reply
    assert "kan desværre ikke" in reply["COMMENT"]
    assert "VALARM" not in str(reply)
    others = await office.opened_people("a1")
    assert not others["a1-employee"].counter_replies
    assert not others["anne"].counter_replies


async def test_a_proposal_that_is_told_twice_is_heard_once(office: Office) -> None:
    """As intake tells it: each event of the application carries what was said before, too."""
    meeting, now = await third(office), office.clock()
    said = CounterProposal(
        number=1,
        meeting_id=meeting.meeting_id,
        person_id="a1-leader",
        start=await free_start(office),
        sequence=0,
        dtstamp=now.replace(microsecond=0),
        at=now,
    )
    for sequence in (3, 4):
        told = await office.application(
            "a1", sequence=sequence, event=InvitationAnswered, said=(said,), said_count=said.number
        )
        assert await follow_application(*told, means=office.means) == "handled"
    course = await course_of(office)
    assert (course.sittings[2].start, course.sittings[2].sequence, course.heard) == (said.start, 1, 1)
    assert course.declined_counters == ()


async def test_what_lies_off_the_half_hours_is_declined(office: Office) -> None:
    """With the times around it."""
    start = await free_start(office)
    course = await propose(office, start + timedelta(minutes=10), person="a1-employee")
    assert start in [one.start for one in course.declined_counters[0].starts]
    assert "Unfortunately" in (await reply_to(office, "a1-employee"))["COMMENT"]


async def test_a_proposal_to_an_earlier_version_is_outdated(office: Office) -> None:
    """Even if the time is possible: she has not seen how it is now."""
    start = await free_start(office)
    moved = (await propose(office, start)).sittings[2]
    course = await propose(office, await free_start(office, 9), sequence=0)
    assert course.sittings[2] == moved
    assert [one.outdated for one in course.declined_counters] == [True]
    assert "ændret siden" in (await reply_to(office))["COMMENT"]


async def test_what_is_no_proposal_changes_nothing(office: Office) -> None:
    """The present time, a stranger, a meeting that is gone or over: heard, and nobody is told."""
    old, version = await third(office), len(await names(office))
    await propose(office, old.start)
    await propose(office, await free_start(office), person="bo")
    await propose(office, await free_start(office), meeting_id="gone")
    office.clock.now = old.start + timedelta(minutes=1)
    course = await propose(office, old.start + timedelta(days=7), meeting_id=old.meeting_id)
    assert (course.heard, course.sittings[2], course.declined_counters) == (4, old, ())
    assert len(await names(office)) == version


async def test_an_answer_stays_the_same_bytes_whatever_becomes_of_the_meeting(office: Office) -> None:
    """Each later event tells it again."""
    old = await third(office)
    await propose(office, old.start.replace(hour=1))
    first = (await office.opened_people("a1"))["a1-leader"].counter_replies
    await propose(office, await free_start(office))
    assert (await office.opened_people("a1"))["a1-leader"].counter_replies == first


async def test_proposals_without_end_push_nothing_else_out_of_the_history(office: Office) -> None:
    """The oldest of the declined ones gives way to the newest; what staff did stays."""
    before = await read_before("a1", means=office.means)
    declined = [HistoryEntry(entry_id=str(number), at=office.clock(), act=COUNTER_DECLINED) for number in range(20)]
    by_staff = HistoryEntry(entry_id="staff", at=office.clock(), account="kirsten", act="course.meeting_moved")
    course = before.course.model_copy(update={"history": (by_staff, *declined)})
    full = replace(before, stored=before.stored._replace(course=course))
    meeting = course.sittings[2]
    said = CounterProposal(
        number=1,
        meeting_id=meeting.meeting_id,
        person_id="anne",
        start=meeting.start.replace(hour=1),
        sequence=meeting.sequence,
        dtstamp=office.clock(),
        at=office.clock(),
    )
    after = plan_counter(full, said, means=office.means).course.history
    assert len(after) == len(course.history)
    assert (after[0], after[1].entry_id) == (by_staff, "1")


async def test_where_staff_are_asked_a_possible_time_waits_for_them(office: Office) -> None:
    """One for each person and meeting, the newest; an impossible one is declined at once."""
    office.means = replace(office.means, programme=office.programme.model_copy(update={"counter": "ask"}))
    old, start = await third(office), await free_start(office)
    course = await propose(office, start)
    assert (course.sittings[2], [one.start for one in course.open_counters]) == (old, [start])
    assert (await names(office))[-1] == "AnswerNoted"
    later = await free_start(office, 9)
    course = await propose(office, later)
    assert [one.start for one in course.open_counters] == [later]
    course = await propose(office, start, person="anne")
    assert len(course.open_counters) == 2
    course = await propose(office, old.start.replace(hour=1), person="a1-employee")
    assert (len(course.open_counters), len(course.declined_counters)) == (2, 1)
    row = await office.store.courses.find_one({"_id": "a1"})
    assert row is not None
    assert row["for_staff"] == ["counter"]


@pytest.fixture
async def asking(office: Office) -> Office:
    """The programme asks coordinators before a proposed time is taken; one proposal waits."""
    office.means = replace(office.means, programme=office.programme.model_copy(update={"counter": "ask"}))
    await propose(office, await free_start(office))
    return office


async def act(office: Office, kind: str, **values: Any) -> Done | Impossible:
    order = Order.model_validate({"act": {"kind": kind, **values}, "reason": "Aftalt i telefonen med alle."})
    return await act_on_course("a1", order, staff=Staff(account="kirsten", role="coordinator"), means=office.means)


async def test_a_coordinator_takes_a_proposed_time(asking: Office) -> None:
    """It moves as proposed; the history tells who proposed what, and who took it."""
    (proposal,) = (await course_of(asking)).open_counters
    assert isinstance(await act(asking, "take_counter", number=proposal.number), Done)
    course = await course_of(asking)
    assert (course.sittings[2].start, course.open_counters, course.cause) == (proposal.start, (), "counter")
    assert course.history[-1].account == "kirsten"
    assert course.history[-1].facts["person"] == "a1-leader"
    assert course.history[-1].facts["start"] == course.sittings[2].wall_start
    assert "for_staff" not in (await asking.store.courses.find_one({"_id": "a1"}) or {})


async def test_a_coordinator_declines_a_proposed_time(asking: Office) -> None:
    """Only who proposed it is written to; the proposed time is not among those that are possible."""
    course = await course_of(asking)
    (proposal,) = course.open_counters
    before = await read_before("a1", means=asking.means)
    mails = await preview_act(before, DeclineCounter(number=proposal.number), means=asking.means)
    assert not isinstance(mails, Impossible)
    assert [(one.person_id, one.kind) for one in mails] == [("a1-leader", "counter_declined")]
    assert isinstance(await act(asking, "decline_counter", number=proposal.number), Done)
    after = await course_of(asking)
    assert (after.meetings, after.open_counters) == (course.meetings, ())
    assert (after.declined_counters[0].by, len(after.declined_counters[0].starts)) == ("staff", 3)
    assert proposal.start not in [one.start for one in after.declined_counters[0].starts]


async def test_a_proposal_that_waits_no_more_can_be_neither_taken_nor_declined(asking: Office) -> None:
    """It went with the meeting as it was, or was never there."""
    (proposal,) = (await course_of(asking)).open_counters
    other = await free_start(asking, 9)
    mine = (await third(asking)).meeting_id
    wall = other.astimezone(asking.programme.tz)
    assert isinstance(await act(asking, "move", meeting=mine, start=f"{wall:%Y-%m-%dT%H:%M}"), Done)
    assert (await course_of(asking)).open_counters == ()
    for kind in ("take_counter", "decline_counter"):
        outcome = await act(asking, kind, number=proposal.number)
        assert isinstance(outcome, Impossible)
        assert outcome.code == "counter"


async def test_a_proposed_time_that_is_gone_meanwhile_is_not_taken(asking: Office) -> None:
    """What waits for staff is not held."""
    (proposal,) = (await course_of(asking)).open_counters
    day = proposal.start.date()
    await change_consultant("anne", RosterChange(leave=[Leave(first=day, last=day)]), means=asking.means)
    outcome = await act(asking, "take_counter", number=proposal.number)
    assert isinstance(outcome, Impossible)
    assert outcome.code == "place"


def _told(declined: DeclinedCounter) -> DeclinedCounter:
    return DeclinedCounter.model_validate(declined.model_dump(include=set(DeclinedCounter.model_fields)))


@pytest.mark.parametrize("year", [1, 500, 3000, 9999])
@pytest.mark.parametrize("counter", ["auto", "ask"])
async def test_a_time_that_no_calendar_shows_is_heard_and_nothing_else(office: Office, year: int, counter: str) -> None:
    """It can hardly be written down; told again and again by its application, it would keep all else from being heard."""
    means = replace(office.means, programme=office.programme.model_copy(update={"counter": counter}))
    before, meeting = await course_of(office), await third(office)
    proposal = CounterProposal(
        number=1,
        meeting_id=meeting.meeting_id,
        person_id="a1-leader",
        start=datetime(year, 12, 31, 23, 30, tzinfo=UTC) if year > 1 else datetime.min.replace(tzinfo=UTC),
        sequence=0,
        dtstamp=office.clock(),
        at=office.clock(),
    )
    await hear("a1", [proposal], means=means)
    assert await course_of(office) == before.model_copy(update={"heard": 1})
