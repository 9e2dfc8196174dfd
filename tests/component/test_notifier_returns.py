"""Mails that come back, and addresses that take none, on a real database: what becomes of the mail, and who hears of it."""

import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from services.notifier.planned import COORDINATORS
from services.notifier.returns.drain import settle_due
from services.notifier.suppress.address import Address
from services.notifier.suppress.suppression import address_place
from shared.address_digest import digest
from shared.events import (
    ApplicationState,
    LinkIssued,
    MailReturned,
    MessageBounced,
    MessageFailed,
    MessageSent,
    ReturnedMail,
)
from shared.mongo import Document
from tests.embedded import Embedded
from tests.notifier_office import Office, now
from tests.notifier_samples import application, course, person
from tests.scripted_smtp import ScriptedSmtp

LEADER, EMPLOYEE, CONSULTANT = "a001-leader", "a001-employee", "a001-consultant"


@pytest.fixture
async def office(stack: Embedded) -> AsyncIterator[Office]:
    office = Office(stack.mongodb)
    await office.messages.ensure_indexes()
    await office.suppressions.ensure_indexes()
    await office.returns.ensure_indexes()
    yield office
    office.client.close()


async def send(office: Office, *states: str) -> None:
    """Everything that is due goes to a polite server."""
    async with ScriptedSmtp() as server, office.sending(server.port):
        await office.until_states("accepted", "bounced", *states)


def returned(message_id: str, number: int = 1, *, status: str | None = "5.1.1", action: str = "failed") -> ReturnedMail:
    return ReturnedMail.model_validate(
        {"number": number, "message_id": message_id, "action": action, "status": status, "at": now()}
    )


async def report(office: Office, *returned: ReturnedMail, sequence: int, state: ApplicationState | None = None) -> int:
    """Intake tells what came back, and what is due is acted on; how many reports were."""
    state = state or application("admitted")
    numbered = {"returned": returned, "returned_count": max(one.number for one in returned)}
    event = await office.event(state.model_copy(update=numbered), sequence=sequence, kind=MailReturned)
    assert await office.tell_event(*event) == "handled"
    return await settle_due(at_desk=office.at_desk())


async def only(office: Office, **wanted: Any) -> Document:
    [row] = [row for row in await office.stored() if all(row[name] == value for name, value in wanted.items())]
    return row


def of_kind(rows: list[Document], *kinds: str) -> list[tuple[str, str]]:
    return sorted((row["kind"], row["person_id"]) for row in rows if row["kind"] in kinds)


def address(person_id: str) -> str:
    return digest(f"{person_id}@kommune.example", key=bytes(32))


async def test_a_mail_that_came_back_is_bounced_and_its_address_left_alone(office: Office) -> None:
    """In one write with its second event; the coordinators and the other contact hear of it once, however often it is told."""
    await office.tell(application("admitted"), sequence=1)
    await send(office)
    receipt = await only(office, person_id=LEADER)
    assert await report(office, returned(receipt["_id"]), sequence=2) == 1
    after = await only(office, _id=receipt["_id"])
    assert (after["state"], after["bounce_reason"], after["bounce_code"]) == ("bounced", "no_such_recipient", "5.1.1")
    event = office.published[-1]
    assert (event.envelope.type, event.envelope.sequence, event.key) == (MessageBounced.type, 2, "a001")
    told = MessageBounced.model_validate_json(event.body).message
    assert (told.state, told.reason, told.enhanced_code, told.undeliverable) == (
        "bounced",
        "no_such_recipient",
        "5.1.1",
        True,
    )
    suppressed = await office.suppressions.find(address(LEADER))
    assert suppressed is not None
    assert suppressed.active
    assert suppressed.address is not None
    place = address_place(suppressed.digest)
    assert (await office.vault.unseal(suppressed.address, Address, place=place)).mail == f"{LEADER}@kommune.example"
    hearers = [("address_report", COORDINATORS), ("address_wanted", EMPLOYEE)]
    assert of_kind(await office.stored(), "address_report", "address_wanted") == hearers
    # The same report again, and another one about the same mail.
    again = returned(receipt["_id"]), returned(receipt["_id"], 2)
    assert await report(office, *again, sequence=3) == 1
    assert of_kind(await office.stored(), "address_report", "address_wanted") == hearers
    assert office.published[-1] is event
    assert (await only(office, _id=receipt["_id"]))["version"] == after["version"]


async def test_nothing_goes_to_an_address_that_takes_no_mail_until_staff_lift_it(office: Office) -> None:
    """The mail fails without an attempt; what comes back of mails from before the lifting says nothing about the address."""
    await office.tell(application("admitted"), sequence=1)
    await send(office)
    receipt = await only(office, person_id=LEADER)
    await report(office, returned(receipt["_id"]), sequence=2)
    await office.tell_event(*await office.event(application("admitted"), sequence=3, kind=LinkIssued))
    async with ScriptedSmtp() as server, office.sending(server.port):
        await office.until_states("accepted", "bounced", "failed")
    refused = await only(office, person_id=LEADER, kind="new_link")
    assert (refused["state"], [one["reason"] for one in refused["attempts"]]) == ("failed", ["suppressed"])
    [told] = [one.body for one in office.published if one.envelope.subject == refused["_id"]]
    assert MessageFailed.model_validate_json(told).message.undeliverable
    assert sum(f"{LEADER}@kommune.example" in line for line in server.commands) == 0
    assert await office.suppressions.of_people([LEADER]) == (await office.suppressions.list()).rows
    assert await office.suppressions.lift(address(LEADER), by="kim", at=now()) is not None
    assert await office.suppressions.lift(address(LEADER), by="kim", at=now()) is None
    assert (await office.suppressions.list()).rows == ()
    await office.tell_event(*await office.event(application("admitted"), sequence=4, kind=LinkIssued))
    await send(office, "failed")
    # The elder mail again, under another number: it was sent before the address was mended.
    late = await only(office, person_id=EMPLOYEE, kind="receipt")
    await report(office, returned(late["_id"], 2), sequence=5)
    links = [row for row in await office.stored() if (row["person_id"], row["kind"]) == (LEADER, "new_link")]
    assert sorted(row["state"] for row in links) == ["accepted", "failed"]
    newest = next(row for row in links if row["state"] == "accepted")
    found = await office.suppressions.find(address(LEADER))
    assert found is not None
    assert not found.active
    assert found.lifted_by == "kim"
    heard = of_kind(await office.stored(), "address_report", "address_wanted")
    await report(office, returned(newest["_id"], 3), sequence=6)
    assert await office.suppressions.is_active(address(LEADER))
    # Lifting it did not help: the coordinators hear of it once more. The other contact's own address takes no mail by now.
    after = of_kind(await office.stored(), "address_report", "address_wanted")
    assert after == sorted([*heard, ("address_report", COORDINATORS)])


async def test_a_report_waits_for_what_the_sender_writes_down(office: Office) -> None:
    """It comes while the mail is in hand; afterwards the message has both events, in their order."""
    await office.tell(application("admitted"), sequence=1)
    receipt = await only(office, person_id=LEADER)
    [due] = [one for one in await office.messages.due(10, now=now()) if one.message_id == receipt["_id"]]
    await office.messages.lease([due], lease="somebody", now=now(), until=now())
    assert await report(office, returned(receipt["_id"]), sequence=2) == 0
    assert (await only(office, _id=receipt["_id"]))["state"] == "sending"
    assert await office.suppressions.find(address(LEADER)) is None
    # The lease is over: nobody knows whether it went out, so it goes again.
    await send(office)
    await at_once(office)
    assert await settle_due(at_desk=office.at_desk()) == 1
    events = [one.envelope for one in office.published if one.envelope.subject == receipt["_id"]]
    assert list(dict.fromkeys((one.type, one.sequence) for one in events)) == [
        (MessageSent.type, 1),
        (MessageBounced.type, 2),
    ]


async def test_a_report_about_a_mail_nobody_knows_the_fate_of_settles_it(office: Office) -> None:
    """It proves that the next server had taken it: it is not sent once more, and its only event says that it came back."""
    await office.tell(application("admitted"), sequence=1)
    receipt = await only(office, person_id=LEADER)
    unknown = {"at": now(), "phase": "data", "outcome": "unknown", "reason": "timeout", "code": None, "enhanced": None}
    fields = {"state": "unknown", "attempts": [unknown], "due_at": now() + timedelta(hours=1)}
    await office.rows.update_one({"_id": receipt["_id"]}, {"$set": fields})
    assert await report(office, returned(receipt["_id"], status="5.2.2"), sequence=2) == 1
    after = await only(office, _id=receipt["_id"])
    assert (after["state"], "due_at" in after, after["bounce_reason"]) == ("bounced", False, "mailbox_full")
    told = MessageBounced.model_validate_json(office.published[-1].body).message
    assert (told.undeliverable, office.published[-1].envelope.sequence) == (False, 1)
    assert await office.suppressions.find(address(LEADER)) is None


async def test_three_mails_in_a_row_that_came_back_leave_an_address_alone(office: Office) -> None:
    """Each for a reason that passes by itself, and none of them does."""
    await office.tell(application("admitted"), sequence=1)
    await office.tell(course(), sequence=1)
    await send(office)
    mails = [row["_id"] for row in await office.stored() if row["person_id"] == LEADER]
    others = {"person_id": LEADER, "_id": {"$nin": mails[:3]}}
    await office.rows.update_many(others, {"$set": {"decided_at": now() - timedelta(days=20)}})
    for number, message_id in enumerate(mails[:3], start=1):
        assert not await office.suppressions.is_active(address(LEADER))
        await report(office, returned(message_id, number, status="4.4.7"), sequence=number + 1)
    assert await office.suppressions.is_active(address(LEADER))
    told = [MessageBounced.model_validate_json(one.body).message for one in office.published[-3:]]
    assert [one.undeliverable for one in told] == [False, False, True]


async def test_a_mail_that_was_sent_again_and_the_older_one_come_back_each_by_itself(office: Office) -> None:
    """The event of the newer one names the older; what becomes of one says nothing of the other."""
    await office.tell(application("admitted"), sequence=1)
    await send(office)
    older = await only(office, person_id=LEADER)
    newer = older | {"_id": str(uuid.uuid4()), "resend_of": older["_id"], "outbox": []}
    await office.rows.insert_one(newer)
    await report(office, returned(older["_id"], status="5.2.2"), sequence=2)
    assert [(await only(office, _id=one["_id"]))["state"] for one in (older, newer)] == ["bounced", "accepted"]
    await report(office, returned(newer["_id"], 2, status="5.2.2"), sequence=3)
    told = [MessageBounced.model_validate_json(one.body).message for one in office.published[-2:]]
    assert [(one.message_id, one.resend_of) for one in told] == [(older["_id"], None), (newer["_id"], older["_id"])]


async def test_a_mail_that_is_late_is_noted_and_nothing_is_told(office: Office) -> None:
    """It may still arrive; nobody is asked for anything."""
    await office.tell(application("admitted"), sequence=1)
    await send(office)
    receipt, published = await only(office, person_id=LEADER), len(office.published)
    assert await report(office, returned(receipt["_id"], action="delayed", status="4.4.1"), sequence=2) == 1
    message = await office.messages.find(receipt["_id"])
    assert message is not None
    assert message.state == "accepted"
    assert message.delayed_at is not None
    assert len(office.published) == published


async def test_one_report_that_cannot_be_acted_on_keeps_no_other_waiting(office: Office) -> None:
    """A document that nobody can read; reports about mails that do not exist are dropped."""
    await office.tell(application("admitted"), sequence=1)
    await send(office)
    broken, fine = await only(office, person_id=LEADER), await only(office, person_id=EMPLOYEE)
    await office.rows.update_one({"_id": broken["_id"]}, {"$unset": {"attempts": ""}})
    reports = (returned(broken["_id"]), returned("nobody's", 2), returned(fine["_id"], 3))
    assert await report(office, *reports, sequence=2) == 2
    assert (await only(office, _id=fine["_id"]))["state"] == "bounced"
    assert (await only(office, _id=broken["_id"]))["state"] == "accepted"
    assert [one.message_id for one in await office.returns.due(now=now() + timedelta(hours=1))] == [broken["_id"]]


async def test_what_cannot_be_read_any_more_is_left_alone_all_the_same(office: Office) -> None:
    """The mail was damaged, and the address stands in nothing but its digest."""
    await office.tell(application("admitted"), sequence=1)
    await send(office)
    receipt = await only(office, person_id=LEADER)
    await office.rows.update_one({"_id": receipt["_id"]}, {"$set": {"mail.box": "AAAA"}})
    assert await report(office, returned(receipt["_id"]), sequence=2) == 1
    [suppressed] = (await office.suppressions.list()).rows
    assert (suppressed.digest, suppressed.address) == (address(LEADER), None)


async def test_a_lost_event_about_a_returned_mail_is_healed_by_the_next(office: Office) -> None:
    """The application's state has what came back, whatever the next event is about."""
    await office.tell(application("admitted"), sequence=1)
    await send(office)
    receipt = await only(office, person_id=LEADER)
    state = application("admitted", returned=(returned(receipt["_id"]),), returned_count=1)
    assert await office.tell(state, sequence=3) == "handled"
    assert await office.tell(state, sequence=4) == "handled"
    assert await settle_due(at_desk=office.at_desk()) == 1
    assert (await only(office, _id=receipt["_id"]))["state"] == "bounced"


@pytest.mark.parametrize("dies_after", ["add", "insert", "bounce", "remove"])
async def test_a_process_that_dies_in_between_is_made_good_by_the_next(office: Office, dies_after: str) -> None:
    """Wherever it dies: one bounce, one event of it, one suppression, and everybody hears of it once."""
    await office.tell(application("admitted"), sequence=1)
    await send(office)
    receipt = await only(office, person_id=LEADER)
    at_desk = office.at_desk()
    places = {"add": at_desk.suppressions, "insert": office.messages, "bounce": at_desk.sent, "remove": at_desk.returns}
    die_after(places[dies_after], dies_after)
    state = application("admitted", returned=(returned(receipt["_id"]),), returned_count=1)
    assert await office.tell(state, sequence=2) == "handled"
    with pytest.raises(DiedError):
        await settle_due(at_desk=at_desk)
    vars(places[dies_after]).pop(dies_after)
    await settle_due(at_desk=office.at_desk())
    after = await only(office, _id=receipt["_id"])
    assert (after["state"], after["event_sequence"]) == ("bounced", 2)
    assert [one["type"] for one in after["outbox"]].count(MessageBounced.type) == 1
    assert await office.suppressions.count() == 1
    hearers = [("address_report", COORDINATORS), ("address_wanted", EMPLOYEE)]
    assert of_kind(await office.stored(), "address_report", "address_wanted") == hearers
    assert await office.returns.due(now=now() + timedelta(days=1)) == []


async def test_a_recipient_whom_the_server_refuses_is_left_alone_at_once(office: Office) -> None:
    """The mails after the first are not even tried, and the others hear of it by mail, once."""
    await office.tell(application("admitted"), sequence=1)
    rude = {"RCPT": ["550 5.1.1 no such user", "250 2.1.5 ok"]}
    async with ScriptedSmtp(rude) as server, office.sending(server.port, connections=1):
        rows = await office.until_states("accepted", "failed")
    [failed] = [row for row in rows if row["state"] == "failed"]
    other = {LEADER: EMPLOYEE, EMPLOYEE: LEADER}[failed["person_id"]]
    [suppressed] = (await office.suppressions.list()).rows
    assert (suppressed.digest, suppressed.reason, suppressed.code) == (
        failed["addressee"],
        "no_such_recipient",
        "5.1.1",
    )
    hearers = [("address_report", COORDINATORS), ("address_wanted", other)]
    assert of_kind(rows, "address_report", "address_wanted") == hearers
    [event] = [one for one in office.published if one.envelope.type == MessageFailed.type]
    assert MessageFailed.model_validate_json(event.body).message.undeliverable


async def test_an_address_of_several_applications_is_left_alone_in_each_and_each_hears_of_it(office: Office) -> None:
    """Whoever else has it is noted beside it, and the other contact there is asked as well."""
    await office.tell(application("admitted"), sequence=1)
    await send(office)
    await report(office, returned((await only(office, person_id=LEADER))["_id"]), sequence=2)
    shared = person("leader", of="a002", mail=f"{LEADER}@kommune.example".upper())
    people = {one.person_id: one for one in (shared, person("employee", of="a002"))}
    event = await office.event(application("admitted", of="a002"), sequence=1, people=people)
    assert await office.tell_event(*event) == "handled"
    await send(office, "failed")
    assert (await only(office, person_id="a002-leader"))["state"] == "failed"
    about = [row for row in await office.stored() if row["application_id"] == "a002"]
    hearers = [("address_report", COORDINATORS), ("address_wanted", "a002-employee")]
    assert of_kind(about, "address_report", "address_wanted") == hearers
    [known] = await office.suppressions.of_people(["a002-leader"])
    assert (known.digest, known.people) == (address(LEADER), (LEADER, "a002-leader"))


async def test_nobody_hears_of_the_mistyped_address_of_a_stranger(office: Office) -> None:
    """Of an application that nobody confirmed, neither staff nor the other contact; its address is left alone all the same."""
    await office.tell(application(), sequence=1)
    await send(office)
    receipt = await only(office, person_id=LEADER)
    await report(office, returned(receipt["_id"]), sequence=2, state=application())
    assert await office.suppressions.is_active(address(LEADER))
    assert of_kind(await office.stored(), "address_report", "address_wanted") == []


async def test_a_mail_about_an_address_that_comes_back_itself_asks_nobody_else(office: Office) -> None:
    """Of two dead addresses staff hear; of the coordinators' own nobody does but the log."""
    await office.tell(application("admitted"), sequence=1)
    await send(office)
    await report(office, returned((await only(office, person_id=LEADER))["_id"]), sequence=2)
    await send(office)
    wanted = await only(office, kind="address_wanted")
    about = await only(office, kind="address_report")
    await report(office, returned(wanted["_id"], 2), returned(about["_id"], 3), sequence=3)
    reports = [("address_report", COORDINATORS)] * 2
    assert of_kind(await office.stored(), "address_report", "address_wanted") == [
        *reports,
        ("address_wanted", EMPLOYEE),
    ]
    assert len((await office.suppressions.list()).rows) == 3


async def at_once(office: Office) -> None:
    """Reports that wait are looked at now."""
    for one in await office.returns.due(now=now() + timedelta(hours=1)):
        await office.returns.put_off(one.id, until=now())


class DiedError(BaseException):
    """The process is no more."""


def die_after(store: object, name: str) -> None:
    """The next call of this method is the last thing that the process does."""
    method = getattr(store, name)

    async def last(*values: Any, **named: Any) -> None:
        await method(*values, **named)
        raise DiedError

    setattr(store, name, last)
