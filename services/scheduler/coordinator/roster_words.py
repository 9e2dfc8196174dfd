"""What the roster's pages say of load and of calendars, in words. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from services.scheduler.calendars.faults import Reason
from services.scheduler.calendars.source import CalendarSource, State
from services.scheduler.loads.report import Load
from shared.words import Language, Words

NO_CALENDAR: Final = Words(da="Ingen kalender", en="No calendar")
STATES: Final[Mapping[State, Words]] = {
    "new": Words(da="Ikke læst endnu", en="Not read yet"),
    "ok": Words(da="Læst", en="Read"),
    "failing": Words(da="Kan ikke læses for tiden", en="Cannot be read at present"),
    "stale": Words(da="For gammel", en="Too old"),
}
REASONS: Final[Mapping[Reason, Words]] = {
    "not-reachable": Words(da="Adressen kan ikke nås.", en="The address cannot be reached."),
    "timed-out": Words(da="Serveren svarede ikke i tide.", en="The server did not answer in time."),
    "access-refused": Words(da="Serveren giver ikke adgang.", en="The server refuses access."),
    "not-found": Words(da="Der er ingen kalender på adressen.", en="There is no calendar at the address."),
    "answered-wrongly": Words(da="Serveren svarede ikke, som den skal.", en="The server did not answer as it should."),
    "too-large": Words(da="Kalenderen er for stor.", en="The calendar is too large."),
    "not-a-calendar": Words(
        da="Det, der ligger på adressen, er ikke en kalender.", en="What is at the address is not a calendar."
    ),
    "too-complex": Words(da="Kalenderen har for mange gentagelser.", en="The calendar has too many repetitions."),
    "overran": Words(da="Kalenderen tog for lang tid at læse.", en="The calendar took too long to read."),
}
AGES: Final = (
    (timedelta(days=2), timedelta(days=1), Words(da="for {count} dage siden", en="{count} days ago")),
    (timedelta(hours=2), timedelta(hours=1), Words(da="for {count} timer siden", en="{count} hours ago")),
    (timedelta(minutes=2), timedelta(minutes=1), Words(da="for {count} minutter siden", en="{count} minutes ago")),
)
"""From which age on, by which unit, and how it is said."""
JUST_NOW: Final = Words(da="lige nu", en="just now")
LAST_READ: Final = Words(da="{state}, sidst læst {age}", en="{state}, last read {age}")
NEVER_READ: Final = Words(da="{state}, aldrig læst", en="{state}, never read")
LOAD: Final = Words(da="{claimed} af {available} timer", en="{claimed} of {available} hours")
MINUTES_PER_HOUR: Final = 60


def calendar_words(source: CalendarSource | None, now: datetime, *, alert_after: timedelta, language: Language) -> str:
    """State and age of a consultant's own calendar, e.g. "Læst for 2 timer siden"."""
    if source is None:
        return NO_CALENDAR.in_language(language)
    state = source.state(now, alert_after=alert_after)
    words = STATES[state].in_language(language)
    if state == "new":
        return words
    if source.good_at is None:
        return NEVER_READ.in_language(language).format(state=words)
    age = age_words(now - source.good_at, language)
    return f"{words} {age}" if state == "ok" else LAST_READ.in_language(language).format(state=words, age=age)


def age_words(age: timedelta, language: Language) -> str:
    """How long ago, in the largest unit of which there are at least two."""
    for least, unit, words in AGES:
        if age >= least:
            return words.in_language(language).format(count=age // unit)
    return JUST_NOW.in_language(language)


def load_words(load: Load | None, language: Language) -> str:
    """Claimed and available hours with the part in percent, e.g. "12 af 140 timer (9 %)"; a dash for who has neither."""
    if load is None:
        return "\N{EN DASH}"
    words = LOAD.in_language(language).format(
        claimed=decimal(load.claimed_minutes / MINUTES_PER_HOUR, language),
        available=decimal(load.available_minutes / MINUTES_PER_HOUR, language),
    )
    return words if load.ratio is None else f"{words} ({load.ratio:.0%})".replace("%", "\N{NO-BREAK SPACE}%")


def decimal(number: float, language: Language) -> str:
    """At most one decimal, in Danish after a comma."""
    text = f"{number:.1f}".removesuffix(".0")
    return text if language == "en" else text.replace(".", ",")


def fairness_words(fairness: float, language: Language) -> str:
    """The measure with two decimals."""
    text = f"{fairness:.2f}"
    return text if language == "en" else text.replace(".", ",")
