"""Intake is killed while it takes mail in, as hard as a power cut: no mail is lost, and none answers twice.

A real process on the embedded database; Kafka is away, and not needed for this. The application and its course were told to an intake
in the test's own process, under the same secrets.
"""

import asyncio
import smtplib
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deploy.local.ports import free_ports
from services.intake.mail_in.mail import COLLECTION
from shared.address_token import REPLY_ADDRESS, address_with, make_token
from shared.crash import AFTER_MAIL_STORED, AFTER_SAID_BEFORE_DECIDED, MAIL_IN_POINTS
from shared.signing import purpose_key
from tests.answer_samples import booked
from tests.embedded import Embedded
from tests.intake_house import House, house, settings_for
from tests.intake_process import intake_process
from tests.mail_in import AUTHSERV_ID, deliver, reply
from tests.polling import until

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


@pytest.mark.parametrize("point", POINTS)
async def test_a_power_cut_loses_no_mail_and_repeats_no_answer(ground: Ground, tmp_path: Path, point: str) -> None:
    """Delivered again, as mail servers do without an answer, it is one row; taken in again, it is one thing said."""
    course = await booked(ground.house)
    people = await ground.house.people(ground.house.events(course.mine.id)[-1])
    reply_id = course.meeting.reply_ids[course.leader]
    key = purpose_key(ground.house.settings.link_secret, REPLY_ADDRESS)
    address = address_with(make_token(bytes.fromhex(reply_id), key=key), mailbox="invite", domain="forloeb.example")
    raw = reply(course.meeting, people["leader"].mail)

    async def row() -> dict[str, Any]:
        [found] = [one for one in await ground.mails() if one["recipient"] == reply_id]
        return found

    async def said() -> int:
        stored = await ground.house.stored(course.mine.id)
        return int(stored["application"]["said_count"])

    async def delivered() -> bool:
        with suppress(smtplib.SMTPException, OSError):
            return (await asyncio.to_thread(deliver, ground.port, raw, address))[0] == 250
        return False

    async def decided() -> bool:
        return str((await row())["state"]) == "answered"

    (tmp_path / "killed").mkdir()
    crashing = ground.settings | {"FORLOEB_CRASH_AT": point}
    with intake_process(tmp_path / "killed", crashing, path="/livez") as process:
        await until(lambda: not process.running.alive or delivered(), what="the mail to arrive", seconds=60)
        await until(lambda: not process.running.alive, what="the process to kill itself", seconds=60)
    assert (await row())["state"] == "stored"
    assert await said() == (point == AFTER_SAID_BEFORE_DECIDED)

    with intake_process(tmp_path, ground.settings, path="/livez"):
        await until(delivered, what="the mail to be answered", seconds=60)
        await until(decided, what="the mail to be taken in", seconds=40)
    assert await said() == 1
