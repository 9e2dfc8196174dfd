"""Records the load of the present month, so that it stays known after courses have let their claims go; and reports it."""

import asyncio

from prometheus_client import Gauge

from services.scheduler.loads.claimed import ByMonth, claimed_by_month
from services.scheduler.loads.months import month_of
from services.scheduler.loads.report import MonthLoad, load_report, to_record
from services.scheduler.means import Means

MONTHS_MAX = 36
"""Months that one report may span."""

LOAD_FAIRNESS = Gauge(
    "forloeb_load_fairness",
    "How evenly this month's courses are shared by working hours: Jain's index, 1 is even, 1/n is all with one of n.",
)


class TooManyMonthsError(ValueError):
    """A report was asked for in the wrong order, or over too many months."""


async def record_loads(*, means: Means) -> int:
    """Bring what is stored up to date and return how many documents were written; doing it again changes nothing.

    Raises:
        DependencyDownError: the database is away; what was written stays.

    """
    today = means.today()
    current = month_of(today)
    roster = await means.store.roster()
    claimed = await _claimed(means)
    ended = {
        (one.month, one.consultant)
        for month in sorted({month for month, _ in claimed if month < current})
        for one in await means.store.loads.between(month, month)
        if one.ended is not None
    }
    # In a thread: with a thousand consultants it takes longer than a request should wait.
    changed = await asyncio.to_thread(
        to_record,
        roster=roster,
        claimed={key: courses for key, courses in claimed.items() if key[0] <= current and key not in ended},
        known={(one.month, one.consultant): one for one in await means.store.loads.not_ended()},
        closed_days=means.programme.closed_days,
        today=today,
    )
    for one in changed:
        await means.store.loads.put(one)
    [this_month] = await report_load(current, current, means=means)
    LOAD_FAIRNESS.set(1.0 if this_month.fairness is None else this_month.fairness)
    return len(changed)


async def report_load(first: str, last: str, *, means: Means) -> list[MonthLoad]:
    """The load of each month from `first` to `last` ("2027-03"), both included.

    Raises:
        TooManyMonthsError: `last` lies before `first`, or more than MONTHS_MAX months are asked for.
        DependencyDownError: the database is away.

    """
    months = (int(last[:4]) - int(first[:4])) * 12 + int(last[5:]) - int(first[5:]) + 1
    if not 1 <= months <= MONTHS_MAX:
        raise TooManyMonthsError(f"ask for 1 to {MONTHS_MAX} months, the first one first")
    recorded = await means.store.loads.between(first, last)
    claimed = await _claimed(means)
    roster = await means.store.roster()
    return await asyncio.to_thread(
        load_report,
        first=first,
        last=last,
        recorded=recorded,
        claimed=claimed,
        roster=roster,
        closed_days=means.programme.closed_days,
        today=means.today(),
    )


async def _claimed(means: Means) -> ByMonth:
    return await asyncio.to_thread(claimed_by_month, await means.store.held(), means.programme.tz)
