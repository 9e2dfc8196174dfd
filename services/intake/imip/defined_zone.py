"""The offset that a zone defined in a mail has at one wall time (RFC 5545 section 3.6.5), for rules of one change a year. Pure.

Computed for the one year that is asked for: the library lists every change since 1601, which takes a tenth of a second a mail.
"""

import calendar
import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Final

from services.intake.imip.content_lines import Component

OBSERVANCES_MAX: Final = 20
_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_BYDAY: Final = re.compile(rf"([+-]?[1-5])({'|'.join(_DAYS)})")
_ONSET: Final = re.compile(r"[0-9]{8}T[0-9]{6}")
_OFFSET: Final = re.compile(r"([+-])([0-9]{2})([0-9]{2})")
_UNDERSTOOD: Final = {"FREQ", "INTERVAL", "BYMONTH", "BYDAY", "UNTIL", "WKST"}


def offset_at(zone: Component, wall: datetime) -> timezone | None:
    """The offset of the observance that began last before a naive wall time; None where a rule is not understood."""
    observances = [*zone.parts("STANDARD"), *zone.parts("DAYLIGHT")]
    if len(observances) > OBSERVANCES_MAX:
        return None
    begun: list[tuple[datetime, timezone]] = []
    for observance in observances:
        offset = _offset(observance.one("TZOFFSETTO") or "")
        try:
            onsets = list(_onsets(observance, wall.year))
        except (ValueError, KeyError):
            return None
        if offset is None or observance.all("RDATE"):
            return None
        begun += [(onset, offset) for onset in onsets if onset <= wall]
    return max(begun, key=lambda each: each[0])[1] if begun else None


def _onsets(observance: Component, year: int) -> Iterator[datetime]:
    """When it begins in a year and in the one before. ValueError or KeyError for a rule that is not understood."""
    text = observance.one("DTSTART") or ""
    if not _ONSET.fullmatch(text):
        raise ValueError
    first = datetime.strptime(text, "%Y%m%dT%H%M%S")  # noqa: DTZ007 - a wall time, as the rules are
    if not observance.all("RRULE"):
        yield first
        return
    rule = dict(part.split("=", 1) for part in (observance.one("RRULE") or "").upper().split(";"))
    nth = _BYDAY.fullmatch(rule["BYDAY"])
    if rule["FREQ"] != "YEARLY" or rule.get("INTERVAL", "1") != "1" or set(rule) - _UNDERSTOOD or nth is None:
        raise ValueError
    last_year = int(rule["UNTIL"][:4]) if "UNTIL" in rule else year
    for each in (year - 1, year):
        if first.year <= each <= last_year:
            day = _day(each, int(rule["BYMONTH"]), int(nth[1]), _DAYS.index(nth[2]))
            yield first.replace(year=each, month=int(rule["BYMONTH"]), day=day)


def _day(year: int, month: int, nth: int, weekday: int) -> int:
    """The day of the month that is its nth such weekday, from the end where nth is negative. ValueError if there is none."""
    before, days = calendar.monthrange(year, month)
    of_weekday = [day for day in range(1, days + 1) if (before + day - 1) % 7 == weekday]
    if abs(nth) > len(of_weekday):
        raise ValueError
    return of_weekday[nth - 1 if nth > 0 else nth]


def _offset(text: str) -> timezone | None:
    found = _OFFSET.fullmatch(text)
    if found is None:
        return None
    minutes = int(found[2]) * 60 + int(found[3])
    return timezone(timedelta(minutes=minutes if found[1] == "+" else -minutes)) if minutes < 24 * 60 else None
