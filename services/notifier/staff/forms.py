"""What staff type about mails: why, and when one is to go out instead; with a sentence for each wrong field. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import StringConstraints

from services.notifier.staff.asked import DAY_MAX, DAY_MIN
from shared.words import Words

REASON_CHARS_MIN: Final = 10
REASON_CHARS_MAX: Final = 1000
DATE_FORMAT: Final = "%Y-%m-%d"
CLOCK_FORMATS: Final = ("%H:%M", "%H.%M")

Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=REASON_CHARS_MIN, max_length=REASON_CHARS_MAX)
]
"""Why staff did it, as typed."""

FAULTS: Final[Mapping[str, Words]] = {
    "reason": Words(
        da=f"Skriv hvorfor, med {REASON_CHARS_MIN}-{REASON_CHARS_MAX} tegn. Kun kolleger kan læse det.",
        en=f"Write why, in {REASON_CHARS_MIN}-{REASON_CHARS_MAX} characters. Only colleagues can read it.",
    ),
    "day": Words(da="Skriv en dato.", en="Enter a date."),
    "clock": Words(da="Skriv et klokkeslæt, som 9.30.", en="Enter a time, such as 9:30."),
}


class FormWrongError(ValueError):
    """Something on the form is missing or wrong; `faults` says it by field."""

    def __init__(self, faults: Mapping[str, Words]) -> None:
        super().__init__("the form is not complete")
        self.faults = dict(faults)


@dataclass(frozen=True, slots=True)
class Typed:
    """`due_at` is an instant; None where the act needs none."""

    reason: str
    due_at: datetime | None = None


def typed_of(fields: Mapping[str, str], *, zone: ZoneInfo, with_time: bool) -> Typed:
    """Read the form of an act; day and clock are wall times of the zone.

    Raises:
        FormWrongError: with a sentence for each wrong field.

    """
    wrong: set[str] = set()
    reason = " ".join(fields.get("reason", "").split())
    if not REASON_CHARS_MIN <= len(reason) <= REASON_CHARS_MAX:
        wrong.add("reason")
    due_at: datetime | None = None
    if with_time:
        day = _parsed(fields.get("day", ""), (DATE_FORMAT,))
        clock = _parsed(fields.get("clock", ""), CLOCK_FORMATS)
        if day and not DAY_MIN <= day.date() <= DAY_MAX:
            day = None
        wrong |= {name for name, value in (("day", day), ("clock", clock)) if value is None}
        if day and clock:
            due_at = datetime.combine(day.date(), clock.time(), zone).astimezone(UTC)
    if wrong:
        raise FormWrongError({name: text for name, text in FAULTS.items() if name in wrong})
    return Typed(reason, due_at)


def _parsed(typed: str, formats: tuple[str, ...]) -> datetime | None:
    for one in formats:
        try:
            return datetime.strptime(typed.strip(), one)  # noqa: DTZ007 - a wall time, its zone is added
        except ValueError:
            continue
    return None
