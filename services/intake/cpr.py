"""Finds Danish civil registration numbers (CPR) in text, so that nobody's number is stored by mistake."""

import re
import unicodedata
from typing import Final

_DASHES: Final = "-\u2010\u2011\u2012\u2013\u2014\u2212"
_DAYS_IN_MONTH: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_REPLACEMENT_DAY: Final = 60
"""Replacement numbers, given to people without a CPR number, have 60 added to the day."""

_JOINED: Final = re.compile(
    rf"(?<![\d+])(?P<day>\d\d)(?P<month>\d\d)\d\d\s{{0,3}}[{_DASHES}./]?\s{{0,3}}\d{{4}}(?!\d)",
)
"""ddmmyy-xxxx, ddmmyyxxxx, ddmmyy xxxx. Phone numbers have eight digits, or a + before their ten."""
_SPACED: Final = re.compile(r"(?<!\d)(?<!\d )(?P<day>\d\d) (?P<month>\d\d) \d\d {1,3}\d{4}(?!\d)")
"""dd mm yy xxxx, but not the end of a phone number in pairs with a postal code after it."""
_DATED: Final = re.compile(
    rf"(?<!\d)(?P<day>\d\d)(?P<mark>[{_DASHES} ./])(?P<month>\d\d)(?P=mark)\d\d ?[{_DASHES}] ?\d{{4}}(?!\d)",
)
"""dd.mm.yy-xxxx: only with a dash, since a date may stand before a year or a time."""


def contains_cpr(text: str) -> bool:
    """Return whether some part of the text has the form of a CPR number and begins with a date that exists.

    The check digit is not asked for: numbers given out since 2007 need not obey it.
    """
    if sum(map(str.isdigit, text)) < 10:  # noqa: PLR2004 - a CPR number has ten digits
        return False
    plain = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    matches = (match for pattern in (_JOINED, _SPACED, _DATED) for match in _overlapping(pattern, plain))
    return any(_is_date(int(match["day"]), int(match["month"])) for match in matches)


def _overlapping(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    # A match that is no date must not hide one that begins inside it.
    found: list[re.Match[str]] = []
    match = pattern.search(text)
    while match:
        found.append(match)
        match = pattern.search(text, match.start() + 1)
    return found


def _is_date(day: int, month: int) -> bool:
    if day > _REPLACEMENT_DAY:
        day -= _REPLACEMENT_DAY
    return 1 <= month <= len(_DAYS_IN_MONTH) and 1 <= day <= _DAYS_IN_MONTH[month - 1]
