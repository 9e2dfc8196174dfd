"""The plan of one course is changed right after its opening meeting, on a real database: what stays, what moves, who hears."""

import random
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from services.scheduler.act_on_course import act_on_course
from services.scheduler.acts import Order
from services.scheduler.course import BookedMeeting, Course
from services.scheduler.course_change import Impossible
from services.scheduler.follow_application import follow_application
from services.scheduler.guarded_change import Done, read_before
from services.scheduler.preview import preview_act
from services.scheduler.roster import RosterChange
from services.scheduler.save_consultant import change_consultant, save_consultant
from services.scheduler.upkeep import count_overlaps
from services.scheduler.waitlist import retry_waiting
from shared import mongo
from shared.events import Matter
from shared.sealing import event_place
from shared.staff.staff import Staff
from tests.embedded import Embedded
from tests.scheduler_samples import AARHUS, NOW, Office, roster_entry
from tests.tailoring_samples import HALL, tailor_act

KIRSTEN = Staff(account="kirsten", role="coordinator")
REASON = "Aftalt med arbejdspladsen på det indledende møde."
GAP = {"min": 7, "ideal": 14, "max": 28}


@pytest.fixture
async def office(stack: Embedded) -> AsyncIterator[Office]:
    """A course that Anne leads: its opening meeting was this morning, three meetings are to come."""
    client = mongo.connect(stack.mongodb, app_name="test")
    office = await Office(client).open()
    await save_consultant(roster_entry("anne"), means=office.means)
    await save_consultant(roster_entry("bo", municipality=AARHUS), means=office.means)
    assert await follow_application(*await office.application("a1"), means=office.means) == "handled"
    office.clock.now = (await office.course("a1")).course.sittings[0].end + timedelta(hours=3)
    yield office
    client.close()


async def tailor(office: Office, *changes: dict[str, Any], course_id: str = "a1", **values: Any) -> Done | Impossible:
    order = Order.model_validate({"act": {"kind": "tailor", "changes": changes, **values}, "reason": REASON})
    return await act_on_course(course_id, order, staff=KIRSTEN, means=office.means)


async def refused(office: Office, *changes: dict[str, Any]) -> str:
    """The code of a refusal, after checking that nothing was written."""
    version = (await office.course("a1")).version
    outcome = await tailor(office, *changes)
    assert isinstance(outcome, Impossible), outcome
    assert (await office.course("a1")).version == version
    return outcome.code


async def course(office: Office) -> Course:
    return (await office.course("a1")).course


def by_code(course: Course) -> dict[str, BookedMeeting]:
    return {one.code: one for one in course.sittings}


async def sound(office: Office) -> None:
    """Nothing overlaps, all is claimed, the plan and the dates say the same, and all gaps hold."""
    found = await count_overlaps(means=office.means)
    assert (found.overlapping, found.unclaimed) == (0, 0)
    now = await course(office)
    assert [(one.code, one.minutes, one.place, one.workplace) for one in now.plan] == [
        (one.code, one.minutes, one.place, one.workplace) for one in now.sittings
    ]
    days = [one.start.astimezone(office.programme.tz).date() for one in now.sittings]
    for number, one in enumerate(now.plan):
        assert (one.gap is None) == (number == 0)
        if one.gap is not None:
            assert one.gap.min <= (days[number] - days[number - 1]).days <= one.gap.max, one.code


async def test_a_dropped_meeting_is_called_off_and_all_else_stays(office: Office) -> None:
    """Its UID is never used again; whoever was asked to it is told; the others hear nothing."""
    before = by_code(await course(office))
    assert isinstance(await tailor(office, {"change": "drop", "meeting": "first"}), Done)
    after = await course(office)
    assert by_code(after) == {code: one for code, one in before.items() if code != "first"}
    (off,) = [one for one in after.meetings if one.status == "cancelled"]
    assert (off.uid, off.sequence) == (before["first"].uid, 1)
    assert off.dtstamp > before["first"].dtstamp
    people = await office.opened_people("a1")
    for person in people.values():
        methods = {one.meeting_id: one.method for one in person.invites}
        assert methods.pop(off.meeting_id) == "CANCEL"
        assert set(methods.values()) == {"REQUEST"}
    (*_, (kind, _, event)) = await office.events("a1")
    assert (kind, event.course.cause) == ("CourseRebooked", "tailored")
    await sound(office)


async def test_an_added_meeting_is_placed_and_everybody_is_asked_to_it(office: Office) -> None:
    """Under a UID of its own; what was booked stays where it was."""
    before = by_code(await course(office))
    add = {"change": "add", "after": "first", "kind": "meeting", "minutes": 90, "place": {"at": "online"}, "gap": GAP}
    assert isinstance(await tailor(office, add), Done)
    after = await course(office)
    meetings = by_code(after)
    extra = meetings.pop("extra_1")
    assert meetings == before
    assert list(by_code(after)) == ["opening", "first", "extra_1", "second", "follow_up"]
    assert (extra.minutes, extra.place, extra.sequence, extra.name.da) == (90, "online", 0, "ekstra møde")
    assert set(extra.tokens) == {*after.request.contacts, "anne"}
    assert extra.uid not in {one.uid for one in before.values()}
    await sound(office)


async def test_another_length_and_place_are_told_under_the_next_number_at_the_same_time(office: Office) -> None:
    """Two kinds of change in one write; her claims follow, since the way home is gone and the meeting lasts longer."""
    before = by_code(await course(office))
    claims = set(await office.store.claims("a1"))
    changed = {"change": "alter", "meeting": "first", "minutes": 210}
    moved = {"change": "alter", "meeting": "second", "place": {"at": "online"}}
    assert isinstance(await tailor(office, changed, moved), Done)
    after = by_code(await course(office))
    assert (after["first"].minutes, after["first"].sequence) == (210, 1)
    assert (after["second"].place, after["second"].sequence) == ("online", 1)
    assert [after[code].start for code in before] == [one.start for one in before.values()]
    assert (after["opening"], after["follow_up"]) == (before["opening"], before["follow_up"])
    assert set(await office.store.claims("a1")) != claims
    await sound(office)


async def test_another_venue_is_kept_sealed_and_told_as_one_more_place(office: Office) -> None:
    """Its address stands in everybody's copy of that meeting, and nowhere in clear."""
    where = {"at": "venue", "venue": HALL}
    assert isinstance(await tailor(office, {"change": "alter", "meeting": "first", "place": where}), Done)
    after = await course(office)
    assert (by_code(after)["first"].place, by_code(after)["first"].workplace) == ("venue", 1)
    row = await office.store.courses.find_one({"_id": "a1"})
    assert row is not None
    clear = {key: value for key, value in row.items() if key not in ("people", "matter", "venues")}
    assert "Vandrerhjemmet" not in str(clear)
    person = (await office.opened_people("a1"))["a1-leader"]
    assert ["Vandrerhjemmet" in one.ics for one in person.invites] == [False, True, False, False]
    told = (await office.events("a1"))[-1][2].course.matter
    sent = row["outbox"][-1]
    matter = await office.vault.unseal(told, Matter, place=event_place("a1", sent["type"], sent["id"]))
    assert [one.name for one in matter.workplaces][-1] == "Vandrerhjemmet"
    # It can be chosen again, and stays through later events of the application.
    assert await follow_application(*await office.application("a1", sequence=3), means=office.means) == "handled"
    again = {"change": "alter", "meeting": "second", "place": {"at": "place", "number": 1}}
    assert isinstance(await tailor(office, again), Done)
    person = (await office.opened_people("a1"))["a1-leader"]
    assert ["Vandrerhjemmet" in one.ics for one in person.invites] == [False, True, True, False]
    await sound(office)


async def test_two_half_days_become_one_whole_day(office: Office) -> None:
    """As long as the programme's own; the second one is called off, and the follow-up counts its days from the first."""
    before = by_code(await course(office))
    assert isinstance(await tailor(office, {"change": "join", "meeting": "first"}), Done)
    after = await course(office)
    assert [(one.code, one.minutes) for one in after.sittings] == [("opening", 120), ("first", 360), ("follow_up", 60)]
    assert by_code(after)["first"].name.da == "heldagsmøde"
    assert [one.uid for one in after.meetings if one.status == "cancelled"] == [before["second"].uid]
    await sound(office)


async def test_another_gap_moves_what_it_must_and_nothing_else(office: Office) -> None:
    """The second meeting is wanted much sooner; the follow-up keeps its distance to it."""
    before = by_code(await course(office))
    gap = {"min": 14, "ideal": 14, "max": 20}
    assert isinstance(await tailor(office, {"change": "alter", "meeting": "second", "gap": gap}), Done)
    after = by_code(await course(office))
    assert after["first"] == before["first"]
    assert after["second"].start < before["second"].start
    await sound(office)
    wide = {"min": 10, "ideal": 14, "max": 40}
    told = len(await office.events("a1"))
    assert isinstance(await tailor(office, {"change": "alter", "meeting": "second", "gap": wide}), Done)
    assert by_code(await course(office)) == after
    assert len(await office.events("a1")) == told + 1, "the audit alone: nobody has to hear of a wider gap"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"change": "drop", "meeting": "opening"}, "meeting"),
        ({"change": "alter", "meeting": "opening", "minutes": 60}, "meeting"),
        ({"change": "drop", "meeting": "nothing"}, "meeting"),
        ({"change": "join", "meeting": "second"}, "tailor_join"),
        ({"change": "join", "meeting": "follow_up"}, "tailor_join"),
        ({"change": "alter", "meeting": "first", "place": {"at": "place", "number": 1}}, "tailor_place"),
        (
            {"change": "alter", "meeting": "first", "place": {"at": "venue", "venue": HALL | {"municipality": "999"}}},
            "tailor_place",
        ),
        ({"change": "alter", "meeting": "first", "minutes": 180}, "unchanged"),
    ],
)
async def test_what_cannot_be_is_refused_with_its_reason(office: Office, change: dict[str, Any], code: str) -> None:
    """What is past stays, and nothing is written."""
    assert await refused(office, change) == code


async def test_the_last_meeting_to_come_is_not_dropped(office: Office) -> None:
    """That would be the end of the course, which is another act."""
    drops = [{"change": "drop", "meeting": code} for code in ("first", "second", "follow_up")]
    assert await refused(office, *drops) == "tailor_last"


async def test_what_nobody_can_hold_is_refused_with_the_matchers_reasons(office: Office) -> None:
    """She may be asked to stay alone, or somebody else may take over."""
    week = {day: [["08:00", "12:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    period = {"first": "2026-11-01", "hours": week}
    await change_consultant("anne", RosterChange.model_validate({"hours_by_period": [period]}), means=office.means)
    join = {"change": "join", "meeting": "first"}
    outcome = await tailor(office, join)
    assert isinstance(outcome, Impossible)
    assert (outcome.code, [(one.id, one.rule) for one in outcome.verdicts]) == ("nobody", [("anne", "hours")])
    assert isinstance(await tailor(office, join, same_consultant=False), Done)
    assert (await course(office)).consultant_id == "bo"
    await sound(office)


async def test_the_preview_says_what_the_act_then_sends(office: Office) -> None:
    """One explaining mail and one calendar mail per meeting and person; nobody hears of meetings that stay."""
    add = {"change": "add", "after": "first", "kind": "meeting", "minutes": 90, "place": {"at": "online"}, "gap": GAP}
    changes = [add, {"change": "drop", "meeting": "second"}]
    order = Order.model_validate({"act": {"kind": "tailor", "changes": changes}, "reason": REASON})
    mails = await preview_act(await read_before("a1", means=office.means), order.act, means=office.means)
    assert not isinstance(mails, Impossible)
    assert {one.kind for one in mails} == {"course_changed", "cancellation", "invite"}
    assert {one.meeting for one in mails} == {None, "second", "extra_1"}
    assert len(mails) == 3 * 3


async def test_a_second_consultant_follows_the_meetings_for_two(office: Office) -> None:
    """She is asked to an added one of their kind, and leaves the course with the last of them."""
    for who in ("cam", "dan"):
        await save_consultant(roster_entry(who), means=office.means)
    office.clock.now = NOW
    big = await office.application("a2", participants=80)
    assert await follow_application(*big, means=office.means) == "handled"
    before = (await office.course("a2")).course
    second = before.second_id
    assert second is not None
    add = {"change": "add", "after": "second", "kind": "meeting", "minutes": 60, "place": {"at": "online"}, "gap": GAP}
    assert isinstance(await tailor(office, add, course_id="a2"), Done)
    with_extra = (await office.course("a2")).course
    assert with_extra.second_id == second
    assert [one.code for one in with_extra.sittings if one.attends(second)] == ["first", "second", "extra_1"]
    drops = [{"change": "drop", "meeting": code} for code in ("first", "second", "extra_1")]
    assert isinstance(await tailor(office, *drops, course_id="a2"), Done)
    alone = (await office.course("a2")).course
    assert (alone.consultant_id, alone.second_id) == (before.consultant_id, None)
    assert not any(key.startswith((f"{second}|", f"{second}#")) for key in await office.store.claims("a2"))
    found = await count_overlaps(means=office.means)
    assert (found.overlapping, found.unclaimed) == (0, 0)


async def test_a_course_that_is_put_back_begins_anew_with_the_programmes_plan(office: Office) -> None:
    """What was tailored is gone with its meetings."""
    office.clock.now = NOW
    assert isinstance(await tailor(office, {"change": "drop", "meeting": "second"}), Done)
    order = Order.model_validate({"act": {"kind": "put_back"}, "reason": REASON})
    assert isinstance(await act_on_course("a1", order, staff=KIRSTEN, means=office.means), Done)
    assert (await course(office)).plan == ()
    order = Order.model_validate({"act": {"kind": "try_again"}, "reason": REASON})
    assert isinstance(await act_on_course("a1", order, staff=KIRSTEN, means=office.means), Done)
    assert await retry_waiting(means=office.means) == 1
    assert [one.code for one in (await course(office)).sittings] == ["opening", "first", "second", "follow_up"]
    await sound(office)


async def test_the_history_keeps_codes_and_the_reason_sealed(office: Office) -> None:
    """And the audit says who did it."""
    await tailor(office, {"change": "drop", "meeting": "first"})
    entry = (await course(office)).history[-1]
    assert (entry.act, entry.account, entry.facts) == ("course.tailored", "kirsten", {"changes": "drop:first"})
    row = await office.store.courses.find_one({"_id": "a1"})
    assert REASON not in str(row)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_whatever_is_tailored_the_past_stays_and_all_rules_hold(office: Office, seed: int) -> None:
    """No UID comes back, no number goes down, and what was not touched is told to nobody."""
    dice = random.Random(seed)
    done = 0
    uids: dict[str, int] = {}
    for _ in range(12):
        before = await course(office)
        values = tailor_act(before, office.clock(), dice)
        outcome = await tailor(office, *values["changes"], same_consultant=values["same_consultant"])
        after = await course(office)
        if isinstance(outcome, Impossible):
            assert after == before
            continue
        done += 1
        await sound(office)
        past = [one for one in before.sittings if one.start <= office.clock()]
        assert list(after.sittings[: len(past)]) == past
        for one in after.meetings:
            assert one.sequence >= uids.get(one.uid, 0)
            uids[one.uid] = one.sequence
        gone = {one.uid for one in before.meetings if one.status == "cancelled"}
        assert gone.isdisjoint(one.uid for one in after.sittings)
        office.clock.forward(dice.choice([0, 1, 10]))
        office.means.calendar.roll(office.means.today())
        if not (await course(office)).is_to_come(office.clock()):
            break
    assert done >= 3


async def test_whoever_was_replaced_since_she_opened_her_page_changes_nothing_more(office: Office) -> None:
    """Also where the order does not say which version she saw."""
    version = (await office.course("a1")).version
    order = Order.model_validate(
        {"act": {"kind": "tailor", "changes": [{"change": "drop", "meeting": "second"}]}, "reason": REASON}
    )
    outcome = await act_on_course("a1", order, staff=Staff(account="bo", role="consultant"), means=office.means)
    assert isinstance(outcome, Impossible)
    assert (outcome.code, (await office.course("a1")).version) == ("stale", version)
