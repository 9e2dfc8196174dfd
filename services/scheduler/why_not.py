"""For a consultant who was not chosen, the smallest change of each kind that alone would have made her win. Exact and pure.

What counts as a change of each kind, and which one is the smallest, is defined in docs/matching.md.
"""

from collections.abc import Mapping
from dataclasses import replace

from services.scheduler.contest import Contest
from services.scheduler.decision import ChangeKind, Changes, MovedDate
from services.scheduler.freed_interval import freed_interval
from services.scheduler.problem import Consultant
from services.scheduler.rules import refused_by_person


def changes_for(contest: Contest, consultant: Consultant, dates: Mapping[str, MovedDate] | None) -> Changes:
    """The smallest changes that would have made her win; `dates` are the moves by consultant, None: not worked out."""
    refused = refused_by_person(contest.problem, consultant)
    if refused is not None and refused.rule in ("blocked", "themes"):
        # Neither time nor distance is what she lacks.
        return Changes()
    untried: tuple[ChangeKind, ...] = ("date",) if dates is None else ()
    if refused is not None and refused.rule == "window":
        return Changes(date=(dates or {}).get(consultant.id), untried=untried)
    more = replace(consultant, max_courses=consultant.max_courses + 1)
    room = more.max_courses if contest.won_by(more) else None
    if refused is not None:
        return Changes(max_courses=room)
    return Changes(
        freed=freed_interval(contest, consultant),
        date=(dates or {}).get(consultant.id),
        travel_minutes=_travel(contest, consultant),
        max_courses=room,
        untried=untried,
    )


def _travel(contest: Contest, consultant: Consultant) -> int | None:
    """The largest number of minutes that, were no place farther away, would have made her win."""

    def wins(minutes: int) -> bool:
        nearer = {place: min(far, minutes) for place, far in consultant.travel_minutes.items()}
        return contest.won_by(replace(consultant, travel_minutes=nearer))

    high = max(consultant.travel_minutes.values(), default=0)
    if not high or not wins(0):
        return None
    low = 0
    # Less travel never makes her course worse: it costs less and claims less.
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if wins(middle) else (low, middle)
    return low
