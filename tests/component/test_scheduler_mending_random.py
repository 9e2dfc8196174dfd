"""Random answers, leave, goings, moves and days that pass, one after the other: whatever comes, these things stay true."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from services.scheduler.act_on_course import act_on_course
from services.scheduler.acts import Order, possible_acts
from services.scheduler.complete import complete_due
from services.scheduler.course import BookedMeeting, Course
from services.scheduler.course_change import Impossible
from services.scheduler.follow_application import follow_application
from services.scheduler.guarded_change import read_before
from services.scheduler.mend_courses import check_courses, try_stalled
from services.scheduler.move_meeting import meeting_places
from services.scheduler.roster import RosterChange, RosterFacts
from services.scheduler.save_consultant import change_consultant, save_consultant
from services.scheduler.upkeep import count_overlaps, refresh
from shared import mongo
from shared.staff.staff import Staff
from tests.answering import answer
from tests.embedded import Embedded
from tests.scheduler_samples import AARHUS, Office, roster_entry

KIRSTEN = Staff(account="kirsten", role="coordinator")
CONSULTANTS = ("anne", "bo", "cam")
MANY = 80
"""Participants enough for two consultants."""
THINGS = 20


@pytest.fixture
async def office(stack: Embedded) -> AsyncIterator[Office]:
    client = mongo.connect(stack.mongodb, app_name="test")
    office = await Office(client).open()
    for number, one in enumerate(CONSULTANTS):
        place = {"municipality": AARHUS} if number else {}
        await save_consultant(roster_entry(one, max_courses=3, **place), means=office.means)
    yield office
    client.close()


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_comes_nothing_overlaps_the_past_stays_and_doubts_are_seen(office: Office, seed: int) -> None:
    """Looked at after each thing, once the loops had their turn."""
    rng = Random(seed)
    for number, participants in enumerate((24, MANY, 24)):
        application = await office.application(f"a{number}", participants=participants)
        await follow_application(*application, means=office.means)
    past: dict[str, BookedMeeting] = {}
    for _ in range(THINGS):
        await one_thing(office, rng)
        await check_courses(means=office.means)
        await try_stalled(means=office.means)
        found = await count_overlaps(means=office.means)
        assert (found.overlapping, found.unclaimed) == (0, 0)
        roster = await office.store.roster()
        for stored in await office.store.list_courses():
            course = stored.course
            if course.state == "booked":
                assert in_doubt(office, course, roster) <= set(course.stall.meetings if course.stall else ())
            for meeting in course.sittings:
                if meeting.start <= office.clock():
                    assert past.setdefault(meeting.meeting_id, meeting) == meeting


async def one_thing(office: Office, rng: Random) -> None:
    things = {answers: 8, goes_away: 3, comes_back: 2, stops: 1, acts: 3, days_pass: 1}
    await rng.choices(list(things), list(things.values()))[0](office, rng)


async def answers(office: Office, rng: Random) -> None:
    booked = await of_state(office, "booked")
    course = rng.choice(booked) if booked else None
    coming = [one for one in course.sittings if one.start > office.clock()] if course else []
    if course is None or not coming:
        return
    meeting = rng.choice(coming)
    people = [one for one in meeting.tokens if meeting.attends(one)]
    partstat = rng.choice(("DECLINED", "DECLINED", "ACCEPTED", "TENTATIVE"))
    await answer(office, rng.choice(people), partstat, code=meeting.code, course_id=course.application_id)


async def goes_away(office: Office, rng: Random) -> None:
    """On a day of one of the meetings, and around it."""
    booked = await of_state(office, "booked")
    if booked:
        day = date.fromisoformat(rng.choice(rng.choice(booked).sittings).wall_start[:10])
        leave = [{"first": day, "last": day + timedelta(days=rng.randint(0, 30))}]
        await changed(office, rng, leave=leave)


async def comes_back(office: Office, rng: Random) -> None:
    await changed(office, rng, leave=[], active=True)


async def stops(office: Office, rng: Random) -> None:
    await changed(office, rng, active=False)


async def acts(office: Office, rng: Random) -> None:
    booked = await of_state(office, "booked")
    if not booked:
        return
    before = await read_before(rng.choice(booked).application_id, means=office.means)
    kinds = sorted(possible_acts(before.course, before.now) & {"pin", "unpin", "exclude", "include", "move"})
    if not kinds:
        return
    values: dict[str, Any] = {"kind": rng.choice(kinds)}
    if values["kind"] in ("pin", "exclude", "include"):
        values["consultant"] = rng.choice(CONSULTANTS)
    if values["kind"] == "move":
        meeting = rng.choice(before.course.sittings)
        places = meeting_places(before, meeting.meeting_id, means=office.means)
        if isinstance(places, Impossible) or not places:
            return
        values |= {"meeting": meeting.meeting_id, "start": rng.choice(places).start}
    order = Order.model_validate({"act": values, "reason": "Mange ting på én gang."})
    await act_on_course(before.course.application_id, order, staff=KIRSTEN, means=office.means)


async def days_pass(office: Office, rng: Random) -> None:
    office.clock.forward(rng.randint(1, 40))
    await refresh(means=office.means)
    await complete_due(means=office.means)


async def changed(office: Office, rng: Random, **values: Any) -> None:
    change = RosterChange.model_validate(values)
    await change_consultant(rng.choice(CONSULTANTS), change, means=office.means)


async def of_state(office: Office, state: str) -> list[Course]:
    return [one.course for one in await office.store.list_courses() if one.course.state == state]


def in_doubt(office: Office, course: Course, roster: dict[str, RosterFacts]) -> set[str]:
    """Meetings to come that somebody who is invited cannot hold: worked out here in plain words."""
    found = set()
    for meeting in course.sittings:
        day = date.fromisoformat(meeting.wall_start[:10])
        for who in meeting.tokens:
            if meeting.start <= office.clock() or not meeting.attends(who):
                continue
            facts = roster.get(who)
            away = facts is not None and (not facts.active or any(one.first <= day <= one.last for one in facts.leave))
            side = "workplace" if who in course.request.contacts else who
            said_no = any(
                one.who == side and one.start < meeting.end and meeting.start < one.end for one in course.refused
            )
            if away or said_no:
                found.add(meeting.meeting_id)
    return found
