"""What every attempt at a message needs."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from services.notifier.decide import Patience
from services.notifier.gates import Gate
from services.notifier.message import Attempt, LeasedMessage
from services.notifier.pacing import Pacing
from services.notifier.retrying import Channel
from services.notifier.store import Messages
from shared.outbox import Waiting
from shared.programme_parts import Sender
from shared.vault import Vault


async def _nobody(_message: LeasedMessage, _attempt: Attempt) -> None:
    """Nobody keeps a list of addresses that take no mail."""


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """`random` gives numbers in [0, 1); `publish` tells the relay of a written event.

    `return_path` is the envelope sender of a message, by its id. `gates` are asked before each attempt, in their order.
    `on_undeliverable` is told before the outcome is stored that the server knows no such address; it is asked again while it
    raises DependencyDownError, and may be told twice.
    """

    messages: Messages
    vault: Vault
    sender: Sender
    return_path: Callable[[str], str]
    channel: Channel
    pacing: Pacing
    patience: Patience
    clock: Callable[[], datetime]
    random: Callable[[], float]
    publish: Callable[[Waiting], None]
    gates: tuple[Gate, ...] = ()
    on_undeliverable: Callable[[LeasedMessage, Attempt], Awaitable[None]] = field(default=_nobody)
