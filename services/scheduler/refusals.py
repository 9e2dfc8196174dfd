"""Times of which somebody said that she cannot meet: kept with a course, and heeded by every search about it. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from services.scheduler.availability import Horizon, wall_bits, window_of
from services.scheduler.course import BookedMeeting, Course, RefusedTime
from services.scheduler.grains import grains_between
from services.scheduler.problem import Problem

WORKPLACE: Final = "workplace"
"""`RefusedTime.who` where all contacts said so."""
REFUSED_MAX: Final = 100
"""The newest are kept."""

Refused = tuple[RefusedTime, ...]


def refuses(refused: Iterable[RefusedTime], who: str, meeting: BookedMeeting) -> bool:
    """Whether somebody has said that she cannot meet at a time that the meeting touches."""
    return any(one.who == who and one.start < meeting.end and one.end > meeting.start for one in refused)


def refusing(refused: Refused, who: str, meeting: BookedMeeting) -> Refused:
    """With the meeting's time refused."""
    if refuses(refused, who, meeting):
        return refused
    return (*refused, RefusedTime(who=who, start=meeting.start, end=meeting.end))[-REFUSED_MAX:]


def taken_back(refused: Refused, who: str, meeting: BookedMeeting) -> Refused:
    """With the meeting's time no longer refused by somebody."""
    return tuple(one for one in refused if not refuses([one], who, meeting))


def to_come(refused: Refused, now: datetime) -> Refused:
    """Without those that are over."""
    return tuple(one for one in refused if one.end > now)


def without_refused(problem: Problem, course: Course) -> Problem:
    """The question about a course in which nobody can meet at a time that she refused for it, on the way there included."""
    if not course.refused:
        return problem
    sites, consultants = problem.sites, problem.consultants
    workplace = _bits(problem.horizon, course.refused, WORKPLACE)
    if workplace:
        kept = ~window_of(problem.horizon, workplace)
        sites = {place: replace(site, free=site.free & kept) for place, site in sites.items()}
    if {one.who for one in course.refused} - {WORKPLACE}:
        refusing_people = {one.who for one in course.refused}
        consultants = tuple(
            replace(one, free=one.free & ~_bits(problem.horizon, course.refused, one.id))
            if one.id in refusing_people
            else one
            for one in consultants
        )
    return replace(problem, sites=sites, consultants=consultants)


def _bits(horizon: Horizon, refused: Iterable[RefusedTime], who: str) -> int:
    """Wide bitmap of the half hours that somebody refused."""
    grains = (grain for one in refused if one.who == who for grain in grains_between(one.start, one.end))
    return wall_bits(horizon, grains)
