"""The HTTP edge of the load: months with everybody's hours, and how fairly they are shared."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from services.scheduler.loads.months import MONTH_PATTERN, month_of, shifted
from services.scheduler.loads.record import TooManyMonthsError, report_load
from services.scheduler.loads.report import Load, MonthLoad
from services.scheduler.means import Means
from shared.problems import problem

MONTHS_BEFORE = MONTHS_AFTER = 6
"""Shown around the present month where nothing else is asked for."""
MINUTES_PER_HOUR = 60

Month = Annotated[str | None, Query(pattern=MONTH_PATTERN)]


def add_load(router: APIRouter, means: Means) -> None:
    """Add `GET /load?first=2027-01&last=2027-06`."""

    @router.get("/load", response_model=None)
    async def load(first: Month = None, last: Month = None) -> dict[str, Any] | Response:
        current = month_of(means.today())
        try:
            report = await report_load(
                first or shifted(current, -MONTHS_BEFORE), last or shifted(current, MONTHS_AFTER), means=means
            )
        except TooManyMonthsError as error:
            return problem(422, "These months cannot be shown", detail=str(error))
        return {"months": [_month(one) for one in report]}


def _month(one: MonthLoad) -> dict[str, Any]:
    return {
        "month": one.month,
        "fairness": None if one.fairness is None else round(one.fairness, 4),
        "consultants": [_load(load) for load in one.loads],
    }


def _load(one: Load) -> dict[str, Any]:
    return {
        "id": one.consultant,
        "courses": one.courses,
        "claimed_hours": one.claimed_minutes / MINUTES_PER_HOUR,
        "available_hours": one.available_minutes / MINUTES_PER_HOUR,
        "ratio": None if one.ratio is None else round(one.ratio, 4),
    }
