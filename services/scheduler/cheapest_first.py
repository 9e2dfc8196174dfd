"""Those who may hold a course, in the order of what each costs whatever the days: few are asked for, so few are priced. Pure."""

from collections.abc import Callable, Iterator, Sequence
from heapq import heapify, heappop, heappush

from services.scheduler.costs import Prices
from services.scheduler.groups import Groups, places_in
from services.scheduler.problem import Consultant, Problem
from services.scheduler.rules import not_refused_by_person

Turns = Iterator[tuple[int, Consultant]]
"""Consultants with their prices, by price and id."""
_Heap = list[tuple[int, str, Consultant]]


def cheapest_first(problem: Problem, people: Sequence[Consultant], price: Callable[[Consultant], int]) -> Turns:
    """Those of some people whom no rule refuses whatever the days.

    Where the people are those of `problem.grouped`, `price` must be the one of `Prices(problem)`.
    """
    grouped = problem.grouped
    if grouped is not None and grouped.people is people:
        return _by_groups(problem, grouped.groups)
    return _one_by_one(problem, people, price)


def _one_by_one(problem: Problem, people: Sequence[Consultant], price: Callable[[Consultant], int]) -> Turns:
    waiting: _Heap = [(price(one), one.id, one) for one in not_refused_by_person(problem, people)]
    heapify(waiting)
    while waiting:
        yield _next_of(waiting)


def _by_groups(problem: Problem, groups: Groups) -> Turns:
    """The same, looking only at those who would cost no more than who is next if they had no load."""
    people, prices = problem.consultants, Prices(problem)
    waiting: _Heap = []
    for price, who in _without_load(problem, groups, prices):
        # Not those of equal price: somebody in this group may have a lower id.
        while waiting and waiting[0][0] < price:
            yield _next_of(waiting)
        for one in not_refused_by_person(problem, (people[place] for place in places_in(who))):
            heappush(waiting, (price + prices.load(one), one.id, one))
    while waiting:
        yield _next_of(waiting)


def _without_load(problem: Problem, groups: Groups, prices: Prices) -> list[tuple[int, int]]:
    """What consultants cost for their way and their sector, with the set of those who do and who master the themes."""
    by_way: dict[int, int] = {}
    for place, there in groups.homes:
        way = prices.travel(problem.consultants[place])
        by_way[way] = by_way.get(way, 0) | there
    able, known = groups.masters_of(problem.themes), groups.who_know(problem.sector)
    found: dict[int, int] = {}
    for way, there in by_way.items():
        for price, who in ((way, there & able & known), (way + prices.no_sector, there & able & ~known)):
            if who:
                found[price] = found.get(price, 0) | who
    return sorted(found.items())


def _next_of(waiting: _Heap) -> tuple[int, Consultant]:
    price, _, consultant = heappop(waiting)
    return price, consultant
