"""Whatever people ask, choose, propose and let pass: a course holds what its meetings and its live offer need, and nothing else."""

import random
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services.scheduler.act_on_course import act_on_course
from services.scheduler.acts import Order
from services.scheduler.alternatives import Alternative, claims_of
from services.scheduler.claims import all_keys
from services.scheduler.course import Course
from services.scheduler.course_change import Impossible
from services.scheduler.follow_application import follow_application
from services.scheduler.guarded_change import read_before
from services.scheduler.hear import hear
from services.scheduler.holding import hold_plans
from services.scheduler.means import Means
from services.scheduler.move_meeting import places_of
from services.scheduler.release_offers import release_offers
from services.scheduler.save_consultant import save_consultant
from services.scheduler.standing import CHOICE_ON_ITS_WAY, OFFER_HELD
from services.scheduler.upkeep import count_overlaps, refresh
from shared import mongo
from shared.said import CounterProposal, DateChosen, DatesAsked, Said
from shared.staff.staff import Staff
from tests.embedded import Embedded
from tests.scheduler_samples import Office, roster_entry

COURSES = ("a1", "a2", "a3")
STEPS = 25


@pytest.fixture
async def office(stack: Embedded) -> AsyncIterator[Office]:
    """Two consultants hold three courses between them; one is large and has both."""
    client = mongo.connect(stack.mongodb, app_name="test")
    office = await Office(client).open()
    for who in ("anne", "bo"):
        await save_consultant(roster_entry(who), means=office.means)
    for course_id, participants in zip(COURSES, (24, 90, 24), strict=True):
        event = await office.application(course_id, participants=participants)
        await follow_application(*event, means=office.means)
    yield office
    client.close()


async def needed(course_id: str, means: Means) -> set[str]:
    """Worked out anew from the meetings and the offer."""
    before = await read_before(course_id, means=means)
    course, keys = before.course, set[str]()
    found = places_of(before, course.sittings[-1].meeting_id, means=means)
    assert not isinstance(found, Impossible)
    plans = [found.known.plan, *([found.known.second] if found.known.second else [])]
    held = hold_plans(plans, calendar=means.calendar, own=before.claims)
    assert held is not None
    keys |= set(all_keys(held))
    if course.offer is not None and course.offer.starts:
        places = places_of(before, course.offer.meeting_id, means=means, noticed=course.offer.at)
        assert not isinstance(places, Impossible)
        for one in course.offer.starts:
            keys |= set(claims_of(places, Alternative(one.wall_start, one.start, 0)))
    return keys


def said(course: Course, office: Office, chance: random.Random) -> Said:
    """Something that somebody may say now."""
    number, meeting = course.heard + 1, chance.choice(course.sittings)
    base = {"number": number, "meeting_id": meeting.meeting_id, "at": office.clock()}
    kind = chance.choice(("ask", "ask", "choose", "choose", "propose"))
    if kind == "choose" and course.offer is not None and course.offer.starts:
        start = chance.choice(course.offer.starts).start
        offer = course.offer.number + chance.choice((0, 0, 0, 1))
        return DateChosen.model_validate(
            base | {"meeting_id": course.offer.meeting_id, "person_id": "-", "offer": offer, "start": start}
        )
    if kind == "propose":
        start = meeting.start + timedelta(days=chance.randint(-3, 3), minutes=30 * chance.randint(-4, 4))
        who = chance.choice([*course.request.contacts, course.consultant_id])
        told = {"person_id": who, "start": start, "sequence": meeting.sequence, "dtstamp": office.clock()}
        return CounterProposal.model_validate(base | told)
    return DatesAsked.model_validate(base | {"person_id": "-"})


async def move(course: Course, means: Means, chance: random.Random) -> None:
    """A coordinator moves a meeting, whatever is offered meanwhile."""
    before = await read_before(course.application_id, means=means)
    meeting = chance.choice(course.sittings)
    places = places_of(before, meeting.meeting_id, means=means)
    assert not isinstance(places, Impossible)
    act = {"kind": "move", "meeting": meeting.meeting_id, "start": chance.choice(sorted(places.found))}
    order = Order.model_validate({"act": act, "reason": "Aftalt i telefonen."})
    await act_on_course(course.application_id, order, staff=Staff(account="k", role="coordinator"), means=means)


@pytest.mark.parametrize("seed", [1, 2])
async def test_no_claim_is_left_behind_and_none_is_held_twice(office: Office, seed: int) -> None:
    """Random questions, choices, proposals, moves and pauses, by two processes in turn."""
    chance = random.Random(seed)
    other = office.new_means()
    await refresh(means=other)
    for _ in range(STEPS):
        means = chance.choice((office.means, other))
        course_id = chance.choice(COURSES)
        course = (await office.course(course_id)).course
        match chance.choice(("said", "said", "said", "said", "move", "pause")):
            case "said":
                await hear(course_id, [said(course, office, chance)], means=means)
            case "move":
                await move(course, means, chance)
            case _:
                office.clock.now += chance.choice((timedelta(minutes=3), OFFER_HELD + CHOICE_ON_ITS_WAY))
                await release_offers(means=means)
        assert set(await office.store.claims(course_id)) == await needed(course_id, office.means)
    assert (await office.store.offers_over(office.clock())) == []
    found = await count_overlaps(means=office.means)
    assert (found.overlapping, found.unclaimed) == (0, 0)
