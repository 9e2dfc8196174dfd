"""Intake is killed while it takes mail in, as hard as a power cut: no mail is lost, and none is told twice.

A real process on the embedded database; Kafka is away, and not needed for this. The application and its course were told to an intake
in the test's own process, under the same secrets.
"""

import asyncio
import smtplib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from deploy.local.ports import free_ports
from services.intake.follow_views import follow_message
from services.intake.mail_in.mail import COLLECTION, return_path_of_message
from services.intake.mail_in.wiring import build_mail_in
from shared.address_token import REPLY_ADDRESS, address_with, make_token
from shared.bounce_address import BOUNCE_ADDRESS, bounce_address
from shared.crash import AFTER_MAIL_STORED, AFTER_SAID_BEFORE_DECIDED, MAIL_IN_POINTS
from shared.events import MessageSent
from shared.signing import purpose_key
from tests.answer_samples import booked
from tests.embedded import Embedded
from tests.event_samples import MESSAGE, envelope_of
from tests.intake_house import TRUSTED, House, house, new_application, settings_for
from tests.intake_process import intake_process
from tests.mail_in import AUTHSERV_ID, BOUNCE_MAILBOX, DOMAIN, MAILBOX, deliver, reply
from tests.polling import until

REPORT = Path(__file__).parents[1] / "samples" / "reports" / "postfix_failed.eml"
POINTS = (AFTER_MAIL_STORED, AFTER_SAID_BEFORE_DECIDED)

pytestmark = pytest.mark.timeout(180)


@dataclass(frozen=True)
class Ground:
    """`settings` are those of the process; `house` looks at its database."""

    settings: dict[str, str]
    port: int
    house: House

    async def mails(self) -> list[dict[str, Any]]:
        rows = await self.house.client["intake"][COLLECTION].find().to_list(None)
        return list(rows)


@pytest.fixture(scope="module")
async def ground(stack: Embedded) -> AsyncIterator[Ground]:
    [port] = free_ports(1)
    mail_in = {"FORLOEB_INTAKE_LMTP": f"127.0.0.1:{port}", "FORLOEB_INTAKE_AUTHSERV_ID": AUTHSERV_ID}
    settings = settings_for(mongodb=stack.mongodb, **mail_in)
    async with house(settings) as found:
        yield Ground(settings, port, found)


def test_every_point_has_its_case() -> None:
    """A new crash point cannot be forgotten here."""
    assert set(POINTS) == MAIL_IN_POINTS


@dataclass(frozen=True)
class Delivery:
    """A mail to one of intake's addresses. `state` is the one in which it ends, `count` what its application counts it by."""

    raw: bytes
    address: str
    sender: str
    recipient: str
    application_id: str
    state: str
    count: str


async def answer(ground: Ground) -> Delivery:
    """A leader's yes."""
    course = await booked(ground.house)
    people = await ground.house.people(ground.house.events(course.mine.id)[-1])
    reply_id = course.meeting.reply_ids[course.leader]
    key = purpose_key(ground.house.settings.link_secret, REPLY_ADDRESS)
    return Delivery(
        raw=reply(course.meeting, people["leader"].mail),
        address=address_with(make_token(bytes.fromhex(reply_id), key=key), mailbox=MAILBOX, domain=DOMAIN),
        sender=people["leader"].mail,
        recipient=reply_id,
        application_id=course.mine.id,
        state="answered",
        count="said_count",
    )


async def report(ground: Ground) -> Delivery:
    """That one of our mails could not be delivered."""
    application_id = (await ground.house.accepted(new_application(), headers=TRUSTED))["application_id"]
    message_id = str(uuid4())
    ids = {"message_id": message_id, "application_id": application_id}
    event = MessageSent(message=MESSAGE.model_copy(update=ids))
    await follow_message(event, envelope_of(MessageSent), views=ground.house.parts.store)
    key = purpose_key(ground.house.settings.link_secret, BOUNCE_ADDRESS)
    return Delivery(
        raw=REPORT.read_bytes(),
        address=bounce_address(message_id, key=key, mailbox=BOUNCE_MAILBOX, domain=DOMAIN),
        sender="",
        recipient=return_path_of_message(message_id),
        application_id=application_id,
        state="returned",
        count="returned_count",
    )


@pytest.mark.parametrize(
    ("point", "make"),
    [(AFTER_MAIL_STORED, answer), (AFTER_SAID_BEFORE_DECIDED, answer), (AFTER_SAID_BEFORE_DECIDED, report)],
)
async def test_a_power_cut_loses_no_mail_and_repeats_nothing(
    ground: Ground, tmp_path: Path, point: str, make: Callable[[Ground], Awaitable[Delivery]]
) -> None:
    """Delivered again, as mail servers do without an answer, it is one row; taken in again, it is one thing said."""
    mail = await make(ground)

    async def row() -> dict[str, Any]:
        [found] = [one for one in await ground.mails() if one["recipient"] == mail.recipient]
        return found

    async def said() -> int:
        stored = await ground.house.stored(mail.application_id)
        return int(stored["application"][mail.count])

    async def delivered() -> bool:
        with suppress(smtplib.SMTPException, OSError):
            return (await asyncio.to_thread(deliver, ground.port, mail.raw, mail.address, mail.sender))[0] == 250
        return False

    crashing = ground.settings | {"FORLOEB_CRASH_AT": point}
    with intake_process(tmp_path, crashing, path="/livez") as process:
        await until(lambda: not process.running.alive or delivered(), what="the mail to arrive", seconds=60)
        await until(lambda: not process.running.alive, what="the process to kill itself", seconds=60)
    assert (await row())["state"] == "stored"
    assert await said() == (point == AFTER_SAID_BEFORE_DECIDED)

    # Another process under the same secrets takes over: this one.
    async with taking_over(ground) as take_in:
        await until(delivered, what="the mail to be answered", seconds=60)
        await take_in()
    assert (await row())["state"] == mail.state
    assert await said() == 1


@asynccontextmanager
async def taking_over(ground: Ground) -> AsyncIterator[Callable[[], Awaitable[int]]]:
    """What takes mail in at the port of the process that is no more; taken in is what is stored when the test says so."""
    ground.house.clock.now = datetime.now(UTC)
    mail_in = build_mail_in(ground.house.parts, settings=ground.house.settings, client=ground.house.client)
    running = [asyncio.create_task(one.run()) for one in mail_in.listeners]
    try:
        yield mail_in.taking_in.once
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for stop in mail_in.stops:
            await stop()
