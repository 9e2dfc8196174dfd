"""Which consultant should hold which meetings when: the cheapest course under all rules, exact and deterministic.

A lower bound per consultant (travel, load, sector, and the best chain that the places allow) lets most of a roster be
skipped when only the winner is asked for.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from services.scheduler.chain import Chain, cheapest_chain, cheapest_of_all
from services.scheduler.cheapest_first import Turns, cheapest_first
from services.scheduler.costs import Prices
from services.scheduler.found import Found, Seat
from services.scheduler.ground import Ground
from services.scheduler.outcome import Feasible, Infeasible, Result, plan_of
from services.scheduler.problem import Consultant, Problem
from services.scheduler.rules import (
    Refusal,
    refused_as_second,
    refused_by_person,
    refused_by_place_and_time,
)
from services.scheduler.second import Seconds


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched: who may hold the course in roster order, what anybody costs whatever the days, who may be second."""

    ground: Ground
    roster: Sequence[Consultant]
    price: Callable[[Consultant], int]
    # None where none is needed.
    seconds: Seconds | None
    place: Callable[[Found], Feasible]

    def seat(self, consultant: Consultant) -> Seat:
        return Seat(self.price(consultant), consultant)


def match(
    problem: Problem,
    *,
    others: bool = False,
    excluded: Collection[str] = (),
    only: Collection[str] | None = None,
) -> Result:
    """Find the winner, and with `others` what is to be said of everybody else, in roster order.

    Consultants whose id is in `excluded` are left out altogether; with `only`, nobody but these may hold the course,
    while everybody may be second in it. After a lost race for the winner's claims, call it again with that
    consultant's bitmap refreshed (`dataclasses.replace`).
    """
    people = [one for one in problem.consultants if one.id not in excluded] if excluded else problem.consultants
    ground = Ground(problem)
    seconds = None
    if needs_second(problem):
        able = [one for one in people if not refused_as_second(problem, one)]
        price = Prices(problem, as_second=True).of
        seconds = Seconds(ground, [Seat(price(one), one) for one in able])
    search = Search(
        ground=ground,
        roster=people if only is None else [one for one in people if one.id in only],
        price=Prices(problem).of,
        seconds=seconds,
        place=lambda found: _place(problem, found),
    )
    return answer(search, others=others)


def needs_second(problem: Problem) -> bool:
    """Whether a second consultant is needed: enough participants, and a meeting that she takes part in."""
    return problem.second_needed and any(meeting.co for meeting in problem.meetings)


def answer(search: Search, *, others: bool) -> Result:
    """Carry a search out."""
    if not others:
        turns = cheapest_first(search.ground.problem, search.roster, search.price)
        found = _cheapest(search, turns) if search.seconds is None else _cheapest_pair(search, search.seconds, turns)
        return Result.of(None if found is None else search.place(found))
    verdicts = [_judge(search, consultant) for consultant in search.roster]
    courses = [verdict for verdict in verdicts if isinstance(verdict, Found)]
    best = min(courses, key=Found.rank, default=None)
    rest = tuple(search.place(one) if isinstance(one, Found) else one for one in verdicts if one is not best)
    return Result.of(None if best is None else search.place(best), rest)


def _cheapest(search: Search, turns: Turns) -> Found | None:
    best: Found | None = None
    bound: Chain | None = None
    for personal, consultant in turns:
        bound = bound or cheapest_of_all(search.ground)
        # No chain of hers is cheaper than the bound, and none of equal cost starts earlier.
        if bound is None or _is_last(best, personal + bound.cost, bound, consultant):
            break
        chain = _chain(search.ground, consultant, None if best is None else best.price - personal)
        if chain is not None:
            found = Found(personal + chain.cost, chain.starts, consultant)
            best = found if best is None or found.rank() < best.rank() else best
    return best


def _cheapest_pair(search: Search, seconds: Seconds, turns: Turns) -> Found | None:
    best: Found | None = None
    bound: Chain | None = None
    for personal, consultant in turns:
        bound = bound or cheapest_of_all(search.ground)
        if bound is None or _is_last(best, personal + seconds.price + bound.cost, bound, consultant):
            break
        starts = _starts(search.ground, consultant)
        if starts is not None:
            best = seconds.best_with(Seat(personal, consultant), starts, best)
    return best


def _is_last(best: Found | None, least: int, bound: Chain, consultant: Consultant) -> bool:
    """Whether nobody from this consultant on can be better: her course costs `least` and starts with the bound at best."""
    return best is not None and (least, bound.starts, consultant.id, "") > best.rank()


def _judge(search: Search, consultant: Consultant) -> Found | Infeasible:
    refused = refused_by_person(search.ground.problem, consultant)
    if refused is None:
        seat = search.seat(consultant)
        if search.seconds is None:
            chain = _chain(search.ground, consultant)
            if chain is not None:
                return Found(seat.price + chain.cost, chain.starts, consultant)
            refused = refused_by_place_and_time(search.ground, consultant)
        else:
            found = _judge_with_second(search.ground, search.seconds, seat)
            if isinstance(found, Found):
                return found
            refused = found
    return Infeasible(consultant.id, *refused)


def _judge_with_second(ground: Ground, seconds: Seconds, seat: Seat) -> Found | Refusal:
    starts = _starts(ground, seat.consultant)
    found = None if starts is None else seconds.best_with(seat, starts)
    if found is not None:
        return found
    if starts is None or cheapest_chain(ground, starts) is None:
        return refused_by_place_and_time(ground, seat.consultant)
    return Refusal("second", seconds.first_alone(seat, starts))


def _chain(ground: Ground, consultant: Consultant, limit: int | None = None) -> Chain | None:
    starts = _starts(ground, consultant)
    return None if starts is None else cheapest_chain(ground, starts, limit)


def _starts(ground: Ground, consultant: Consultant) -> list[int] | None:
    """Her starts by kind of meeting; None where some kind has none."""
    starts = []
    for kind in range(len(ground.kinds)):
        possible = ground.possible(consultant, kind)
        if not possible:
            return None
        starts.append(possible)
    return starts


def _place(problem: Problem, found: Found) -> Feasible:
    second = None if found.second is None else plan_of(problem, found.second, found.starts, as_second=True)
    return Feasible(plan_of(problem, found.primary, found.starts), second)
