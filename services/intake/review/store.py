"""Lists for coordinators: which applications wait for a decision, and what was decided lately."""

from collections.abc import Collection
from typing import Final, Literal, NamedTuple

import structlog

from services.intake.record import COLLECTION
from services.intake.review.decision import Decision
from services.intake.store import DATABASE
from shared import mongo
from shared.events import ApplicationState
from shared.mongo import database_errors

ROWS_MAX: Final = 500
DECIDED_ROWS_MAX: Final = 100

Which = Literal["waiting", "unconfirmed", "decided"]


log = structlog.get_logger(__name__)


class Row(NamedTuple):
    """One application in a list: nothing that is sealed is opened for it."""

    state: ApplicationState
    decision: Decision | None


class Queue:
    """Reads the applications; never writes. Raises DependencyDownError while the database is away."""

    def __init__(self, client: mongo.Client) -> None:
        self._applications = client[DATABASE][COLLECTION]

    async def references(self, application_ids: Collection[str]) -> dict[str, str]:
        """The reference numbers of these applications, by id."""
        with database_errors():
            found = self._applications.find({"_id": {"$in": sorted(application_ids)}}, {"application.reference": 1})
            rows = await found.to_list(None)
        return {row["_id"]: row["application"]["reference"] for row in rows}

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
        return [row for row in map(_readable, rows) if row is not None]


_OLDEST: Final = ("application.submitted_at", 1)


def _readable(document: mongo.Document) -> Row | None:
    """The line, unless the document no longer has the form we know: that must not hide the others."""
    decision = document.get("decision")
    try:
        return Row(
            ApplicationState.model_validate(document["application"]),
            Decision.model_validate(decision) if decision else None,
        )
    except ValueError as error:
        # Only the kind of the error: its text may hold what stands in the document.
        log.error("application-unreadable", application_id=document["_id"], error=type(error).__name__)  # noqa: TRY400 - no texts
        return None
