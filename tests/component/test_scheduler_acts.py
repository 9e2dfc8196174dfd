"""What staff do to courses, on a real database: each act, what it refuses, and what everybody's calendar then holds."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from services.scheduler.act_on_course import act_on_course
from services.scheduler.acts import Order, possible_acts
from services.scheduler.complete import complete_due
from services.scheduler.course import CALLED_OFF_KEPT
from services.scheduler.course_change import Impossible
from services.scheduler.follow_application import follow_application
from services.scheduler.guarded_change import Done, read_before
from services.scheduler.history import Given, reason_place
from services.scheduler.move_meeting import MeetingPlace, meeting_places
from services.scheduler.roster import RosterChange
from services.scheduler.save_consultant import change_consultant, save_consultant
from services.scheduler.upkeep import count_overlaps, refresh
from services.scheduler.waitlist import retry_waiting
from shared import mongo
from shared.events import EVENTS, StaffActed
from shared.staff.staff import Staff
from shared.vault import person_key
from tests.embedded import Embedded
from tests.scheduler_samples import AARHUS, Office, roster_entry

KIRSTEN = Staff(account="kirsten", role="coordinator")
MIDDELFART = "410"
REASON = "Aftalt med arbejdspladsen i telefonen."


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


async def act(office: Office, kind: str, application_id: str = "a1", **values: Any) -> Done | Impossible:
    order = Order.model_validate({"act": {"kind": kind, **values}, "reason": REASON})
    return await act_on_course(application_id, order, staff=KIRSTEN, means=office.means)


async def nothing_overlaps(office: Office) -> bool:
    found = await count_overlaps(means=office.means)
    return (found.overlapping, found.unclaimed) == (0, 0)


async def refused(office: Office, kind: str, application_id: str = "a1", **values: Any) -> str:
    """The code of a refusal, after checking that nothing was written."""
    version = (await office.course(application_id)).version
    outcome = await act(office, kind, application_id, **values)
    assert isinstance(outcome, Impossible)
    assert (await office.course(application_id)).version == version
    return outcome.code


async def places(office: Office, code: str, application_id: str = "a1") -> list[MeetingPlace]:
    before = await read_before(application_id, means=office.means)
    meeting = next(one for one in before.course.sittings if one.code == code)
    found = meeting_places(before, meeting.meeting_id, means=office.means)
    assert not isinstance(found, Impossible)
    return found


async def meeting_id(office: Office, code: str, application_id: str = "a1") -> str:
    return next(one.meeting_id for one in (await office.course(application_id)).course.sittings if one.code == code)


async def test_pinning_hands_a_booked_course_over_at_the_same_times(office: Office) -> None:
    """Same UIDs under the next SEQUENCE: the new consultant is asked, the old one's copies are cancelled for her alone."""
    await book(office)
    before = (await office.course("a1")).course
    assert isinstance(await act(office, "pin", consultant="bo"), Done)
    after = (await office.course("a1")).course
    assert (after.consultant_id, after.pinned) == ("bo", "bo")
    for old, new in zip(before.meetings, after.meetings, strict=True):
        assert (new.uid, new.start, new.sequence) == (old.uid, old.start, 1)
        assert new.dtstamp > old.dtstamp
    people = await office.opened_people("a1")
    assert [one.method for one in people["bo"].invites] == ["REQUEST"] * 4
    assert [one.method for one in people["anne"].invites] == ["CANCEL"] * 4
    assert not any("STATUS" in one.ics for one in people["anne"].invites), "only she is off it"
    assert [one.method for one in people["a1-leader"].invites] == ["REQUEST"] * 4
    assert "Konsulent Anne" not in people["a1-leader"].invites[0].ics
    assert set(await office.store.held()) == {"bo"}
    assert await nothing_overlaps(office)


async def test_a_consultant_who_comes_back_is_asked_again_under_a_newer_number(office: Office) -> None:
    """What was cancelled in her calendar is not revived under the number of its cancellation."""
    await book(office)
    await act(office, "pin", consultant="bo")
    cancelled = (await office.opened_people("a1"))["anne"].invites
    await act(office, "pin", consultant="anne")
    asked = (await office.opened_people("a1"))["anne"].invites
    assert [one.method for one in asked] == ["REQUEST"] * 4
    assert all(new.sequence > old.sequence for old, new in zip(cancelled, asked, strict=True))


async def test_excluding_who_leads_it_hands_it_to_somebody_else(office: Office) -> None:
    """And taking the exclusion back leaves it there."""
    await book(office)
    await act(office, "exclude", consultant="anne")
    assert (await office.course("a1")).course.consultant_id == "bo"
    await act(office, "include", consultant="anne")
    course = (await office.course("a1")).course
    assert (course.consultant_id, course.excluded) == ("bo", ())
    assert [name for name, _, _ in await office.events("a1") if name != "StaffActed"] == [
        "CourseBooked",
        "CourseRebooked",
    ]


async def test_what_nobody_can_do_is_refused_whole(office: Office) -> None:
    """With the matcher's reason; the course, its claims and the calendars stay as they were."""
    await book(office)
    await change_consultant("bo", RosterChange(active=False), means=office.means)
    assert await refused(office, "exclude", consultant="anne") == "nobody"
    assert await refused(office, "pin", consultant="bo") == "consultant"
    assert await refused(office, "pin", consultant="nobody") == "consultant"
    await save_consultant(roster_entry("cam", themes=["chikane"]), means=office.means)
    outcome = await act(office, "pin", consultant="cam")
    assert isinstance(outcome, Impossible)
    assert [(one.id, one.rule) for one in outcome.verdicts] == [("cam", "themes")]
    assert set(await office.store.held()) == {"anne"}


async def test_pins_and_exclusions_bind_the_waiting_list(office: Office) -> None:
    """Only the pinned one is asked; whom staff excluded counts as blocked."""
    await change_consultant("anne", RosterChange(active=False), means=office.means)
    await change_consultant("bo", RosterChange(active=False), means=office.means)
    await book(office)
    await act(office, "exclude", consultant="anne")
    await change_consultant("anne", RosterChange(active=True), means=office.means)
    assert await retry_waiting(means=office.means) == 0
    assert (await office.course("a1")).course.reasons == {"blocked": 1}
    await save_consultant(roster_entry("cam", municipality=AARHUS), means=office.means)
    await save_consultant(roster_entry("dan"), means=office.means)
    await act(office, "pin", consultant="cam")
    assert await retry_waiting(means=office.means) == 1
    assert (await office.course("a1")).course.consultant_id == "cam", "dan lives nearer"


async def test_a_meeting_moves_to_a_place_that_is_offered(office: Office) -> None:
    """Its UID stays, its number rises, the others are untouched; the claims follow."""
    await book(office)
    before = (await office.course("a1")).course
    offered = await places(office, "second")
    assert [one.difference for one in offered if one.present] == [0]
    chosen = next(one for one in offered if one.difference > 0)
    assert isinstance(await act(office, "move", meeting=await meeting_id(office, "second"), start=chosen.start), Done)
    after = (await office.course("a1")).course
    for old, new in zip(before.meetings, after.meetings, strict=True):
        if old.code == "second":
            assert (new.uid, new.wall_start, new.sequence) == (old.uid, chosen.start, 1)
        else:
            assert new == old
    assert await nothing_overlaps(office)
    assert [name for name, _, _ in await office.events("a1")] == ["CourseBooked", "StaffActed", "CourseRebooked"]


async def test_a_place_that_is_taken_meanwhile_is_refused(office: Office) -> None:
    """Looked at anew in the write: what was offered a moment ago may be another course's by now."""
    await book(office)
    meeting = await meeting_id(office, "second")
    offered = await places(office, "second")
    await book(office, "a2")
    other = next(one for one in (await office.course("a2")).course.meetings if one.code == "second")
    assert other.wall_start in [one.start for one in offered]
    assert await refused(office, "move", meeting=meeting, start=other.wall_start) == "place"
    assert await refused(office, "move", meeting=meeting, start="2027-01-02T09:10") == "place"
    assert await refused(office, "move", meeting="none", start=other.wall_start) == "meeting"


async def test_a_place_that_another_process_took_is_refused_by_the_index(office: Office) -> None:
    """This process has not heard of it: the write loses, it looks again, and says no."""
    await book(office)
    stale = office.new_means()
    await refresh(means=stale)
    await book(office, "a2")
    other = next(one for one in (await office.course("a2")).course.meetings if one.code == "second")
    order = Order.model_validate(
        {
            "act": {"kind": "move", "meeting": await meeting_id(office, "second"), "start": other.wall_start},
            "reason": REASON,
        }
    )
    outcome = await act_on_course("a1", order, staff=KIRSTEN, means=stale)
    assert isinstance(outcome, Impossible)
    assert outcome.code == "place"
    assert await nothing_overlaps(office)


async def test_what_has_begun_never_changes(office: Office) -> None:
    """After the first meeting another consultant takes over the rest; the past stays with who held it, also in the claims."""
    await book(office)
    first = (await office.course("a1")).course.meetings[0]
    office.clock.now = first.start + timedelta(hours=1)
    office.means.calendar.roll(office.means.today())
    assert await refused(office, "move", meeting=first.meeting_id, start=first.wall_start) == "meeting"
    assert await refused(office, "put_back") == "begun"
    assert isinstance(await act(office, "pin", consultant="bo"), Done)
    after = (await office.course("a1")).course
    assert after.meetings[0] == first
    assert [one.attends("bo") for one in after.meetings] == [False, True, True, True]
    held = await office.store.held()
    assert not [key for key in held["anne"]["a1"] if "#" in key], "her place is free"
    assert held["anne"]["a1"][-1] > f"anne|{first.end:%Y-%m-%dT%H:%MZ}"[:-1], "she still has to get home"
    assert await nothing_overlaps(office)
    assert isinstance(await act(office, "cancel"), Done)
    called_off = (await office.course("a1")).course
    assert [one.status for one in called_off.meetings] == ["confirmed", "cancelled", "cancelled", "cancelled"]


async def test_a_course_that_is_put_back_waits_until_staff_let_it_go(office: Office) -> None:
    """Everything is called off and free; booked again, it has new meetings, and the old ones are told of for a while."""
    await book(office)
    old = (await office.course("a1")).course.meetings
    await act(office, "put_back")
    course = (await office.course("a1")).course
    assert (course.state, course.consultant_id, course.held) == ("waiting", None, True)
    assert [(one.status, one.sequence) for one in course.meetings] == [("cancelled", 1)] * 4
    assert [one.method for one in (await office.opened_people("a1"))["anne"].invites] == ["CANCEL"] * 4
    assert await office.store.held() == {}
    assert await retry_waiting(means=office.means) == 0
    assert await refused(office, "put_back") == "state"
    await act(office, "try_again")
    assert await retry_waiting(means=office.means) == 1
    again = (await office.course("a1")).course
    assert again.state == "booked"
    assert len(again.sittings) == 4
    assert not {one.uid for one in again.sittings} & {one.uid for one in old}, "what is cancelled is never revived"
    assert {one.uid for one in again.meetings} > {one.uid for one in old}
    office.clock.now += CALLED_OFF_KEPT + timedelta(days=1)
    office.means.calendar.roll(office.means.today())
    await act(office, "pin", consultant="bo")
    later = (await office.course("a1")).course.meetings
    assert {one.uid for one in later} == {one.uid for one in again.sittings}


async def test_news_of_a_contact_do_not_wake_a_course_that_is_held(office: Office) -> None:
    """Nor does a pass of the waiting list."""
    await book(office)
    await act(office, "put_back")
    await book(office, sequence=3)
    course = (await office.course("a1")).course
    assert (course.state, course.held) == ("waiting", True)
    assert await office.store.waiting() == []


async def test_a_cancelled_course_is_over(office: Office) -> None:
    """Nothing more can be done to it, its consultant is free, and it is told who cancelled it."""
    await book(office)
    await act(office, "cancel")
    events = await office.events("a1")
    assert [name for name, _, _ in events] == ["CourseBooked", "StaffActed", "CourseCancelled"]
    assert events[-1][2].course.cancelled_by == "staff"
    assert await office.store.held() == {}
    for kind in ("cancel", "put_back", "try_again"):
        assert await refused(office, kind) == "state"
    office.clock.forward(400)
    assert await complete_due(means=office.means) == 0


async def test_a_longer_window_helps_what_waits(office: Office) -> None:
    """Both are on leave until summer; with a later last day for a start the waiting list finds dates."""
    leave = RosterChange.model_validate({"leave": [{"first": "2026-11-20", "last": "2027-07-31"}]})
    for who in ("anne", "bo"):
        await change_consultant(who, leave, means=office.means)
    await book(office)
    window = (await office.course("a1")).course.window
    assert await refused(office, "extend_window", latest_start=window.latest_start.isoformat()) == "window"
    assert await refused(office, "extend_window", latest_start="2028-11-21") == "window"
    await act(office, "extend_window", latest_start="2027-09-30")
    assert await retry_waiting(means=office.means) == 1
    assert (await office.course("a1")).course.sittings[0].wall_start > "2027-08-01"


async def test_each_act_stands_in_the_history_with_its_sealed_reason(office: Office) -> None:
    """Account, time, act and facts in clear; the reason opens with the application's key; the audit event has no reason."""
    await book(office)
    meeting = await meeting_id(office, "second")
    chosen = next(one for one in await places(office, "second") if not one.present)
    was = next(one.wall_start for one in (await office.course("a1")).course.meetings if one.meeting_id == meeting)
    await act(office, "move", meeting=meeting, start=chosen.start)
    await act(office, "exclude", consultant="bo")
    stored = await office.course("a1")
    moved, excluded = stored.course.history
    assert (moved.account, moved.act, moved.at) == ("kirsten", "course.meeting_moved", office.clock())
    assert moved.facts == {"meeting": meeting, "code": "second", "from": was, "start": chosen.start}
    assert excluded.facts == {"consultant": "bo"}
    assert moved.reason is not None
    given = await office.vault.unseal(moved.reason, Given, place=reason_place("a1", moved.entry_id))
    assert given.reason == REASON
    row = await office.store.courses.find_one({"_id": "a1"})
    assert row is not None
    told = [EVENTS[one["type"]].model_validate_json(bytes(one["body"])) for one in row["outbox"]]
    acted = [one.staff_act for one in told if isinstance(one, StaffActed)]
    assert [(one.act, one.account) for one in acted] == [
        ("course.meeting_moved", "kirsten"),
        ("course.consultant_excluded", "kirsten"),
    ]
    assert [one["sequence"] for one in row["outbox"]] == [1, 1, 2, 2], "each stream is numbered by itself"
    assert row["event_sequence"] == 2
    assert REASON.encode() not in repr(row).encode()


async def test_an_act_on_a_course_that_has_changed_since_is_refused(office: Office) -> None:
    """What staff confirmed was about an older version."""
    await book(office)
    version = (await office.course("a1")).version
    order = Order.model_validate({"act": {"kind": "cancel"}, "reason": REASON, "version": version})
    await act(office, "exclude", consultant="bo")
    outcome = await act_on_course("a1", order, staff=KIRSTEN, means=office.means)
    assert outcome == Impossible("stale")


@pytest.mark.parametrize("reason", ["", "too short", " " * 20, "x" * 1001])
def test_an_act_needs_a_reason(reason: str) -> None:
    """10 to 1000 characters, blanks around them apart."""
    with pytest.raises(ValueError, match="reason"):
        Order.model_validate({"act": {"kind": "cancel"}, "reason": reason})


async def test_a_second_consultant_who_is_excluded_is_replaced_alone(office: Office) -> None:
    """The first one stays, the times stay, and only the meetings of both change."""
    await save_consultant(roster_entry("cam", municipality=AARHUS), means=office.means)
    await book(office, participants=80)
    before = (await office.course("a1")).course
    assert (before.consultant_id, before.second_id) == ("anne", "bo")
    await act(office, "exclude", consultant="bo")
    after = (await office.course("a1")).course
    assert (after.consultant_id, after.second_id) == ("anne", "cam")
    assert [one.sequence for one in after.meetings] == [0, 1, 1, 0]
    assert [one.start for one in after.meetings] == [one.start for one in before.meetings]
    assert set(await office.store.held()) == {"anne", "cam"}
    assert await nothing_overlaps(office)


async def test_no_meeting_is_offered_before_the_workplace_wishes_to_begin(office: Office) -> None:
    """The window binds a booked course as it binds a new one, however early there is a free hour."""
    await book(office, earliest_start=date(2027, 3, 1))
    assert min(one.start for one in await places(office, "opening")) >= "2027-03-01"


async def test_a_consultant_who_was_erased_takes_over_nothing(office: Office) -> None:
    """Nobody could be invited; the course stays with whom it has."""
    await book(office)
    await office.vault.erase(person_key("bo"))
    assert await refused(office, "pin", consultant="bo") == "consultant"
    assert (await office.course("a1")).course.consultant_id == "anne"


async def test_a_booked_course_goes_on_with_its_own_plan_whatever_becomes_of_the_programme(office: Office) -> None:
    """One that was booked before courses had a plan of their own says so, where the programme's is another one by now."""
    await book(office, "a1")
    await book(office, "a2")
    await office.store.courses.update_one({"_id": "a2"}, {"$unset": {"plan": 0}})
    without = office.programme.model_copy(update={"plans": {"joint": office.programme.plans["joint"]}})
    office.means = replace(office.means, programme=without)
    assert isinstance(await act(office, "exclude", consultant="anne"), Done)
    assert (await office.course("a1")).course.consultant_id == "bo"
    assert await refused(office, "exclude", "a2", consultant="anne") == "plan"


async def test_a_course_without_a_plan_of_its_own_has_the_programmes(office: Office) -> None:
    """As long as that is the one it was booked by; whoever changes the course gives it its own."""
    await book(office)
    plan = (await office.course("a1")).course.plan
    await office.store.courses.update_one({"_id": "a1"}, {"$unset": {"plan": 0}})
    assert isinstance(await act(office, "exclude", consultant="anne"), Done)
    assert (await office.course("a1")).course.plan == plan


async def test_what_has_taken_place_is_not_cancelled_or_handed_over(office: Office) -> None:
    """Between the last meeting and the day on which the course counts as completed nobody may be told that it is off."""
    await book(office)
    course = (await office.course("a1")).course
    office.clock.now = course.meetings[-1].end + timedelta(hours=2)
    assert possible_acts(course, office.clock()) == frozenset()
    assert await refused(office, "cancel") == "begun"
    assert await refused(office, "pin", consultant="bo") == "begun"


async def test_a_move_that_a_longer_way_to_another_meeting_forbids_is_refused(office: Office) -> None:
    """She has moved house since, and on the day of the meeting that stays she has another course right after it."""
    await change_consultant("bo", RosterChange(active=False), means=office.means)
    await book(office, "a1")
    await book(office, "a2")
    day = (await office.course("a1")).course.meetings[0].wall_start[:10]
    close = next(one for one in await places(office, "opening", "a2") if one.start.startswith(day))
    assert isinstance(
        await act(office, "move", "a2", meeting=await meeting_id(office, "opening", "a2"), start=close.start), Done
    )
    free = next(one for one in await places(office, "first", "a1") if not one.present)
    await save_consultant(roster_entry("anne", municipality=MIDDELFART), means=office.means)
    assert await places(office, "first", "a1") == [], "it is said before, not only when it is written"
    first = await meeting_id(office, "first", "a1")
    assert await refused(office, "move", "a1", meeting=first, start=free.start) == "place"
