"""From the matcher's answer to the decision that is kept: every verdict, and for the nearest also numbers and changes. Pure."""

import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import cast, get_args

from services.scheduler.contest import Contest
from services.scheduler.decision import Chosen, Decision, Term, Terms, Verdict
from services.scheduler.moved_date import Widen, moved_dates
from services.scheduler.near_miss import near_miss
from services.scheduler.outcome import Feasible, Infeasible, Result
from services.scheduler.problem import Problem
from services.scheduler.rules import Rule
from services.scheduler.why_not import changes_for

NUMBERS_MAX = 60
"""Consultants for whom a decision holds more than the rule or the cost: numbers behind the rule, cost by term."""
CHANGES_MAX = 30
"""Consultants, the nearest to winning, for whom a booking works out what would have changed it."""
CHANGES_SECONDS_MAX = 0.05
"""A booking begins to work out the changes for no further consultant after so long."""
DATES_CONSULTANTS_MAX = 30
"""Moving dates asks the whole roster anew for each move; a booking does so for rosters up to this size."""

_NEARNESS: Sequence[Rule] = get_args(Rule)


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is worked out. The defaults are those of a booking; `seconds` is a clock that only runs forward.

    `about`: verdicts on these consultants only.
    """

    seconds: Callable[[], float]
    numbers_max: int = NUMBERS_MAX
    changes_max: int = CHANGES_MAX
    changes_seconds_max: float = CHANGES_SECONDS_MAX
    dates_consultants_max: int = DATES_CONSULTANTS_MAX
    # Also for courses with a second consultant, where each change is a search over pairs.
    pairs: bool = False
    about: Collection[str] | None = None

    @classmethod
    def whole(cls, about: Collection[str] | None = None) -> "Effort":
        """All that there is to work out, however long it takes."""
        return cls(
            seconds=lambda: 0.0,
            numbers_max=sys.maxsize,
            changes_max=sys.maxsize,
            dates_consultants_max=sys.maxsize,
            pairs=True,
            about=about,
        )


def explain(
    problem: Problem,
    result: Result,
    *,
    widen: Widen | None = None,
    only: Collection[str] | None = None,
    effort: Effort,
) -> Decision:
    """Explain an answer that was given with `others`, and with `only`; without `widen`, moving dates is left untried."""
    contest = Contest(problem, result)
    people = {consultant.id: consultant for consultant in problem.consultants}
    chosen = _chosen(result)
    verdicts = []
    asked_about = (one for one in result.others or () if effort.about is None or one.id in effort.about)
    for number, other in enumerate(sorted(asked_about, key=_nearness)):
        with_numbers = number < effort.numbers_max
        if isinstance(other, Infeasible):
            near = near_miss(contest.ground, people[other.id], other) if with_numbers else None
            verdicts.append(_refused(other).model_copy(update={"near": near}))
        else:
            difference = _difference(other, chosen) if with_numbers else None
            verdicts.append(Verdict(id=other.id, cost=other.cost, difference=difference))
    if not effort.changes_max or (contest.with_second and not effort.pairs):
        return Decision(winner=chosen, others=tuple(verdicts))
    began = effort.seconds()
    dates = None
    if widen is not None and len(people) <= effort.dates_consultants_max:
        dates = moved_dates(result, widen, only=only)
    for number, verdict in enumerate(verdicts[: effort.changes_max]):
        if effort.seconds() - began > effort.changes_seconds_max:
            break
        changes = changes_for(contest, people[verdict.id], dates)
        verdicts[number] = verdict.model_copy(update={"changes": changes})
    return Decision(winner=chosen, others=tuple(verdicts))


def _nearness(other: Feasible | Infeasible) -> tuple[int, int, str]:
    """Who could have held the course comes first, the cheapest of them before; then whoever failed at the latest rule."""
    if isinstance(other, Feasible):
        return 0, other.cost, other.id
    return 1, -_NEARNESS.index(other.rule), other.id


def _chosen(result: Result) -> Chosen | None:
    if result.winner is None:
        return None
    found = Feasible(result.winner, result.second)
    second = result.second.consultant if result.second else None
    return Chosen(consultant=found.id, second=second, cost=found.cost, terms=cast("Terms", found.terms))


def _refused(other: Infeasible) -> Verdict:
    if isinstance(other.detail, tuple):
        return Verdict(id=other.id, rule=other.rule, missing_themes=len(other.detail))
    return Verdict(id=other.id, rule=other.rule, meeting=other.detail)


def _difference(other: Feasible, chosen: Chosen | None) -> Terms:
    theirs = chosen.terms if chosen else {}
    difference = {term: value - theirs.get(cast("Term", term), 0) for term, value in other.terms.items()}
    return cast("Terms", {term: value for term, value in difference.items() if value})
