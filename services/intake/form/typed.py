"""Reads numbers, days, clock times and week numbers as people write them; what cannot be read is passed on as it is. Pure."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from services.intake.application import WEEKS_OUT_MAX
from services.intake.field_types import YEARS

NUMBER_DIGITS_MAX: Final = 9
WEEKS_CHARACTERS_MAX: Final = 1000
"""Of a list of weeks: more than all that may be named need."""
_NUMBER: Final = re.compile(r"[0-9]+|[0-9]{1,3}(?:[. ][0-9]{3})+")
_DAY: Final = re.compile(r"([0-9]{1,2})[-./ ]+([0-9]{1,2})[-./ ]+([0-9]{4})")
_CLOCK: Final = re.compile(r"(?:kl\.? ?)?([0-9]{1,2})(?:[.:]([0-9]{2}))?")
_WEEK: Final = re.compile(r"([0-9]{1,2})(?:[-–]([0-9]{1,2}))?")
_WEEK_WORDS: Final = re.compile(r"\b(?:uge|uger|week|weeks|og|and)\b|[,;.&+]", re.IGNORECASE)


class WeeksUnreadableError(ValueError):
    """The text is no list of week numbers, or holds one that does not come within the horizon."""


def whole_number(text: str) -> int | str:
    """140 for "140", 1400 for "1.400" and "1 400"; else the text."""
    plain = text.strip()
    if not _NUMBER.fullmatch(plain):
        return text
    digits = re.sub(r"[. ]", "", plain)
    # What is far too large stays so, without making a number of a thousand digits.
    return int(digits) if len(digits) <= NUMBER_DIGITS_MAX else 10**NUMBER_DIGITS_MAX


def iso_day(text: str) -> str:
    """ISO "2027-01-18" for "18-01-2027", "18.1.2027" and "18/1 2027"; else the text."""
    found = _DAY.fullmatch(text.strip())
    return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}" if found else text


def clock(text: str) -> str:
    """HH:MM, "09:00" for "9", "9.00", "9:00" and "kl. 9"; else the text."""
    found = _CLOCK.fullmatch(text.strip().lower())
    return f"{int(found[1]):02}:{found[2] or '00'}" if found else text


def weeks(text: str, *, today: date, horizon_days: int) -> list[str]:
    """The next weeks of the numbers in a text such as "7, 8 og 42" or "28-31", as ISO weeks ("2027-W07"), in order.

    The week of `today` counts as the next one of its number.

    Raises:
        WeeksUnreadableError: a part is no week number, or no such week begins within the horizon, or it is far too long.

    """
    plain = " ".join(text.split())
    if len(plain) > WEEKS_CHARACTERS_MAX:
        raise WeeksUnreadableError
    coming = list(_coming(today, horizon_days))
    found: set[str] = set()
    # One space at most: over long runs of them a pattern with `*` takes the square of their length.
    for part in _WEEK_WORDS.sub(" ", re.sub(r" ?[-–] ?", "-", plain)).split():
        found.update(_weeks_of(part, coming))
    if len(found) > WEEKS_OUT_MAX:
        raise WeeksUnreadableError
    return sorted(found)


def monday_of(iso_week: str) -> date:
    """The first day of an ISO week, "2027-W07"."""
    return date.fromisocalendar(int(iso_week[:4]), int(iso_week[-2:]), 1)


def _weeks_of(part: str, coming: Sequence[str]) -> Sequence[str]:
    """The week of one number, or those from one number to the next other one: "51-2" runs over the new year."""
    found = _WEEK.fullmatch(part)
    if not found:
        raise WeeksUnreadableError
    begin = _next(coming, int(found[1]))
    return begin[: len(begin) - len(_next(begin, int(found[2] or found[1]))) + 1]


def _next(coming: Sequence[str], number: int) -> Sequence[str]:
    """The weeks from the next one of this number."""
    for place, week in enumerate(coming):
        if int(week[-2:]) == number:
            return coming[place:]
    raise WeeksUnreadableError


def _coming(today: date, horizon_days: int) -> Iterator[str]:
    """The weeks that begin within the horizon, this one first."""
    monday = today - timedelta(days=today.weekday())
    while monday <= today + timedelta(days=horizon_days) and monday.year in YEARS:
        year, week, _ = monday.isocalendar()
        yield f"{year}-W{week:02}"
        monday += timedelta(days=7)
