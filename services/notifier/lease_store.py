"""Messages in MongoDB as senders need them: what is due, leases, and what came of attempts."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import structlog
from pymongo import ASCENDING, UpdateOne

from services.notifier.message import Attempt, DueMessage, LeasedMessage, State
from services.notifier.message_rows import attempt_row, leased_of
from services.notifier.metrics import UNREADABLE
from shared import outbox
from shared.mongo import Collection, Document, database_errors
from shared.outbox import PendingEvent, Waiting
from shared.together import Together

EXPIRED_PAGE = 100

log = structlog.get_logger(__name__)

_WITHOUT_LEASE = {"lease": "", "lease_until": ""}


class Leases:
    """`notifier.messages` for senders.

    `due_at` is when a sender should look at a message next, `lease_until` how long the one that has it may be silent.
    A message has one of the two; one that is done has neither.
    """

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._finishes: Together[_Finish] = Together(self._finish_together)

    async def predecessor_in_hand(self, message: LeasedMessage) -> bool:
        """Whether an older mail to the same person about the same thing is being sent right now."""
        older = {
            "application_id": message.application_id,
            "person_id": message.person_id,
            "about": message.about,
            "state": "sending",
            "sequence": {"$lt": message.sequence},
        }
        with database_errors():
            return await self._collection.find_one(older, {"_id": 1}) is not None

    async def due(self, count: int, *, now: datetime) -> list[DueMessage]:
        """Up to `count` due messages, the longest due first. Whoever wants to send them leases them first."""
        with database_errors():
            cursor = self._collection.find({"due_at": {"$lte": now}}, {"due_at": 1, "domain": 1}).sort(
                "due_at", ASCENDING
            )
            rows = await cursor.limit(count).to_list(count)
        return [DueMessage(row["_id"], row["due_at"], row.get("domain", "")) for row in rows]

    async def put_off(self, due_at: Mapping[str, datetime], *, why: str, now: datetime) -> None:
        """Have due messages, by their ids, looked at later, all in one command. Those that somebody took meanwhile stay his."""
        later = [
            UpdateOne({"_id": one, "due_at": {"$lte": now}}, {"$set": {"due_at": moment, "why": why}})
            for one, moment in due_at.items()
        ]
        with database_errors():
            await self._collection.bulk_write(later, ordered=False)

    async def lease(
        self, due: Sequence[DueMessage], *, lease: str, now: datetime, until: datetime
    ) -> list[LeasedMessage]:
        """Take those of these messages that nobody has taken meanwhile. Nobody else gets them before `until`."""
        due_at = {message.message_id: message.due_at for message in due}
        with database_errors():
            taken = await self._collection.update_many(
                {"_id": {"$in": list(due_at)}, "due_at": {"$lte": now}},
                {
                    "$set": {"state": "sending", "lease": lease, "lease_until": until},
                    "$unset": {"due_at": ""},
                    "$inc": {"version": 1},
                },
            )
            if not taken.matched_count:
                return []
            rows = await self._collection.find({"_id": {"$in": list(due_at)}, "lease": lease}).to_list(len(due_at))
        rows.sort(key=lambda row: due_at[row["_id"]])
        return await self._readable([(row, due_at[row["_id"]]) for row in rows])

    async def renew(self, message_ids: Sequence[str], *, lease: str, until: datetime) -> int:
        """A sign of life for messages in hand; how many of them are still ours."""
        with database_errors():
            renewed = await self._collection.update_many(
                {"_id": {"$in": list(message_ids)}, "lease": lease}, {"$set": {"lease_until": until}}
            )
        return renewed.matched_count

    async def expired(self, *, now: datetime) -> list[LeasedMessage]:
        """Some messages whose sender gave no sign of life in time, the longest silent first."""
        with database_errors():
            cursor = self._collection.find({"lease_until": {"$lte": now}}).sort("lease_until", ASCENDING)
            rows = await cursor.limit(EXPIRED_PAGE).to_list(EXPIRED_PAGE)
        return await self._readable([(row, row["lease_until"]) for row in rows])

    async def _readable(self, rows: Sequence[tuple[Document, datetime]]) -> list[LeasedMessage]:
        """Those that can be read. Any other is set aside for staff, so that it holds up no other mail."""
        messages = []
        for row, due_at in rows:
            try:
                messages.append(leased_of(row, due_at))
            except (KeyError, TypeError, ValueError) as error:
                UNREADABLE.inc()
                # Its words may hold what the document holds.
                log.error("message-unreadable", message_id=row["_id"], error=type(error).__name__)  # noqa: TRY400
                aside = {
                    "$set": {"state": "failed", "why": "unreadable"},
                    "$unset": _WITHOUT_LEASE,
                    "$inc": {"version": 1},
                }
                with database_errors():
                    await self._collection.update_one({"_id": row["_id"], "lease": row.get("lease")}, aside)
        return messages

    async def release(
        self, message: LeasedMessage, *, due_at: datetime, why: str | None = None, trouble: bool = False
    ) -> None:
        """Give a message back: nothing was tried, so this was no attempt, and the message is what it was before.

        `why`: it is put off on purpose; one that was never tried is no older for it. `trouble`: the server was in trouble just
        when it was this one's turn.
        """
        state: State = "pending"
        if message.attempts:
            state = "unknown" if message.unknown else "deferred"
        fields: Document = {"state": state, "due_at": due_at, "put_back": message.put_back + 1 if trouble else 0}
        if why is not None:
            fields["why"] = why
            if not message.attempts:
                fields["not_before"] = due_at
        update = {"$set": fields, "$unset": _WITHOUT_LEASE, "$inc": {"version": 1}}
        with database_errors():
            await self._collection.update_one(_held(message), update)

    async def finish(
        self,
        message: LeasedMessage,
        *,
        state: State,
        attempt: Attempt | None,
        now: datetime,
        due_at: datetime | None,
        event: PendingEvent | None,
        why: str | None = None,
        expired_by: datetime | None = None,
    ) -> Waiting | None:
        """Store what came of an attempt, with its event, in one write. None: the lease was lost, somebody else has it.

        Without `due_at` the message is done. `why`: a word for staff. `expired_by`: only if its sender has given no sign of life
        since.
        """
        # The one who has it may write again what was not confirmed; of several who take it away only one does.
        token = secrets.token_hex(8) if expired_by else f"{message.lease}/{message.version}"
        fields: dict[str, Any] = {"state": state, "why": why, "put_back": 0, "finished": token}
        fields |= {"due_at": due_at} if due_at else {"decided_at": now}
        events = (event,) if event else ()
        silent: Document = {"lease_until": {"$lte": expired_by}} if expired_by else {}
        update = outbox.change(now=now, fields=fields, events=events, remove=tuple(_WITHOUT_LEASE))
        if attempt:
            update["$push"] = update.get("$push", {}) | {"attempts": attempt_row(attempt)}
        try:
            await self._finishes.do(_Finish(_held(message) | silent, update, token))
        except _LeaseLostError:
            return None
        # Where its outbox still held what staff did, the relay finds that in its next sweep.
        return Waiting(document_id=message.message_id, version=message.version + 1, events=events)

    async def _finish_together(self, finishes: Sequence["_Finish"]) -> Sequence[Exception | None]:
        """One command for all that wait: each write on its own costs the database as much as many together."""
        with database_errors():
            written = await self._collection.bulk_write(
                [UpdateOne(one.held, one.update) for one in finishes], ordered=False
            )
            if written.matched_count == len(finishes):
                return [None] * len(finishes)
            # Some were not ours any more, or were written before, when the answer was lost: the token tells.
            rows = self._collection.find({"_id": {"$in": [one.held["_id"] for one in finishes]}}, {"finished": 1})
            tokens = {row["_id"]: row.get("finished") for row in await rows.to_list(None)}
        return [None if tokens.get(one.held["_id"]) == one.token else _LeaseLostError() for one in finishes]


class _Finish(NamedTuple):
    """The guarded write of an outcome. `token` stays in the document, and is no other write's."""

    held: Document
    update: Document
    token: str


class _LeaseLostError(Exception):
    """Somebody else has the message by now."""


def _held(message: LeasedMessage) -> Document:
    return {**outbox.guard(message.message_id, message.version), "lease": message.lease}
