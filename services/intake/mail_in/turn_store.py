"""Whose turn it is to take mails in: one process at a time does, so that one person's mails keep the order of their arrival."""

from datetime import datetime
from typing import Final

from shared.mongo import AlreadyThereError, Client, Collection, database_errors

DATABASE: Final = "intake"
TURNS: Final = "mail_turns"
TURN: Final = "take-in"


class Turns:
    """`intake.mail_turns`, one document. Both methods raise DependencyDownError while the database is away."""

    def __init__(self, client: Client) -> None:
        self._turns: Collection = client[DATABASE][TURNS]

    async def hold(self, holder: str, *, now: datetime, until: datetime) -> bool:
        """Whether it is this holder's turn until then."""
        free = {"_id": TURN, "$or": [{"holder": holder}, {"until": {"$lte": now}}]}
        try:
            with database_errors():
                taken = await self._turns.update_one(free, {"$set": {"holder": holder, "until": until}})
                if not taken.matched_count:
                    # There is none before the first turn, and after one that was ended.
                    await self._turns.insert_one({"_id": TURN, "holder": holder, "until": until})
        except AlreadyThereError:
            return False
        return True

    async def end(self, holder: str) -> None:
        """Leave the turn to whoever asks next."""
        with database_errors():
            await self._turns.delete_one({"_id": TURN, "holder": holder})
