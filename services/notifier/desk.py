"""What telling people needs, and the way of every plan into the messages: composed, sealed, put in once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from services.notifier.facts import Facts
from services.notifier.metrics import MESSAGES_PLANNED
from services.notifier.planned import Plan, PlannedMessage
from services.notifier.recipients import recipients_of
from services.notifier.returns.store import Returns
from services.notifier.store import Messages
from services.notifier.template_files import Templates
from services.notifier.timed.due import programme_mark
from services.notifier.view_store import Views
from services.notifier.write_messages import write_messages
from shared.address_digest import digest
from shared.envelope import Envelope
from shared.events import Person
from shared.metrics import SEQUENCE_GAPS
from shared.programme import Programme
from shared.vault import Vault

RACES_MAX = 10


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What telling people needs. `wake` tells the sender that there are new messages.

    `quiet`: how long a booked course must not have changed before its changes are told. `staff_url`: where the pages of
    coordinators lie. `address_key` digests addresses.
    """

    views: Views
    messages: Messages
    returns: Returns
    vault: Vault
    programme: Programme
    templates: Templates
    clock: Callable[[], datetime]
    wake: Callable[[], None]
    staff_url: str
    address_key: bytes
    quiet: timedelta = timedelta(0)

    @cached_property
    def timed_mark(self) -> str:
        """Stands for the programme's settings of timed mails."""
        return programme_mark(self.programme)

    @cached_property
    def address_mark(self) -> str:
        """Stands for the key that digests addresses."""
        return digest("", key=self.address_key)


def is_news(envelope: Envelope, topic: str, *, seen: int) -> bool:
    """Whether the event is newer than what was handled last; events that never came are counted."""
    if envelope.sequence > seen + 1:
        SEQUENCE_GAPS.labels(topic=topic).inc()
    return envelope.sequence > seen


async def put_in(
    plan: Plan,
    application_id: str,
    people: Mapping[str, Person],
    facts: Callable[[PlannedMessage], Facts],
    *,
    sequence: int,
    desk: Desk,
) -> None:
    """Before the new messages are there, those that they make wrong are out of the way.

    Raises:
        DependencyDownError: the database or the key store does not answer.

    """
    if plan.obsolete:
        await desk.messages.make_obsolete(application_id, plan.obsolete, before=sequence)
    if not plan.messages:
        return
    messages = await write_messages(
        plan.messages,
        application_id=application_id,
        recipients=recipients_of(people, application_id=application_id, programme=desk.programme),
        facts=facts,
        programme=desk.programme,
        templates=desk.templates,
        vault=desk.vault,
        now=desk.clock(),
        address_key=desk.address_key,
    )
    if await desk.messages.insert(messages):
        for message in messages:
            MESSAGES_PLANNED.labels(kind=message.kind).inc()
        desk.wake()
