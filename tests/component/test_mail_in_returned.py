"""A report that comes in by LMTP is read, put into the application that its mail was about, once, and never answered."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from services.intake.follow_views import follow_message
from services.intake.mail_in import room
from services.intake.mail_in.mail import return_path_of_message
from services.intake.returned import say_returned, take_report
from shared.events import ApplicationState, MailReturned, MessageSent, ReturnedMail
from shared.vault import application_key
from tests.embedded import Embedded
from tests.event_samples import MESSAGE, envelope_of
from tests.intake_house import TRUSTED, new_application, read_event
from tests.mail_in import PostOffice, post_office

REPORTS = Path(__file__).parents[1] / "samples" / "reports"
FAILED = (REPORTS / "postfix_failed.eml").read_bytes()
DELAYED = (REPORTS / "postfix_delayed.eml").read_bytes()
WORDS = (REPORTS / "qmail_failed.eml").read_bytes().replace(b"Return-Path: <>\r\n", b"", 1)


@pytest.fixture(scope="module")
async def office(stack: Embedded) -> AsyncIterator[PostOffice]:
    async with post_office(stack.mongodb) as found:
        yield found


async def applied(office: PostOffice) -> str:
    answer = await office.intake.accepted(new_application(), headers=TRUSTED)
    return str(answer["application_id"])


def accepted(application_id: str, message_id: str | None = None) -> MessageSent:
    """What the notifier tells of a mail that a mail server took."""
    ids = {"message_id": message_id or str(uuid4()), "application_id": application_id}
    return MessageSent(message=MESSAGE.model_copy(update=ids))


async def sent(office: PostOffice, application_id: str, message_id: str | None = None) -> str:
    """The id of a mail about this application of which intake has heard."""
    event = accepted(application_id, message_id)
    await follow_message(event, envelope_of(MessageSent), views=office.intake.parts.store)
    return event.message.message_id


async def reported(office: PostOffice, message_id: str, *raws: bytes, sender: str = "") -> None:
    """As mail servers deliver: from an empty return path."""
    for raw in raws:
        assert (await office.deliver(raw, office.return_path(message_id), sender=sender))[0] == 250
    await office.take_in()


def told(office: PostOffice, application_id: str) -> ApplicationState:
    """The application as its newest event tells it."""
    event = office.intake.events(application_id)[-1]
    return read_event(event.envelope, event.body).application


async def outcome(office: PostOffice, message_id: str) -> tuple[str, str]:
    row = await office.row(return_path_of_message(message_id))
    return row["state"], row["reason"]


def counted_as(reason: str) -> float:
    """How many mails to return paths said nothing, for this reason."""
    labels = {"action": "none", "reason": reason}
    return REGISTRY.get_sample_value("forloeb_mails_in_reports_total", labels) or 0


@pytest.mark.parametrize(
    ("raw", "action", "status"),
    [(FAILED, "failed", "5.1.1"), (DELAYED, "delayed", "4.4.1"), (WORDS, "failed", "5.1.1")],
)
async def test_a_report_goes_into_the_application_of_its_mail(
    office: PostOffice, raw: bytes, action: str, status: str
) -> None:
    """With a part for machines or in words; the event carries the whole state, and of the report nothing is kept."""
    application_id = await applied(office)
    message_id = await sent(office, application_id)
    await reported(office, message_id, raw)
    assert office.intake.events(application_id)[-1].envelope.type == MailReturned.type
    state = told(office, application_id)
    assert state.returned == (
        ReturnedMail(number=1, message_id=message_id, action=action, status=status, at=office.intake.clock()),  # type: ignore[arg-type]
    )
    assert (state.returned_count, state.state) == (1, "admitted")
    row = await office.row(return_path_of_message(message_id))
    assert (row["state"], row["reason"], "contents" in row) == ("returned", action, False)


async def test_the_same_news_of_a_mail_is_told_once(office: PostOffice) -> None:
    """Late, then failed: two. Failed by another server, failed again, late after it failed: nothing new."""
    application_id = await applied(office)
    message_id = await sent(office, application_id)
    for raw in (DELAYED, DELAYED + b"\r\n", FAILED, WORDS, DELAYED + b"\r\n\r\n"):
        office.intake.clock.forward(seconds=6)
        await reported(office, message_id, raw)
    assert [one.action for one in told(office, application_id).returned] == ["delayed", "failed"]
    another = await sent(office, application_id)
    for raw in (FAILED, DELAYED):
        await reported(office, another, raw)
    assert [one.action for one in told(office, application_id).returned] == ["delayed", "failed", "failed"]
    types = [one.envelope.type for one in office.intake.events(application_id)]
    assert types.count(MailReturned.type) == 3


async def test_a_report_is_about_the_mail_of_its_address(office: PostOffice) -> None:
    """Whatever mail and recipient it names inside: a forger can let only the mail come back whose return path he has."""
    mine, other = await applied(office), await applied(office)
    message_id, another = await sent(office, mine), await sent(office, other)
    forged = DELAYED.replace(b"Original-Envelope-Id: ", f"Original-Envelope-Id: {another} ".encode())
    await reported(office, message_id, forged)
    assert told(office, mine).returned_count == 1
    assert told(office, other).returned_count == 0


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("out_of_office_exchange", "auto-reply"),
        ("out_of_office_vacation", "auto-reply"),
        ("read_receipt", "read-receipt"),
        ("delivered", "delivered"),
        ("challenge", "challenge"),
        ("a_person_writes", "auto-reply"),
    ],
)
async def test_what_is_no_report_is_dropped(office: PostOffice, name: str, reason: str) -> None:
    """Counted by its reason; nobody is told, answered or kept busy."""
    application_id = await applied(office)
    message_id = await sent(office, application_id)
    before = len(office.intake.events(application_id)), await office.intake.parts.parked_mails.count()
    counted = counted_as(reason)
    await reported(office, message_id, (REPORTS / f"{name}.eml").read_bytes())
    assert await outcome(office, message_id) == ("dropped", reason)
    assert (len(office.intake.events(application_id)), await office.intake.parts.parked_mails.count()) == before
    assert counted_as(reason) == counted + 1


async def test_a_report_that_is_faster_than_the_news_of_its_mail_waits(office: PostOffice) -> None:
    """A next-door server may refuse before this service has heard that ours took the mail; the news wake what waits."""
    application_id, message_id = await applied(office), str(uuid4())
    await reported(office, message_id, FAILED)
    assert await outcome(office, message_id) == ("waiting", "unknown-message")
    await sent(office, application_id, message_id)
    await office.mail_in.heard_of_message(accepted(application_id, message_id))
    await office.take_in()
    assert await outcome(office, message_id) == ("returned", "failed")
    assert told(office, application_id).returned_count == 1


async def test_a_report_about_a_mail_that_nobody_knows_is_dropped_after_a_day(office: PostOffice) -> None:
    """It says nothing that staff could do anything about."""
    message_id = str(uuid4())
    await reported(office, message_id, FAILED)
    for hours, state in ((23, "waiting"), (1, "dropped")):
        office.intake.clock.forward(hours=hours)
        await office.take_in()
        assert await outcome(office, message_id) == (state, "unknown-message")


async def test_a_storm_of_reports_about_one_mail_takes_no_room(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few wait, the others with their sender; reports as a whole leave room for answers."""
    monkeypatch.setattr(room, "REPORTS_ALIKE_MAX", 2)
    unknown, other = office.return_path(str(uuid4())), office.return_path(str(uuid4()))
    office.intake.clock.forward(seconds=10)
    for number in range(2):
        assert (await office.deliver(FAILED + b"\r\n" * number, unknown))[0] == 250
    office.intake.clock.forward(seconds=6)
    assert (await office.deliver(FAILED + b"more", unknown))[0] == 452
    assert (await office.deliver(FAILED, other))[0] == 250
    monkeypatch.setattr(room, "REPORTS_MAX", 1)
    assert (await office.deliver(FAILED, office.return_path(str(uuid4()))))[0] == 452
    assert (await office.deliver(b"x", office.address_of("0d" * 10)))[0] == 250


async def test_the_newest_are_kept_and_all_are_counted(office: PostOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many mails of one application that come back at the same moment: each is told, none is lost to another's write."""
    application_id = await applied(office)
    monkeypatch.setattr(say_returned, "RETURNED_KEPT_MAX", 4)
    message_ids = [await sent(office, application_id) for _ in range(4 + 2)]
    for message_id in message_ids:
        await office.deliver(FAILED, office.return_path(message_id), sender="")
    while await office.take_in():
        pass
    returned, counted = told(office, application_id).returned, told(office, application_id).returned_count
    assert counted == len(message_ids)
    assert [one.number for one in returned] == list(range(3, counted + 1))
    assert {one.message_id for one in returned} < set(message_ids)


async def test_reports_in_turns_come_to_an_end(office: PostOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was said longest ago is not known any more; so somebody with many mails could fill the topic with news of them."""
    monkeypatch.setattr(say_returned, "RETURNED_KEPT_MAX", 1)
    monkeypatch.setattr(say_returned, "RETURNED_MAX", 3)
    application_id = await applied(office)
    ids = [await sent(office, application_id) for _ in range(2)]
    for turn in range(3):
        for message_id in ids:
            await reported(office, message_id, DELAYED.replace(b"Subject:", b"X-Turn: %d\r\nSubject:" % turn, 1))
    assert told(office, application_id).returned_count == 3


async def test_of_an_erased_application_nothing_is_said(office: PostOffice) -> None:
    """The report is dropped with its key."""
    application_id = await applied(office)
    message_id = await sent(office, application_id)
    await office.intake.parts.vault.erase(application_key(application_id))
    await reported(office, message_id, FAILED)
    row = await office.row(return_path_of_message(message_id))
    assert (row["state"], row["reason"]) == ("dropped", "no-application")
    assert await office.intake.client["vault"]["mail_keys"].find_one({"_id": f"mail:{row['_id']}"}) is None


async def test_a_report_that_breaks_something_here_is_never_parked(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Staff could not take it as anybody's answer: after an hour it is dropped."""
    application_id = await applied(office)
    message_id = await sent(office, application_id)

    async def broken(*_given: Any, **_more: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(take_report, "say_returned", broken)
    with capture_logs():
        await reported(office, message_id, FAILED)
        assert await outcome(office, message_id) == ("waiting", "failed")
        office.intake.clock.forward(hours=2)
        await office.take_in()
    assert await outcome(office, message_id) == ("dropped", "failed")


async def test_no_address_is_logged(office: PostOffice) -> None:
    """Ids and codes only."""
    application_id = await applied(office)
    message_id = await sent(office, application_id)
    with capture_logs() as logged:
        await reported(office, message_id, FAILED)
    assert {"mail-returned", "mail-taken-in"} <= {one["event"] for one in logged}
    assert "@" not in str(logged)
    assert "kommune" not in str(logged)


async def test_reports_about_one_mail_at_once_are_one(office: PostOffice) -> None:
    """Two processes may be about to say the same."""
    application_id = await applied(office)
    message_id = await sent(office, application_id)
    parts = office.intake.parts
    outcomes = await asyncio.gather(
        *(
            say_returned.say_returned(
                application_id,
                message_id,
                action="failed",
                status="5.1.1",
                at=office.intake.clock(),
                store=parts.store,
                vault=parts.vault,
                signer=parts.signer,
                programme=parts.programme,
                now=office.intake.clock(),
            )
            for _ in range(5)
        )
    )
    assert sorted(outcomes) == ["known"] * 4 + ["said"]
    assert told(office, application_id).returned_count == 1
