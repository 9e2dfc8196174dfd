"""The dead-letter topic: the untouched original record, and in headers where it came from and why it could not be handled."""

from datetime import datetime
from typing import Any, Protocol

from aiokafka.errors import MessageSizeTooLargeError

from shared.envelope import Headers
from shared.errors import DependencyDownError
from shared.events import DEAD_LETTERS
from shared.metrics import DEAD_LETTERS as DEAD_LETTERS_TOTAL

REASON_CHARACTERS_MAX = 80


class Sender(Protocol):
    async def send(self, *, topic: str, key: bytes | None, value: bytes | None, headers: Headers) -> None:
        """Publish one record and await its acknowledgement."""


def dead_letter_headers(record: Any, *, reason: str, group: str, attempts: int, first_failed_at: datetime) -> Headers:
    """The original headers, then ours. Null values cannot be sent, so their places are listed instead.

    `reason` is a code; exception texts may hold what people wrote, so they are never put here. A record without key and
    value cannot be sent either: its value becomes empty, and `x-dlq-null-value` says so.
    """
    original = list(record.headers)
    nulls = ",".join(str(place) for place, (_, value) in enumerate(original) if value is None)
    ours = {
        "x-dlq-reason": reason[:REASON_CHARACTERS_MAX],
        "x-dlq-topic": record.topic,
        "x-dlq-partition": str(record.partition),
        "x-dlq-offset": str(record.offset),
        "x-dlq-timestamp": str(record.timestamp),
        "x-dlq-group": group,
        "x-dlq-attempts": str(attempts),
        "x-dlq-first-failed-at": first_failed_at.isoformat(),
        "x-dlq-null-headers": nulls,
        "x-dlq-null-value": "1" if record.value is None else "",
    }
    return [(name, value or b"") for name, value in original] + [(name, value.encode()) for name, value in ours.items()]


async def send_dead_letter(
    record: Any,
    *,
    sender: Sender,
    reason: str,
    group: str,
    attempts: int,
    first_failed_at: datetime,
) -> None:
    """Put a record where staff can look at it, and return when the broker has it.

    Raises:
        DependencyDownError: the broker did not take it; the record is not done.

    """
    headers = dead_letter_headers(
        record, reason=reason, group=group, attempts=attempts, first_failed_at=first_failed_at
    )
    value = b"" if record.value is None and record.key is None else record.value
    try:
        await sender.send(topic=DEAD_LETTERS, key=record.key, value=value, headers=headers)
    except MessageSizeTooLargeError as error:
        # The dead-letter topic must take whatever the others took; until it does, the record is not done.
        raise DependencyDownError("kafka: the dead-letter topic allows too small records") from error
    DEAD_LETTERS_TOTAL.labels(topic=record.topic, reason=reason).inc()
