"""The time zone block of our invites, and the wall time that this very block gives for an instant.

The block is a constant because what libraries derive from the time zone database makes summer meetings one hour late in
some programs: they read only the first value of a date list. Two yearly rules are read alike by all.
"""

from datetime import UTC, datetime, timedelta

ZONE = "Europe/Copenhagen"

LINES = (
    "BEGIN:VTIMEZONE",
    f"TZID:{ZONE}",
    "BEGIN:DAYLIGHT",
    "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+0200",
    "TZNAME:CEST",
    "DTSTART:19700329T020000",
    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
    "END:DAYLIGHT",
    "BEGIN:STANDARD",
    "TZOFFSETFROM:+0200",
    "TZOFFSETTO:+0100",
    "TZNAME:CET",
    "DTSTART:19701025T030000",
    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
    "END:STANDARD",
    "END:VTIMEZONE",
)

_MARCH, _OCTOBER = 3, 10
_WINTER_OFFSET = timedelta(hours=1)
_SUMMER_OFFSET = timedelta(hours=2)
_REPEATED = timedelta(hours=1)


def wall_time(instant: datetime) -> str | None:
    """`20270112T090000` for an aware instant, as a reader of the block above computes it back.

    None if the wall time is ambiguous (the hour that the autumn change repeats): such a time must be written in UTC.
    """
    utc = instant.astimezone(UTC)
    summer_begins, summer_ends = _change(utc.year, _MARCH), _change(utc.year, _OCTOBER)
    if summer_ends - _REPEATED <= utc < summer_ends + _REPEATED:
        return None
    offset = _SUMMER_OFFSET if summer_begins <= utc < summer_ends else _WINTER_OFFSET
    return f"{utc + offset:%Y%m%dT%H%M%S}"


def _change(year: int, month: int) -> datetime:
    """The last Sunday of a month with 31 days, 01:00 UTC: both changes of the European rule happen then."""
    last = datetime(year, month, 31, 1, tzinfo=UTC)
    return last - timedelta(days=(last.weekday() + 1) % 7)
