from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.reference.dates import (
    format_clock,
    format_date,
    format_month,
    format_short_date,
    format_span,
    format_week,
    weekday_names,
)

COPENHAGEN = ZoneInfo("Europe/Copenhagen")


def test_a_meeting_reads_as_danes_write_it() -> None:
    """A meeting within one day shows weekday, date and both clock times once."""
    start = datetime(2027, 1, 12, 9, 0, tzinfo=COPENHAGEN)
    end = datetime(2027, 1, 12, 12, 0, tzinfo=COPENHAGEN)
    assert format_span(start, end, "da") == "tirsdag den 12. januar 2027 kl. 9.00–12.00"
    assert format_span(start, end, "en") == "Tuesday 12 January 2027, 9:00–12:00"


def test_a_meeting_over_midnight_names_both_days() -> None:
    """Nobody has to guess on which day a night meeting ends."""
    start = datetime(2027, 5, 31, 22, 30, tzinfo=COPENHAGEN)
    end = datetime(2027, 6, 1, 1, 5, tzinfo=COPENHAGEN)
    assert format_span(start, end, "da") == "mandag den 31. maj 2027 kl. 22.30 – tirsdag den 1. juni 2027 kl. 1.05"
    assert format_span(start, end, "en") == "Monday 31 May 2027, 22:30 – Tuesday 1 June 2027, 1:05"


def test_a_wall_time_without_zone_is_refused() -> None:
    """A naive time is a fault of the caller, never shown to a reader."""
    naive = datetime(2027, 1, 12, 9, 0, tzinfo=UTC).replace(tzinfo=None)
    with pytest.raises(ValueError, match="needs its zone"):
        format_span(naive, naive, "da")


def test_parts_of_a_date() -> None:
    """Week numbers follow ISO: 1 January 2027 still belongs to week 53 of 2026."""
    day = date(2027, 1, 1)
    assert format_date(day, "da") == "fredag den 1. januar 2027"
    assert format_short_date(day, "da") == "1. januar 2027"
    assert format_short_date(day, "en") == "1 January 2027"
    assert format_week(day, "da") == "uge 53"
    assert format_week(day, "en") == "week 53"
    assert format_month(day, "da") == "januar 2027"
    assert format_month(day, "en") == "January 2027"
    assert weekday_names("da")[day.weekday()] == "fredag"
    assert format_clock(time(8, 5), "da") == "8.05"
    assert format_clock(time(18, 0), "en") == "18:00"


def test_an_unknown_language_is_answered_in_danish() -> None:
    """A language that nobody translated falls back to the language of the service."""
    assert format_date(date(2027, 3, 28), "de") == "søndag den 28. marts 2027"


@given(st.dates(min_value=date(2020, 1, 1), max_value=date(2040, 12, 31)))
def test_every_day_has_its_own_name(day: date) -> None:
    """Two following days are never written alike, in either language."""
    for language in ("da", "en"):
        assert format_date(day, language) != format_date(day + timedelta(days=1), language)
        assert str(day.year) in format_date(day, language)
