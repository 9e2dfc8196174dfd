import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from services.notifier.classify import Outcome
from services.notifier.decide import Patience
from services.notifier.expire import expire_leases
from services.notifier.lines import Transport
from services.notifier.message import LeasedMessage
from services.notifier.smtp import Envelope, SmtpConnection
from shared.events import ContactChanged, LinkIssued, MessageFailed, MessageSent, Person
from shared.sealing import document_place
from shared.vault import person_key
from tests.embedded import Embedded
from tests.notifier_office import Office, now
from tests.notifier_samples import application, course
from tests.polling import until
from tests.scripted_smtp import DROP, ScriptedSmtp


@pytest.fixture
async def office(stack: Embedded) -> AsyncIterator[Office]:
    office = Office(stack.mongodb)
    await office.messages.ensure_indexes()
    yield office
    office.client.close()


def message_ids(server: ScriptedSmtp) -> Counter[str]:
    return Counter(str(message_from_bytes(mail, policy=default)["Message-ID"]) for mail in server.mails)


async def test_an_event_becomes_one_accepted_mail_per_person_and_meeting(office: Office) -> None:
    """Each message is stored with its only attempt and tells the others, under the application's key, that it was sent."""
    async with ScriptedSmtp() as server, office.sending(server.port):
        assert await office.tell(course(), sequence=1) == "handled"
        rows = await office.until_states("accepted")
    assert Counter(row["kind"] for row in rows) == {"course_booked": 3, "invite": 6}
    assert set(message_ids(server).values()) == {1}
    assert set(message_ids(server)) == {row["internet_message_id"] for row in rows}
    for row in rows:
        assert [(one["phase"], one["outcome"], one["code"]) for one in row["attempts"]] == [("data", "accepted", 250)]
        assert not {"due_at", "lease", "lease_until"} & row.keys()
    assert {event.envelope.type for event in office.published} == {MessageSent.type}
    assert {event.key for event in office.published} == {"a001"}
    assert {event.envelope.subject for event in office.published} == {row["_id"] for row in rows}


async def test_nothing_personal_stands_in_clear_in_the_database(office: Office) -> None:
    """Names, addresses, links, texts and themes lie only in sealed blocks."""
    await office.tell(application(), sequence=1)
    await office.tell(course(), sequence=1)
    everything = str([await office.stored(), await office.view_rows.find({}).to_list(None)])
    for canary in ("Åse", "kommune.example", "/s/a001", "Søndergade", "canary-theme", "BEGIN:VCALENDAR", "SPARK:"):
        assert canary not in everything


async def test_an_event_that_comes_again_adds_nothing(office: Office) -> None:
    """Nor does one that comes again because the process died before the view advanced."""
    event, envelope = await office.event(course(), sequence=1)
    assert await office.tell_event(event, envelope) == "handled"
    before = await office.stored()
    assert await office.tell_event(event, envelope) == "superseded"
    await office.view_rows.delete_many({})
    assert await office.tell_event(event, envelope) == "handled"
    assert await office.stored() == before


async def test_a_new_link_is_mailed_once_in_each_contacts_language(office: Office) -> None:
    """The mail has the new link and a neutral subject; the receipts with the void links are no longer sent."""
    await office.tell(application(), sequence=1)
    event, envelope = await office.event(application(), sequence=2, english=("employee",), kind=LinkIssued)
    for outcome in ("handled", "superseded"):
        assert await office.tell_event(event, envelope) == outcome
    async with ScriptedSmtp() as server, office.sending(server.port):
        await office.until_states("accepted", "stopped")
    mails = [message_from_bytes(mail, policy=default) for mail in server.mails]
    assert sorted(str(mail["Subject"]) for mail in mails) == [
        "SPARK: a new link to your application (ref. SPARK-7K4M-2QX9)",
        "SPARK: nyt link til jeres ansøgning (ref. SPARK-7K4M-2QX9)",
    ]
    for mail in mails:
        body = mail.get_body(("plain",))
        assert body is not None
        assert f"/s/{str(mail['To']).partition('@')[0].rpartition('<')[2]}" in body.get_content()


async def test_a_contact_who_changes_language_is_mailed_nothing_for_it(office: Office) -> None:
    """The view keeps the new block; only later mails speak the other language."""
    await office.tell(application("admitted"), sequence=1)
    before = await office.stored()
    event, envelope = await office.event(application("admitted"), sequence=2, english=("leader",), kind=ContactChanged)
    assert await office.tell_event(event, envelope) == "handled"
    assert await office.stored() == before
    view = await office.desk.views.read("a001")
    assert view.application is not None
    place = document_place("courses", "a001", "application.people.a001-leader")
    assert (await office.vault.unseal(view.application.people["a001-leader"], Person, place=place)).language == "en"


async def test_two_topics_at_once_write_one_view(office: Office) -> None:
    """Both halves are kept, whoever was faster."""
    await asyncio.gather(
        office.tell(application("admitted"), sequence=2),
        office.tell(course(), sequence=1),
        office.tell(application("withdrawn"), sequence=3),
        office.tell(course("cancelled"), sequence=2),
    )
    view = await office.desk.views.read("a001")
    assert (view.seen.applications, view.seen.courses) == (3, 2)
    assert view.application is not None
    assert view.application.state == "withdrawn"
    assert view.told["a001-leader"].application == "withdrawn"
    assert view.told["a001-leader"].meetings == {}


async def test_two_senders_share_the_work_and_send_nothing_twice(office: Office) -> None:
    """As long as leases hold, no message is in two hands."""
    for number in range(10, 16):
        await office.tell(course(of=f"a{number}"), sequence=1)
    async with ScriptedSmtp() as server, office.sending(server.port), office.sending(server.port):
        await office.until_states("accepted")
    assert len(message_ids(server)) == 6 * 9
    assert set(message_ids(server).values()) == {1}


async def test_a_mail_that_is_put_off_is_accepted_later(office: Office) -> None:
    """Greylisting: every attempt is kept, the Message-ID stays."""
    rude = {"RCPT": ("450 4.2.0 greylisted", "250 2.1.5 ok")}
    async with ScriptedSmtp(rude) as server, office.sending(server.port, connections=1):
        await office.tell(course("waiting"), sequence=1)
        rows = await office.until_states("accepted")
    assert sorted(len(row["attempts"]) for row in rows) == [1, 2]
    retried = max(rows, key=lambda row: len(row["attempts"]))
    assert [(one["outcome"], one["code"], one["enhanced"]) for one in retried["attempts"]] == [
        ("deferred", 450, "4.2.0"),
        ("accepted", 250, "2.0.0"),
    ]
    assert set(message_ids(server).values()) == {1}


async def test_a_refused_mail_fails_once_and_says_so(office: Office) -> None:
    """The server's code is in the event; the address and the server's words are not."""
    async with (
        ScriptedSmtp({"RCPT": "550 5.1.1 no ase.leader@kommune.example here"}) as server,
        office.sending(server.port),
    ):
        await office.tell(course("waiting"), sequence=1)
        rows = await office.until_states("failed")
    assert [len(row["attempts"]) for row in rows] == [1, 1]
    assert server.verbs.count("RCPT") == 2
    assert {event.envelope.type for event in office.published} == {MessageFailed.type}
    failed = [MessageFailed.model_validate_json(event.body).message for event in office.published]
    assert {(one.code, one.enhanced_code, one.attempts) for one in failed} == {(550, "5.1.1", 1)}
    assert b"kommune.example" not in b"".join(event.body for event in office.published)


async def test_a_lost_answer_is_tried_again_under_the_same_message_id(office: Office) -> None:
    """The server may have taken the first one: receivers tell the copy by its Message-ID."""
    async with ScriptedSmtp({"DOT": (DROP, "250 2.0.0 queued")}) as server, office.sending(server.port, connections=1):
        await office.tell(course("waiting"), sequence=1)
        rows = await office.until_states("accepted")
    assert sorted(message_ids(server).values()) == [1, 2]
    assert sorted(str([one["outcome"] for one in row["attempts"]]) for row in rows) == [
        "['accepted']",
        "['unknown', 'accepted']",
    ]
    first, second = (mail for mail in server.mails if message_ids(server)[_id_of(mail)] == 2)
    assert first == second


def _id_of(mail: bytes) -> str:
    return str(message_from_bytes(mail, policy=default)["Message-ID"])


async def test_a_mail_server_that_is_away_burns_no_attempts(office: Office) -> None:
    """The channel rests; when the server is back everything goes out at the first attempt."""
    async with ScriptedSmtp() as gone:
        port = gone.port
    async with office.sending(port):
        await office.tell(course(), sequence=1)
        await until(lambda: _tried_in_vain(office), what="a try in vain")
        async with ScriptedSmtp(port=port):
            rows = await office.until_states("accepted")
    assert {len(row["attempts"]) for row in rows} == {1}


async def _tried_in_vain(office: Office) -> bool:
    rows = await office.stored()
    return all(row["state"] == "pending" for row in rows) and any(row["version"] > 2 for row in rows)


async def test_a_server_in_trouble_is_left_in_peace(office: Office) -> None:
    """The waiting mails do not knock one after the other: after the first burst there is one try per rest."""
    async with ScriptedSmtp({"GREETING": "421 4.3.2 busy"}) as server, office.sending(server.port, connections=4):
        await office.tell(course(), sequence=1)
        await until(lambda: _tried_in_vain(office), what="a try in vain")
        await asyncio.sleep(0.5)  # the time in which nothing may happen
        assert server.verbs.count("GREETING") <= 4
        assert {len(row["attempts"]) for row in await office.stored()} == {0}


async def test_a_message_that_stays_put_off_too_long_is_given_up(office: Office) -> None:
    """Somebody must learn that it never arrived."""
    impatient = Patience(retry_seconds=(0.05,), give_up_after=timedelta(seconds=1.5))
    async with ScriptedSmtp({"RCPT": "450 4.2.0 later"}) as server, office.sending(server.port, patience=impatient):
        await office.tell(course("waiting"), sequence=1)
        rows = await office.until_states("failed")
    assert min(len(row["attempts"]) for row in rows) > 1
    assert len(office.published) == 2


async def test_an_erased_person_gets_nothing_and_the_others_get_theirs(office: Office) -> None:
    """The mail cannot be opened any more: it is stopped, not failed, and never offered to a server."""
    await office.tell(course("waiting"), sequence=1)
    await office.vault.erase(person_key("a001-leader"))
    async with ScriptedSmtp() as server, office.sending(server.port):
        rows = await office.until_states("accepted", "stopped")
    assert {row["person_id"]: row["state"] for row in rows} == {"a001-leader": "stopped", "a001-employee": "accepted"}
    assert len(server.mails) == 1
    assert await office.tell(course(), sequence=2) == "handled"
    assert "a001-leader" not in {row["person_id"] for row in await office.stored() if row["state"] == "pending"}


async def test_a_sender_that_died_with_mails_in_hand_leaves_them_to_others(office: Office) -> None:
    """After the lease they are unknown, and go again under their Message-ID."""
    await office.tell(course("waiting"), sequence=1)
    taken = await _take(office, "dead", until=now() + timedelta(seconds=0.3))
    assert len(taken) == 2
    async with ScriptedSmtp() as server, office.sending(server.port, lease_seconds=1.0):
        rows = await office.until_states("accepted")
    assert {str([one["outcome"] for one in row["attempts"]]) for row in rows} == {"['unknown', 'accepted']"}
    assert set(message_ids(server).values()) == {1}


async def _take(office: Office, lease: str, *, until: datetime) -> list[LeasedMessage]:
    return await office.messages.lease(await office.messages.due(5, now=now()), lease=lease, now=now(), until=until)


class Slow:
    """A connection that takes longer than a lease."""

    def __init__(self, connection: SmtpConnection, seconds: float) -> None:
        self._connection = connection
        self._seconds = seconds
        self.busy = False
        self.close_if_idle = connection.close_if_idle
        self.close = connection.close

    async def deliver(self, mail: bytes, envelope: Envelope, *, still_ours: Callable[[], bool]) -> Outcome:
        self.busy = True
        await asyncio.sleep(self._seconds)
        return await self._connection.deliver(mail, envelope, still_ours=still_ours)


async def test_a_slow_server_does_not_cost_the_lease(office: Office) -> None:
    """The sender gives signs of life, so a second one lets its mails alone."""

    def slow(connection: SmtpConnection) -> Transport:
        return Slow(connection, seconds=2.5)

    async with ScriptedSmtp() as server:
        await office.tell(course("waiting"), sequence=1)
        async with office.sending(server.port, lease_seconds=1.0, deliver=slow):
            await until(lambda: _all_in_hand(office), what="all messages in hand")
            async with office.sending(server.port, lease_seconds=1.0):
                rows = await office.until_states("accepted")
    assert {len(row["attempts"]) for row in rows} == {1}
    assert set(message_ids(server).values()) == {1}


async def _all_in_hand(office: Office) -> bool:
    return all(row["state"] == "sending" for row in await office.stored())


async def test_a_sender_that_lost_its_lease_does_not_overwrite_what_the_next_one_wrote(office: Office) -> None:
    """A frozen process wakes up late: its result no longer counts."""
    await office.tell(course("waiting"), sequence=1)
    (mine, *_) = await _take(office, "frozen", until=now())
    assert await expire_leases(outgoing=office.outgoing()) == 2
    written = await office.messages.finish(mine, state="failed", attempt=None, now=now(), due_at=None, event=None)
    assert written is None
    assert {row["state"] for row in await office.stored()} == {"unknown"}


async def test_attempts_that_always_break_off_become_rarer_and_end(office: Office) -> None:
    """Each may have mailed a copy: after the first a pause follows, and past the age for giving up the message has failed."""
    await office.tell(course("waiting"), sequence=1)
    patience = Patience(retry_seconds=(600.0,), give_up_after=timedelta(seconds=900))
    for expected in (0, 600):
        taken = await _take(office, "mine", until=now())
        assert await expire_leases(outgoing=office.outgoing(patience)) == len(taken) == 2
        for row in await office.stored():
            assert row["state"] == "unknown"
            assert (row["due_at"] - row["attempts"][-1]["at"]).total_seconds() == expected
    long_ago = now() - timedelta(seconds=900)
    await office.rows.update_many({}, {"$set": {"due_at": now(), "created_at": long_ago, "not_before": long_ago}})
    await _take(office, "mine", until=now())
    assert await expire_leases(outgoing=office.outgoing(patience)) == 2
    assert {row["state"] for row in await office.stored()} == {"failed"}
    assert [event.envelope.type for event in office.published] == [MessageFailed.type] * 2


async def test_a_message_that_is_given_back_is_what_it_was_before(office: Office) -> None:
    """One that may have arrived stays unknown, one that was put off stays deferred: nothing was tried meanwhile."""
    await office.tell(course("waiting"), sequence=1)
    ids = [row["_id"] for row in await office.stored()]
    for message_id, outcome in zip(ids, ("unknown", "deferred"), strict=True):
        await office.rows.update_one({"_id": message_id}, {"$set": {"attempts": [{"outcome": outcome}]}})
    for message in await _take(office, "mine", until=now() + timedelta(seconds=60)):
        await office.messages.release(message, due_at=now())
    assert [row["state"] for row in await office.stored()] == ["unknown", "deferred"]


async def test_what_is_wrong_by_now_is_not_sent_any_more(office: Office) -> None:
    """Mail could not go out, and meanwhile the course was cancelled: no invite may follow its cancellation."""
    await office.tell(course(), sequence=1)
    event, envelope = await office.event(course("cancelled"), sequence=2)
    assert await office.tell_event(event, envelope) == "handled"
    async with ScriptedSmtp() as server, office.sending(server.port):
        rows = await office.until_states("accepted", "stopped")
    assert Counter((row["kind"], row["state"]) for row in rows) == {
        ("course_booked", "stopped"): 3,
        ("invite", "stopped"): 6,
        ("withdrawn", "accepted"): 1,
        ("cancellation", "accepted"): 6,
    }


async def test_an_event_read_again_after_a_crash_leaves_its_own_mails_alone(office: Office) -> None:
    """Only older ones are obsolete: the new ones were put in before the crash already."""
    await office.tell(course(), sequence=1)
    views = await office.view_rows.find({}).to_list(None)
    event, envelope = await office.event(course("cancelled"), sequence=2)
    await office.tell_event(event, envelope)
    await office.view_rows.replace_one({"_id": "a001"}, views[0])
    assert await office.tell_event(event, envelope) == "handled"
    obsolete = Counter(row["kind"] for row in await office.stored() if row.get("obsolete"))
    assert obsolete == {"course_booked": 3, "invite": 6}


async def test_a_process_that_comes_late_leaves_the_mails_of_newer_events_alone(office: Office) -> None:
    """It lost its partition while it handled an event; meanwhile another process handled that event and the next."""
    await office.tell(course(), sequence=1)
    views = await office.view_rows.find({}).to_list(None)
    late, envelope = await office.event(course("cancelled"), sequence=2)
    await office.tell_event(late, envelope)
    await office.tell(course(), sequence=3)
    await office.view_rows.replace_one({"_id": "a001"}, views[0])
    await office.tell_event(late, envelope)
    rows = await office.stored()
    assert {row["sequence"] for row in rows} == {1, 2, 3}
    assert {row["sequence"] for row in rows if row.get("obsolete")} == {1}


async def test_a_newer_mail_waits_until_the_older_one_about_the_same_is_over(office: Office) -> None:
    """A cancellation that overtakes its invite leaves the meeting in the calendar for ever."""

    def slow(connection: SmtpConnection) -> Transport:
        return Slow(connection, seconds=1.5)

    async with ScriptedSmtp() as server:
        await office.tell(course(), sequence=1)
        async with office.sending(server.port, connections=9, deliver=slow):
            await until(lambda: _all_in_hand(office), what="all messages in hand")
            await office.tell(course("cancelled"), sequence=2)
            async with office.sending(server.port, connections=9):
                rows = await office.until_states("accepted")
    order = [str(message_from_bytes(mail, policy=default)["Message-ID"]) for mail in server.mails]
    for row in rows:
        if row["kind"] == "cancellation":
            [invite] = [
                one
                for one in rows
                if one["kind"] == "invite" and one["about"] == row["about"] and one["person_id"] == row["person_id"]
            ]
            assert order.index(invite["internet_message_id"]) < order.index(row["internet_message_id"])


async def test_what_cannot_be_a_mail_fails_without_bothering_the_server(office: Office) -> None:
    """A broken seal is no reason to try again for ever."""
    await office.tell(course("waiting"), sequence=1)
    rows = await office.stored()
    await office.rows.update_one({"_id": rows[0]["_id"]}, {"$set": {"mail.box": rows[1]["mail"]["box"]}})
    async with ScriptedSmtp() as server, office.sending(server.port):
        after = await office.until_states("accepted", "failed")
    assert {row["state"] for row in after} == {"accepted", "failed"}
    failed = next(row for row in after if row["state"] == "failed")
    assert [(one["phase"], one["reason"]) for one in failed["attempts"]] == [("seal", "unsendable")]
    assert len(server.mails) == 1


async def test_a_gate_that_breaks_off_costs_no_mail(office: Office) -> None:
    """Say over a view that cannot be read, which is a ValueError: the mail waits, unharmed, and the others go."""
    await office.tell(application(), sequence=1)
    [first, _] = sorted(row["_id"] for row in await office.stored())

    async def gate(message: LeasedMessage) -> None:
        if message.message_id == first:
            raise ValueError

    async def decided() -> bool:
        return all(row["state"] in ("accepted", "failed") or row.get("why") for row in await office.stored())

    async with ScriptedSmtp() as server, office.sending(server.port, gates=(gate,)):
        await until(decided, what="one sent, one put off")
    rows = {row["_id"]: row for row in await office.stored()}
    assert len(server.mails) == 1
    assert (rows[first]["state"], rows[first]["why"], rows[first]["attempts"]) == ("pending", "gate_broken", [])
    assert rows[first]["due_at"] > now() + timedelta(minutes=4)


async def test_stopping_lets_the_mails_in_hand_end(office: Office) -> None:
    """None of them is left to expire, none is sent again after the restart."""
    slow: list[Slow] = []

    def connect(connection: SmtpConnection) -> Transport:
        slow.append(Slow(connection, seconds=1.0))
        return slow[-1]

    async with ScriptedSmtp() as server:
        await office.tell(course("waiting"), sequence=1)
        async with office.sending(server.port, deliver=connect):
            await until(lambda: sum(one.busy for one in slow) == 2, what="all messages on their way")
        assert {row["state"] for row in await office.stored()} == {"accepted"}
