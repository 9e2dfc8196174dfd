"""What the fields of an application must be together, under the rules of a programme on the day it is sent. Pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.intake.application import ApplicationForm, Unavailable
from services.intake.faults import FieldFault, fault, first_per_field
from shared.programme import Programme
from shared.programme_meetings import GRAIN_MINUTES
from shared.reference.dates import format_short_date
from shared.reference.municipalities import Municipalities
from shared.wall_times import minutes_of_day

WORKING_DAYS: Final = frozenset({"mon", "tue", "wed", "thu", "fri"})
JOINT_WORKPLACES_MIN: Final = 2


@dataclass(frozen=True, slots=True)
class Ground:
    """What an application is judged by."""

    programme: Programme
    municipalities: Municipalities
    today: date


def check(
    form: ApplicationForm, *, programme: Programme, municipalities: Municipalities, today: date
) -> list[FieldFault]:
    """Return every rule that the application breaks, one fault per field; none: it may be sent.

    `today` is the date in the programme's zone.
    """
    ground = Ground(programme, municipalities, today)
    return first_per_field(found for rule in _RULES for found in rule(form, ground))


def _kind_and_committee(form: ApplicationForm, ground: Ground) -> Iterator[FieldFault]:
    if form.kind not in ground.programme.plans:
        yield fault("kind", "kind_not_offered")
    committee = ground.programme.committee_kind(form.committee.kind)
    if committee is None:
        yield fault("committee.kind", "committee_unknown")
    elif form.kind not in committee.courses:
        yield fault("committee.kind", "committee_not_for_kind")
    if form.kind == "joint" and form.committees_expected is None:
        yield fault("committees_expected", "committees_expected_missing")
    if form.kind == "single" and form.committees_expected is not None:
        yield fault("committees_expected", "committees_expected_only_joint")


def _format(form: ApplicationForm, ground: Ground) -> Iterator[FieldFault]:
    plan = ground.programme.plans.get(form.kind)
    if form.format is not None and plan and form.format not in plan.format_codes():
        yield fault("format", "format_not_offered")


def _municipalities(form: ApplicationForm, ground: Ground) -> Iterator[FieldFault]:
    used = {workplace.municipality for workplace in form.workplaces}
    yield from _listed_twice("municipalities", form.municipalities)
    for number, code in enumerate(form.municipalities):
        if code not in ground.municipalities:
            yield fault(f"municipalities.{number}", "municipality_unknown")
        elif code not in used:
            yield fault(f"municipalities.{number}", "municipality_without_workplace")
    if form.kind == "single" and len(form.municipalities) > 1:
        yield fault("municipalities", "one_municipality")


def _workplaces(form: ApplicationForm, ground: Ground) -> Iterator[FieldFault]:
    if form.kind == "single" and len(form.workplaces) > 1:
        yield fault("workplaces", "one_workplace")
    if form.kind == "joint" and len(form.workplaces) < JOINT_WORKPLACES_MIN:
        yield fault("workplaces", "several_workplaces")
    for number, workplace in enumerate(form.workplaces):
        if workplace.municipality not in ground.municipalities:
            yield fault(f"workplaces.{number}.municipality", "municipality_unknown")
        elif workplace.municipality not in form.municipalities:
            yield fault(f"workplaces.{number}.municipality", "municipality_not_listed")
    yield from _listed_twice("workplaces", [_same(f"{one.name}\n{one.street}\n{one.town}") for one in form.workplaces])


def _sector_and_themes(form: ApplicationForm, ground: Ground) -> Iterator[FieldFault]:
    if ground.programme.sector(form.sector) is None:
        yield fault("sector", "sector_unknown")
    yield from _listed_twice("themes", form.themes)
    for number, code in enumerate(form.themes):
        if ground.programme.theme(code) is None:
            yield fault(f"themes.{number}", "theme_unknown")


def _size(form: ApplicationForm, _: Ground) -> Iterator[FieldFault]:
    if form.participants > form.employees:
        yield fault("participants", "more_participants_than_employees")


def _start(form: ApplicationForm, ground: Ground) -> Iterator[FieldFault]:
    if form.earliest_start is None:
        return
    last = ground.programme.latest_start(ground.today)
    if form.earliest_start < ground.today:
        yield fault("earliest_start", "start_in_the_past")
    elif form.earliest_start > last:
        words = {"last_da": format_short_date(last, "da"), "last_en": format_short_date(last, "en")}
        yield fault("earliest_start", "start_too_late", **words)


def _contacts(form: ApplicationForm, _: Ground) -> Iterator[FieldFault]:
    taken: set[str] = set()
    for path, person in form.people():
        address = _same(person.email)
        if address in taken:
            yield fault(f"{path}.email", "same_address")
        taken.add(address)
    if _same(form.contacts.leader.name) == _same(form.contacts.employee_representative.name):
        yield fault("contacts.employee_representative.name", "same_person")


def _promises(form: ApplicationForm, _: Ground) -> Iterator[FieldFault]:
    if not form.agreed:
        yield fault("agreed", "not_agreed")
    if not form.evaluation:
        yield fault("evaluation", "no_evaluation")
    if not form.privacy_read:
        yield fault("privacy_read", "privacy_not_read")


def _wishes(form: ApplicationForm, ground: Ground) -> Iterator[FieldFault]:
    wishes = form.wishes
    yield from _listed_twice("wishes.avoid_weekdays", wishes.avoid_weekdays)
    if WORKING_DAYS.issubset(wishes.avoid_weekdays):
        yield fault("wishes.avoid_weekdays", "no_weekday_left")
    yield from _listed_twice("wishes.weeks_out", wishes.weeks_out)
    yield from _avoided_hours(form, ground)
    for number, period in enumerate(wishes.unavailable):
        yield from _period(f"wishes.unavailable.{number}", period)
    hours = wishes.preferred_hours
    if hours and minutes_of_day(hours.to_time) <= minutes_of_day(hours.from_time):
        yield fault("wishes.preferred_hours.to_time", "end_before_start")


def _avoided_hours(form: ApplicationForm, ground: Ground) -> Iterator[FieldFault]:
    week = ground.programme.workplace_hours
    for number, avoided in enumerate(form.wishes.avoid_hours):
        if minutes_of_day(avoided.to_time) <= minutes_of_day(avoided.from_time):
            yield fault(f"wishes.avoid_hours.{number}.to_time", "end_before_start")
        else:
            week = week.without(avoided.weekday, (avoided.from_time, avoided.to_time))
    plan = ground.programme.plans.get(form.kind)
    if plan and form.wishes.avoid_hours:
        longest = max(meeting.minutes for meeting in plan.meetings_of(form.format))
        if not any(_room(hours) >= longest for intervals in week.by_weekday().values() for hours in intervals):
            yield fault("wishes.avoid_hours", "no_room_left", hours=f"{longest / 60:g}")


def _room(hours: tuple[str, str]) -> int:
    """Minutes between the first and the last half hour that a meeting may touch: they start on the half hour."""
    begin, end = (minutes_of_day(wall) for wall in hours)
    return end // GRAIN_MINUTES * GRAIN_MINUTES + -begin // GRAIN_MINUTES * GRAIN_MINUTES


def _period(path: str, period: Unavailable) -> Iterator[FieldFault]:
    if (period.from_time is None) != (period.to_time is None):
        yield fault(f"{path}.{'from_time' if period.from_time is None else 'to_time'}", "times_in_pairs")
    elif period.last_day < period.first_day:
        yield fault(f"{path}.last_day", "end_before_start")
    elif period.from_time and period.to_time and period.first_day == period.last_day:  # noqa: SIM102 - reads better
        if minutes_of_day(period.to_time) <= minutes_of_day(period.from_time):
            yield fault(f"{path}.to_time", "end_before_start")


def _listed_twice(path: str, values: Sequence[str]) -> Iterator[FieldFault]:
    first = {value: number for number, value in reversed(list(enumerate(values)))}
    for number, value in enumerate(values):
        if first[value] != number:
            yield fault(f"{path}.{number}", "listed_twice")


def _same(text: str) -> str:
    """Return what two texts share that differ in case and spaces only."""
    return " ".join(text.casefold().split())


_RULES: Final[tuple[Callable[[ApplicationForm, Ground], Iterable[FieldFault]], ...]] = (
    _kind_and_committee,
    _format,
    _municipalities,
    _workplaces,
    _sector_and_themes,
    _size,
    _contacts,
    _start,
    _wishes,
    _promises,
)
