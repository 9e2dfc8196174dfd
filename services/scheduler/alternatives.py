"""The best few other starts of one meeting, so that people have a choice: for an offer, and where a proposed time cannot be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.scheduler.course import Course
from services.scheduler.grains import claim_key, grains_between
from services.scheduler.move_meeting import Places
from shared.course_facts import PossibleStart

ALTERNATIVES_MAX: Final = 3


@dataclass(frozen=True, slots=True)
class Alternative:
    """A start that the meeting could have (wall time and instant), and what the whole course would then cost."""

    wall_start: str
    start: datetime
    cost: int

    @property
    def told(self) -> PossibleStart:
        return PossibleStart(start=self.start, wall_start=self.wall_start)


def alternatives(
    course: Course, places: Places, *, near: datetime | None = None, but: datetime | None = None
) -> list[Alternative]:
    """The best of the places, the best first: the cheapest, or those that are nearest to an instant.

    Never the present start, nor the one that begins at the instant `but`.
    """
    present = course.sittings[places.index].wall_start
    found = [Alternative(wall, one.starts_at, one.course.cost) for wall, one in places.found.items() if wall != present]
    return spread([one for one in found if one.start != but], near=near)


def spread(found: Sequence[Alternative], *, near: datetime | None = None) -> list[Alternative]:
    """At most ALTERNATIVES_MAX: the best of each day first, more of a day only where there are no other days."""

    def order(one: Alternative) -> tuple[float, int, datetime]:
        away = 0.0 if near is None else abs((one.start - near).total_seconds())
        return away, one.cost, one.start

    ordered = sorted(found, key=order)
    days: set[str] = set()
    first: list[Alternative] = []
    more: list[Alternative] = []
    for one in ordered:
        day = one.wall_start[:10]
        (more if day in days else first).append(one)
        days.add(day)
    return sorted([*first, *more][:ALTERNATIVES_MAX], key=order)


def claims_of(places: Places, alternative: Alternative) -> list[str]:
    """The keys of every half hour that this start of the meeting needs of its consultants."""
    course = places.found[alternative.wall_start].course
    code = course.plan.meetings[places.index].code
    return [
        claim_key(plan.consultant, grain)
        for plan in (course.plan, course.second)
        if plan is not None
        for placed in plan.meetings
        if placed.code == code
        for grain in grains_between(placed.claimed_from, placed.claimed_until)
    ]
