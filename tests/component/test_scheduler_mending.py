"""Changes of the roster that put booked courses in doubt, and the loop that mends them, on a real database."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from services.scheduler.follow_application import follow_application
from services.scheduler.mend_courses import check_courses, try_stalled
from services.scheduler.mending import Mending
from services.scheduler.roster import RosterChange
from services.scheduler.save_consultant import change_consultant, save_consultant
from services.scheduler.upkeep import count_overlaps, refresh
from shared import mongo
from shared.vault import person_key
from tests.answering import answer, course_of
from tests.embedded import Embedded
from tests.polling import until
from tests.scheduler_samples import AARHUS, ODENSE, Office, roster_entry

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


async def book(office: Office, application_id: str = "a1", **changes: Any) -> None:
    assert (
        await follow_application(*await office.application(application_id, **changes), means=office.means) == "handled"
    )


async def change(office: Office, consultant_id: str = "anne", **values: Any) -> None:
    await change_consultant(consultant_id, RosterChange.model_validate(values), means=office.means)


async def leave_on(office: Office, code: str, consultant_id: str = "anne") -> None:
    """She is away on the day of one meeting."""
    day = next(one for one in (await course_of(office)).sittings if one.code == code).wall_start[:10]
    await change(office, consultant_id, leave=[{"first": day, "last": day}])


async def nothing_overlaps(office: Office) -> bool:
    found = await count_overlaps(means=office.means)
    return (found.overlapping, found.unclaimed) == (0, 0)


async def test_leave_over_a_meeting_hands_the_course_over(office: Office) -> None:
    """Same times, another consultant; told with its cause."""
    await book(office)
    before = await course_of(office)
    await leave_on(office, "second")
    assert await check_courses("anne", means=office.means) == 1
    after = await course_of(office)
    assert (after.consultant_id, after.cause) == ("bo", "leave")
    assert [one.start for one in after.sittings] == [one.start for one in before.sittings]
    assert [(one.account, one.act, one.facts["consultant"]) for one in after.history] == [("", "repair.leave", "anne")]
    assert await nothing_overlaps(office)
    assert await check_courses("anne", means=office.means) == 0


async def test_leave_on_other_days_changes_nothing(office: Office) -> None:
    """Not even where it lies between two meetings."""
    await book(office)
    version = (await office.course("a1")).version
    await change(office, leave=[{"first": "2027-01-01", "last": "2027-01-01"}])
    assert await check_courses("anne", means=office.means) == 0
    assert (await office.course("a1")).version == version


async def test_limits_and_hours_of_the_future_break_no_booking(office: Office) -> None:
    """What is booked stays booked: only leave and her going put it in doubt."""
    await book(office)
    await book(office, "a2")
    await change(office, max_courses=1, hours_by_period=[{"first": "2026-11-20", "hours": {}}])
    assert await check_courses(means=office.means) == 0


async def test_a_consultant_who_takes_no_courses_any_more_is_replaced(office: Office) -> None:
    """In all of her courses."""
    await book(office)
    await book(office, "a2")
    await change(office, active=False)
    assert await check_courses("anne", means=office.means) == 2
    courses = [await course_of(office, one) for one in ("a1", "a2")]
    assert {one.consultant_id for one in courses} == {"bo"}
    assert {one.cause for one in courses} == {"dropped_out"}
    assert await nothing_overlaps(office)


async def test_a_second_consultant_who_goes_is_replaced_alone(office: Office) -> None:
    """The first one keeps the course."""
    await save_consultant(roster_entry("cam", municipality=AARHUS), means=office.means)
    await book(office, participants=MANY)
    before = await course_of(office)
    assert before.second_id is not None
    await change(office, before.second_id, active=False)
    assert await check_courses(before.second_id, means=office.means) == 1
    after = await course_of(office)
    assert (after.consultant_id, after.cause) == (before.consultant_id, "dropped_out")
    assert after.second_id not in (None, before.second_id)


async def test_a_consultant_who_was_erased_is_replaced(office: Office) -> None:
    """Nobody may know any more who she was, and her meetings need somebody else; the roster still lists her number."""
    await book(office)
    await office.vault.erase(person_key("anne"))
    assert await check_courses(means=office.means) == 1
    after = await course_of(office)
    assert (after.consultant_id, after.cause) == ("bo", "dropped_out")


async def test_a_course_of_somebody_who_was_erased_does_not_wake_the_lists_again_and_again(office: Office) -> None:
    """The roster goes on listing her number: neither a look at it nor a look at her is news."""
    await change(office, "bo", active=False)
    await book(office)
    await office.vault.erase(person_key("anne"))
    assert await check_courses(means=office.means) == 1
    woken = office.woken
    for _ in range(3):
        await refresh(means=office.means)
        assert await try_stalled(means=office.means) == 0
        assert await check_courses(means=office.means) == 0
    assert office.woken == woken


@pytest.mark.parametrize(
    "blocked",
    [
        {"blocked_municipalities": [ODENSE]},
        {"blocked_workplaces": [{"name": "JOBCENTRET", "postal_code": "5000"}]},
    ],
)
async def test_a_conflict_of_interest_that_is_entered_late_counts(office: Office, blocked: dict[str, Any]) -> None:
    """The municipality, or this workplace."""
    await book(office)
    await save_consultant(roster_entry("anne", **blocked), means=office.means)
    assert await check_courses("anne", means=office.means) == 1
    assert (await course_of(office)).consultant_id == "bo"


async def test_where_nobody_can_take_over_the_course_stalls_until_somebody_can(office: Office) -> None:
    """Everything of hers that is to come is let go but her place; what stalls it ends with its cause."""
    await change(office, "bo", active=False)
    await book(office)
    claims = await office.store.claims("a1")
    await change(office, active=False)
    assert await check_courses("anne", means=office.means) == 1
    course = await course_of(office)
    assert course.stall is not None
    assert (course.state, course.stall.cause, len(course.stall.meetings)) == ("booked", "dropped_out", 4)
    assert [key for key in await office.store.claims("a1") if "|" in key] == []
    assert await nothing_overlaps(office)
    assert await check_courses("anne", means=office.means) == 0
    assert await try_stalled(means=office.means) == 0
    await change(office, active=True)
    assert await try_stalled(means=office.means) == 1
    course = await course_of(office)
    assert (course.stall, course.consultant_id) == (None, "anne")
    assert sorted(await office.store.claims("a1")) == sorted(claims)
    assert [name for name, _, _ in await office.events("a1")] == ["CourseBooked", "CourseStalled", "CourseRebooked"]


async def test_a_second_one_who_is_away_from_a_meeting_in_doubt_lets_her_half_hours_go(office: Office) -> None:
    """Nobody has to be told again: the meeting was in doubt before."""
    await book(office, participants=MANY)
    course = await course_of(office)
    days = [{"first": "2026-11-20", "last": "2027-12-31"}]
    assert {course.consultant_id, course.second_id} == {"anne", "bo"}
    for who in ("anne", "bo"):
        await change(office, who, leave=days)
        await check_courses(who, means=office.means)
        await try_stalled(means=office.means)
        left = await office.store.claims("a1")
        assert not [key for key in left if key.startswith(f"{who}|")]
    version = (await office.course("a1")).version
    assert await try_stalled(means=office.means) == 0
    assert (await office.course("a1")).version == version
    assert await nothing_overlaps(office)


async def test_what_stalls_a_course_is_told_again_when_it_changes(office: Office) -> None:
    """Leave for one meeting, then she goes altogether."""
    await change(office, "bo", active=False)
    await book(office)
    days = [one.wall_start[:10] for one in (await course_of(office)).sittings]
    others = [{"first": "2026-11-20", "last": "2027-12-31"}]
    await change(office, leave=others)
    assert await check_courses("anne", means=office.means) == 1
    first = (await course_of(office)).stall
    assert first is not None
    assert (first.cause, len(first.meetings)) == ("leave", len(days))
    await change(office, active=False)
    assert await try_stalled(means=office.means) == 1
    again = (await course_of(office)).stall
    assert again is not None
    assert (again.cause, again.since) == ("dropped_out", first.since)
    assert [name for name, _, _ in await office.events("a1")][1:] == ["CourseStalled", "CourseStalled"]


async def test_half_hours_that_were_let_go_may_be_taken_by_others(office: Office) -> None:
    """Then she cannot simply come back: the meeting is placed anew when her leave is taken back."""
    await change(office, "bo", active=False)
    await book(office)
    await change(office, leave=[{"first": "2026-11-20", "last": "2027-12-31"}])
    assert await check_courses("anne", means=office.means) == 1
    before = await course_of(office)
    await save_consultant(roster_entry("anne"), means=office.means)
    await book(office, "a2")
    assert await try_stalled(means=office.means) == 1
    after, other = await course_of(office), await course_of(office, "a2")
    assert after.stall is None
    taken = {one.start for one in other.sittings}
    assert not taken & {one.start for one in after.sittings}
    assert [one.start for one in after.sittings] != [one.start for one in before.sittings]
    assert await nothing_overlaps(office)


async def test_leave_that_another_process_entered_is_seen_when_somebody_declines(office: Office) -> None:
    """Its own picture of the roster is stale; that of the database counts."""
    await save_consultant(roster_entry("cam", municipality=AARHUS), means=office.means)
    await book(office)
    stale = office.new_means()
    await refresh(means=stale)
    await change(office, "bo", active=False)
    course = await answer(office, "anne", "DECLINED", means=stale)
    assert course.consultant_id == "cam"


async def test_a_consultant_whom_this_process_has_not_heard_of_is_not_gone(office: Office) -> None:
    """Another process has just added her and booked her."""
    stale = office.new_means()
    await refresh(means=stale)
    await save_consultant(roster_entry("cam"), means=office.means)
    await change(office, active=False)
    await book(office)
    assert (await course_of(office)).consultant_id == "cam"
    course = await answer(office, "cam", "ACCEPTED", means=stale)
    assert await check_courses(means=stale) == 0
    assert course.consultant_id == "cam"


async def test_several_processes_mend_one_course_once(office: Office) -> None:
    """The version guards; whoever comes second finds nothing to do."""
    await book(office)
    await change(office, active=False)
    others = [office.new_means() for _ in range(4)]
    for one in others:
        await refresh(means=one)
    assert sum(await asyncio.gather(*(check_courses("anne", means=one) for one in others))) == 1
    assert [name for name, _, _ in await office.events("a1")] == ["CourseBooked", "CourseRebooked"]


async def test_the_loop_mends_after_a_change_and_after_what_opens(office: Office) -> None:
    """Woken by the save itself; and by a sweep at its start, for what a crash left undone."""
    mending = Mending()
    means = replace(office.means, try_waiting=mending.wake, check_courses_of=mending.check)
    await change(office, "bo", active=False)
    await book(office)
    await change(office, active=False)
    running = asyncio.create_task(mending.run(means))
    await until(lambda: _is_stalled(office), what="the sweep at the start")
    await change_consultant("bo", RosterChange(active=True), means=means)
    await until(lambda: _is_led_by(office, "bo"), what="what opened")
    await change_consultant("anne", RosterChange(active=True), means=means)
    await change_consultant("bo", RosterChange(active=False), means=means)
    await until(lambda: _is_led_by(office, "anne"), what="a change of the roster")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def _is_stalled(office: Office) -> bool:
    return (await course_of(office)).stall is not None


async def _is_led_by(office: Office, consultant_id: str) -> bool:
    course = await course_of(office)
    return course.consultant_id == consultant_id and course.stall is None
