"""The hard rules in their order, and which one rules a consultant out: a rule code with its detail."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from services.scheduler.day_sets import days_with_start, first_unreached
from services.scheduler.ground import Ground
from services.scheduler.problem import Consultant, Problem

Rule = Literal["blocked", "themes", "capacity", "window", "hours", "closed", "busy", "travel", "gaps", "second"]

_PLACE_AND_TIME: tuple[Rule, ...] = ("hours", "closed", "busy", "travel")


class Refusal(NamedTuple):
    """The first rule that a consultant fails; detail is a meeting's code, the missing themes, or None."""

    rule: Rule
    detail: str | tuple[str, ...] | None = None


def refused_by_person(problem: Problem, consultant: Consultant) -> Refusal | None:
    """The first rule that is broken whatever the days: blocked, themes, capacity, window."""
    if consultant.blocked:
        return Refusal("blocked")
    if not consultant.themes.issuperset(problem.themes):
        missing = tuple(theme for theme in dict.fromkeys(problem.themes) if theme not in consultant.themes)
        return Refusal("themes", missing)
    if consultant.active_courses >= consultant.max_courses:
        return Refusal("capacity")
    if problem.horizon.days < 1:
        return Refusal("window")
    return None


def not_refused_by_person(problem: Problem, people: Iterable[Consultant]) -> list[Consultant]:
    """Those for whom `refused_by_person` has nothing to say, found faster: a search begins with all of a roster."""
    if problem.horizon.days < 1:
        return []
    themes = problem.themes
    return [
        one
        for one in people
        if not one.blocked and one.active_courses < one.max_courses and one.themes.issuperset(themes)
    ]


def refused_as_second(problem: Problem, consultant: Consultant) -> bool:
    """Whether she cannot be the second consultant, whatever the days: blocked, no theme of the application, no capacity left."""
    strange = bool(problem.themes) and consultant.themes.isdisjoint(problem.themes)
    return consultant.blocked or strange or consultant.active_courses >= consultant.max_courses


def refused_by_place_and_time(ground: Ground, consultant: Consultant) -> Refusal:
    """The first rule under which a meeting has no start left, for somebody who has no feasible chain.

    A clock change counts under `hours` where it touches the meeting, and under `travel` where it touches the claim.
    """
    meetings = ground.problem.meetings
    starts = [ground.starts(consultant, kind) for kind in range(len(ground.kinds))]
    for level, rule in enumerate(_PLACE_AND_TIME):
        for meeting, kind in zip(meetings, ground.kind_index, strict=True):
            if not starts[kind][level]:
                return Refusal(rule, meeting.code)
    days = [days_with_start(starts[kind][-1], ground.days) for kind in ground.kind_index]
    unreached = first_unreached(ground, days)
    if unreached is None:
        raise AssertionError("a consultant with a feasible chain was asked why she has none")
    return Refusal("gaps", meetings[unreached].code)
