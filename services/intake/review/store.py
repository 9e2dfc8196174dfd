"""Lists for coordinators: which applications wait for a decision, and what was decided lately."""

from typing import Final, Literal, NamedTuple

from services.intake.record import COLLECTION
from services.intake.review.decision import Decision
from services.intake.store import DATABASE
from shared import mongo
from shared.events import ApplicationState
from shared.mongo import database_errors

ROWS_MAX: Final = 500
DECIDED_ROWS_MAX: Final = 100

Which = Literal["waiting", "unconfirmed", "decided"]


class Row(NamedTuple):
    """One application in a list: nothing that is sealed is opened for it."""

    state: ApplicationState
    decision: Decision | None


class Queue:
    """Reads the applications; never writes. Raises DependencyDownError while the database is away."""

    def __init__(self, client: mongo.Client) -> None:
        self._applications = client[DATABASE][COLLECTION]

    async def rows(self, which: Which) -> list[Row]:
        """The oldest first of what waits, at most ROWS_MAX; the newest first of what was decided, at most DECIDED_ROWS_MAX."""
        confirmed = [{"application.needs_confirmation": False}, {"application.confirmed_by.0": {"$exists": True}}]
        queries: dict[Which, mongo.Document] = {
            "waiting": {"application.state": "submitted", "$or": confirmed},
            "unconfirmed": {
                "application.state": "submitted",
                "application.needs_confirmation": True,
                "application.confirmed_by.0": {"$exists": False},
            },
            "decided": {"decision": {"$exists": True}},
        }
        order, limit = (("decision.decided_at", -1), DECIDED_ROWS_MAX) if which == "decided" else (_OLDEST, ROWS_MAX)
        with database_errors():
            rows = (
                await self._applications.find(queries[which], {"application": 1, "decision": 1})
                .sort([order])
                .limit(limit)
                .to_list(None)
            )
        return [_row(row) for row in rows]


_OLDEST: Final = ("application.submitted_at", 1)


def _row(document: mongo.Document) -> Row:
    decision = document.get("decision")
    return Row(
        ApplicationState.model_validate(document["application"]),
        Decision.model_validate(decision) if decision else None,
    )
