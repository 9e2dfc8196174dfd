"""Courses of several workplaces, and in the format that was chosen, booked on a real database."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import vobject

from services.scheduler.act_on_course import act_on_course
from services.scheduler.acts import Order
from services.scheduler.follow_application import follow_application
from services.scheduler.guarded_change import Done
from services.scheduler.save_consultant import save_consultant
from services.scheduler.upkeep import count_overlaps
from shared import mongo
from shared.events import Matter, Workplace
from shared.staff.staff import Staff
from tests.embedded import Embedded
from tests.scheduler_samples import COPENHAGEN, ODENSE, Office, roster_entry

SCHOOL = Workplace(name="Havneskolen", street="Havnegade 1", postal_code="5000", town="Odense C", municipality=ODENSE)
LIBRARY = Workplace(
    name="Biblioteket", street="Nørregade 9", postal_code="1165", town="København K", municipality=COPENHAGEN
)
BOTH = Matter(themes=("samarbejde",), workplaces=(SCHOOL, LIBRARY))
AT_SCHOOL, AT_LIBRARY = "Havneskolen, Havnegade 1, 5000 Odense C", "Biblioteket, Nørregade 9, 1165 København K"


@pytest.fixture
async def office(stack: Embedded) -> AsyncIterator[Office]:
    client = mongo.connect(stack.mongodb, app_name="test")
    yield await Office(client).open()
    client.close()


async def grains_by_meeting(office: Office, consultant_id: str) -> dict[str, int]:
    """How many half hours she is claimed for on the day of each meeting."""
    held = (await office.store.held(consultant_id))[consultant_id]["a1"]
    days = {
        one.code: one.start.astimezone(office.programme.tz).date()
        for one in (await office.course("a1")).course.meetings
    }
    return {code: sum(f"{day}" in key for key in held) for code, day in days.items()}


async def test_the_workshops_of_a_joint_course_take_turns_between_workplaces_in_two_municipalities(
    office: Office,
) -> None:
    """The event counts the host, the invites have its address, and the consultant from Odense is claimed for her way there."""
    await save_consultant(roster_entry(), means=office.means)
    application = await office.application("a1", kind="joint", municipalities=(ODENSE, COPENHAGEN), matter=BOTH)
    assert await follow_application(*application, means=office.means) == "handled"

    [(_, _, event)] = await office.events("a1")
    hosts = {one.code: one.workplace for one in event.course.meetings}
    assert {code for code, host in hosts.items() if host} == {"workshop_2"}
    ids = {one.meeting_id: one.code for one in event.course.meetings}
    for person in (await office.opened_people("a1")).values():
        told = {ids[one.meeting_id]: vobject.readOne(one.ics).vevent.location.value for one in person.invites}
        assert told["planning_1"] == told["workshop_1"] == AT_SCHOOL
        assert told["workshop_2"] == AT_LIBRARY
        assert {told[code] for code in ("planning_2", "planning_3", "planning_4", "follow_up")} == {"Online"}

    grains = await grains_by_meeting(office, "anne")
    meeting, setup = 8, 1
    # To a place in her own town and back; and more than an hour and a half each way to the one in Copenhagen.
    assert grains["workshop_1"] <= meeting + setup + 2
    assert grains["workshop_2"] >= meeting + setup + 2 * 3
    assert grains["planning_2"] == 2
    assert (await count_overlaps(means=office.means)).unclaimed == 0


async def test_a_booked_meeting_stays_with_its_host_when_the_plan_names_another(office: Office) -> None:
    """Handed over to somebody in Copenhagen after the file has changed, she is claimed for the place that people were told."""
    await save_consultant(roster_entry(), means=office.means)
    application = await office.application("a1", kind="joint", municipalities=(ODENSE, COPENHAGEN), matter=BOTH)
    await follow_application(*application, means=office.means)
    await save_consultant(roster_entry("bo", municipality=COPENHAGEN), means=office.means)

    joint = office.programme.plans["joint"]
    meetings = tuple(one.model_copy(update={"host": 1}) for one in joint.meetings)
    plans = {"joint": joint.model_copy(update={"meetings": meetings})}
    later = replace(office.means, programme=office.programme.model_copy(update={"plans": plans}))
    order = Order.model_validate({"act": {"kind": "pin", "consultant": "bo"}, "reason": "Aftalt i telefonen."})
    assert isinstance(
        await act_on_course("a1", order, staff=Staff(account="kirsten", role="coordinator"), means=later), Done
    )

    assert [one.workplace for one in (await office.course("a1")).course.meetings] == [0, 0, 0, 0, 1, 0, 0]
    grains = await grains_by_meeting(office, "bo")
    assert grains["workshop_2"] <= 8 + 1 + 2 < grains["workshop_1"]


async def test_all_municipalities_of_a_joint_course_close_their_days(office: Office) -> None:
    """No meeting, online or not, lies in a school holiday of either."""
    await save_consultant(roster_entry(), means=office.means)
    application = await office.application("a1", kind="joint", municipalities=(ODENSE, COPENHAGEN), matter=BOTH)
    await follow_application(*application, means=office.means)
    course = (await office.course("a1")).course
    closed = office.programme.closed_days(
        course.window.earliest, course.window.latest, municipalities=(ODENSE, COPENHAGEN)
    )
    assert len(course.meetings) == 7
    assert not closed & {one.start.astimezone(office.programme.tz).date() for one in course.meetings}


async def test_a_whole_day_is_booked_where_it_was_chosen(office: Office) -> None:
    """One meeting of six hours between the opening and the follow-up, six to twelve weeks before the latter."""
    await save_consultant(roster_entry(), means=office.means)
    await follow_application(*await office.application("a1", format="one_day"), means=office.means)
    course = (await office.course("a1")).course
    assert [(one.code, one.minutes) for one in course.meetings] == [("opening", 120), ("day", 360), ("follow_up", 60)]
    assert timedelta(days=42) <= course.meetings[2].start - course.meetings[1].start <= timedelta(days=85)
