"""One report about a mail of ours, as it waits to be acted on. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from shared.events import ApplicationState, ReturnedMail

COLLECTION = "returns"

PAUSES: Final = (timedelta(seconds=2), timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10))
"""How long a report waits whose mail cannot take it yet, the first, second, … time; the last one repeats."""
WAITS_MAX: Final = timedelta(days=5)
"""A report that its mail could not take by then is dropped: so long a mail is tried at most by default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """`id` is the application's with the report's number. `tries`: how often its mail could not take it yet."""

    id: str
    application_id: str
    message_id: str
    action: Literal["failed", "delayed"]
    status: str | None
    at: datetime
    taken_in_at: datetime
    traceparent: str
    tries: int = 0


def newer_than(state: ApplicationState, seen: int, *, now: datetime, traceparent: str) -> tuple[Returned, ...]:
    """What was reported about mails of an application since the `seen`th report."""
    return tuple(_of(state.application_id, one, now, traceparent) for one in _after(state.returned, seen))


def pause_after(tries: int) -> timedelta:
    return PAUSES[min(tries, len(PAUSES) - 1)]


def _after(returned: Iterable[ReturnedMail], seen: int) -> list[ReturnedMail]:
    return [one for one in returned if one.number > seen]


def _of(application_id: str, returned: ReturnedMail, now: datetime, traceparent: str) -> Returned:
    return Returned(
        id=f"{application_id}:{returned.number}",
        application_id=application_id,
        message_id=returned.message_id,
        action=returned.action,
        status=returned.status,
        at=returned.at,
        taken_in_at=now,
        traceparent=traceparent,
    )
