"""Booking, waiting, withdrawing and completing on a real database; nothing is published, the outboxes are looked at."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import vobject

from services.scheduler.complete import complete_due
from services.scheduler.course import StoredCourse
from services.scheduler.follow_application import follow_application
from services.scheduler.overlaps import Overlaps
from services.scheduler.roster import Leave, RosterChange
from services.scheduler.save_consultant import change_consultant, save_consultant
from services.scheduler.store import Store
from services.scheduler.upkeep import count_overlaps, refresh
from services.scheduler.waitlist import retry_waiting
from shared import mongo
from shared.envelope import Envelope
from shared.events import ApplicationEvent, ContactChanged, LinkIssued
from tests.embedded import Embedded
from tests.scheduler_samples import AARHUS, NOW, Office, roster_entry


@pytest.fixture
async def office(stack: Embedded) -> AsyncIterator[Office]:
    client = mongo.connect(stack.mongodb, app_name="test")
    yield await Office(client).open()
    client.close()


async def follow(office: Office, application: tuple[ApplicationEvent, Envelope]) -> str:
    return await follow_application(*application, means=office.means)


async def test_an_admitted_application_is_booked_whole(office: Office) -> None:
    """One write holds the meetings, the claims of all of them, and the event that tells of them."""
    await save_consultant(roster_entry(), means=office.means)
    assert await follow(office, await office.application("a1")) == "handled"

    course = (await office.course("a1")).course
    assert (course.state, course.consultant_id) == ("booked", "anne")
    assert [meeting.code for meeting in course.meetings] == ["opening", "first", "second", "follow_up"]
    assert course.meetings[0].start >= datetime(2026, 12, 11, tzinfo=UTC), "21 days' notice"
    held = (await office.store.held("anne"))["anne"]["a1"]
    assert "anne#0" in held
    # 10 minutes of travel and 30 of setting up before: two half hours; one to go home.
    assert len(held) == 1 + (2 + 4 + 1) + 2 * (2 + 6 + 1) + 2
    [(name, sequence, event)] = await office.events("a1")
    assert (name, sequence, event.course.state) == ("CourseBooked", 1, "booked")
    assert [meeting.meeting_id for meeting in event.course.meetings] == [one.meeting_id for one in course.meetings]
    assert await count_overlaps(means=office.means) == Overlaps(courses=1, claims=len(held), overlapping=0, unclaimed=0)


async def test_everybody_gets_each_meeting_with_an_address_of_her_own(office: Office) -> None:
    """Three people, four meetings: one copy each, the same UID for all, a reply address that nobody else has."""
    await save_consultant(roster_entry(), means=office.means)
    await follow(office, await office.application("a1"))

    people = await office.opened_people("a1")
    assert {person.function for person in people.values()} == {"leader", "employee", "consultant"}
    organizers, uids = set(), set()
    for person in people.values():
        assert [invite.method for invite in person.invites] == ["REQUEST"] * 4
        for invite in person.invites:
            entry = vobject.readOne(invite.ics).vevent
            uids.add(entry.uid.value)
            organizers.add(entry.organizer.value)
            assert entry.attendee.value == f"mailto:{person.mail}"
            reachable = "12 34 56 78" in entry.description.value or "87 65 43 21" in entry.description.value
            assert reachable == (person.function == "consultant")
    assert (len(uids), len(organizers)) == (4, 12)


async def test_a_redelivered_event_changes_nothing(office: Office) -> None:
    """The same event again, and an older one, are superseded; the document stays at its version."""
    await save_consultant(roster_entry(), means=office.means)
    application = await office.application("a1")
    await follow(office, application)
    version = (await office.course("a1")).version
    assert await follow(office, application) == "superseded"
    assert await follow(office, await office.application("a1", state="submitted", sequence=1)) == "superseded"
    assert (await office.course("a1")).version == version


async def test_nobody_free_means_waiting_and_is_told_once_per_kind_of_reason(office: Office) -> None:
    """The waiting list counts consultants by rule; a further consultant without the theme is no news to anybody."""
    await save_consultant(roster_entry("anne", themes=["chikane"]), means=office.means)
    await follow(office, await office.application("a1"))
    assert (await office.course("a1")).course.reasons == {"themes": 1}

    await save_consultant(roster_entry("bo", themes=["chikane"]), means=office.means)
    assert await retry_waiting(means=office.means) == 0
    assert (await office.course("a1")).course.reasons == {"themes": 2}
    assert [name for name, _, _ in await office.events("a1")] == ["ApplicationWaitlisted"]

    version = (await office.course("a1")).version
    await retry_waiting(means=office.means)
    assert (await office.course("a1")).version == version, "nothing new, so nothing is written"

    await change_consultant("bo", RosterChange(active=False), means=office.means)
    await save_consultant(roster_entry("cam", blocked_municipalities=["461"]), means=office.means)
    await retry_waiting(means=office.means)
    assert [(name, sequence) for name, sequence, _ in await office.events("a1")] == [
        ("ApplicationWaitlisted", 1),
        ("ApplicationWaitlisted", 2),
    ]


@pytest.mark.parametrize("kind", [LinkIssued, ContactChanged])
async def test_what_is_new_about_the_contacts_reaches_the_next_event_of_a_booked_course(
    office: Office, kind: type[ApplicationEvent]
) -> None:
    """A new link, say, is taken over without touching the meetings, and without telling anybody: no invite says it."""
    await save_consultant(roster_entry(), means=office.means)
    await follow(office, await office.application("a1"))
    booked = await office.course("a1")
    news = {"links": {"status": "https://forloeb.example/s/new"}, "title": "Teamleder"}
    assert await follow(office, await office.application("a1", event=kind, sequence=3, of_person=news)) == "handled"
    after = await office.course("a1")
    assert after.course.meetings == booked.course.meetings
    assert [name for name, _, _ in await office.events("a1")] == ["CourseBooked"]

    office.clock.forward(420)
    await complete_due(means=office.means)
    people = await office.opened_people("a1")
    for function in ("leader", "employee"):
        assert people[f"a1-{function}"].links == news["links"]
        assert people[f"a1-{function}"].title == "Teamleder"


async def test_a_new_link_is_taken_over_on_the_waiting_list(office: Office) -> None:
    """The mail with the dates carries it, and the waiting list is not told again."""
    await follow(office, await office.application("a1"))
    news = {"links": {"status": "https://forloeb.example/s/new"}}
    assert (
        await follow(office, await office.application("a1", event=LinkIssued, sequence=3, of_person=news)) == "handled"
    )
    await save_consultant(roster_entry(), means=office.means)
    assert await retry_waiting(means=office.means) == 1
    assert [name for name, _, _ in await office.events("a1")] == ["ApplicationWaitlisted", "CourseBooked"]
    assert (await office.opened_people("a1"))["a1-leader"].links == news["links"]


async def test_a_new_consultant_serves_the_oldest_application_first(office: Office) -> None:
    """With room for one course, the application that waits longest gets it."""
    for number, application_id in enumerate(("a1", "a2")):
        office.clock.now = NOW if number else NOW.replace(hour=12)
        await follow(office, await office.application(application_id))
    assert office.woken == 0
    await save_consultant(roster_entry(max_courses=1), means=office.means)
    assert office.woken == 1
    assert await retry_waiting(means=office.means) == 1
    assert (await office.course("a2")).course.state == "booked", "a2 was sent three hours earlier"
    assert (await office.course("a1")).course.reasons == {"capacity": 1}
    assert [name for name, _, _ in await office.events("a2")] == ["ApplicationWaitlisted", "CourseBooked"]


async def test_withdrawing_frees_the_claims_and_cancels_in_one_write(office: Office) -> None:
    """CANCEL under a raised sequence and a newer stamp for everybody, and the half hours may be had by others."""
    await save_consultant(roster_entry(max_courses=1), means=office.means)
    await follow(office, await office.application("a1"))
    before = (await office.course("a1")).course
    requested = await office.opened_people("a1")
    assert await follow(office, await office.application("a1", state="withdrawn", sequence=3)) == "handled"

    row = await office.store.courses.find_one({"_id": "a1"})
    assert row is not None
    assert not {"claims", "holders", "complete_at", "waiting_since"} & row.keys()
    course = (await office.course("a1")).course
    assert course.state == "cancelled"
    for old, new in zip(before.meetings, course.meetings, strict=True):
        assert (new.uid, new.sequence, new.status) == (old.uid, 1, "cancelled")
        assert new.dtstamp > old.dtstamp
    cancelled = await office.opened_people("a1")
    assert cancelled.keys() == requested.keys()
    for person_id, person in cancelled.items():
        assert [invite.method for invite in person.invites] == ["CANCEL"] * 4
        for old_copy, new_copy in zip(requested[person_id].invites, person.invites, strict=True):
            old_entry, new_entry = (vobject.readOne(copy.ics).vevent for copy in (old_copy, new_copy))
            assert new_entry.organizer.value == old_entry.organizer.value
            assert (new_entry.status.value, new_entry.sequence.value) == ("CANCELLED", "1")
    assert await follow(office, await office.application("a2")) == "handled"
    assert (await office.course("a2")).course.state == "booked"


async def test_a_withdrawal_that_comes_first_keeps_the_admission_from_booking(office: Office) -> None:
    """Redriven records come late: what was withdrawn stays so, and nobody hears of a course that never was."""
    await save_consultant(roster_entry(), means=office.means)
    assert await follow(office, await office.application("a1", state="withdrawn", sequence=3)) == "handled"
    assert await follow(office, await office.application("a1", state="admitted", sequence=2)) == "superseded"
    assert (await office.course("a1")).course.state == "cancelled"
    assert await office.events("a1") == []


async def test_a_cancelled_course_is_never_revived(office: Office) -> None:
    """Even a newer admission leaves a cancelled course as it is."""
    await save_consultant(roster_entry(), means=office.means)
    await follow(office, await office.application("a1"))
    await follow(office, await office.application("a1", state="withdrawn", sequence=3))
    assert await follow(office, await office.application("a1", sequence=4)) == "ignored"
    assert (await office.course("a1")).course.state == "cancelled"


async def test_withdrawing_while_waiting_takes_it_off_the_list(office: Office) -> None:
    """The course is cancelled without meetings; the list is empty."""
    await follow(office, await office.application("a1"))
    assert await office.store.waiting() == ["a1"]
    await follow(office, await office.application("a1", state="withdrawn", sequence=3))
    assert await office.store.waiting() == []
    assert [name for name, _, _ in await office.events("a1")] == ["ApplicationWaitlisted", "CourseCancelled"]


async def test_a_stale_picture_costs_a_second_search_and_no_double_booking(office: Office) -> None:
    """Another process has taken the best times: the index refuses, the next best is booked."""
    await save_consultant(roster_entry(), means=office.means)
    stale = office.new_means()
    await refresh(means=stale)
    await follow(office, await office.application("a1"))
    first = (await office.course("a1")).course
    event, envelope = await office.application("a2")
    assert await follow_application(event, envelope, means=stale) == "handled"
    second = (await office.course("a2")).course
    assert second.state == "booked"
    assert {one.start for one in first.meetings}.isdisjoint(one.start for one in second.meetings)
    assert (await count_overlaps(means=office.means)).overlapping == 0


async def test_the_holder_of_a_claim_may_be_the_very_course(office: Office) -> None:
    """An attempt lost sight of had booked already: the duplicate key is found to be its own, nothing is booked again."""
    await save_consultant(roster_entry(), means=office.means)
    application = await office.application("a1")
    await follow(office, application)
    held = await office.store.held()

    class ReadsBeforeTheWrite(Store):
        """Its first look is from before the booking."""

        looks = 0

        async def course(self, course_id: str) -> StoredCourse | None:
            self.looks += 1
            return None if self.looks == 1 else await super().course(course_id)

    store = ReadsBeforeTheWrite(office.client[office.name])
    assert await follow_application(*application, means=replace(office.means, store=store)) == "superseded"
    assert await office.store.held() == held
    assert len(await office.events("a1")) == 1


async def test_a_course_is_completed_a_day_after_its_last_meeting(office: Office) -> None:
    """Not before; then its place and half hours are free, and the event says so."""
    await save_consultant(roster_entry(max_courses=1), means=office.means)
    await follow(office, await office.application("a1"))
    last = (await office.course("a1")).course.meetings[-1]
    office.clock.now = last.end
    assert await complete_due(means=office.means) == 0
    office.clock.forward(days=1)
    assert await complete_due(means=office.means) == 1
    assert await complete_due(means=office.means) == 0
    assert (await office.course("a1")).course.state == "completed"
    assert await office.store.held() == {}
    assert [name for name, _, _ in await office.events("a1")] == ["CourseBooked", "CourseCompleted"]


async def test_meetings_that_took_place_are_not_called_off(office: Office) -> None:
    """Withdrawn in the middle: the past stays confirmed under its sequence, the future is cancelled."""
    await save_consultant(roster_entry(), means=office.means)
    await follow(office, await office.application("a1"))
    office.clock.now = (await office.course("a1")).course.meetings[1].start
    await follow(office, await office.application("a1", state="withdrawn", sequence=3))
    meetings = (await office.course("a1")).course.meetings
    assert [(one.status, one.sequence) for one in meetings] == [("confirmed", 0)] * 2 + [("cancelled", 1)] * 2


async def test_a_lowered_limit_takes_no_course_away_and_gives_no_new_one(office: Office) -> None:
    """Two courses and a limit of one: both stay booked, a third waits, also for a process with an old picture of her."""
    await save_consultant(roster_entry(max_courses=3), means=office.means)
    for application_id in ("a1", "a2"):
        await follow(office, await office.application(application_id))
    stale = office.new_means()
    await refresh(means=stale)
    held = await office.store.held()
    await change_consultant("anne", RosterChange(max_courses=1), means=office.means)
    assert await office.store.held() == held
    await follow(office, await office.application("a3"))
    event, envelope = await office.application("a4")
    assert await follow_application(event, envelope, means=stale) == "handled"
    for application_id, state in (("a1", "booked"), ("a2", "booked"), ("a3", "waiting"), ("a4", "waiting")):
        assert (await office.course(application_id)).course.state == state
    assert (await office.course("a3")).course.reasons == {"capacity": 1}
    await follow(office, await office.application("a1", state="withdrawn", sequence=3))
    assert await retry_waiting(means=office.means) == 0, "she holds one still"
    await follow(office, await office.application("a2", state="withdrawn", sequence=3))
    assert await retry_waiting(means=office.means) == 1
    assert (await count_overlaps(means=office.means)).overlapping == 0


async def test_leave_is_kept_free(office: Office) -> None:
    """Who is away for the whole first half year cannot take the course: its first meeting would be too late."""
    away = [Leave(first=date(2026, 11, 1), last=date(2027, 5, 31))]
    await save_consultant(roster_entry(leave=[one.model_dump() for one in away]), means=office.means)
    await follow(office, await office.application("a1"))
    assert (await office.course("a1")).course.reasons == {"busy": 1}
    await change_consultant("anne", RosterChange(leave=()), means=office.means)
    assert await retry_waiting(means=office.means) == 1


async def test_leave_entered_in_another_process_is_kept_free_at_once(office: Office) -> None:
    """The index guards claims only: leave that this process has not seen is found before it books."""
    await save_consultant(roster_entry(), means=office.means)
    stale = office.new_means()
    await refresh(means=stale)
    away = Leave(first=date(2026, 11, 1), last=date(2027, 5, 31))
    await change_consultant("anne", RosterChange(leave=(away,)), means=office.means)
    event, envelope = await office.application("a1")
    assert await follow_application(event, envelope, means=stale) == "handled"
    assert (await office.course("a1")).course.state == "waiting"


async def test_an_erased_contact_is_left_out_and_the_course_goes_on(office: Office) -> None:
    """Whoever was erased between applying and booking gets nothing; the others do."""
    await save_consultant(roster_entry(), means=office.means)
    application = await office.application("a1")
    await office.vault.erase("person:a1-employee")
    assert await follow(office, application) == "handled"
    assert (await office.opened_people("a1")).keys() == {"a1-leader", "anne"}


async def test_an_erased_consultant_is_not_booked(office: Office) -> None:
    """Nobody could send her an invite; the next one takes the course."""
    await save_consultant(roster_entry("anne"), means=office.means)
    await save_consultant(roster_entry("bo", municipality=AARHUS), means=office.means)
    await office.vault.erase("person:anne")
    await follow(office, await office.application("a1"))
    assert (await office.course("a1")).course.consultant_id == "bo"


async def test_nothing_personal_stands_in_clear(office: Office) -> None:
    """Neither in the documents nor in what waits to be published: no name, address, phone, workplace or theme."""
    await save_consultant(roster_entry(themes=["samarbejde"]), means=office.means)
    await follow(office, await office.application("a1"))
    course = str(await office.store.courses.find_one({"_id": "a1"}))
    consultant = str(await office.store.consultants.find_one({"_id": "anne"}))
    for secret in ("Lone", "Esben", "odense.example", "87 65", "Jobcentret", "Søndergade", "samarbejde"):
        assert secret not in course
    for secret in ("Konsulent", "konsulenter.example", "12 34"):
        assert secret not in course + consultant


async def test_a_joint_course_places_all_seven_meetings(office: Office) -> None:
    """The workshops lie six to ten weeks apart and the first has six weeks' notice."""
    await save_consultant(roster_entry(), means=office.means)
    await follow(office, await office.application("a1", kind="joint", participants=40))
    course = (await office.course("a1")).course
    days = {one.code: one.start.date() for one in course.meetings}
    assert len(days) == 7
    assert (days["workshop_1"] - NOW.date()).days >= 42
    assert 42 <= (days["workshop_2"] - days["workshop_1"]).days <= 70


async def test_one_broken_course_keeps_no_other_from_being_tried_or_completed(office: Office) -> None:
    """Whatever is wrong with one document, the next in line gets its turn."""
    for application_id in ("a1", "a2"):
        await follow(office, await office.application(application_id))
    await office.store.courses.update_one({"_id": "a1"}, {"$set": {"request.kind": "unknown"}})
    await save_consultant(roster_entry(), means=office.means)
    assert await retry_waiting(means=office.means) == 1
    await office.store.courses.update_one({"_id": "a1"}, {"$set": {"complete_at": NOW}})
    office.clock.forward(days=500)
    assert await complete_due(means=office.means) == 1


async def _lose_key(office: Office, key_id: str) -> None:
    await office.client[f"{office.name}-vault"]["keys"].delete_one({"_id": key_id})
    # Without what the vault remembers.
    office.vault = office.new_vault()
    office.means = office.new_means()


async def test_a_missing_key_keeps_nobody_else_waiting(office: Office) -> None:
    """The application whose key is gone is passed over; the next one on the list is booked."""
    for application_id in ("a1", "a2"):
        await follow(office, await office.application(application_id))
    await _lose_key(office, "application:a1")
    await save_consultant(roster_entry(), means=office.means)
    assert await retry_waiting(means=office.means) == 1
    assert (await office.course("a2")).course.state == "booked"


async def test_a_missing_key_keeps_no_other_course_from_being_completed(office: Office) -> None:
    """Both are due, the first cannot be opened: the second is completed."""
    await save_consultant(roster_entry(), means=office.means)
    for application_id in ("a1", "a2"):
        await follow(office, await office.application(application_id))
    office.clock.forward(days=500)
    first, _ = await office.store.due_for_completion(office.clock())
    await _lose_key(office, f"application:{first}")
    assert await complete_due(means=office.means) == 1


async def test_a_change_of_the_roster_during_a_refresh_is_not_taken_back(office: Office) -> None:
    """Her leave is entered after the roster was read and before it is loaded: nothing is booked in it."""
    await save_consultant(roster_entry(), means=office.means)
    away = RosterChange(leave=(Leave(first=date(2026, 11, 1), last=date(2027, 12, 31)),))

    class SlowStore(Store):
        entered = False

        async def held(self, consultant_id: str | None = None) -> dict[str, dict[str, list[str]]]:
            if not self.entered:
                self.entered = True
                await change_consultant("anne", away, means=office.means)
            return await super().held(consultant_id)

    await refresh(means=replace(office.means, store=SlowStore(office.client[office.name])))
    await follow(office, await office.application("a1"))
    assert (await office.course("a1")).course.reasons == {"busy": 1}


async def test_a_withdrawal_and_a_new_day_have_the_waiting_list_tried_again(office: Office) -> None:
    """Each wakes it once; the place that the withdrawn course held goes to whoever waits."""
    await save_consultant(roster_entry(max_courses=1), means=office.means)
    for application_id in ("a1", "a2"):
        await follow(office, await office.application(application_id))
    office.woken = 0
    await follow(office, await office.application("a1", state="withdrawn", sequence=3))
    assert office.woken == 1
    assert await retry_waiting(means=office.means) == 1
    assert (await office.course("a2")).course.state == "booked"
    await refresh(means=office.means)
    office.woken = 0
    await refresh(means=office.means)
    assert office.woken == 0
    office.clock.forward(days=1)
    await refresh(means=office.means)
    assert office.woken == 1
