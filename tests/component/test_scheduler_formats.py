"""Courses of several workplaces, and in the format that was chosen, booked on a real database."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import vobject

from services.scheduler.follow_application import follow_application
from services.scheduler.save_consultant import save_consultant
from services.scheduler.upkeep import count_overlaps
from shared import mongo
from shared.events import Matter, Workplace
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

    course = (await office.course("a1")).course
    held = (await office.store.held("anne"))["anne"]["a1"]
    grains = {
        one.code: [key for key in held if f"{one.start.astimezone(office.programme.tz).date()}" in key]
        for one in course.meetings
    }
    meeting, setup = 8, 1
    # To a place in her own town and back; and more than an hour and a half each way to the one in Copenhagen.
    assert len(grains["workshop_1"]) <= meeting + setup + 2
    assert len(grains["workshop_2"]) >= meeting + setup + 2 * 3
    assert len(grains["planning_2"]) == 2
    assert (await count_overlaps(means=office.means)).unclaimed == 0


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
