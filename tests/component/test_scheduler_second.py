"""Courses with a second consultant on a real database: booked in one write, held by both, freed by both."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services.scheduler.act_on_course import act_on_course
from services.scheduler.acts import Order
from services.scheduler.course import Course
from services.scheduler.course_change import Impossible
from services.scheduler.follow_application import follow_application
from services.scheduler.guarded_change import Done, read_before
from services.scheduler.hear import hear
from services.scheduler.move_meeting import meeting_places
from services.scheduler.roster import RosterChange
from services.scheduler.save_consultant import change_consultant, save_consultant
from services.scheduler.upkeep import count_overlaps, refresh
from services.scheduler.waitlist import retry_waiting
from shared import mongo
from shared.said import DateChosen, DatesAsked
from shared.staff.staff import Staff
from shared.vault import person_key
from tests.answering import answer
from tests.embedded import Embedded
from tests.scheduler_samples import AARHUS, Office, roster_entry

MANY = 80
"""Participants enough for two consultants."""


@pytest.fixture
async def office(stack: Embedded) -> AsyncIterator[Office]:
    client = mongo.connect(stack.mongodb, app_name="test")
    office = await Office(client).open()
    await save_consultant(roster_entry("anne", max_courses=1), means=office.means)
    await save_consultant(roster_entry("anne-b", municipality=AARHUS, max_courses=2), means=office.means)
    yield office
    client.close()


async def book(office: Office, application_id: str = "a1") -> None:
    application = await office.application(application_id, participants=MANY)
    assert await follow_application(*application, means=office.means) == "handled"


async def exclude(office: Office, consultant_id: str) -> None:
    order = Order.model_validate(
        {"act": {"kind": "exclude", "consultant": consultant_id}, "reason": "Hun er blevet syg."}
    )
    staff = Staff(account="kirsten", role="coordinator")
    assert isinstance(await act_on_course("a1", order, staff=staff, means=office.means), Done)


async def test_both_consultants_are_booked_in_one_write(office: Office) -> None:
    """The second one holds her own half hours and a place, at the two meetings that she takes part in."""
    await book(office)
    course = (await office.course("a1")).course
    assert (course.state, course.consultant_id, course.second_id) == ("booked", "anne", "anne-b")
    held = await office.store.held()
    assert {who: len([key for key in keys["a1"] if "#" in key]) for who, keys in held.items()} == {
        "anne": 1,
        "anne-b": 1,
    }
    assert [one.code for one in course.meetings if "anne-b" in one.tokens] == ["first", "second"]
    [(name, _, event)] = await office.events("a1")
    assert (name, event.course.second_id) == ("CourseBooked", "anne-b")
    found = await count_overlaps(means=office.means)
    assert (found.overlapping, found.unclaimed) == (0, 0)


async def test_the_second_is_invited_to_her_meetings_alone_and_named_there_alone(office: Office) -> None:
    """Contacts read both names in the two meetings of both, and one in the others."""
    await book(office)
    people = await office.opened_people("a1")
    meetings = {one.meeting_id: one.code for one in (await office.course("a1")).course.meetings}
    assert [meetings[one.meeting_id] for one in people["anne-b"].invites] == ["first", "second"]
    named = [meetings[one.meeting_id] for one in people["a1-leader"].invites if "Konsulent Anne-B" in one.ics]
    assert named == ["first", "second"]


async def test_one_consultants_claims_are_read_without_those_of_another_whose_id_begins_alike(office: Office) -> None:
    """Each look at one consultant gives what a look at all gives of her."""
    await book(office)
    everybody = await office.store.held()
    for who in ("anne", "anne-b"):
        assert await office.store.held(who) == {who: everybody[who]}
    assert await office.store.held("ann") == {}


async def test_a_withdrawal_frees_both(office: Office) -> None:
    """Each copy of both is cancelled, and the next course gets both places."""
    await book(office)
    await book(office, "a2")
    assert (await office.course("a2")).course.reasons == {"capacity": 1, "second": 1}
    withdrawn = await office.application("a1", state="withdrawn", sequence=3)
    assert await follow_application(*withdrawn, means=office.means) == "handled"
    people = await office.opened_people("a1")
    assert [one.method for one in people["anne-b"].invites] == ["CANCEL"] * 2
    assert await retry_waiting(means=office.means) == 1
    assert (await office.course("a2")).course.second_id == "anne-b"


async def test_a_stale_picture_of_the_second_loses_no_guard(office: Office) -> None:
    """Another process has taken the second's times: the index refuses, and the next best is booked."""
    stale = office.new_means()
    await refresh(means=stale)
    await save_consultant(roster_entry("cam", max_courses=4), means=office.means)
    await save_consultant(roster_entry("dan", max_courses=4), means=office.means)
    await book(office)
    await refresh(means=stale)
    await book(office, "a2")
    application = await office.application("a3", participants=MANY)
    assert await follow_application(*application, means=stale) == "handled"
    assert (await office.course("a3")).course.state == "booked"
    found = await count_overlaps(means=office.means)
    assert (found.courses, found.overlapping, found.unclaimed) == (3, 0, 0)


async def test_a_second_whose_meetings_are_past_can_lead_the_rest_and_holds_it(office: Office) -> None:
    """She has both roles then: under one place, and with every half hour of the meeting that is still to come."""
    await book(office)
    booked = (await office.course("a1")).course
    office.clock.now = next(one.end for one in booked.meetings if one.code == "second") + timedelta(days=1)
    await exclude(office, "anne")
    course = (await office.course("a1")).course
    assert (course.consultant_id, course.second_id) == ("anne-b", None)
    found = await count_overlaps(means=office.means)
    assert (found.overlapping, found.unclaimed) == (0, 0)


async def test_whose_limit_was_lowered_keeps_the_course_when_the_other_leaves(office: Office) -> None:
    """She holds more than she may by now, and still only the second consultant is replaced."""
    await save_consultant(roster_entry("anne", max_courses=2), means=office.means)
    await save_consultant(roster_entry("cam", municipality=AARHUS), means=office.means)
    await book(office)
    await book(office, "a2")
    await change_consultant("anne", RosterChange(max_courses=1), means=office.means)
    booked = (await office.course("a1")).course
    assert booked.second_id is not None
    await exclude(office, booked.second_id)
    course = (await office.course("a1")).course
    assert course.consultant_id == booked.consultant_id == "anne"
    assert [one.start for one in course.sittings] == [one.start for one in booked.sittings]


async def past_the_second(office: Office) -> Course:
    """A course of which all meetings with the second consultant are over."""
    await save_consultant(roster_entry("cam", municipality=AARHUS), means=office.means)
    await book(office)
    course = (await office.course("a1")).course
    office.clock.now = max(one.end for one in course.sittings if "anne-b" in one.tokens)
    await refresh(means=office.means)
    return course


async def test_a_course_goes_on_after_its_second_consultant_was_erased(office: Office) -> None:
    """Nobody has to write to her, since what she took part in is over: what the others say is heard, and acted on."""
    course = await past_the_second(office)
    await office.vault.erase(person_key("anne-b"))
    after = await answer(office, "anne", "DECLINED", code=course.sittings[-1].code)
    assert (after.consultant_id, after.heard, after.stall) == ("cam", 1, None)
    found = await count_overlaps(means=office.means)
    assert (found.overlapping, found.unclaimed) == (0, 0)


async def test_meetings_move_after_the_second_consultant_has_gone(office: Office) -> None:
    """By hand, and where a contact asks for other dates: only those who are still to come are needed."""
    course = await past_the_second(office)
    await change_consultant("anne-b", RosterChange.model_validate({"active": False}), means=office.means)
    last = course.sittings[-1].meeting_id
    places = meeting_places(await read_before("a1", means=office.means), last, means=office.means)
    assert not isinstance(places, Impossible)
    asked = DatesAsked(number=1, meeting_id=last, person_id="-", at=office.clock())
    await hear("a1", [asked], means=office.means)
    offer = (await office.course("a1")).course.offer
    assert offer is not None
    assert len(offer.starts) == 3
    chosen = DateChosen(
        number=2, meeting_id=last, person_id="-", offer=1, start=offer.starts[0].start, at=office.clock()
    )
    await hear("a1", [chosen], means=office.means)
    moved = (await office.course("a1")).course
    assert (moved.sittings[-1].start, moved.consultant_id) == (offer.starts[0].start, "anne")
    assert moved.sittings[:-1] == course.sittings[:-1]
