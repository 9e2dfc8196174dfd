"""Text-only changes of invites on a real database: who hears of a new name or language, and under which numbers."""

from collections.abc import AsyncIterator

import pytest

from services.scheduler.follow_application import follow_application
from services.scheduler.reword import reword_due
from services.scheduler.save_consultant import save_consultant
from shared import mongo
from shared.events import ContactChanged
from tests.answering import answer, course_of, partstats
from tests.embedded import Embedded
from tests.scheduler_samples import Office, roster_entry

LEADER, EMPLOYEE = "a1-leader", "a1-employee"


@pytest.fixture
async def office(stack: Embedded) -> AsyncIterator[Office]:
    """Anne leads the one course."""
    client = mongo.connect(stack.mongodb, app_name="test")
    office = await Office(client).open()
    await save_consultant(roster_entry("anne"), means=office.means)
    assert await follow_application(*await office.application("a1"), means=office.means) == "handled"
    office.clock.forward(1)
    yield office
    client.close()


async def test_a_consultants_new_name_reaches_everybody_once_and_answers_stay(office: Office) -> None:
    """Same SEQUENCE, newer DTSTAMP, one event for the course; the answer that was given stands in the new copy."""
    before = await answer(office, LEADER, "ACCEPTED")
    await save_consultant(roster_entry("anne", name="Anne Nygift"), means=office.means)
    assert await reword_due(means=office.means) == 1
    after = await course_of(office)
    assert [one.sequence for one in after.meetings] == [one.sequence for one in before.meetings]
    assert all(new.dtstamp > old.dtstamp for old, new in zip(before.meetings, after.meetings, strict=True))
    assert partstats(after) == {LEADER: "ACCEPTED"}
    *_, (name, _, event) = await office.events("a1")
    assert name == "CourseRebooked"
    assert [one.dtstamp for one in event.course.meetings] == [one.dtstamp for one in after.meetings]
    assert await reword_due(means=office.means) == 0


async def test_what_the_matcher_alone_needs_to_know_is_told_to_nobody(office: Office) -> None:
    """Leave, limits and hours stand in no invite, so the roster can be imported again and again."""
    await save_consultant(roster_entry("anne", max_courses=3), means=office.means)
    assert await office.store.reworded() == []
    assert await reword_due(means=office.means) == 0


async def test_a_contacts_language_is_told_with_the_event_that_brings_it(office: Office) -> None:
    """Only that contact's copies are newer; a course that nobody reads anything new of is not told."""
    before = await course_of(office)
    event = await office.application("a1", event=ContactChanged, sequence=3, of_person={"language": "en"})
    assert await follow_application(*event, means=office.means) == "handled"
    after = await course_of(office)
    first, was = after.meetings[0], before.meetings[0]
    # The employee read English already.
    assert first.copy_dtstamp(LEADER) > was.copy_dtstamp(LEADER)
    assert first.copy_dtstamp(EMPLOYEE) == was.copy_dtstamp(EMPLOYEE)
    assert [name for name, *_ in await office.events("a1")] == ["CourseBooked", "CourseRebooked"]
    again = await office.application("a1", event=ContactChanged, sequence=4, of_person={"language": "en"})
    assert await follow_application(*again, means=office.means) == "handled"
    assert len(await office.events("a1")) == 2


async def test_whoever_is_changed_again_meanwhile_stays_marked(office: Office) -> None:
    """The mark that is taken away is the one that was read."""
    await save_consultant(roster_entry("anne", name="Anne B"), means=office.means)
    [(_, since)] = await office.store.reworded()
    office.clock.forward(1)
    await save_consultant(roster_entry("anne", name="Anne C"), means=office.means)
    await office.store.reword_done("anne", since)
    assert await reword_due(means=office.means) == 1
    assert await office.store.reworded() == []
