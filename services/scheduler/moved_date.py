"""Who would have been chosen, had the window begun or ended some days earlier or later. Exact and pure."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Literal

from services.scheduler.decision import MovedDate
from services.scheduler.matching import match
from services.scheduler.outcome import Result
from services.scheduler.problem import Problem

MOVED_DAYS_MAX = 14
"""A bound that would have to move by more is no small change."""

Widen = Callable[[int], Problem]
"""The same question with the window that many days wider at both ends."""


def moved_dates(result: Result, widen: Widen, *, only: Collection[str] | None = None) -> dict[str, MovedDate]:
    """By consultant the smallest move of one bound that makes her the winner over all others.

    Of equally small moves, that of the earliest date comes first, and then the one that widens the window. Whoever is
    the winner as things are is not among them. `only` is that of `match`.
    """
    wide = widen(MOVED_DAYS_MAX)
    if not wide.horizon.days:
        return {}
    margin = timedelta(days=MOVED_DAYS_MAX)
    earliest = wide.horizon.first + margin
    latest = wide.horizon.first + timedelta(days=wide.horizon.days - 1) - margin
    found: dict[str, MovedDate] = {}
    for bound, days in _moves():
        moved = timedelta(days=days)
        begin, end = (earliest + moved, latest) if bound == "earliest" else (earliest, latest + moved)
        if _narrows(bound, days) and _holds(result, begin, end):
            # What a narrower window takes, it takes from others than the winner.
            continue
        winner = match(_within(wide, begin, end), only=only).winner
        if winner is not None and (result.winner is None or winner.consultant != result.winner.consultant):
            becomes = begin if bound == "earliest" else end
            found.setdefault(winner.consultant, MovedDate(bound=bound, days=days, becomes=becomes))
    return found


def _moves() -> Iterator[tuple[Literal["earliest", "latest"], int]]:
    for days in range(1, MOVED_DAYS_MAX + 1):
        yield from (("earliest", -days), ("earliest", days), ("latest", days), ("latest", -days))


def _narrows(bound: str, days: int) -> bool:
    return (bound == "earliest") == (days > 0)


def _holds(result: Result, begin: date, end: date) -> bool:
    """Whether the course that was found lies within these days; so does one that was not found."""
    plan = result.winner
    return plan is None or (begin <= plan.meetings[0].day and plan.meetings[-1].day <= end)


def _within(wide: Problem, begin: date, end: date) -> Problem:
    """The question with every place closed before and after these days; waiting costs everybody equally more."""
    horizon = wide.horizon
    outside = [
        day
        for day in (horizon.first + timedelta(days=number) for number in range(horizon.days))
        if not begin <= day <= end
    ]
    inside = horizon.without_days(outside)
    sites = {name: replace(site, open_days=site.open_days & inside) for name, site in wide.sites.items()}
    return replace(wide, sites=sites)
