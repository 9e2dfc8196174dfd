"""Which consultant should hold which meetings when: the cheapest course under all rules, exact and deterministic.

A lower bound per consultant (travel, load, sector, and the best chain that the places allow) lets most of a roster be
skipped when only the winner is asked for.
"""

from collections.abc import Collection

from services.scheduler.chain import Chain, cheapest_chain
from services.scheduler.costs import added, dated_terms, personal_terms
from services.scheduler.ground import Ground
from services.scheduler.outcome import Feasible, Infeasible, Plan, Result, place_meetings
from services.scheduler.problem import Consultant, Problem
from services.scheduler.rules import refused_by_person, refused_by_place_and_time


def match(problem: Problem, *, others: bool = False, excluded: Collection[str] = ()) -> Result:
    """Find the winner, and with `others` what is to be said of everybody else, in roster order.

    Consultants whose id is in `excluded` are left out altogether. After a lost race for the winner's claims, call it
    again with that consultant's bitmap refreshed (`dataclasses.replace`).
    """
    roster = [consultant for consultant in problem.consultants if consultant.id not in excluded]
    ground = Ground(problem)
    if not others:
        return Result(winner=_cheapest(ground, roster))
    verdicts = [_judge(ground, consultant) for consultant in roster]
    plans = [verdict.plan for verdict in verdicts if isinstance(verdict, Feasible)]
    winner = min(plans, key=Plan.rank, default=None)
    rest = tuple(verdict for verdict in verdicts if winner is None or verdict.id != winner.consultant)
    return Result(winner=winner, others=rest)


def _cheapest(ground: Ground, roster: list[Consultant]) -> Plan | None:
    problem = ground.problem
    able = [consultant for consultant in roster if refused_by_person(problem, consultant) is None]
    bound = cheapest_chain(ground, [ground.site_starts(kind) for kind in range(len(ground.kinds))]) if able else None
    if bound is None:
        return None
    order = sorted((sum(personal_terms(problem, one).values()), one.id, place) for place, one in enumerate(able))
    best: tuple[int, tuple[tuple[int, int], ...], str] | None = None
    found: tuple[Consultant, Chain] | None = None
    for personal, name, place in order:
        # No chain of hers is cheaper than the bound, and none of equal cost starts earlier.
        if best is not None and (personal + bound.cost, bound.starts, name) > best:
            break
        chain = _chain(ground, able[place], None if best is None else best[0] - personal)
        if chain is not None and (best is None or (personal + chain.cost, chain.starts, name) < best):
            best, found = (personal + chain.cost, chain.starts, name), (able[place], chain)
    return None if found is None else _plan(ground, *found)


def _judge(ground: Ground, consultant: Consultant) -> Feasible | Infeasible:
    refused = refused_by_person(ground.problem, consultant)
    if refused is None:
        chain = _chain(ground, consultant)
        if chain is not None:
            return Feasible(_plan(ground, consultant, chain))
        refused = refused_by_place_and_time(ground, consultant)
    return Infeasible(consultant.id, *refused)


def _chain(ground: Ground, consultant: Consultant, limit: int | None = None) -> Chain | None:
    starts = []
    for kind in range(len(ground.kinds)):
        possible = ground.starts(consultant, kind)[-1]
        if not possible:
            return None
        starts.append(possible)
    return cheapest_chain(ground, starts, limit)


def _plan(ground: Ground, consultant: Consultant, chain: Chain) -> Plan:
    problem = ground.problem
    meetings = place_meetings(problem, consultant, chain.starts)
    terms = added(dated_terms(problem, chain.starts), personal_terms(problem, consultant))
    return Plan(consultant=consultant.id, meetings=meetings, cost=sum(terms.values()), terms=terms)
