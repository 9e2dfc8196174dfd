import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services.notifier.classify import Kind
from services.notifier.message import Attempt, LeasedMessage
from services.notifier.stored_message import StoredMessage
from shared import outbox
from shared.outbox import PendingEvent, Waiting
from shared.staff.audit import audit
from shared.staff.staff import Staff
from tests.embedded import Embedded
from tests.notifier_office import Office, now
from tests.notifier_samples import course
from tests.one_mail import put_mail
from tests.scripted_smtp import ScriptedSmtp


@pytest.fixture
async def office(stack: Embedded) -> AsyncIterator[Office]:
    office = Office(stack.mongodb)
    await office.messages.ensure_indexes()
    yield office
    office.client.close()


def acted(message: StoredMessage) -> PendingEvent:
    """What staff did, as the outbox takes it."""
    staff = Staff(account="maja", role="coordinator")
    return outbox.pending(
        audit(staff=staff, service="notifier", act="message.stopped", aggregate_id=message.message_id, now=now()),
        event_id="01890000-0000-7000-8000-000000000001",
        source="/forloeb/notifier",
        subject=message.message_id,
        sequence=1,
        now=now(),
        traceparent="",
    )


async def test_all_messages_of_an_application_are_read_with_their_attempts(office: Office) -> None:
    """Before anything was tried they wait; afterwards each has its receipt, its end and no time to come."""
    await office.tell(course("waiting"), sequence=1)
    waiting = await office.messages.of_application("a001")
    assert [(one.state, one.attempts, one.decided_at) for one in waiting] == [("pending", (), None)] * 2
    async with ScriptedSmtp() as server, office.sending(server.port):
        await office.until_states("accepted")
    for message in await office.messages.of_application("a001"):
        assert [(one.outcome, one.phase, one.code) for one in message.attempts] == [("accepted", "data", 250)]
        assert (message.due_at, message.decided_at is None) == (None, False)
        assert await office.messages.find(message.message_id) == message
    assert await office.messages.of_application("a002") == []
    assert await office.messages.find("none") is None


async def test_a_document_that_nobody_can_read_holds_up_no_other_mail(office: Office) -> None:
    """It is set aside as failed; the mails beside it are sent, and the sender goes on."""
    await office.tell(course("waiting"), sequence=1)
    broken = await office.rows.find_one_and_update({}, {"$unset": {"mail": ""}})
    async with ScriptedSmtp() as server, office.sending(server.port):
        rows = await office.until_states("accepted", "failed")
    assert sorted(one["state"] for one in rows) == ["accepted", "failed"]
    row = await office.rows.find_one({"_id": broken["_id"]})
    assert (row["state"], row["why"], "lease_until" in row, "due_at" in row) == ("failed", "unreadable", False, False)


async def test_a_waiting_message_that_was_stopped_is_not_sent(office: Office) -> None:
    """The reason stays with it, and what staff did goes out with the same write."""
    await office.tell(course("waiting"), sequence=1)
    first, _second = await office.messages.of_application("a001")
    written = await office.messages.stop(first.message_id, why="staff", now=now(), events=[acted(first)])
    assert written is not None
    assert [event.topic for event in written.events] == [acted(first).topic]
    async with ScriptedSmtp() as server, office.sending(server.port):
        await office.until_states("accepted", "stopped")
    assert len(server.mails) == 1
    stopped = await office.messages.find(first.message_id)
    assert stopped is not None
    assert (stopped.state, stopped.why, stopped.attempts) == ("stopped", "staff", ())


async def test_what_is_in_hand_or_done_is_neither_stopped_nor_moved(office: Office) -> None:
    """Whoever has it in hand decides; what is done stays as it is."""
    await office.tell(course("waiting"), sequence=1)
    [message, _] = await office.messages.of_application("a001")
    due = await office.messages.due(5, now=now())
    await office.messages.lease(due, lease="mine", now=now(), until=now() + timedelta(seconds=60))
    for _ in range(2):
        assert await office.messages.stop(message.message_id, why="staff", now=now()) is None
        assert await office.messages.move(message.message_id, due_at=now(), now=now()) is None
        await office.rows.update_many({}, {"$set": {"state": "accepted"}})
    assert await office.messages.stop("none", why="staff", now=now()) is None


async def test_a_moved_message_is_due_at_its_new_time(office: Office) -> None:
    """Also when a sender had looked it up before it was moved."""
    await office.tell(course("waiting"), sequence=1)
    looked_up = await office.messages.due(5, now=now())
    moment = now() + timedelta(hours=3)
    assert await office.messages.move(looked_up[0].message_id, due_at=moment, now=now()) is not None
    taken = await office.messages.lease(looked_up, lease="mine", now=now(), until=now() + timedelta(seconds=60))
    assert [one.message_id for one in taken] == [looked_up[1].message_id]
    assert [one.message_id for one in await office.messages.due(5, now=moment)] == [looked_up[0].message_id]


async def test_of_outcomes_written_together_each_counts_for_itself(office: Office) -> None:
    """One of three was taken by somebody else meanwhile; that one alone is refused."""
    leased = await _leased(office, 3)
    await office.rows.update_one({"_id": leased[1].message_id}, {"$set": {"lease": "other"}, "$inc": {"version": 1}})
    written = await asyncio.gather(*(_finish(office, message) for message in leased))
    assert [one is not None for one in written] == [True, False, True]
    found = [await office.messages.find(message.message_id) for message in leased]
    assert [one.state for one in found if one] == ["accepted", "sending", "accepted"]


async def test_an_outcome_whose_writing_was_not_confirmed_may_be_written_again(office: Office) -> None:
    """The database had done it and its answer was lost: it is there once, and the relay hears of it."""
    [message] = await _leased(office, 1)
    first, again = await _finish(office, message), await _finish(office, message)
    assert first is not None
    assert first == again
    found = await office.messages.find(message.message_id)
    assert found is not None
    assert (found.state, len(found.attempts), found.version) == ("accepted", 1, message.version + 1)


async def _leased(office: Office, count: int) -> list[LeasedMessage]:
    for _ in range(count):
        await put_mail(office)
    due = await office.messages.due(count, now=now())
    return await office.messages.lease(due, lease="mine", now=now(), until=now() + timedelta(seconds=60))


async def _finish(office: Office, message: LeasedMessage) -> Waiting | None:
    attempt = Attempt(at=now(), phase="data", outcome=Kind.ACCEPTED, reason="none", code=250)
    return await office.messages.finish(message, state="accepted", attempt=attempt, now=now(), due_at=None, event=None)
