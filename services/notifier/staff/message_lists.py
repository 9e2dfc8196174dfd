"""Reads lists of messages for staff: counts, and pages of what a filter lets through, newest first. Never writes."""

from collections.abc import Collection as Several
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from services.notifier.message import State
from services.notifier.message_rows import stored_of
from services.notifier.staff.asked import DAY_MAX, DAY_MIN, Asked, Which
from services.notifier.stored_message import StoredMessage
from shared.mongo import Collection, Document, database_errors

PAGE_MESSAGES: Final = 50
LATE: Final = timedelta(hours=1)
"""A mail that waits for longer than this, though nothing holds it up on purpose, is pointed out."""
POINTED_OUT: Final = timedelta(days=30)
"""So long a mail that did not arrive is pointed out, unless it was sent again, or its person has another address by now."""
COUNTED: Final = timedelta(days=90)
"""The counts look back so far; the lists go on."""
CURSOR_CHARS_MAX: Final = 80

_STATES: Final[Mapping[Which, tuple[State, ...]]] = {
    "waiting": ("pending", "sending", "deferred", "unknown"),
    "accepted": ("accepted",),
    "bounced": ("bounced",),
    "failed": ("failed",),
    "stopped": ("stopped",),
}
_MISSED: Final[Document] = {
    "state": {"$in": ["failed", "bounced"]},
    "resent_as": {"$exists": False},
    "left_behind": {"$exists": False},
}
"""Did not arrive, was not sent again, and was not left behind at an address that its person has no more."""
_NEWEST_FIRST: Final = [("created_at", -1), ("_id", -1)]


@dataclass(frozen=True, slots=True)
class Found:
    """`after` is the cursor of the next page; empty: there is no more."""

    messages: tuple[StoredMessage, ...]
    after: str = ""


class MessageLists:
    """Every method raises DependencyDownError while the database is away."""

    def __init__(self, messages: Collection) -> None:
        self._messages = messages

    async def ensure_indexes(self) -> None:
        """On what never changes: what happens to a mail costs nothing here."""
        with database_errors():
            await self._messages.create_index([("created_at", 1), ("_id", 1)], name="created_at")

    async def counts(self, *, now: datetime) -> dict[Which, int]:
        """How many mails of the last COUNTED there are for each list."""
        pipeline: list[Document] = [
            {"$match": {"created_at": {"$gte": now - COUNTED}}},
            {"$group": {"_id": "$state", "count": {"$sum": 1}}},
        ]
        with database_errors():
            states = {row["_id"]: row["count"] async for row in self._messages.aggregate(pipeline)}
            attention = await self._messages.count_documents(_attention(now))
        counts: dict[Which, int] = {which: sum(states.get(one, 0) for one in of) for which, of in _STATES.items()}
        return {"attention": attention, **counts, "all": sum(states.values())}

    async def page(self, asked: Asked, *, zone: ZoneInfo, now: datetime, count: int = PAGE_MESSAGES) -> Found:
        """Up to `count` messages after the cursor. A cursor that nobody gave begins anew."""
        parts = [*_filters(asked, zone=zone, now=now), *_begin(asked.after)]
        with database_errors():
            rows = (
                await self._messages.find({"$and": parts} if parts else {})
                .sort(_NEWEST_FIRST)
                .limit(count + 1)
                .to_list(None)
            )
        found = tuple(stored_of(row) for row in rows[:count])
        return Found(found, after=cursor_of(found[-1]) if len(rows) > count else "")

    async def failed_to(self, addressee: str, *, now: datetime) -> tuple[StoredMessage, ...]:
        """Mails to this address that did not arrive of late and were not sent again, newest first."""
        query = {**_undelivered(now), "addressee": addressee}
        with database_errors():
            rows = await self._messages.find(query).sort(_NEWEST_FIRST).limit(PAGE_MESSAGES).to_list(None)
        return tuple(stored_of(row) for row in rows)

    async def sent_again(self, message_id: str, application_id: str) -> int:
        """How often staff had a message sent again."""
        with database_errors():
            return await self._messages.count_documents({"application_id": application_id, "resend_of": message_id})


class ViewFacts:
    """Facts of applications for lists of mails: their reference numbers, and sealed blocks of some people."""

    def __init__(self, views: Collection) -> None:
        self._views = views

    async def references(self, application_ids: Iterable[str]) -> dict[str, str]:
        """By application, as far as they are known."""
        fields = {"application.reference": 1, "course.reference": 1}
        return {
            row["_id"]: reference
            for row in await self._rows(application_ids, fields)
            if (reference := reference_of(row))
        }

    async def blocks(self, messages: Iterable[StoredMessage]) -> dict[str, Document]:
        """By application, the halves of its view with the sealed blocks of the people whom these messages go to."""
        chosen = list(messages)
        people = {one.person_id for one in chosen if "." not in one.person_id and "$" not in one.person_id}
        fields = {f"{half}.people.{person}": 1 for half in ("application", "course") for person in sorted(people)}
        fields |= {"application.reference": 1, "course.reference": 1}
        return {row["_id"]: row for row in await self._rows({one.application_id for one in chosen}, fields)}

    async def _rows(self, application_ids: Iterable[str], fields: Mapping[str, int]) -> list[Document]:
        wanted = sorted(set(application_ids))
        with database_errors():
            return await self._views.find({"_id": {"$in": wanted}}, fields).to_list(None)


def cursor_of(message: StoredMessage) -> str:
    """What the next page begins after."""
    return f"{message.created_at.isoformat()}|{message.message_id}"


def _begin(after: str) -> list[Document]:
    instant, _, message_id = after[:CURSOR_CHARS_MAX].partition("|")
    try:
        at = datetime.fromisoformat(instant)
    except ValueError:
        return []
    if at.tzinfo is None or not DAY_MIN <= at.date() <= DAY_MAX:
        return []
    return [{"$or": [{"created_at": {"$lt": at}}, {"created_at": at, "_id": {"$lt": message_id}}]}]


def _filters(asked: Asked, *, zone: ZoneInfo, now: datetime) -> list[Document]:
    found: list[Document] = []
    if asked.show == "attention":
        found.append(_attention(now))
    elif asked.show in _STATES:
        found.append(_in(_STATES[asked.show]))
    if asked.kind:
        found.append({"kind": asked.kind})
    if asked.day:
        begins = datetime.combine(asked.day, time(), zone)
        ends = datetime.combine(asked.day + timedelta(days=1), time(), zone)
        found.append({"created_at": {"$gte": begins, "$lt": ends}})
    return found


def _attention(now: datetime) -> Document:
    """What did not arrive, or waits though nobody meant it to."""
    late = now - LATE
    return {
        "created_at": {"$gte": now - POINTED_OUT},
        "$or": [
            _MISSED,
            {"state": {"$in": ["deferred", "unknown"]}, "created_at": {"$lt": late}},
            {"state": "pending", "due_at": {"$lt": late}},
        ],
    }


def _undelivered(now: datetime) -> Document:
    return {"created_at": {"$gte": now - POINTED_OUT}, **_MISSED}


def _in(states: Several[State]) -> Document:
    return {"state": {"$in": list(states)}}


def reference_of(row: Document) -> str:
    """The reference number in a view; empty where nothing of it is known."""
    halves = (row.get("application") or {}, row.get("course") or {})
    return next((half["reference"] for half in halves if half.get("reference")), "")
