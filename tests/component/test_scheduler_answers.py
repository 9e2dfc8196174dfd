"""Answers from calendars on a real database: which of them count, what they change, and what a course does where nothing helps."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.scheduler.act_on_course import act_on_course
from services.scheduler.acts import Order
from services.scheduler.complete import complete_due
from services.scheduler.course_change import Impossible
from services.scheduler.follow_application import follow_application
from services.scheduler.guarded_change import Done, read_before
from services.scheduler.hear import hear
from services.scheduler.mend_courses import check_courses, try_stalled
from services.scheduler.move_meeting import meeting_places
from services.scheduler.save_consultant import save_consultant
from services.scheduler.upkeep import STALLED, count_overlaps, refresh
from shared import mongo
from shared.events import InvitationAnswered
from shared.said import CalendarAnswer
from shared.staff.staff import Staff
from tests.answering import answer, course_of, later, meeting, partstats
from tests.embedded import Embedded
from tests.scheduler_samples import AARHUS, NOW, Office, roster_entry

KIRSTEN = Staff(account="kirsten", role="coordinator")
LEADER, EMPLOYEE = "a1-leader", "a1-employee"
MANY = 80
"""Participants enough for two consultants."""


@pytest.fixture
async def office(stack: Embedded) -> AsyncIterator[Office]:
    """Anne is nearest and gets every course; Bo lives in Aarhus."""
    client = mongo.connect(stack.mongodb, app_name="test")
    office = await Office(client).open()
    await save_consultant(roster_entry("anne"), means=office.means)
    await save_consultant(roster_entry("bo", municipality=AARHUS), means=office.means)
    yield office
    client.close()


@pytest.fixture
async def alone(stack: Embedded) -> AsyncIterator[Office]:
    """Nobody but Anne."""
    client = mongo.connect(stack.mongodb, app_name="test")
    office = await Office(client).open()
    await save_consultant(roster_entry("anne"), means=office.means)
    yield office
    client.close()


async def book(office: Office, application_id: str = "a1", **changes: Any) -> None:
    assert (
        await follow_application(*await office.application(application_id, **changes), means=office.means) == "handled"
    )


async def act(office: Office, kind: str, **values: Any) -> Done | Impossible:
    order = Order.model_validate({"act": {"kind": kind, **values}, "reason": "Aftalt i telefonen med dem."})
    return await act_on_course("a1", order, staff=KIRSTEN, means=office.means)


async def nothing_overlaps(office: Office) -> bool:
    found = await count_overlaps(means=office.means)
    return (found.overlapping, found.unclaimed) == (0, 0)


async def names(office: Office, course_id: str = "a1") -> list[str]:
    return [name for name, _, _ in await office.events(course_id)]


async def full(office: Office) -> None:
    """Nobody can come on any other day: Anne is on leave except on the days of her course."""
    days = [one.start.date() for one in (await course_of(office)).sittings]
    leave, first = [], NOW.date()
    for day in sorted(days):
        leave.append({"first": first, "last": day - timedelta(days=1)})
        first = day + timedelta(days=1)
    leave.append({"first": first, "last": first + timedelta(days=500)})
    await save_consultant(roster_entry("anne", leave=leave), means=office.means)


# -- what is noted -------------------------------------------------------------------------------------------------------


async def test_an_answer_of_a_contact_is_noted_and_told(office: Office) -> None:
    """The event carries it; meetings, claims and numbers stay."""
    await book(office)
    before = await course_of(office)
    office.clock.forward(1)
    after = await answer(office, LEADER, "ACCEPTED")
    assert partstats(after) == {LEADER: "ACCEPTED"}
    assert (after.meetings, after.decided_at) == (before.meetings, before.decided_at)
    [_, (name, sequence, event)] = await office.events("a1")
    assert (name, sequence) == ("AnswerNoted", 2)
    assert [one.partstat for one in event.course.answers] == ["ACCEPTED"]
    row = await office.store.courses.find_one({"_id": "a1"})
    assert row is not None
    assert row["outbox"][-1]["time"] == office.clock().isoformat(), "told when it was heard"


async def test_what_an_event_tells_is_heard_once(office: Office) -> None:
    """By the event of the application, redelivered, and with a later event that repeats it."""
    await book(office)
    said = CalendarAnswer(
        number=1,
        meeting_id=(await meeting(office)).meeting_id,
        person_id=LEADER,
        partstat="TENTATIVE",
        sequence=0,
        dtstamp=NOW,
        at=NOW,
    )
    event = await office.application("a1", event=InvitationAnswered, sequence=3, said=(said,), said_count=1)
    assert await follow_application(*event, means=office.means) == "handled"
    assert await follow_application(*event, means=office.means) == "superseded"
    again = await office.application("a1", event=InvitationAnswered, sequence=4, said=(said,), said_count=1)
    assert await follow_application(*again, means=office.means) == "handled"
    course = await course_of(office)
    assert (course.heard, partstats(course)) == (1, {LEADER: "TENTATIVE"})
    assert await names(office) == ["CourseBooked", "AnswerNoted"]


async def test_answers_are_ordered_by_sequence_then_dtstamp(office: Office) -> None:
    """What comes late but was written earlier changes nothing but how far was heard."""
    await book(office)
    await answer(office, LEADER, "ACCEPTED", dtstamp=later(NOW, 60))
    course = await answer(office, LEADER, "DECLINED", dtstamp=NOW)
    assert (partstats(course), course.heard) == ({LEADER: "ACCEPTED"}, 2)
    assert await names(office) == ["CourseBooked", "AnswerNoted"]


async def test_of_two_answers_in_the_same_second_the_later_arrival_wins(office: Office) -> None:
    """Equal SEQUENCE and DTSTAMP, as from one calendar program where somebody changed her mind at once."""
    await book(office)
    await answer(office, LEADER, "ACCEPTED")
    assert partstats(await answer(office, LEADER, "DECLINED")) == {LEADER: "DECLINED"}
    assert partstats(await answer(office, LEADER, "TENTATIVE")) == {LEADER: "TENTATIVE"}


async def test_the_same_answer_again_is_told_once(office: Office) -> None:
    """Its newer DTSTAMP is kept, since answers are ordered by it."""
    await book(office)
    await answer(office, LEADER, "ACCEPTED")
    course = await answer(office, LEADER, "ACCEPTED", dtstamp=later(NOW))
    assert [one.dtstamp for one in course.answers] == [later(NOW)]
    assert await names(office) == ["CourseBooked", "AnswerNoted"]


@pytest.mark.parametrize("partstat", ["TENTATIVE", "DELEGATED", "NEEDS-ACTION", "ACCEPTED"])
async def test_what_is_no_refusal_repairs_nothing(office: Office, partstat: str) -> None:
    """Not even of the consultant."""
    await book(office)
    before = await course_of(office)
    after = await answer(office, "anne", partstat)
    assert (after.meetings, after.consultant_id, partstats(after)) == (before.meetings, "anne", {"anne": partstat})


async def test_an_answer_to_an_earlier_version_never_acts(office: Office) -> None:
    """It is kept where nothing newer is known, and a newer one takes its place."""
    await book(office)
    assert isinstance(await act(office, "pin", consultant="bo"), Done)
    course = await answer(office, "bo", "DECLINED", sequence=0)
    assert (course.consultant_id, course.stall, course.refused) == ("bo", None, ())
    assert [(one.partstat, one.sequence) for one in course.answers] == [("DECLINED", 0)]
    course = await answer(office, "bo", "ACCEPTED", dtstamp=NOW - timedelta(hours=1))
    assert [(one.partstat, one.sequence) for one in course.answers] == [("ACCEPTED", 1)]
    course = await answer(office, "bo", "DECLINED", sequence=0, dtstamp=later(NOW))
    assert partstats(course) == {"bo": "ACCEPTED"}


async def test_a_raised_sequence_asks_everybody_anew(office: Office) -> None:
    """Answers to a meeting that was moved are dropped, those to others stay."""
    await book(office)
    for code in ("first", "second"):
        await answer(office, LEADER, "ACCEPTED", code=code)
    found = meeting_places(
        await read_before("a1", means=office.means), (await meeting(office)).meeting_id, means=office.means
    )
    assert not isinstance(found, Impossible)
    start = next(one.start for one in found if not one.present)
    assert isinstance(await act(office, "move", meeting=(await meeting(office)).meeting_id, start=start), Done)
    course = await course_of(office)
    assert (partstats(course), partstats(course, "second")) == ({}, {LEADER: "ACCEPTED"})


async def test_answers_of_strangers_and_about_past_or_unknown_meetings_are_noted_nowhere(office: Office) -> None:
    """How far was heard moves on."""
    await book(office)
    await answer(office, "bo", "DECLINED")
    await answer(office, LEADER, "DECLINED", meeting_id="none")
    first = await meeting(office)
    office.clock.now = first.start + timedelta(minutes=1)
    course = await answer(office, "anne", "DECLINED")
    assert (course.answers, course.heard, course.stall) == ((), 3, None)
    assert await names(office) == ["CourseBooked"]


async def test_a_sequence_that_nobody_has_given_out_is_lowered(office: Office) -> None:
    """Else a forged number would lock all later answers out."""
    await book(office)
    await answer(office, LEADER, "DECLINED", sequence=2**31 - 1)
    assert partstats(await answer(office, LEADER, "ACCEPTED", dtstamp=later(NOW))) == {LEADER: "ACCEPTED"}


async def test_what_is_said_of_a_course_that_waits_is_heard_and_changes_nothing(office: Office) -> None:
    """Its meetings are off."""
    await book(office)
    about = await meeting(office)
    assert isinstance(await act(office, "put_back"), Done)
    said = CalendarAnswer(
        number=1, meeting_id=about.meeting_id, person_id="anne", partstat="DECLINED", sequence=0, dtstamp=NOW, at=NOW
    )
    await hear("a1", [said], means=office.means)
    course = await course_of(office)
    assert (course.state, course.heard, course.answers, course.refused) == ("waiting", 1, (), ())


# -- what acts -----------------------------------------------------------------------------------------------------------


async def test_a_consultant_who_declines_is_replaced_at_the_same_times(office: Office) -> None:
    """One guarded write: Bo is asked, Anne's copies are cancelled, answers begin anew, and the history says why."""
    await book(office)
    before = await course_of(office)
    await answer(office, LEADER, "ACCEPTED")
    after = await answer(office, "anne", "DECLINED")
    assert (after.consultant_id, after.cause, after.stall) == ("bo", "consultant_declined", None)
    assert [one.start for one in after.sittings] == [one.start for one in before.sittings]
    assert [one.sequence for one in after.sittings] == [1] * 4
    assert after.answers == ()
    assert [(one.who, one.start) for one in after.refused] == [("anne", (await meeting(office)).start)]
    people = await office.opened_people("a1")
    assert {one.method for one in people["anne"].invites} == {"CANCEL"}
    assert {one.method for one in people["bo"].invites} == {"REQUEST"}
    assert [(one.account, one.act, one.facts["consultant"], one.facts["code"]) for one in after.history] == [
        ("", "repair.consultant_declined", "anne", "first")
    ]
    assert await names(office) == ["CourseBooked", "AnswerNoted", "CourseRebooked"]
    assert await nothing_overlaps(office)


async def test_where_nobody_else_can_come_the_fewest_meetings_move(alone: Office) -> None:
    """Never into the time that she refused, and at least two weeks ahead."""
    await book(alone)
    before = await course_of(alone)
    after = await answer(alone, "anne", "DECLINED", code="second")
    moved = [(old, new) for old, new in zip(before.sittings, after.sittings, strict=True) if old.start != new.start]
    [(old, new)] = moved
    assert old.code == "second"
    assert new.start >= old.end or new.end <= old.start
    assert new.start >= alone.clock() + timedelta(days=14)
    assert (after.consultant_id, after.stall) == ("anne", None)
    assert await nothing_overlaps(alone)


async def test_a_second_consultant_who_declines_is_replaced_alone(office: Office) -> None:
    """The first one keeps everything."""
    await save_consultant(roster_entry("cam", municipality=AARHUS), means=office.means)
    await book(office, participants=MANY)
    before = await course_of(office)
    second = before.second_id
    assert second is not None
    after = await answer(office, second, "DECLINED")
    assert after.consultant_id == before.consultant_id
    assert after.second_id not in (None, second)
    assert [one.start for one in after.sittings] == [one.start for one in before.sittings]
    assert await nothing_overlaps(office)


async def test_one_contact_who_declines_changes_nothing(office: Office) -> None:
    """Noted and told."""
    await book(office)
    before = await course_of(office)
    after = await answer(office, LEADER, "DECLINED")
    assert (after.meetings, after.refused, partstats(after)) == (before.meetings, (), {LEADER: "DECLINED"})


async def test_a_meeting_that_all_contacts_decline_is_placed_anew(office: Office) -> None:
    """The workplace cannot meet then; who leads the course stays if she can."""
    await book(office)
    before = await course_of(office)
    await answer(office, LEADER, "DECLINED", code="second")
    after = await answer(office, EMPLOYEE, "DECLINED", code="second")
    moved = [old.code for old, new in zip(before.sittings, after.sittings, strict=True) if old.start != new.start]
    assert (moved, after.consultant_id, after.cause) == (["second"], "anne", "contacts_declined")
    assert [one.who for one in after.refused] == ["workplace"]
    assert await nothing_overlaps(office)


async def test_contacts_who_decline_different_versions_do_not_decline_together(office: Office) -> None:
    """The first one's answer was to a time that is gone."""
    await book(office)
    await answer(office, LEADER, "DECLINED")
    assert isinstance(await act(office, "pin", consultant="bo"), Done)
    before = await course_of(office)
    after = await answer(office, EMPLOYEE, "DECLINED")
    assert (after.meetings, after.refused) == (before.meetings, ())


async def test_a_decline_that_races_a_move_by_staff_is_judged_by_what_stands_then(office: Office) -> None:
    """Staff are faster: her answer is to an earlier version, and nothing is repaired."""
    await book(office)
    stale = office.new_means()
    await refresh(means=stale)
    about = await meeting(office)
    found = meeting_places(await read_before("a1", means=office.means), about.meeting_id, means=office.means)
    assert not isinstance(found, Impossible)
    start = next(one.start for one in found if not one.present)
    real, moved = stale.store.change_course, False

    class Slow(type(stale.store)):  # type: ignore[misc]
        async def change_course(self, *given: Any) -> Any:
            nonlocal moved
            if not moved:
                moved = True
                assert isinstance(await act(office, "move", meeting=about.meeting_id, start=start), Done)
            return await real(*given)

    slow = Slow(office.client[office.name])
    await answer(office, "anne", "DECLINED", means=replace(stale, store=slow))
    course = await course_of(office)
    assert (course.consultant_id, course.stall, course.refused) == ("anne", None, ())
    assert (await meeting(office)).wall_start == start
    assert [(one.partstat, one.sequence) for one in course.answers] == [("DECLINED", 0)]
    assert await nothing_overlaps(office)


# -- what stalls ---------------------------------------------------------------------------------------------------------


async def test_what_cannot_be_repaired_stalls_visibly(alone: Office) -> None:
    """Booked still, told once; what can be kept is kept, and her refused half hours are free for others."""
    await book(alone)
    await full(alone)
    before = await course_of(alone)
    claims = await alone.store.claims("a1")
    course = await answer(alone, "anne", "DECLINED", code="second")
    about = next(one for one in course.sittings if one.code == "second")
    assert course.stall is not None
    assert (course.state, course.meetings, course.stall.cause) == ("booked", before.meetings, "consultant_declined")
    assert course.stall.meetings == (about.meeting_id,)
    held = await alone.store.claims("a1")
    assert set(held) < set(claims)
    assert {one.partition("|")[2][:10] for one in set(claims) - set(held)} == {about.wall_start[:10]}
    assert await names(alone) == ["CourseBooked", "CourseStalled"]
    assert [one.act for one in course.history] == ["stall.consultant_declined"]
    assert await nothing_overlaps(alone)
    assert STALLED._value.get() == 1
    assert await try_stalled(means=alone.means) == 0
    assert await names(alone) == ["CourseBooked", "CourseStalled"]
    course = await answer(alone, "anne", "DECLINED", code="second", dtstamp=later(NOW))
    assert await names(alone) == ["CourseBooked", "CourseStalled"], "told again only when it is another stall"


async def test_a_stalled_course_goes_on_when_somebody_else_can(alone: Office) -> None:
    """A new consultant in the roster is enough; the waiting list is woken by the same."""
    await book(alone)
    await full(alone)
    await answer(alone, "anne", "DECLINED", code="second")
    await save_consultant(roster_entry("bo", municipality=AARHUS), means=alone.means)
    assert await try_stalled(means=alone.means) == 1
    course = await course_of(alone)
    assert (course.consultant_id, course.stall, course.cause) == ("bo", None, "consultant_declined")
    assert await names(alone) == ["CourseBooked", "CourseStalled", "CourseRebooked"]
    assert await nothing_overlaps(alone)


async def test_whoever_accepts_after_all_takes_her_refusal_back(alone: Office) -> None:
    """The half hours that were let go are held again; no meeting has changed."""
    await book(alone)
    await full(alone)
    claims = await alone.store.claims("a1")
    before = await answer(alone, "anne", "DECLINED", code="second")
    course = await answer(alone, "anne", "ACCEPTED", code="second", dtstamp=later(NOW))
    assert (course.stall, course.refused, course.meetings) == (None, (), before.meetings)
    assert sorted(await alone.store.claims("a1")) == sorted(claims)
    assert partstats(course, "second") == {"anne": "ACCEPTED"}
    assert (await names(alone))[-1] == "CourseRebooked"
    assert [one.act for one in course.history] == ["stall.consultant_declined", "stall.cleared"]
    assert await nothing_overlaps(alone)


async def test_a_coordinator_who_moves_the_meeting_in_doubt_ends_the_stall(alone: Office) -> None:
    """Staff may move to tomorrow what the machine may not."""
    await book(alone)
    await full(alone)
    await answer(alone, "anne", "DECLINED", code="second")
    await save_consultant(roster_entry("anne"), means=alone.means)
    about = await meeting(alone, "second")
    found = meeting_places(await read_before("a1", means=alone.means), about.meeting_id, means=alone.means)
    assert not isinstance(found, Impossible)
    assert about.wall_start not in [one.start for one in found], "she refused it"
    assert isinstance(await act(alone, "move", meeting=about.meeting_id, start=found[0].start), Done)
    course = await course_of(alone)
    assert (course.stall, course.cause) == (None, "staff")
    assert await nothing_overlaps(alone)


async def test_a_coordinator_who_moves_another_meeting_leaves_the_stall(alone: Office) -> None:
    """And does not take back what was let go: it may be another course's."""
    await book(alone)
    await full(alone)
    await answer(alone, "anne", "DECLINED", code="second")
    third = (await course_of(alone)).sittings[-1]
    found = meeting_places(await read_before("a1", means=alone.means), third.meeting_id, means=alone.means)
    assert not isinstance(found, Impossible)
    start = next(one.start for one in found if not one.present)
    assert isinstance(await act(alone, "move", meeting=third.meeting_id, start=start), Done)
    course = await course_of(alone)
    assert course.stall is not None
    assert course.stall.meetings == ((await meeting(alone, "second")).meeting_id,)
    day = (await meeting(alone, "second")).wall_start[:10]
    assert not [key for key in await alone.store.claims("a1") if f"|{day}" in key]
    assert await nothing_overlaps(alone)


async def test_putting_a_stalled_course_back_ends_the_stall(alone: Office) -> None:
    """What she refused stays refused when it is booked again."""
    await book(alone)
    await full(alone)
    await answer(alone, "anne", "DECLINED", code="second")
    assert isinstance(await act(alone, "put_back"), Done)
    course = await course_of(alone)
    assert (course.state, course.stall, course.answers) == ("waiting", None, ())
    assert [one.who for one in course.refused] == ["anne"]


async def test_a_meeting_that_began_in_doubt_stays_unheld_and_stalls_no_more(alone: Office) -> None:
    """Its half hours may be another course's by now; the course goes on and is completed."""
    await book(alone)
    await full(alone)
    course = await answer(alone, "anne", "DECLINED", code="second")
    about = await meeting(alone, "second")
    alone.clock.now = about.start + timedelta(minutes=5)
    assert await try_stalled(means=alone.means) == 1
    course = await course_of(alone)
    assert (course.state, course.stall, course.lapsed) == ("booked", None, (about.meeting_id,))
    assert await nothing_overlaps(alone)
    alone.clock.now = course.sittings[-1].end + timedelta(days=2)
    assert await complete_due(means=alone.means) == 1


async def test_a_repair_that_cannot_be_written_stalls_instead(office: Office) -> None:
    """However often others are faster, what she said is not lost."""
    await book(office)

    class Refusing(type(office.store)):  # type: ignore[misc]
        async def change_course(self, course_id: str, version: int, update: Any) -> Any:
            if update["$set"].get("consultant_id") == "bo":
                raise mongo.AlreadyThereError("claims")
            return await super().change_course(course_id, version, update)

    means = replace(office.means, store=Refusing(office.client[office.name]))
    course = await answer(office, "anne", "DECLINED", means=means)
    assert (course.heard, course.consultant_id) == (1, "anne")
    assert course.stall is not None
    assert await try_stalled(means=office.means) == 1
    assert (await course_of(office)).consultant_id == "bo"


async def test_the_past_never_moves(office: Office) -> None:
    """After the opening a decline of what is to come changes only that; who held the past stays with it."""
    await book(office)
    first = await meeting(office)
    opening = (await course_of(office)).sittings[0]
    office.clock.now = max(opening.end, first.start) + timedelta(days=1)
    before = await course_of(office)
    past = [one for one in before.sittings if one.start <= office.clock()]
    after = await answer(office, "anne", "DECLINED", code=before.sittings[-1].code)
    assert past
    assert after.consultant_id == "bo"
    assert list(after.sittings[: len(past)]) == past
    assert await nothing_overlaps(office)


async def test_trying_courses_that_are_well_writes_nothing(office: Office) -> None:
    """A pass over them costs reads alone."""
    await book(office)
    version = (await office.course("a1")).version
    assert await try_stalled(means=office.means) == 0
    assert await check_courses(means=office.means) == 0
    assert (await office.course("a1")).version == version


async def test_an_answer_that_lets_nothing_go_has_nobody_tried_again(office: Office) -> None:
    """Else hundreds of them would make hundreds of passes over all who wait; a decline that frees half hours does."""
    await book(office)
    woken, openings = office.woken, office.means.calendar.openings
    await answer(office, LEADER, "ACCEPTED")
    await answer(office, EMPLOYEE, "DECLINED")
    assert (office.woken, office.means.calendar.openings) == (woken, openings)
    await answer(office, "anne", "DECLINED")
    assert office.woken > woken
    assert office.means.calendar.openings > openings


async def test_what_another_process_lets_go_is_offered_although_this_one_never_knew_of_it(office: Office) -> None:
    """It hears the decline before it has read the roster again since the booking."""
    other = office.new_means()
    await refresh(means=other)
    await book(office)
    openings = other.calendar.openings
    await answer(office, "anne", "DECLINED", means=other)
    assert other.calendar.openings > openings


async def test_calendars_that_decline_everything_do_not_move_a_course_for_ever(office: Office) -> None:
    """After six repairs within a day it waits for staff; what is accepted after all clears that at once, else a day does."""
    await book(office)
    for minute in range(8):
        leading = (await course_of(office)).consultant_id
        assert leading is not None
        await answer(office, leading, "DECLINED")
        office.clock.forward(1 / 24 / 60 * minute)
    course = await course_of(office)
    assert course.stall is not None
    assert [one.act for one in course.history] == ["repair.consultant_declined"] * 6 + ["stall.consultant_declined"]
    assert await try_stalled(means=office.means) == 0
    assert await nothing_overlaps(office)
    office.clock.forward(1)
    assert await try_stalled(means=office.means) == 1
    assert (await course_of(office)).stall is None


async def test_whoever_accepts_after_all_ends_the_stall_of_a_course_that_was_mended_too_often(office: Office) -> None:
    """Nothing has to be moved for that."""
    await book(office)
    while (await course_of(office)).stall is None:
        await answer(office, (await course_of(office)).consultant_id or "", "DECLINED")
    before = await course_of(office)
    after = await answer(office, before.consultant_id or "", "ACCEPTED")
    assert (after.stall, after.meetings) == (None, before.meetings)
    assert await nothing_overlaps(office)


@pytest.mark.parametrize(("hours", "stays"), [(20, False), (40, True)])
async def test_nobody_takes_a_meeting_over_that_she_cannot_have_read_of(
    office: Office, hours: int, *, stays: bool
) -> None:
    """Anne is ill in the morning: the meeting is moved; a day and a half before, Bo comes in her place."""
    await book(office)
    before = await meeting(office, "second")
    office.clock.now = before.start - timedelta(hours=hours)
    await refresh(means=office.means)
    course = await answer(office, "anne", "DECLINED", code="second")
    after = await meeting(office, "second")
    assert (after.start == before.start) is stays
    assert stays is (course.consultant_id == "bo")
    assert course.stall is None
    assert await nothing_overlaps(office)
