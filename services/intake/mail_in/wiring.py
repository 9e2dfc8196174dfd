"""Wires what takes mail in: the listeners, the mailbox that is read, the loops behind them. Opens nothing."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from uuid import uuid4

from services.intake.imip.read_apart import Reader
from services.intake.mail_in.listener import Listener
from services.intake.mail_in.mail import return_path_of_message
from services.intake.mail_in.means import Means
from services.intake.mail_in.polling import Polling
from services.intake.mail_in.receive import receive
from services.intake.mail_in.recipients import Recipients
from services.intake.mail_in.room import Room
from services.intake.mail_in.store import Mails
from services.intake.mail_in.taking_in import TakingIn
from services.intake.mail_in.turn import Turn
from services.intake.mail_in.turn_store import Turns
from services.intake.mail_in.upkeep import upkeep
from services.intake.parked.parking import Parking
from services.intake.parts import Parts
from services.intake.say_together import SayTogether
from services.intake.settings import IntakeSettings
from shared import mongo
from shared.address_token import REPLY_ADDRESS
from shared.bounce_address import BOUNCE_ADDRESS
from shared.client_address import networks
from shared.events import CourseEvent, MessageEvent
from shared.signing import purpose_key

Task = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True, kw_only=True)
class MailIn:
    """`tasks` run as long as the service, `stops` end them; without a way in there is only the upkeep of what came before."""

    mails: Mails
    clock: Callable[[], datetime]
    taking_in: TakingIn
    listeners: tuple[Listener, ...]
    polling: Polling | None
    tasks: list[Task] = field(default_factory=list)
    stops: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    async def heard_of(self, event: CourseEvent) -> None:
        """What waits for this course is looked at now: its reply addresses are known here from now on."""
        reply_ids = [one for meeting in event.course.meetings for one in meeting.reply_ids.values()]
        if reply_ids:
            await self._hurry(reply_ids)

    async def heard_of_message(self, event: MessageEvent) -> None:
        """A report that waits for this mail of ours is looked at now: whose mail it was is known here from now on."""
        await self._hurry([return_path_of_message(event.message.message_id)])

    async def _hurry(self, recipients: list[str]) -> None:
        if await self.mails.hurry(recipients, self.clock()):
            self.taking_in.wake()


def build_mail_in(parts: Parts, *, settings: IntakeSettings, client: mongo.Client) -> MailIn:
    """All that takes mail in, as the settings say."""
    reader = Reader()
    turn = Turn(Turns(client), holder=str(uuid4()), clock=parts.clock)
    taking_in = TakingIn(means=_means(parts, reader, settings), turn=turn)
    recipients = Recipients(
        mailbox=parts.programme.sender.invite_mailbox,
        bounce_mailbox=parts.programme.sender.bounce_mailbox,
        domain=parts.programme.sender.domain,
        key=purpose_key(settings.link_secret, REPLY_ADDRESS),
        bounce_key=purpose_key(settings.link_secret, BOUNCE_ADDRESS),
    )

    async def take(raw: bytes, recipient: str, envelope_from: str | None) -> None:
        await receive(
            raw,
            recipient=recipient,
            envelope_from=envelope_from,
            mails=parts.mails,
            vault=parts.mail_vault,
            now=parts.clock(),
        )
        taking_in.wake()

    room = Room(parts.mails, parts.parked_mails, clock=parts.clock)
    listeners = tuple(
        Listener(
            where,
            peers=networks(settings.intake_smtp_peers),
            recipients=recipients,
            has_room=room.free_for,
            take=take,
        )
        for where in settings.listens_at
    )
    tasks: list[Task] = [one.run for one in listeners]
    polling = None
    if settings.mailbox is not None:
        polling = Polling(
            settings.mailbox,
            minutes=settings.intake_imap_minutes,
            recipients=recipients,
            has_room=room.free_for,
            take=take,
        )
        tasks.append(polling.run)
    if tasks:
        tasks += [turn.run, taking_in.run]
    tasks.append(
        partial(upkeep, mails=parts.mails, parked=parts.parked_mails, vault=parts.mail_vault, clock=parts.clock)
    )
    return MailIn(
        mails=parts.mails,
        clock=parts.clock,
        taking_in=taking_in,
        listeners=listeners,
        polling=polling,
        tasks=tasks,
        stops=[turn.end, reader.close],
    )


def _means(parts: Parts, reader: Reader, settings: IntakeSettings) -> Means:
    return Means(
        mails=parts.mails,
        mail_vault=parts.mail_vault,
        parking=Parking(parts.parked_mails, alarms=parts.limits.alarms),
        reader=reader,
        authserv_id=settings.intake_authserv_id,
        saying=SayTogether(
            store=parts.store,
            vault=parts.vault,
            signer=parts.signer,
            programme=parts.programme,
            clock=parts.clock,
        ),
        store=parts.store,
        vault=parts.vault,
        signer=parts.signer,
        programme=parts.programme,
        address_key=parts.address_key,
        clock=parts.clock,
    )
