"""What waits in a course beside its meetings, for its page: meetings in doubt, proposed times, times that are offered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from services.scheduler.coordinator.doubt_words import CAUSES
from services.scheduler.coordinator.place_rows import cost_words
from services.scheduler.course import BookedMeeting, Course
from services.scheduler.course_change import Before, Impossible
from services.scheduler.means import Means
from services.scheduler.move_meeting import meeting_places
from services.scheduler.standing import is_open, sitting
from shared.reference.dates import format_clock, format_short_date
from shared.words import Language, Words

_MOMENT: Final = Words(da="{day} kl. {clock}", en="{day} at {clock}")
_ERASED: Final = Words(da="En, der er slettet,", en="Somebody who was erased")


@dataclass(frozen=True, slots=True, kw_only=True)
class StallRow:
    """Since when and why, and the meetings (id and words) that cannot be held."""

    cause: Words
    since: str
    meetings: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterRow:
    """A proposed time that waits for staff. `cost` in words; None: it is not possible any more."""

    number: int
    name: str
    meeting: str
    was: str
    proposed: str
    cost: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRow:
    """Times that are held for a choice; none where no other time was possible."""

    meeting: str
    starts: tuple[str, ...]
    until: str


def stall_row(course: Course, zone: tzinfo, language: Language) -> StallRow | None:
    if course.stall is None:
        return None
    found = (sitting(course, one) for one in course.stall.meetings)
    return StallRow(
        cause=CAUSES[course.stall.cause],
        since=_instant(course.stall.since, zone, language),
        meetings=tuple((one.meeting_id, one.name.in_language(language)) for one in found if one is not None),
    )


def counter_rows(before: Before, names: Mapping[str, str], *, means: Means, language: Language) -> list[CounterRow]:
    """The proposals that wait, with what each would cost now."""
    course, rows = before.course, []
    for one in course.open_counters:
        meeting = sitting(course, one.meeting_id)
        if meeting is None or not is_open(course, one.meeting_id, one.sequence, now=before.now):
            continue
        rows.append(
            CounterRow(
                number=one.number,
                name=names.get(one.person_id) or _ERASED.in_language(language),
                meeting=meeting.name.in_language(language),
                was=wall_words(meeting.wall_start, language),
                proposed=_instant(one.start, means.programme.tz, language),
                cost=_cost(before, meeting, one.start, means=means, language=language),
            )
        )
    return rows


def offer_row(course: Course, now: datetime, zone: tzinfo, language: Language) -> OfferRow | None:
    offer = course.offer
    meeting = None if offer is None else sitting(course, offer.meeting_id)
    if offer is None or meeting is None or offer.until <= now:
        return None
    return OfferRow(
        meeting=meeting.name.in_language(language),
        starts=tuple(wall_words(one.wall_start, language) for one in offer.starts),
        until=format_clock(offer.until.astimezone(zone), language),
    )


def wall_words(wall: str, language: Language) -> str:
    """A wall time, for instance "12. januar 2027 kl. 9.00"."""
    moment = datetime.fromisoformat(wall)
    words = _MOMENT.in_language(language)
    return words.format(day=format_short_date(moment.date(), language), clock=format_clock(moment, language))


def _instant(instant: datetime, zone: tzinfo, language: Language) -> str:
    return wall_words(f"{instant.astimezone(zone):%Y-%m-%dT%H:%M}", language)


def _cost(before: Before, meeting: BookedMeeting, start: datetime, *, means: Means, language: Language) -> str | None:
    places = meeting_places(before, meeting.meeting_id, means=means)
    if isinstance(places, Impossible):
        return None
    place = next((one for one in places if datetime.fromisoformat(one.instant) == start), None)
    return None if place is None else cost_words(place, language)
