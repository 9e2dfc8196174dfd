"""The consultants of the roster as the matcher is asked about them for one application. Pure."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from services.scheduler.availability import Horizon, Interval, Week, WorkingHours
from services.scheduler.problem import TRAVEL_MINUTES_MAX, Consultant
from services.scheduler.roster import RosterFacts
from services.scheduler.roster_calendar import Candidate
from shared.reference.municipalities import Municipalities, Municipality
from shared.reference.travel import travel_minutes
from shared.wall_times import WEEKDAYS, WeekHours, minutes_of_day


class Asked:
    """What the consultants of one search share is worked out once: hours of equal weeks, ways from equal homes."""

    def __init__(
        self,
        *,
        horizon: Horizon,
        towns: Mapping[str, Municipality],
        near: AbstractSet[str],
        workplaces: AbstractSet[str],
        municipalities: Municipalities,
    ) -> None:
        """`towns` are the municipalities of the places of meetings; `near` all codes and `workplaces` all hashes of the course."""
        self._horizon = horizon
        self._towns = towns
        self._near = near
        self._workplaces = workplaces
        self._municipalities = municipalities
        self._hours: dict[int, WorkingHours] = {}
        self._travel: dict[str, Mapping[str, int]] = {}

    def consultant(self, candidate: Candidate) -> Consultant:
        facts = candidate.facts
        return Consultant(
            id=candidate.id,
            themes=candidate.themes,
            sectors=candidate.sectors,
            hours=self._hours.get(candidate.week) or self._hours_of(candidate),
            free=candidate.free,
            travel_minutes=self._travel_of(facts),
            active_courses=candidate.active_courses,
            max_courses=facts.max_courses,
            blocked=not (
                self._near.isdisjoint(facts.blocked_municipalities)
                and self._workplaces.isdisjoint(facts.blocked_workplaces)
            ),
        )

    def _hours_of(self, candidate: Candidate) -> WorkingHours:
        facts = candidate.facts
        periods = [(one.first, one.last_day, week_by_number(one.hours)) for one in facts.hours_by_period]
        hours = self._hours[candidate.week] = WorkingHours(self._horizon, week_by_number(facts.hours), periods)
        return hours

    def _travel_of(self, facts: RosterFacts) -> Mapping[str, int]:
        known = self._travel.get(facts.municipality)
        if known is None:
            home = self._municipalities.get(facts.municipality)
            known = {place: min(travel_minutes(home, town), TRAVEL_MINUTES_MAX) for place, town in self._towns.items()}
            self._travel[facts.municipality] = known
        if not facts.travel_overrides:
            return known
        return {place: facts.travel_overrides.get(town.code, known[place]) for place, town in self._towns.items()}


def week_by_number(week: WeekHours) -> Week:
    """The week as the bitmaps take it: weekdays as numbers, hours in minutes."""
    return {WEEKDAYS.index(day): [minutes_of(one) for one in hours] for day, hours in week.by_weekday().items()}


def minutes_of(interval: tuple[str, str]) -> Interval:
    return minutes_of_day(interval[0]), minutes_of_day(interval[1])
