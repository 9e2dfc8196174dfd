"""Records the load of the present month, so that it stays known after courses have let their claims go; and reports it."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from prometheus_client import Gauge

from services.scheduler.loads.claimed import ByMonth, claimed_by_month
from services.scheduler.loads.months import first_day, last_day, month_of
from services.scheduler.loads.report import MonthLoad, RecordedLoad, load_of, load_report, recorded_load
from services.scheduler.means import Means

ENDED_AFTER = timedelta(days=2)
"""A month counts as ended so long after its last day."""
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
    known = {(one.month, one.consultant): one for one in await means.store.loads.not_ended()}
    past = {key for key in claimed if key[0] < current} - known.keys()
    for one in await _of_months({month for month, _ in past}, means=means):
        # Ended already: courses that go on still hold what they took of that month.
        past.discard((one.month, one.consultant))
    due = {*known, *past, *((current, who) for who in roster), *(key for key in claimed if key[0] == current)}
    written = 0
    for month, who in sorted(due):
        before = known.get((month, who))
        closed = means.programme.closed_days(first_day(month), last_day(month))
        now = recorded_load(
            month,
            who,
            known=before,
            claimed=claimed.get((month, who), {}),
            facts=roster.get(who),
            closed=closed,
            today=today,
        )
        if last_day(month) + ENDED_AFTER < today:
            now = replace(now, by_course={}, ended=load_of(now))
        if now != before:
            await means.store.loads.put(now)
            written += 1
    [this_month] = await report_load(current, current, means=means)
    LOAD_FAIRNESS.set(1.0 if this_month.fairness is None else this_month.fairness)
    return written


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
    # In a thread: with a thousand consultants it takes longer than a request should wait.
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


async def _of_months(months: Iterable[str], *, means: Means) -> list[RecordedLoad]:
    found = []
    for month in sorted(months):
        found += await means.store.loads.between(month, month)
    return found
