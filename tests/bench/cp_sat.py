"""The matcher's question for OR-Tools CP-SAT, asked the strong way: the baseline of `bench_match`.

Consultant by consultant in the order of what she costs whatever the days, each as a small model of days, gaps and costs. Its days are
prefiltered by our bitmaps (only days with a possible start, from which all later meetings can be reached), it must be cheaper than
the best so far, and the search ends where no plan of the rest of the roster can be. Only the cost is compared: the order among equals
costs a solver more.
"""

from collections.abc import Sequence
from itertools import pairwise

from ortools.sat.python import cp_model

from services.scheduler.chain import Chain, cheapest_of_all
from services.scheduler.cheapest_first import cheapest_first
from services.scheduler.costs import Prices
from services.scheduler.day_sets import days_that_lead_on, days_with_start
from services.scheduler.ground import Ground
from services.scheduler.problem import Problem

# What was fastest of eight settings tried on these models: they are small, and most of the default presolve is lost on them.
PARAMETERS = {
    "num_workers": 1,
    "max_presolve_iterations": 1,
    "cp_model_probing_level": 0,
    "symmetry_level": 0,
    "linearization_level": 0,
}
Days = list[int]
BITS_PER_DAY = 8


def cheapest_cost(problem: Problem) -> int | None:
    """The cost of the winner; None where nobody can hold the course."""
    ground = Ground(problem)
    best: int | None = None
    bound: Chain | None = None
    for personal, consultant in cheapest_first(problem, problem.consultants, Prices(problem).of):
        # What a chain costs at least, from our own search: it spares the solver a model.
        bound = bound or cheapest_of_all(ground)
        if bound is None or (best is not None and personal + bound.cost >= best):
            break
        starts = [ground.possible(consultant, kind) for kind in range(len(ground.kinds))]
        chain = _solve(ground, starts, None if best is None else best - personal)
        if chain is not None:
            best = personal + chain
    return best


def _solve(ground: Ground, starts: Sequence[int], below: int | None) -> int | None:
    """The cheapest chain over these starts, if it costs less than `below`."""
    problem, weights = ground.problem, ground.problem.weights
    day_sets = [days_with_start(bits, ground.days) for bits in starts]
    onward = [_days(bits) for bits in days_that_lead_on(ground, [day_sets[kind] for kind in ground.kind_index])]
    if not all(onward):
        return None
    model = cp_model.CpModel()
    days = [model.new_int_var_from_domain(cp_model.Domain.from_values(found), "") for found in onward]
    terms: list[cp_model.LinearExprT] = [weights.wait_day * days[0]]
    for (before, after), meeting in zip(pairwise(days), problem.meetings[1:], strict=True):
        gap = meeting.gap
        if gap is not None:
            model.add_linear_constraint(after - before, gap.min, gap.max)
            off = model.new_int_var(0, max(gap.ideal - gap.min, gap.max - gap.ideal), "")
            model.add(off >= after - before - gap.ideal)
            model.add(off >= gap.ideal - after + before)
            terms.append(weights.gap_day * off)
    for day, found, kind in zip(days, onward, ground.kind_index, strict=True):
        preferred = _days(days_with_start(starts[kind] & ground.preferred_daily[kind], ground.days))
        terms += _paid(model, day, found, preferred, weights.outside_preferred)
        terms += _paid(model, day, found, [one for one in found if not ground.day_cost[one]], weights.avoided_weekday)
    cost = sum(terms)
    if below is not None:
        model.add(cost < below)
    model.minimize(cost)
    solver = cp_model.CpSolver()
    for name, value in PARAMETERS.items():
        setattr(solver.parameters, name, value)
    status = solver.solve(model)
    if status == cp_model.INFEASIBLE:
        return None
    if status != cp_model.OPTIMAL:
        raise AssertionError(f"CP-SAT gave up: {solver.status_name(status)}")
    return round(solver.objective_value)


def _paid(
    model: cp_model.CpModel, day: cp_model.IntVar, found: Days, free_of_it: Days, price: int
) -> list[cp_model.LinearExprT]:
    """What is to be paid for a meeting on any of its days but the given ones."""
    if not price or set(free_of_it) >= set(found):
        return []
    paid = model.new_bool_var("")
    model.add_linear_expression_in_domain(day, cp_model.Domain.from_values(free_of_it)).only_enforce_if(~paid)
    return [price * paid]


def _days(bitmap: int) -> Days:
    return [day for day in range(-(-bitmap.bit_length() // BITS_PER_DAY)) if bitmap >> day * BITS_PER_DAY & 1]
