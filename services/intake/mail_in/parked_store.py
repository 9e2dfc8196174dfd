"""The mails that wait for staff: found, looked at, decided by hand."""

from datetime import datetime, timedelta
from typing import Final

from services.intake.mail_in import rows
from services.intake.mail_in.mail import COLLECTION, About, State, StoredMail
from shared.mongo import Client, Collection, Document, database_errors

DATABASE: Final = "intake"
PARKED_PAGE: Final = 500
CLAIMED_FOR: Final = timedelta(minutes=1)
_WITHOUT_TEXTS: Final = {"contents": 0, "understood": 0}


class ParkedMails:
    """The part of `intake.mails` that staff see. Every method raises DependencyDownError while the database is away."""

    def __init__(self, client: Client) -> None:
        self._mails: Collection = client[DATABASE][COLLECTION]

    async def mail(self, mail_id: str) -> StoredMail | None:
        with database_errors():
            row = await self._mails.find_one({"_id": mail_id})
        return rows.mail_of(row) if row else None

    async def all(self) -> list[StoredMail]:
        """What waits for staff, the oldest first, without what they say."""
        with database_errors():
            parked = self._mails.find({"parked_at": {"$gt": rows.LONG_AGO}}, _WITHOUT_TEXTS).sort("parked_at", 1)
            found = await parked.limit(PARKED_PAGE).to_list(None)
        return [rows.mail_of(row) for row in found]

    async def count(self) -> int:
        with database_errors():
            return int(await self._mails.count_documents({"parked_at": {"$gt": rows.LONG_AGO}}))

    async def count_under(self, key: str) -> int:
        """How many were parked under this key, whatever staff have made of them since."""
        with database_errors():
            return int(await self._mails.count_documents({"parked_under": key}))

    async def claim(self, mail_id: str, application_id: str, *, now: datetime) -> bool:
        """Whether a parked mail is this application's to be said in: nobody else is about to say or discard it.

        Said and decided are two writes; whoever has claimed it and was cut off in between has it again a minute later.
        """
        claim = {"application_id": application_id, "at": now}
        free = {"$or": [*_unclaimed(now), {"claim.application_id": application_id}]}
        with database_errors():
            done = await self._mails.update_one({"_id": mail_id, "state": "parked", **free}, {"$set": {"claim": claim}})
        return done.matched_count == 1

    async def release(self, mail_id: str, application_id: str) -> None:
        """Give up what was claimed: it cannot be said in this application."""
        with database_errors():
            await self._mails.update_one(
                {"_id": mail_id, "state": "parked", "claim.application_id": application_id}, {"$unset": {"claim": ""}}
            )

    async def discard(self, mail_id: str, *, now: datetime, keep: timedelta) -> bool:
        """Drop a parked mail; False where it is parked no more, or somebody is about to say it."""
        fields: Document = {"state": "dropped", "reason": "by-staff", "decided_at": now, "forget_at": now + keep}
        with database_errors():
            done = await self._mails.update_one(
                {"_id": mail_id, "state": "parked", "$or": _unclaimed(now)},
                {"$set": fields, "$unset": {"parked_at": ""}},
            )
        return done.matched_count == 1

    async def delete(self, mail_id: str) -> None:
        """Forget a mail at once; its key has been dropped before."""
        with database_errors():
            await self._mails.delete_one({"_id": mail_id})

    async def decide(
        self,
        mail_id: str,
        state: State,
        reason: str,
        *,
        now: datetime,
        keep: timedelta,
        about: About | None = None,
    ) -> bool:
        """What staff decided about a parked mail; False where it is parked no more."""
        fields: Document = {"state": state, "reason": reason, "decided_at": now, "forget_at": now + keep}
        if about is not None:
            fields["about"] = rows.of_about(about)
        with database_errors():
            done = await self._mails.update_one(
                {"_id": mail_id, "state": "parked"}, {"$set": fields, "$unset": {"parked_at": ""}}
            )
        return done.matched_count == 1


def _unclaimed(now: datetime) -> list[Document]:
    return [{"claim": {"$exists": False}}, {"claim.at": {"$lte": now - CLAIMED_FOR}}]
