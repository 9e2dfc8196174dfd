"""What the tailoring form shows: the meetings to come with their choices, and what can be added. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.scheduler.course import BookedMeeting, Course
from services.scheduler.own_plan import ADDED
from services.scheduler.tailoring.change_plan import PlanGround, can_be_joined
from services.scheduler.tailoring.form import NEW_VENUE, ONLINE, PLACE, shown_values
from shared.events import Workplace
from shared.programme_meetings import GRAIN_MINUTES, MEETING_MINUTES_MAX
from shared.reference.dates import format_span
from shared.words import Language, Words

ONLINE_WORDS = Words(da="Online", en="Online")
NEW_VENUE_WORDS = Words(da="Et andet sted (skriv adressen nederst)", en="Another place (give its address below)")
Option = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingFields:
    """One meeting to come. `joins` is the name of the next one, where the two can become one."""

    code: str
    name: str
    when: str
    has_gap: bool
    joins: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormView:
    """`values` are by field; `held` are the meetings that are over, which stay."""

    meetings: Sequence[MeetingFields]
    held: Sequence[str]
    values: Mapping[str, str]
    lengths: Sequence[Option]
    places: Sequence[Option]
    kinds: Sequence[Option]
    after: Sequence[Option]


def form_view(course: Course, ground: PlanGround, typed: Mapping[str, str], language: Language) -> FormView:
    """`typed`: what was sent, empty for a form that is shown for the first time."""
    booked = {one.code: one for one in course.sittings}
    coming = [one for one in ground.plan if one.code in ground.coming]
    rows = []
    for number, one in enumerate(ground.plan):
        if one.code not in ground.coming:
            continue
        following = ground.plan[number + 1] if number + 1 < len(ground.plan) else None
        rows.append(
            MeetingFields(
                code=one.code,
                name=one.name.in_language(language),
                when=when_of(booked[one.code], language),
                has_gap=one.gap is not None,
                joins=following.name.in_language(language) if following and can_be_joined(one, following) else None,
            )
        )
    kinds = {one.kind for one in ground.programmes} or set(ADDED)
    # All but the meetings before the last one that is over.
    first = len(ground.plan) - len(coming)
    return FormView(
        meetings=rows,
        held=[booked[one.code].name.in_language(language) for one in ground.plan if one.code not in ground.coming],
        values=dict(typed) if typed else shown_values(ground),
        lengths=[(str(minutes), length_words(minutes, language)) for minutes in _lengths()],
        places=_places(ground.places, language),
        kinds=[(kind, words.in_language(language)) for kind, words in ADDED.items() if kind in kinds],
        after=[(one.code, one.name.in_language(language)) for one in ground.plan[max(first - 1, 0) :]],
    )


def when_of(meeting: BookedMeeting, language: Language) -> str:
    """Its local day and hours."""
    start = datetime.fromisoformat(meeting.wall_start).replace(tzinfo=meeting.start.tzinfo)
    return format_span(start, start + timedelta(minutes=meeting.minutes), language)


def place_words(place: str, number: int, places: Sequence[Workplace], language: Language) -> str:
    """Where a meeting is, as one line; empty where that may not be known any more."""
    if place == "online":
        return ONLINE_WORDS.in_language(language)
    if number >= len(places):
        return ""
    one = places[number]
    return f"{one.name}, {one.street}, {one.postal_code} {one.town}"


def length_words(minutes: int, language: Language) -> str:
    """Hours and minutes: 2 timer 30 min."""
    hours, rest = divmod(minutes, 60)
    unit = ("hour" if hours == 1 else "hours") if language == "en" else ("time" if hours == 1 else "timer")
    parts = [f"{hours} {unit}"] if hours else []
    return " ".join([*parts, f"{rest} min."] if rest else parts)


def _lengths() -> range:
    return range(GRAIN_MINUTES, MEETING_MINUTES_MAX + 1, GRAIN_MINUTES)


def _places(places: Sequence[Workplace], language: Language) -> list[Option]:
    known = [(f"{PLACE}{number}", f"{one.name}, {one.town}") for number, one in enumerate(places)]
    return [*known, (ONLINE, ONLINE_WORDS.in_language(language)), (NEW_VENUE, NEW_VENUE_WORDS.in_language(language))]
