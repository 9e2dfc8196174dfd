"""One consultant against the course that was found: would she have been chosen, had this or that been otherwise? Pure."""

from collections.abc import Sequence
from dataclasses import replace

from services.scheduler.chain import cheapest_chain
from services.scheduler.costs import personal_terms
from services.scheduler.grains import GRAIN_MINUTES, wall_text
from services.scheduler.ground import Ground
from services.scheduler.matching import match, needs_second
from services.scheduler.outcome import Result
from services.scheduler.positions import date_at
from services.scheduler.problem import Consultant, Problem
from services.scheduler.rules import refused_by_person

Rank = tuple[int, tuple[str, ...], str]


class Contest:
    """A problem with its answer. Only the one who is asked about changes: everybody else's course stays what it was."""

    def __init__(self, problem: Problem, result: Result) -> None:
        self.problem = problem
        self.ground = Ground(problem)
        # None where nobody was found: then any course at all wins.
        self.best: Rank | None = _rank(result)
        # The winner's first day, counted from the horizon's.
        self.first_day = 0 if result.winner is None else (result.winner.meetings[0].day - problem.horizon.first).days
        self.with_second = needs_second(problem)
        self._second_price = _least_second(problem) if self.with_second else 0

    def room(self, consultant: Consultant) -> int | None:
        """What her meetings' dates may cost at most for her to win, as the first consultant; None: anything."""
        return None if self.best is None else self.best[0] - self.price(consultant) - self._second_price

    def price(self, consultant: Consultant) -> int:
        """What she costs whatever the dates."""
        return sum(personal_terms(self.problem, consultant).values())

    def won_by(self, changed: Consultant) -> bool:
        """Whether a consultant, changed, would have been chosen as the first one, ties included."""
        if refused_by_person(self.problem, changed) is not None:
            return False
        rank = self._rank_with_second(changed) if self.with_second else self._rank_alone(changed)
        return rank is not None and (self.best is None or rank < self.best)

    def _rank_alone(self, changed: Consultant) -> Rank | None:
        limit = self.room(changed)
        if limit is not None and limit < 0:
            return None
        starts = [self.ground.possible(changed, kind) for kind in range(len(self.ground.kinds))]
        if not all(starts):
            return None
        chain = cheapest_chain(self.ground, starts, limit)
        if chain is None:
            return None
        return self.price(changed) + chain.cost, self._walls(chain.starts), changed.id

    def _rank_with_second(self, changed: Consultant) -> Rank | None:
        people = tuple(changed if one.id == changed.id else one for one in self.problem.consultants)
        return _rank(match(replace(self.problem, consultants=people), only=[changed.id]))

    def _walls(self, starts: Sequence[tuple[int, int]]) -> tuple[str, ...]:
        first = self.problem.horizon
        return tuple(wall_text(date_at(first, day), half_hour * GRAIN_MINUTES) for day, half_hour in starts)


def _least_second(problem: Problem) -> int:
    """What a second consultant costs at least, whatever the dates."""
    prices = [sum(personal_terms(problem, one, as_second=True).values()) for one in problem.consultants]
    return min(prices, default=0)


def _rank(result: Result) -> Rank | None:
    plan, second = result.winner, result.second
    if plan is None:
        return None
    return plan.cost + (second.cost if second else 0), plan.starts, plan.consultant
