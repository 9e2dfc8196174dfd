"""How the form reads what people type."""

from datetime import date

import pytest

from services.intake.form.typed import WeeksUnreadableError, clock, iso_day, monday_of, weeks, whole_number

FRIDAY = date(2026, 11, 20)


def read(text: str) -> list[str]:
    return weeks(text, today=FRIDAY, horizon_days=400)


@pytest.mark.parametrize(
    ("text", "number"), [("140", 140), (" 1.400 ", 1400), ("12 000", 12000), ("9" * 5000, 10**9), ("007", 7)]
)
def test_numbers_may_have_thousands_marked(text: str, number: int) -> None:
    """As Danish writes them; what is far too large stays far too large."""
    assert whole_number(text) == number


@pytest.mark.parametrize("text", ["", "ti", "1,5", "1.5", "-3", "١٢", "1.40", "140 personer"])
def test_what_is_no_whole_number_is_passed_on(text: str) -> None:
    """The model then says what is wrong with it."""
    assert whole_number(text) == text


@pytest.mark.parametrize("text", ["18-01-2027", "18.1.2027", "18/1-2027", "18. 1. 2027", "2027-01-18"])
def test_days_are_read_in_danish_order(text: str) -> None:
    """And as ISO dates, for those who type them."""
    assert iso_day(text) == "2027-01-18"


@pytest.mark.parametrize(("text", "time"), [("9", "09:00"), ("9.30", "09:30"), ("kl. 9", "09:00"), ("15:00", "15:00")])
def test_clock_times_are_read_with_dot_colon_or_neither(text: str, time: str) -> None:
    """Danish writes 9.30."""
    assert clock(text) == time


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("7, 8 og 42", ["2027-W07", "2027-W08", "2027-W42"]),
        ("uge 7 & 8", ["2027-W07", "2027-W08"]),
        ("28 - 30", ["2027-W28", "2027-W29", "2027-W30"]),
        ("52-1", ["2026-W52", "2026-W53", "2027-W01"]),
        ("47", ["2026-W47"]),
        ("46;46", ["2027-W46"]),
        ("", []),
        ("53", ["2026-W53"]),
    ],
)
def test_week_numbers_are_the_next_such_weeks(text: str, found: list[str]) -> None:
    """Counted from this week, in the order in which they come; each once."""
    assert read(text) == found


def test_a_long_run_of_spaces_is_one_space() -> None:
    """Also before a dash that never comes: a pattern that tries each of them as a beginning takes minutes."""
    assert read("7" + " " * 60_000 + "8") == ["2027-W07", "2027-W08"]


@pytest.mark.parametrize("text", ["uge syv", "0", "54", "7-", "2027-W07", "1/2", "7, vinterferie", "1-52 " * 300])
def test_what_holds_no_week_numbers_is_refused(text: str) -> None:
    """All of it: half a wish must not be dropped."""
    with pytest.raises(WeeksUnreadableError):
        read(text)


def test_a_week_that_does_not_come_within_the_horizon_is_refused() -> None:
    """There is no week 53 in the years after 2026."""
    with pytest.raises(WeeksUnreadableError):
        weeks("53", today=date(2027, 1, 11), horizon_days=400)


def test_weeks_begin_on_monday() -> None:
    """Week 1 of 2027 begins on the fourth of January."""
    assert monday_of("2027-W01") == date(2027, 1, 4)
