"""A mail that comes in by LMTP is stored, read, judged, and then said, held, parked or dropped, once."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from services.intake import reply_rows
from services.intake.imip.row import Row
from services.intake.mail_in import room, store
from services.intake.mail_in.turn import Turn
from services.intake.mail_in.turn_store import Turns
from services.intake.mail_in.upkeep import forget_old
from services.intake.parked.parking import ALIKE_PER_DAY_MAX
from shared.events import AnswerHeld, CourseRebooked, InvitationAnswered
from shared.said import CalendarAnswer
from shared.vault import person_key
from tests.answer_samples import Booked, booked, retold
from tests.embedded import Embedded
from tests.event_samples import BOOKED
from tests.intake_house import read_event
from tests.mail_in import KAREN, PostOffice, post_office, reply


@pytest.fixture(scope="module")
async def office(stack: Embedded) -> AsyncIterator[PostOffice]:
    async with post_office(stack.mongodb) as found:
        yield found


async def leader_mail(office: PostOffice, course: Booked) -> str:
    people = await office.intake.people(office.intake.events(course.mine.id)[-1])
    return people["leader"].mail


async def test_a_leaders_yes_becomes_an_event(office: PostOffice) -> None:
    """From the mail server to the application's outbox: who, which meeting, what, and when it came."""
    course = await booked(office.intake)
    address = office.address(course, course.leader)
    raw = reply(course.meeting, await leader_mail(office, course))
    assert await office.deliver(raw, address) == (250, "2.6.0 Stored")
    await office.take_in()

    event = office.intake.events(course.mine.id)[-1]
    assert event.envelope.type == InvitationAnswered.type
    (said,) = read_event(event.envelope, event.body).application.said
    assert isinstance(said, CalendarAnswer)
    assert (said.meeting_id, said.person_id, said.partstat) == (course.meeting.meeting_id, course.leader, "ACCEPTED")
    assert (said.answered_by, said.sequence, said.at) == ("self", 0, office.intake.clock())
    row = await office.row(course.meeting.reply_ids[course.leader])
    assert (row["state"], row["reason"]) == ("answered", "genuine")


async def test_what_makes_the_system_act_is_held_without_proof(office: PostOffice) -> None:
    """A consultant's "no" that our mail server could not vouch for is asked about by a mail to her registered address."""
    course = await booked(office.intake)
    raw = reply(course.meeting, KAREN, "DECLINED", authentication="none")
    await office.deliver(raw, office.address(course, course.consultant))
    await office.take_in()
    assert office.intake.events(course.mine.id)[-1].envelope.type == AnswerHeld.type
    assert (await office.row(course.meeting.reply_ids[course.consultant]))["state"] == "held"


async def test_a_strangers_answer_is_parked_and_nothing_is_said(office: PostOffice) -> None:
    """Whoever was forwarded the invite holds the token, and is nobody all the same."""
    course = await booked(office.intake)
    told = len(office.intake.events(course.mine.id))
    raw = reply(course.meeting, "guest@elsewhere.example", sender="guest@elsewhere.example")
    await office.deliver(raw, office.address(course, course.leader))
    await office.take_in()
    row = await office.row(course.meeting.reply_ids[course.leader])
    assert (row["state"], row["reason"]) == ("parked", "other-attendee")
    assert len(office.intake.events(course.mine.id)) == told
    assert row["_id"] in [one.mail_id for one in await office.intake.parts.parked_mails.all()]


async def test_without_a_token_the_uid_and_a_proven_sender_are_enough(office: PostOffice) -> None:
    """Programs that drop what stands behind the plus write to the plain mailbox."""
    course = await booked(office.intake)
    await office.deliver(reply(course.meeting, await leader_mail(office, course)), "invite@forloeb.example")
    await office.take_in()
    assert office.intake.events(course.mine.id)[-1].envelope.type == InvitationAnswered.type


async def test_the_same_message_by_another_way_answers_once(office: PostOffice) -> None:
    """A mail to both the plain mailbox and the token is one answer."""
    course = await booked(office.intake)
    raw = reply(course.meeting, await leader_mail(office, course), message_id=f"<{course.mine.id}@mail.example>")
    await office.deliver(raw, office.address(course, course.leader))
    await office.take_in()
    told = len(office.intake.events(course.mine.id))
    await office.deliver(b"Received: from elsewhere\r\n" + raw, "invite@forloeb.example")
    await office.take_in()
    assert len(office.intake.events(course.mine.id)) == told


async def test_delivered_twice_it_is_stored_once(office: PostOffice) -> None:
    """A sender who did not hear that it was stored sends it again, and hears it then."""
    course = await booked(office.intake)
    raw, address = reply(course.meeting, await leader_mail(office, course)), office.address(course, course.leader)
    answers = [await office.deliver(raw, address) for _ in range(2)]
    assert answers == [(250, "2.6.0 Stored")] * 2
    await office.take_in()
    await office.row(course.meeting.reply_ids[course.leader])


async def test_two_answers_of_one_second_are_told_in_the_order_of_arrival(office: PostOffice) -> None:
    """Yes and then no, with the same DTSTAMP: the last one told is the last one that came."""
    course = await booked(office.intake)
    leader, address = await leader_mail(office, course), office.address(course, course.leader)
    for number, partstat in enumerate(("ACCEPTED", "TENTATIVE", "DECLINED", "ACCEPTED", "TENTATIVE")):
        office.intake.clock.forward(milliseconds=10)
        await office.deliver(reply(course.meeting, leader, partstat, message_id=f"<{number}@mail.example>"), address)
    await office.take_in()
    event = office.intake.events(course.mine.id)[-1]
    said = read_event(event.envelope, event.body).application.said
    told = [one.partstat for one in said if isinstance(one, CalendarAnswer)]
    assert told == ["ACCEPTED", "TENTATIVE", "DECLINED", "ACCEPTED", "TENTATIVE"]
    assert len({one.dtstamp for one in said if isinstance(one, CalendarAnswer)}) == 1


async def test_a_reply_that_is_faster_than_the_courses_event_waits_for_it(office: PostOffice) -> None:
    """Calendars may answer before this service has heard of the booking; the event itself wakes what waits."""
    course = await booked(office.intake)
    early = "0a" * 10
    await office.deliver(reply(course.meeting, await leader_mail(office, course)), office.address_of(early))
    await office.take_in()
    assert (await office.row(early))["state"] == "waiting"

    first = course.meeting.model_copy(update={"reply_ids": course.meeting.reply_ids | {course.leader: early}})
    meetings = (first, *course.meetings[1:])
    await retold(office.intake, course, CourseRebooked, sequence=2, meetings=meetings)
    state = BOOKED.model_copy(update={"application_id": course.mine.id, "meetings": meetings})
    await office.mail_in.heard_of(CourseRebooked(course=state))
    await office.take_in()
    assert (await office.row(early))["state"] == "answered"
    assert office.intake.events(course.mine.id)[-1].envelope.type == InvitationAnswered.type


async def test_a_token_that_never_becomes_known_is_for_staff_after_a_day(office: PostOffice) -> None:
    """It is genuine, so a human looks at it; the pauses between the looks grow."""
    nobody = "0b" * 10
    course = await booked(office.intake)
    await office.deliver(reply(course.meeting, KAREN), office.address_of(nobody))
    looks = 0
    while (row := await office.row(nobody))["state"] in ("stored", "waiting"):
        office.intake.clock.now = max(office.intake.clock(), row["due_at"])
        looks += await office.take_in()
    assert (row["state"], row["reason"]) == ("parked", "unknown-token")
    assert 24 <= (row["decided_at"] - row["received_at"]).total_seconds() / 3600 < 25
    assert looks < 80


async def test_a_flood_to_one_address_takes_no_room_from_others(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mails to the address of a forgotten course wait for a day; its sender is asked to wait, and everybody else is not."""
    monkeypatch.setattr(room, "UNDECIDED_ALIKE_MAX", 3)
    monkeypatch.setattr(store, "DUE_PAGE", 2)
    course = await booked(office.intake)
    forgotten = office.address_of("0c" * 10)
    raws = [reply(course.meeting, KAREN, message_id=f"<{number}@flood.example>") for number in range(5)]
    office.intake.clock.forward(seconds=10)
    for raw in raws[:3]:
        assert (await office.deliver(raw, forgotten))[0] == 250
    while await office.take_in():
        pass
    office.intake.clock.forward(seconds=6)
    assert (await office.deliver(raws[3], forgotten))[0] == 452
    assert (await office.deliver(raws[4], office.address(course, course.leader)))[0] == 250
    later = office.intake.clock() + timedelta(hours=1)
    assert len(await office.intake.parts.mails.due(later)) <= 2 + 2


async def test_of_an_erased_person_nothing_is_kept(office: PostOffice) -> None:
    """Her mail is dropped, and what it says is gone at once, its key too."""
    course = await booked(office.intake)
    await office.intake.parts.vault.erase(person_key(course.consultant))
    await office.deliver(reply(course.meeting, KAREN), office.address(course, course.consultant))
    await office.take_in()
    row = await office.row(course.meeting.reply_ids[course.consultant])
    assert (row["state"], "contents" in row) == ("dropped", False)
    assert await office.intake.client["vault"]["mail_keys"].find_one({"_id": f"mail:{row['_id']}"}) is None


async def test_what_breaks_one_mail_does_not_stop_the_others(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried again with pauses, and is for staff after an hour."""
    course = await booked(office.intake)
    bad, good = office.address(course, course.leader), office.address(course, course.leader, meeting=1)
    leader = await leader_mail(office, course)
    await office.deliver(reply(course.meetings[0], leader), bad)
    await office.deliver(reply(course.meetings[1], leader), good)
    row_of_reply_id = reply_rows.row_of_reply_id

    async def broken(reply_id: str, **more: Any) -> Row | None:
        if reply_id == course.meetings[0].reply_ids[course.leader]:
            raise ZeroDivisionError
        return await row_of_reply_id(reply_id, **more)

    monkeypatch.setattr(reply_rows, "row_of_reply_id", broken)
    with capture_logs() as told:
        await office.take_in()
    assert [one["event"] for one in told if one["log_level"] == "error"] == ["mail-not-taken-in"]
    assert (await office.row(course.meetings[1].reply_ids[course.leader]))["state"] == "answered"
    assert (await office.row(course.meetings[0].reply_ids[course.leader]))["state"] == "waiting"
    office.intake.clock.forward(hours=2)
    with capture_logs():
        await office.take_in()
    row = await office.row(course.meetings[0].reply_ids[course.leader])
    assert (row["state"], row["reason"]) == ("parked", "failed")


async def test_the_database_holds_no_word_of_a_mail_in_clear(office: PostOffice) -> None:
    """Neither who wrote, nor what, nor to which address."""
    course = await booked(office.intake)
    leader, address = await leader_mail(office, course), office.address(course, course.leader)
    await office.deliver(reply(course.meeting, leader, extra="COMMENT:Kan desværre ikke\r\n"), address, sender=leader)
    for taken in (False, True):
        if taken:
            await office.take_in()
        text = str(await office.row(course.meeting.reply_ids[course.leader]))
        for secret in (leader, address, "Kan desværre", "BEGIN:VCALENDAR"):
            assert secret not in text


async def test_only_of_what_staff_have_to_read_the_words_are_kept(office: PostOffice) -> None:
    """Whoever has an address could fill the database by what is dropped; what is answered or held is in the application."""
    course = await booked(office.intake)
    leader, uid = await leader_mail(office, course), course.meeting.uid
    mails = {
        "answered": (reply(course.meeting, leader), office.address(course, course.leader)),
        "held": (
            reply(course.meeting, KAREN, "DECLINED", authentication="none"),
            office.address(course, course.consultant),
        ),
        "dropped": (reply(course.meetings[1], leader, method="REQUEST"), "invite@forloeb.example"),
        "parked": (reply(course.meetings[1], leader, uid=uid), office.address(course, course.leader, meeting=1)),
    }
    before = {row["_id"] for row in await office.rows()}
    for raw, address in mails.values():
        await office.deliver(raw, address)
    await office.take_in()
    kept = {row["state"]: "contents" in row for row in await office.rows() if row["_id"] not in before}
    assert kept == {"answered": False, "held": False, "dropped": False, "parked": True}


async def test_mails_are_forgotten_with_their_keys_when_their_days_are_over(office: PostOffice) -> None:
    """What was answered after a week, what is parked after a month; the mail's own key goes first."""
    course = await booked(office.intake)
    await office.deliver(
        reply(course.meeting, await leader_mail(office, course)), office.address(course, course.leader)
    )
    await office.deliver(reply(course.meeting, "guest@elsewhere.example"), office.address(course, course.consultant))
    await office.take_in()
    parts, keys = office.intake.parts, office.intake.client["vault"]["mail_keys"]
    ids = [(await office.row(course.meeting.reply_ids[one]))["_id"] for one in (course.leader, course.consultant)]
    for days, left in ((6, 2), (2, 1), (23, 0)):
        office.intake.clock.forward(days=days)
        while await forget_old(mails=parts.mails, vault=parts.mail_vault, now=office.intake.clock()):
            pass
        assert await parts.parked_mails.mail(ids[0]) is None if left < 2 else True
        assert await keys.count_documents({"_id": {"$in": [f"mail:{one}" for one in ids]}}) == left


async def test_one_process_at_a_time_takes_mails_in(office: PostOffice) -> None:
    """A second one gets the turn when the first has gone, or has been silent for seconds."""
    turns = Turns(office.intake.client)
    first, second = (Turn(turns, holder=name, clock=office.intake.clock) for name in ("first", "second"))
    await first.ask()
    await second.ask()
    assert (first.is_ours, second.is_ours) == (True, False)
    await first.end()
    await second.ask()
    assert (first.is_ours, second.is_ours) == (False, True)
    office.intake.clock.forward(seconds=7)
    assert not second.is_ours
    await first.ask()
    await second.ask()
    assert (first.is_ours, second.is_ours) == (True, False)
    await first.end()


async def test_of_two_unproven_noes_at_once_the_last_is_asked_about(office: PostOffice) -> None:
    """Each alone is only noted; together they would move the meeting, so whoever comes second is held, however close they come."""
    for number in range(3):
        course = await booked(office.intake)
        contacts = await office.intake.people(office.intake.events(course.mine.id)[-1])
        for one in contacts.values():
            raw = reply(
                course.meeting,
                one.mail,
                "DECLINED",
                authentication="none",
                message_id=f"<{number}-{one.person_id}@mail.example>",
            )
            await office.deliver(raw, office.address(course, one.person_id))
        await office.take_in()
        states = [(await office.row(course.meeting.reply_ids[one.person_id]))["state"] for one in contacts.values()]
        assert sorted(states) == ["answered", "held"]
        told = [one.envelope.type for one in office.intake.events(course.mine.id)[-2:]]
        assert told == [InvitationAnswered.type, AnswerHeld.type]


async def test_nobody_unproven_takes_a_consultants_no_back(office: PostOffice) -> None:
    """The course may wait for staff because of it: a yes would let the meeting take place without her. She is asked first."""
    for at_once in (False, True):
        course = await booked(office.intake)
        address = office.address(course, course.consultant)
        no = reply(course.meeting, KAREN, "DECLINED", message_id=f"<no-{at_once}@mail.example>")
        yes = reply(course.meeting, KAREN, authentication="none", message_id=f"<yes-{at_once}@mail.example>")
        await office.deliver(no, address)
        if not at_once:
            await office.take_in()
        office.intake.clock.forward(seconds=1)
        await office.deliver(yes, address)
        await office.take_in()
        rows = [row for row in await office.rows() if row["recipient"] == course.meeting.reply_ids[course.consultant]]
        assert [row["state"] for row in rows] == ["answered", "held"]


async def test_an_answer_to_a_version_that_is_not_known_here_yet_waits_for_it(office: PostOffice) -> None:
    """Mails that waited elsewhere may come before the course's news: taken at once, it would count for the time before the move."""
    course = await booked(office.intake)
    moved = tuple(one.model_copy(update={"sequence": 1}) for one in course.meetings)
    address, reply_id = office.address(course, course.leader), course.meeting.reply_ids[course.leader]
    await office.deliver(reply(moved[0], await leader_mail(office, course)), address)
    await office.take_in()
    assert ((row := await office.row(reply_id))["state"], row["reason"]) == ("waiting", "course-ahead")
    await retold(office.intake, course, CourseRebooked, sequence=2, meetings=moved)
    state = BOOKED.model_copy(update={"application_id": course.mine.id, "meetings": moved})
    await office.mail_in.heard_of(CourseRebooked(course=state))
    await office.take_in()
    assert said_of(office, course)[0].sequence == 1


async def test_a_forged_version_is_not_waited_for_long(office: PostOffice) -> None:
    """Some programs raise the number of others' meetings, too: the answer counts for what is known, after some minutes."""
    course = await booked(office.intake)
    ahead = course.meeting.model_copy(update={"sequence": 2_147_483_647})
    await office.deliver(reply(ahead, await leader_mail(office, course)), office.address(course, course.leader))
    came = office.intake.clock()
    while (row := await office.row(course.meeting.reply_ids[course.leader]))["state"] in ("stored", "waiting"):
        office.intake.clock.now = max(office.intake.clock(), row["due_at"])
        await office.take_in()
    assert row["state"] == "answered"
    assert office.intake.clock() - came < timedelta(minutes=20)
    assert said_of(office, course)[0].sequence == 0


async def test_nobody_is_asked_about_a_meeting_that_is_over(office: PostOffice) -> None:
    """Whoever was forwarded the invite could else have her mailed every day for a month; nothing becomes of it any more."""
    course = await booked(office.intake)
    past = (
        course.meeting.model_copy(update={"start": office.intake.clock() - timedelta(days=1)}),
        *course.meetings[1:],
    )
    await retold(office.intake, course, CourseRebooked, sequence=2, meetings=past)
    contacts = await office.intake.people(office.intake.events(course.mine.id)[-1])
    for person_id, mail in ((course.consultant, KAREN), *((one.person_id, one.mail) for one in contacts.values())):
        raw = reply(course.meeting, mail, "DECLINED", authentication="none", message_id=f"<{person_id}@late.example>")
        await office.deliver(raw, office.address(course, person_id))
    await office.take_in()
    states = [(await office.row(one))["state"] for one in course.meeting.reply_ids.values()]
    assert states == ["answered"] * len(states)


async def test_strangers_do_not_keep_her_own_words_from_staff(office: PostOffice) -> None:
    """Few mails a day to one address are kept for staff: whoever was forwarded the invite would else use them up before she writes."""
    course = await booked(office.intake)
    leader, address = await leader_mail(office, course), office.address(course, course.leader)
    crasher = "guest@elsewhere.example"
    for number in range(ALIKE_PER_DAY_MAX + 1):
        await office.deliver(reply(course.meeting, crasher, message_id=f"<{number}@elsewhere.example>"), address)
    await office.take_in()
    office.intake.clock.forward(seconds=1)
    words = reply(course.meeting, leader).replace(b"text/calendar; method=REPLY", b"text/plain")
    await office.deliver(words, address)
    await office.take_in()
    rows = [row for row in await office.rows() if row["recipient"] == course.meeting.reply_ids[course.leader]]
    assert sorted(row["state"] for row in rows[:-1]) == ["dropped"] + ["parked"] * ALIKE_PER_DAY_MAX
    assert (rows[-1]["state"], rows[-1]["reason"]) == ("parked", "no-calendar-part")


async def test_an_unproven_answer_is_not_dated_ahead(office: PostOffice) -> None:
    """A forged answer of tomorrow would keep her own away until then; clocks of programs that are vouched for may run fast."""
    for authentication, ahead in (("none", False), ("pass", True)):
        course = await booked(office.intake)
        fast = course.meeting.model_copy(update={"dtstamp": office.intake.clock() + timedelta(hours=20)})
        raw = reply(fast, await leader_mail(office, course), authentication=authentication)
        await office.deliver(raw, office.address(course, course.leader))
        await office.take_in()
        assert (said_of(office, course)[0].dtstamp > office.intake.clock()) is ahead


def said_of(office: PostOffice, course: Booked) -> list[CalendarAnswer]:
    """What the application's newest event tells that was answered."""
    event = office.intake.events(course.mine.id)[-1]
    said = read_event(event.envelope, event.body).application.said
    return [one for one in said if isinstance(one, CalendarAnswer)]
