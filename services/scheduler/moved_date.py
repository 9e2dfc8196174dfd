"""Who would have been chosen, had the window begun or ended some days earlier or later. Exact and pure.

A wider window has the courses of a narrower one and more. So the best course of the widest window is the best of every
window that holds it, and only narrower ones must be asked: as many searches as there are best courses, not as days.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Literal

from services.scheduler.decision import MovedDate
from services.scheduler.matching import match
from services.scheduler.outcome import Plan, Result
from services.scheduler.problem import Problem

MOVED_DAYS_MAX = 14
"""A bound that would have to move by more is no small change."""

Widen = Callable[[int], Problem]
"""The same question with the window that many days wider at both ends."""

Bound = Literal["earliest", "latest"]
_BOUNDS: tuple[Bound, ...] = ("earliest", "latest")


def moved_dates(result: Result, widen: Widen, *, only: Collection[str] | None = None) -> dict[str, MovedDate]:
    """By consultant the smallest move of one bound that makes her the winner over all others.

    Of equally small moves, that of the earliest date comes first, and then the one that widens the window. Whoever is
    the winner as things are is not among them. `only` is that of `match`.
    """
    wide = widen(MOVED_DAYS_MAX)
    if not wide.horizon.days:
        return {}
    windows = _Windows(wide, only)
    moves = []
    for order, bound in enumerate(_BOUNDS):
        moves += [(days, order, 0, name) for days, name in windows.wider(bound)]
        moves += [(days, order, 1, name) for days, name in windows.narrower(bound, result.winner)]
    found: dict[str, MovedDate] = {}
    for days, order, narrower, name in sorted(moves):
        if result.winner is None or name != result.winner.consultant:
            bound = _BOUNDS[order]
            found.setdefault(name, windows.move(bound, days if narrower == (bound == "earliest") else -days))
    return found


class _Windows:
    """The windows that one bound can make, `days` away from what it is, over the widest of them."""

    def __init__(self, wide: Problem, only: Collection[str] | None) -> None:
        margin = timedelta(days=MOVED_DAYS_MAX)
        self._wide = wide
        self._only = only
        self._earliest = wide.horizon.first + margin
        self._latest = wide.horizon.first + timedelta(days=wide.horizon.days - 1) - margin

    def wider(self, bound: Bound) -> Iterator[tuple[int, str]]:
        """The fewest days by which the window must be wider for each best course that lies outside it, and its consultant."""
        days = MOVED_DAYS_MAX
        while days > 0:
            plan = self._best(bound, -days if bound == "earliest" else days)
            if plan is None:
                return
            days = -self._inside(bound, plan)
            if days > 0:
                yield days, plan.consultant
            days -= 1

    def narrower(self, bound: Bound, winner: Plan | None) -> Iterator[tuple[int, str]]:
        """The fewest days by which the window must be narrower for each best course but the winner's, and its consultant."""
        plan = winner
        while plan is not None:
            days = self._inside(bound, plan) + 1
            if days > MOVED_DAYS_MAX:
                return
            plan = self._best(bound, days if bound == "earliest" else -days)
            if plan is not None:
                yield days, plan.consultant

    def move(self, bound: Bound, days: int) -> MovedDate:
        becomes = (self._earliest if bound == "earliest" else self._latest) + timedelta(days=days)
        return MovedDate(bound=bound, days=days, becomes=becomes)

    def _inside(self, bound: Bound, plan: Plan) -> int:
        """Days between a bound as it is and the nearest meeting; below 0: the meeting lies outside."""
        if bound == "earliest":
            return (plan.meetings[0].day - self._earliest).days
        return (self._latest - plan.meetings[-1].day).days

    def _best(self, bound: Bound, days: int) -> Plan | None:
        moved = self.move(bound, days).becomes
        begin, end = (moved, self._latest) if bound == "earliest" else (self._earliest, moved)
        return match(_within(self._wide, begin, end), only=self._only).winner


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
