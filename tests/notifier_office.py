"""The notifier's parts on a real database, without Kafka: events go in by hand, mails go to the server that a test names."""

import asyncio
import base64
import os
import time
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from services.notifier.address_gate import address_gate
from services.notifier.attempt import attempt_message
from services.notifier.decide import Patience
from services.notifier.desk import Desk
from services.notifier.expire import expire_leases
from services.notifier.gates import Gate
from services.notifier.lines import Lines, Transport
from services.notifier.outgoing import Outgoing
from services.notifier.pacing import Pacing
from services.notifier.retrying import Channel
from services.notifier.returns.sent_mails import SentMails
from services.notifier.returns.settle_return import ReturnsDesk
from services.notifier.returns.store import Returns
from services.notifier.send import SenderLoop
from services.notifier.smtp import SmtpConnection
from services.notifier.smtp_settings import SmtpSettings, SmtpTimeouts, TlsMode
from services.notifier.store import Messages
from services.notifier.suppress.gate import suppression_gate
from services.notifier.suppress.on_refusal import leave_refused_alone
from services.notifier.suppress.store import Suppressions
from services.notifier.tell_application import tell_about_application
from services.notifier.tell_course import tell_about_course
from services.notifier.template_files import load_templates
from services.notifier.view_store import Views
from shared import mongo
from shared.bounce_address import bounce_address
from shared.envelope import Envelope
from shared.events import (
    ApplicationAdmitted,
    ApplicationEvent,
    ApplicationState,
    ApplicationSubmitted,
    ApplicationWaitlisted,
    ApplicationWithdrawn,
    CourseBooked,
    CourseCancelled,
    CourseCompleted,
    CourseEvent,
    CourseState,
    Event,
    HeldAnswer,
    Person,
)
from shared.mongo import Document
from shared.outbox import PendingEvent, Waiting, pending
from shared.sealing import event_place
from shared.vault import ErasedError, MasterKey, Vault, application_key, person_key
from tests.factories import spark
from tests.notifier_samples import MATTER, people_of, person
from tests.polling import until

BOUNCE_KEY = bytes(range(32))
QUICK = Patience(retry_seconds=(0.05,), give_up_after=timedelta(days=5))
EVENTS: Mapping[tuple[type, str], type[Event]] = {
    (ApplicationState, "submitted"): ApplicationSubmitted,
    (ApplicationState, "admitted"): ApplicationAdmitted,
    (ApplicationState, "withdrawn"): ApplicationWithdrawn,
    (CourseState, "booked"): CourseBooked,
    (CourseState, "waiting"): ApplicationWaitlisted,
    (CourseState, "cancelled"): CourseCancelled,
    (CourseState, "completed"): CourseCompleted,
}


class Office:
    """One notifier's database, and as many sender loops on it as a test wants."""

    def __init__(self, mongodb: str) -> None:
        self.client = mongo.connect(mongodb, app_name="test")
        name = f"notifier_{uuid.uuid4().hex[:12]}"
        self.rows = self.client[name]["messages"]
        self.view_rows = self.client[name]["courses"]
        self.messages = Messages(self.rows)
        self.returns = Returns(self.client[name]["returns"])
        self.suppressions = Suppressions(self.client[name]["suppressions"])
        self.vault = Vault(
            keys=self.client[name]["keys"], master_key=MasterKey(base64.b64encode(bytes(32)).decode()), clock=now
        )
        self.published: list[PendingEvent] = []
        self.desk = Desk(
            views=Views(self.view_rows),
            messages=self.messages,
            returns=self.returns,
            vault=self.vault,
            programme=spark(),
            templates=load_templates(),
            clock=now,
            wake=self._wake,
            staff_url="https://staff.forloeb.example",
            address_key=bytes(32),
        )
        self._loops: list[SenderLoop] = []

    def _wake(self) -> None:
        for loop in self._loops:
            loop.wake()

    async def event(
        self,
        state: ApplicationState | CourseState,
        *,
        sequence: int,
        english: tuple[str, ...] = (),
        kind: type[Event] | None = None,
        people: Mapping[str, Person] | None = None,
        asked: tuple[HeldAnswer, Person] | None = None,
    ) -> tuple[Event, Envelope]:
        """The event of a state as its producer writes it: with the people sealed for it."""
        vault = self.vault
        return await sealed_event(
            state, sequence=sequence, vault=vault, english=english, kind=kind, people=people, asked=asked
        )

    async def tell(self, state: ApplicationState | CourseState, *, sequence: int, english: tuple[str, ...] = ()) -> str:
        """Have an event told; its outcome."""
        return await self.tell_event(*await self.event(state, sequence=sequence, english=english))

    async def tell_event(self, event: Event, envelope: Envelope) -> str:
        if isinstance(event, ApplicationEvent):
            return await tell_about_application(event, envelope, desk=self.desk)
        assert isinstance(event, CourseEvent)
        return await tell_about_course(event, envelope, desk=self.desk)

    def outgoing(self, patience: Patience = QUICK, gates: tuple[Gate, ...] = ()) -> Outgoing:
        return Outgoing(
            messages=self.messages,
            vault=self.vault,
            sender=self.desk.programme.sender,
            return_path=return_path,
            channel=Channel(),
            pacing=Pacing(per_second=1000.0, domain_per_second=1000.0),
            patience=patience,
            clock=now,
            random=lambda: 0.5,
            publish=self._publish,
            gates=(address_gate(self.desk.views), suppression_gate(self.suppressions, desk=self.desk), *gates),
            on_undeliverable=leave_refused_alone(self.suppressions, desk=self.desk),
        )

    def at_desk(self) -> ReturnsDesk:
        """What acting on reports about mails that came back needs."""
        return ReturnsDesk(
            desk=self.desk,
            returns=self.returns,
            sent=SentMails(self.rows),
            suppressions=self.suppressions,
            publish=self._publish,
        )

    @asynccontextmanager
    async def sending(
        self,
        port: int,
        *,
        connections: int = 4,
        lease_seconds: float = 5.0,
        patience: Patience = QUICK,
        gates: tuple[Gate, ...] = (),
        timeouts: SmtpTimeouts = SmtpTimeouts(),
        changes: Mapping[str, Any] | None = None,
        deliver: Callable[[SmtpConnection], Transport] = lambda connection: connection,
    ) -> AsyncIterator[SenderLoop]:
        """A sender loop to the mail server at this port, for as long as the block lasts. `changes`: other parts of `Outgoing`."""
        outgoing = replace(self.outgoing(patience, gates), **(changes or {}))
        smtp = SmtpSettings(host="127.0.0.1", port=port, tls=TlsMode.NONE, timeouts=timeouts)
        loop = SenderLoop(
            messages=self.messages,
            attempt=partial(attempt_message, outgoing=outgoing),
            expire=partial(expire_leases, outgoing=outgoing),
            lines=Lines(lambda: deliver(SmtpConnection(smtp, clock=time.monotonic)), connections),
            channel=outgoing.channel,
            pacing=outgoing.pacing,
            clock=now,
            lease_seconds=lease_seconds,
        )
        self._loops.append(loop)
        task = asyncio.create_task(loop.run())
        try:
            yield loop
        finally:
            await loop.stop()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            self._loops.remove(loop)

    def _publish(self, item: Waiting) -> None:
        self.published += item.events

    async def stored(self) -> list[Document]:
        return await self.rows.find({}).sort("_id", 1).to_list(None)

    async def until_states(self, *states: str) -> list[Document]:
        """Wait until every message is in one of these states."""

        async def reached() -> bool:
            return all(row["state"] in states for row in await self.stored())

        await until(reached, what=f"all messages {' or '.join(states)}")
        return await self.stored()


async def sealed_event(
    state: ApplicationState | CourseState,
    *,
    sequence: int,
    vault: Vault,
    english: tuple[str, ...] = (),
    kind: type[Event] | None = None,
    people: Mapping[str, Person] | None = None,
    asked: tuple[HeldAnswer, Person] | None = None,
) -> tuple[Event, Envelope]:
    """The event of a state with its people, and its envelope. Makes the keys that are not there yet.

    `people`: others than the samples have. `asked`: the answer that is held, and who is to confirm it.
    """
    kind = kind or EVENTS[type(state), state.state]
    people = people or _people(state, english)
    held, answerer = asked or (None, None)
    ids = [application_key(state.application_id), *map(person_key, people)]
    ids += [person_key(answerer.person_id)] if answerer else []
    for key_id in ids:
        try:
            await vault.create([key_id])
        except ErasedError:
            continue
    event_id = str(uuid.uuid4())
    place = event_place(state.application_id, kind.type, event_id)
    blocks = {}
    for person_id, one in people.items():
        try:
            blocks[person_id] = await vault.seal(one, key_id=person_key(person_id), place=place)
        except ErasedError:
            continue
    matter = await vault.seal(MATTER, key_id=application_key(state.application_id), place=place)
    full = state.model_copy(update={"people": blocks, "matter": matter})
    name = "application" if isinstance(state, ApplicationState) else "course"
    envelope = Envelope(
        id=event_id,
        source="/forloeb/test",
        type=kind.type,
        subject=state.application_id,
        time=now(),
        sequence=sequence,
        traceparent=f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-01",
    )
    fields: dict[str, object] = {name: full}
    if held and answerer:
        block = await vault.seal(answerer, key_id=person_key(answerer.person_id), place=place)
        fields |= {"held": held, "person": block}
    return kind.model_validate(fields), envelope


def as_pending(event: Event, envelope: Envelope) -> PendingEvent:
    """The same as a producer's outbox would hold it."""
    return pending(
        event,
        event_id=envelope.id,
        source=envelope.source,
        subject=envelope.subject,
        sequence=envelope.sequence,
        now=envelope.time,
        traceparent=envelope.traceparent,
    )


def _people(state: ApplicationState | CourseState, english: tuple[str, ...]) -> dict[str, Person]:
    if isinstance(state, CourseState):
        return people_of(state, english=english)
    contacts = [
        person(key, of=state.application_id, language="en" if key in english else "da")
        for key in ("leader", "employee")
    ]
    return {contact.person_id: contact for contact in contacts}


def return_path(message_id: str) -> str:
    """The envelope sender of a message."""
    sender = spark().sender
    return bounce_address(message_id, key=BOUNCE_KEY, mailbox=sender.bounce_mailbox, domain=sender.domain)


def now() -> datetime:
    return datetime.now(UTC)
