"""Dates that are offered and chosen, on a real database: held for ten minutes, taken or let go, and never held twice."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from services.scheduler.act_on_course import act_on_course
from services.scheduler.acts import Order
from services.scheduler.claims import holder
from services.scheduler.course import BookedMeeting, Course
from services.scheduler.course_change import Impossible
from services.scheduler.follow_application import follow_application
from services.scheduler.grains import claim_key, grain_of
from services.scheduler.guarded_change import Done, read_before
from services.scheduler.hear import hear
from services.scheduler.new_dates import plan_offer
from services.scheduler.release_offers import release_offers
from services.scheduler.roster import Leave, RosterChange
from services.scheduler.save_consultant import change_consultant, save_consultant
from services.scheduler.standing import CHOICE_ON_ITS_WAY, OFFER_HELD
from services.scheduler.upkeep import count_overlaps, refresh
from shared import mongo
from shared.course_facts import Offer
from shared.events import DatesOffered
from shared.said import DateChosen, DatesAsked
from shared.staff.staff import Staff
from tests.embedded import Embedded
from tests.scheduler_samples import COPENHAGEN, Office, roster_entry

KIRSTEN = Staff(account="kirsten", role="coordinator")
OVER = OFFER_HELD + CHOICE_ON_ITS_WAY


@pytest.fixture
async def office(stack: Embedded) -> AsyncIterator[Office]:
    """Anne alone holds all courses."""
    client = mongo.connect(stack.mongodb, app_name="test")
    office = await Office(client).open()
    await save_consultant(roster_entry("anne"), means=office.means)
    await follow_application(*await office.application("a1"), means=office.means)
    yield office
    client.close()


async def course_of(office: Office, course_id: str = "a1") -> Course:
    return (await office.course(course_id)).course


async def third(office: Office, course_id: str = "a1") -> BookedMeeting:
    return (await course_of(office, course_id)).sittings[2]


async def ask(office: Office, course_id: str = "a1", **changes: Any) -> Offer:
    """Ask for other dates of the third meeting, and return what is offered."""
    course = await course_of(office, course_id)
    values = {
        "number": course.heard + 1,
        "meeting_id": course.sittings[2].meeting_id,
        "person_id": "-",
        "at": office.clock(),
    }
    await hear(course_id, [DatesAsked.model_validate(values | changes)], means=office.means)
    offer = (await course_of(office, course_id)).offer
    assert offer is not None
    return offer


async def choose(office: Office, offered: Offer, place: int = 0, course_id: str = "a1", **changes: Any) -> Course:
    """Choose one of the offered times, and return the course afterwards."""
    values = {
        "number": (await course_of(office, course_id)).heard + 1,
        "meeting_id": offered.meeting_id,
        "person_id": "-",
        "offer": offered.number,
        "start": offered.starts[place].start,
        "at": office.clock(),
    }
    await hear(course_id, [DateChosen.model_validate(values | changes)], means=office.means)
    return await course_of(office, course_id)


async def claims(office: Office, course_id: str = "a1") -> set[str]:
    return set(await office.store.claims(course_id))


async def act(office: Office, **values: Any) -> Done | Impossible:
    order = Order.model_validate({"act": values, "reason": "Aftalt med arbejdspladsen i telefonen."})
    return await act_on_course("a1", order, staff=KIRSTEN, means=office.means)


async def nothing_overlaps(office: Office) -> bool:
    found = await count_overlaps(means=office.means)
    return (found.overlapping, found.unclaimed) == (0, 0)


async def test_three_other_days_are_offered_and_held(office: Office) -> None:
    """Each on a day of its own; everybody is told until when, and nobody else can have them."""
    before = await claims(office)
    offer = await ask(office)
    assert len({one.wall_start[:10] for one in offer.starts}) == 3
    assert offer.until - offer.at == timedelta(minutes=10)
    assert (await third(office)).wall_start not in {one.wall_start for one in offer.starts}
    held = await claims(office)
    assert held > before
    name, _, event = (await office.events("a1"))[-1]
    assert (name, event.course.offer) == ("DatesOffered", offer)
    await follow_application(*await office.application("a2"), means=office.means)
    assert not await claims(office, "a2") & held
    assert await nothing_overlaps(office)


async def test_the_chosen_date_is_taken_and_the_others_are_free_again(office: Office) -> None:
    """The meeting keeps its UID under the next SEQUENCE, and everybody hears why it moved."""
    old, offer = await third(office), await ask(office)
    course = await choose(office, offer, 1)
    new = course.sittings[2]
    assert (new.start, new.uid, new.sequence) == (offer.starts[1].start, old.uid, old.sequence + 1)
    assert (course.offer, course.offered, course.cause) == (None, (), "new_dates")
    assert course.history[-1].facts["start"] == offer.starts[1].wall_start
    assert [name for name, _, _ in await office.events("a1")][-1] == "CourseRebooked"
    days = {one.wall_start[:10] for one in course.sittings}
    assert {key.partition("|")[2][:10] for key in await claims(office) if "|" in key} == days
    assert await nothing_overlaps(office)


async def test_offered_dates_are_held_of_the_second_consultant_too(office: Office) -> None:
    """At a meeting that both are at, a time is a time for both, and the chosen one is taken for both."""
    await save_consultant(roster_entry("bo"), means=office.means)
    await follow_application(*await office.application("a2", participants=90), means=office.means)
    course = await course_of(office, "a2")
    meeting = next(one for one in course.sittings if one.attends(course.second_id or ""))
    offer = await ask(office, "a2", meeting_id=meeting.meeting_id)
    offered = (await course_of(office, "a2")).offered
    assert {holder(key) for key in offered} == {course.consultant_id, course.second_id}
    after = await choose(office, offer, course_id="a2")
    assert next(one for one in after.sittings if one.meeting_id == meeting.meeting_id).start == offer.starts[0].start
    assert await nothing_overlaps(office)


async def test_dates_that_nobody_chooses_are_let_go(office: Office) -> None:
    """Not before the time that was told, and a moment later for a choice that is on its way; whoever waits is tried."""
    before = await claims(office)
    await ask(office)
    office.clock.now += OFFER_HELD
    await release_offers(means=office.means)
    assert await claims(office) > before
    office.clock.now += CHOICE_ON_ITS_WAY
    woken = office.woken
    await release_offers(means=office.means)
    assert await claims(office) == before
    assert (await course_of(office)).offer is None
    assert office.woken > woken
    version = (await office.course("a1")).version
    await release_offers(means=office.means)
    assert (await office.course("a1")).version == version, "nothing is left to do"


async def test_a_choice_that_comes_too_late_is_answered_with_a_fresh_offer(office: Office) -> None:
    """Never with silence; the meeting stays."""
    old, offer = await third(office), await ask(office)
    office.clock.now += OVER
    await release_offers(means=office.means)
    course = await choose(office, offer)
    assert course.sittings[2] == old
    assert course.offer is not None
    assert (course.offer.number, course.offer.at) == (2, office.clock.now)
    assert course.offer.starts


async def test_a_choice_from_another_offer_or_of_another_time_is_none(office: Office) -> None:
    """Only what was offered is taken, under the number of its question."""
    old, offer = await third(office), await ask(office)
    course = await choose(office, offer, offer=7)
    assert course.sittings[2] == old
    assert course.offer is not None
    course = await choose(office, course.offer, start=course.offer.starts[0].start + timedelta(minutes=30))
    assert course.sittings[2] == old


async def test_a_new_question_takes_the_place_of_the_old_one(office: Office) -> None:
    """One offer at a time: what the old one held is free."""
    await ask(office)
    course = await course_of(office)
    offer = await ask(office, meeting_id=course.sittings[1].meeting_id, person_id="a1-leader")
    assert offer.meeting_id == course.sittings[1].meeting_id
    days = {key.partition("|")[2][:10] for key in (await course_of(office)).offered}
    assert days <= {one.wall_start[:10] for one in offer.starts}


async def test_another_change_of_the_course_takes_the_offer_with_it(office: Office) -> None:
    """Offered times are times beside meetings that are no longer there."""
    offer = await ask(office)
    mine = (await course_of(office)).sittings[2].meeting_id
    assert isinstance(await act(office, kind="move", meeting=mine, start=offer.starts[2].wall_start), Done)
    course = await course_of(office)
    assert (course.offer, course.offered) == (None, ())
    assert "offer_until" not in (await office.store.courses.find_one({"_id": "a1"}) or {})
    assert await nothing_overlaps(office)


async def test_what_touches_no_meeting_leaves_the_offer_standing(office: Office) -> None:
    """Somebody is choosing meanwhile."""
    offer, held = await ask(office), await claims(office)
    assert isinstance(await act(office, kind="pin", consultant="anne"), Done)
    assert (await course_of(office)).offer == offer
    assert await claims(office) == held
    assert (await choose(office, offer)).sittings[2].start == offer.starts[0].start


async def test_a_cancelled_course_offers_and_holds_nothing(office: Office) -> None:
    """By staff or by the applicant."""
    await ask(office)
    await act(office, kind="cancel")
    assert not await claims(office)
    assert (await course_of(office)).offer is None
    await follow_application(*await office.application("a2"), means=office.means)
    await ask(office, "a2")
    await follow_application(*await office.application("a2", state="withdrawn", sequence=3), means=office.means)
    assert not await claims(office, "a2")
    assert (await course_of(office, "a2")).offer is None


async def test_where_nothing_else_is_possible_the_offer_is_empty(office: Office) -> None:
    """It says so, instead of saying nothing; so it does for a meeting that is gone."""
    old = await third(office)
    day = old.start.date()
    leave = [
        Leave(first=day - timedelta(days=90), last=day - timedelta(days=1)),
        Leave(first=day, last=day + timedelta(days=90)),
    ]
    await change_consultant("anne", RosterChange(leave=leave), means=office.means)
    offer = await ask(office)
    assert (offer.starts, (await course_of(office)).offered) == ((), ())
    assert (await ask(office, meeting_id="gone")).starts == ()


async def test_somebody_who_is_no_contact_is_offered_nothing(office: Office) -> None:
    """Consultants propose times from their calendars."""
    course = await course_of(office)
    asked = DatesAsked(number=1, meeting_id=course.sittings[2].meeting_id, person_id="anne", at=office.clock())
    await hear("a1", [asked], means=office.means)
    course = await course_of(office)
    assert (course.offer, course.heard) == (None, 1)


async def test_leave_between_offer_and_choice_is_respected(office: Office) -> None:
    """What is held was possible when it was offered; what is taken must be possible now."""
    old, offer = await third(office), await ask(office)
    day = offer.starts[0].start.date()
    await change_consultant("anne", RosterChange(leave=[Leave(first=day, last=day)]), means=office.means)
    course = await choose(office, offer)
    assert course.sittings[2] == old
    assert course.offer is not None
    assert offer.starts[0] not in course.offer.starts


async def test_a_way_that_became_longer_into_another_course_is_no_ground_for_a_move(office: Office) -> None:
    """A meeting that stays would need the time of the other course: no other time is offered, and a move says so."""
    course = await course_of(office)
    second, mine = course.sittings[1], course.sittings[2].meeting_id
    taken = claim_key("anne", grain_of(second.start) - 4)
    assert taken not in await claims(office)
    office.means.calendar.hold("another", {"anne": [taken]})
    assert len((await ask(office)).starts) == 3
    await save_consultant(roster_entry("anne", municipality=COPENHAGEN), means=office.means)
    assert (await ask(office)).starts == ()
    outcome = await act(office, kind="move", meeting=mine, start="2027-02-01T09:00")
    assert isinstance(outcome, Impossible)
    assert outcome.code == "place"


async def test_what_cannot_be_written_is_answered_all_the_same(office: Office) -> None:
    """Somebody else held each of the times before us, again and again: an offer of none, and a proposal that is declined."""
    before = await read_before("a1", means=office.means)
    meeting = before.course.sittings[2]
    planned = plan_offer(before, _asked(meeting, office), means=office.means, give_up=True)
    assert planned.course.offer is not None
    assert (planned.course.offer.starts, planned.course.offered) == ((), ())
    assert planned.kind is DatesOffered


async def test_two_processes_never_offer_the_same_time_to_two_courses(office: Office) -> None:
    """The loser of the race offers the next best."""
    await follow_application(*await office.application("a2"), means=office.means)
    other = office.new_means()
    await refresh(means=other)
    one, two = await third(office), await third(office, "a2")
    await asyncio.gather(
        hear("a1", [_asked(one, office)], means=office.means), hear("a2", [_asked(two, office)], means=other)
    )
    first, second = await course_of(office), await course_of(office, "a2")
    assert first.offer is not None
    assert second.offer is not None
    assert len(first.offer.starts) == len(second.offer.starts) == 3
    assert not {*first.offered} & {*second.offered}
    assert await nothing_overlaps(office)


def _asked(meeting: BookedMeeting, office: Office) -> DatesAsked:
    return DatesAsked(number=1, meeting_id=meeting.meeting_id, person_id="-", at=office.clock())
