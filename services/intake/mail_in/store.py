"""The mails that came in, in MongoDB: each stored once, decided once, and forgotten when its days are over."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import pymongo
from pymongo.errors import BulkWriteError

from services.intake.mail_in import rows
from services.intake.mail_in.mail import COLLECTION, PLAIN, UNDECIDED, About, State, StoredMail
from shared.errors import DependencyDownError
from shared.mongo import AlreadyThereError, Client, Collection, Database, Document, database_errors
from shared.sealing import Sealed
from shared.together import Together

DATABASE: Final = "intake"
DUE_PAGE: Final = 50
"""Each may be a megabyte."""
FORGET_PAGE: Final = 100
DUPLICATE_KEY_CODE: Final = 11000


class Mails:
    """`intake.mails`. Every method raises DependencyDownError while the database is away.

    `due_at` and `undecided_for` (its recipient) stand in what is undecided, `parked_at` in what is parked.
    """

    def __init__(self, client: Client) -> None:
        self._mails: Collection = client[DATABASE][COLLECTION]
        self._inserts: Together[Document] = Together(self._insert_together)
        self._decisions: Together[tuple[Document, Document]] = Together(self._decide_together)

    # -- coming in ----------------------------------------------------------------------------------------------------

    async def insert(self, mail: StoredMail, digest: str) -> bool:
        """Store a mail; False where the same one to the same recipient is here already."""
        try:
            await self._inserts.do(rows.of_mail(mail, digest))
        except AlreadyThereError:
            return False
        return True

    async def undecided(self) -> dict[str, int]:
        """How many mails nobody has decided about, by recipient. Answered from the index: each may be a megabyte."""
        pipeline: list[Document] = [
            {"$match": {"undecided_for": {"$gt": ""}}},
            {"$group": {"_id": "$undecided_for", "count": {"$sum": 1}}},
        ]
        with database_errors():
            return {row["_id"]: row["count"] async for row in self._mails.aggregate(pipeline)}

    async def oldest_undecided(self) -> datetime | None:
        """When the oldest mail that nobody has decided about came in."""
        with database_errors():
            # What waits has a time in the future, so the first by `due_at` may not be the oldest.
            undecided = self._mails.find({"due_at": {"$gt": rows.LONG_AGO}}, {"received_at": 1})
            found = await undecided.sort("received_at", 1).limit(1).to_list(1)
        return found[0]["received_at"] if found else None

    # -- being taken in -----------------------------------------------------------------------------------------------

    async def due(self, now: datetime) -> list[StoredMail]:
        """Some undecided mails whose time has come, and what came earlier to the same recipients, in the order of arrival."""
        with database_errors():
            found = await self._mails.find({"due_at": {"$lte": now}}).sort("due_at", 1).limit(DUE_PAGE).to_list(None)
            recipients = sorted({row["recipient"] for row in found if row["recipient"] != PLAIN})
            if recipients:
                # An earlier one that waits must not be overtaken by a later one.
                waiting = {"undecided_for": {"$in": recipients}, "due_at": {"$gt": now}}
                found += await self._mails.find(waiting).sort("received_at", 1).limit(DUE_PAGE).to_list(None)
        return sorted(map(rows.mail_of, found), key=lambda mail: (mail.received_at, mail.mail_id))

    async def decide(
        self,
        mail: StoredMail,
        state: State,
        reason: str,
        *,
        now: datetime,
        keep: timedelta,
        about: About | None = None,
        parked_under: str | None = None,
        understood: Sealed | None = None,
    ) -> None:
        """What becomes of a mail, unless somebody has decided. It is known again for so long afterwards.

        What it says is kept of a parked one only, since staff have to read it.
        `parked_under` is what counts how many of its like were parked (see `parked/parking.py`), `understood` what staff see of it.
        """
        fields: Document = {"state": state, "reason": reason, "decided_at": now, "forget_at": now + keep}
        if about is not None:
            fields["about"] = rows.of_about(about)
        if state == "parked":
            fields |= {"parked_at": now, "parked_under": parked_under or mail.recipient}
        if understood is not None:
            fields["understood"] = understood.model_dump()
        remove = {"due_at": "", "undecided_for": "", **({} if state == "parked" else {"contents": ""})}
        guard = {"_id": mail.mail_id, "state": {"$in": list(UNDECIDED)}}
        await self._decisions.do((guard, {"$set": fields, "$unset": remove, "$inc": {"attempts": 1}}))

    async def wait(self, mail: StoredMail, reason: str, *, due_at: datetime) -> None:
        """Look at an undecided mail again then."""
        fields = {"state": "waiting", "reason": reason, "due_at": due_at}
        with database_errors():
            await self._mails.update_one(
                {"_id": mail.mail_id, "state": {"$in": list(UNDECIDED)}}, {"$set": fields, "$inc": {"attempts": 1}}
            )

    async def hurry(self, recipients: Sequence[str], now: datetime) -> int:
        """Have those that wait for one of these tokens looked at now; how many there are."""
        with database_errors():
            found = await self._mails.update_many(
                {"undecided_for": {"$in": list(recipients)}, "due_at": {"$gt": now}}, {"$set": {"due_at": now}}
            )
        return found.modified_count

    # -- being forgotten ----------------------------------------------------------------------------------------------

    async def to_forget(self, now: datetime) -> list[str]:
        """Ids of some mails whose days are over."""
        with database_errors():
            found = await self._mails.find({"forget_at": {"$lte": now}}, {"_id": 1}).limit(FORGET_PAGE).to_list(None)
        return [row["_id"] for row in found]

    async def delete(self, mail_ids: Sequence[str]) -> None:
        with database_errors():
            await self._mails.delete_many({"_id": {"$in": list(mail_ids)}})

    async def _insert_together(self, mails: Sequence[Document]) -> list[Exception | None]:
        faults: list[Exception | None] = [None] * len(mails)
        try:
            with database_errors():
                await self._mails.insert_many(mails, ordered=False)
        except BulkWriteError as error:
            details = error.details or {}
            wrong = details.get("writeErrors", [])
            if details.get("writeConcernErrors") or any(one["code"] != DUPLICATE_KEY_CODE for one in wrong):
                raise DependencyDownError("database") from error
            for one in wrong:
                faults[one["index"]] = AlreadyThereError(("digest",))
        return faults

    async def _decide_together(self, updates: Sequence[tuple[Document, Document]]) -> list[Exception | None]:
        with database_errors():
            try:
                await self._mails.bulk_write([pymongo.UpdateOne(*one) for one in updates], ordered=False)
            except BulkWriteError as error:
                raise DependencyDownError("database") from error
        return [None] * len(updates)


async def create_indexes(database: Database) -> None:
    """All indexes of the mails; safe to repeat. Sparse on scalars: what is decided stands in none that the loops ask."""
    mails = database[COLLECTION]
    with database_errors():
        await mails.create_index("digest", unique=True)
        for field in ("due_at", "undecided_for", "parked_at", "parked_under", "forget_at"):
            await mails.create_index(field, sparse=True)
