"""Text-only changes of invites on a real database: who hears of a new name or language, and under which numbers."""

from collections.abc import AsyncIterator

import pytest

from services.scheduler.follow_application import follow_application
from services.scheduler.reword import reword_due
from services.scheduler.save_consultant import save_consultant
from shared import mongo
from shared.events import ContactChanged
from tests.answering import answer, course_of, meeting, partstats
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


async def test_a_contacts_new_address_is_told_with_new_calendar_objects_for_it(office: Office) -> None:
    """Her copies name the new attendee under the same UID and SEQUENCE with a newer DTSTAMP; the answer that she gave stays hers."""
    before = await answer(office, LEADER, "ACCEPTED")
    office.clock.forward(1)
    new = {"mail": "ny@odense.example"}
    event = await office.application("a1", event=ContactChanged, sequence=3, of_person=new, of=LEADER)
    assert await follow_application(*event, means=office.means) == "handled"
    after = await course_of(office)
    was, first = before.meetings[0], after.meetings[0]
    assert (first.uid, first.sequence, first.tokens) == (was.uid, was.sequence, was.tokens)
    assert first.copy_dtstamp(LEADER) > was.copy_dtstamp(LEADER)
    assert first.copy_dtstamp(EMPLOYEE) == was.copy_dtstamp(EMPLOYEE)
    assert [name for name, *_ in await office.events("a1")][-1] == "CourseRebooked"
    leader = (await office.opened_people("a1"))[LEADER]
    ics = [one.ics.replace("\r\n ", "") for one in leader.invites]
    assert all("mailto:ny@odense.example" in one and "leader-a1@odense.example" not in one for one in ics)
    partstat = {
        one.meeting_id: line.partition("PARTSTAT=")[2].partition(";")[0]
        for one, line in zip(leader.invites, ics, strict=True)
    }
    assert partstat.pop((await meeting(office)).meeting_id) == "ACCEPTED"
    assert set(partstat.values()) == {"NEEDS-ACTION"}


async def test_a_new_address_is_told_of_a_course_that_waits_and_nothing_else_of_a_person_is(office: Office) -> None:
    """The waiting list was told to the old address; a new phone number changes nothing that anybody reads."""
    await save_consultant(roster_entry("anne", active=False), means=office.means)
    assert await follow_application(*await office.application("a2"), means=office.means) == "handled"
    for sequence, change, events in ((3, {"phone": "11 22 33 44"}, 1), (4, {"mail": "ny@odense.example"}, 2)):
        event = await office.application(
            "a2", event=ContactChanged, sequence=sequence, of_person=change, of="a2-leader"
        )
        assert await follow_application(*event, means=office.means) == "handled"
        assert [name for name, *_ in await office.events("a2")] == ["ApplicationWaitlisted"] * events
    assert (await office.opened_people("a2"))["a2-leader"].mail == "ny@odense.example"


async def test_a_consultants_new_address_reaches_her_own_copies(office: Office) -> None:
    """The roster brings it; her own copies name the new attendee, and the contacts' stay as they are."""
    before = await course_of(office)
    office.clock.forward(1)
    await save_consultant(roster_entry("anne", mail="anne.ny@konsulenter.example"), means=office.means)
    assert await reword_due(means=office.means) == 1
    after = await course_of(office)
    assert after.meetings[0].copy_dtstamp("anne") > before.meetings[0].copy_dtstamp("anne")
    assert after.meetings[0].copy_dtstamp(LEADER) == before.meetings[0].copy_dtstamp(LEADER)
    anne = (await office.opened_people("a1"))["anne"]
    assert all("mailto:anne.ny@konsulenter.example" in one.ics.replace("\r\n ", "") for one in anne.invites)


async def test_whoever_is_changed_again_meanwhile_stays_marked(office: Office) -> None:
    """The mark that is taken away is the one that was read."""
    await save_consultant(roster_entry("anne", name="Anne B"), means=office.means)
    [(_, since)] = await office.store.reworded()
    office.clock.forward(1)
    await save_consultant(roster_entry("anne", name="Anne C"), means=office.means)
    await office.store.reword_done("anne", since)
    assert await reword_due(means=office.means) == 1
    assert await office.store.reworded() == []
