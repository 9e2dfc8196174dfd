import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.cpr import contains_cpr

# No number here belongs to a person: the forms are what is tested.
DAYS = st.dates()
FOUR_DIGITS = st.integers(min_value=0, max_value=9999).map(lambda number: f"{number:04}")
WORDS = st.text(alphabet="abcdefghij ,:()æøå", max_size=12)
EIGHT_DIGITS = st.integers(min_value=0, max_value=99_999_999).map(lambda number: f"{number:08}")


@pytest.mark.parametrize(
    "text",
    [
        "120185-1234",
        "1201851234",
        "120185 1234",
        "120185  -  1234",
        "120185\u20131234",
        "12 01 85 1234",
        "12.01.85-1234",
        "12-01-85-1234",
        "12/01/85 - 1234",
        "Kollegaen (290200-0000) er syg",
        "nr. 5 120185-1234",
        "cpr120185-1234x",
        "720185-1234",
        "１２０１８５-１２３４",
        "1201\u200b85-1234",
        "99 120185-1234",
        "0101901234@kommune.example",
    ],
)
def test_a_cpr_number_is_found(text: str) -> None:
    """All the ways in which people write the number are noticed, with words and other numbers around it."""
    assert contains_cpr(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Tlf. 12 01 85 12",
        "+45 12 01 85 12",
        "+4512018512",
        "+1201851234",
        "12018512 / 12018513",
        "Ring 30 12 11 85 8000 Aarhus",
        "321385-1234",
        "300285-1234",
        "001385-1234",
        "Den 12.01.27 1400",
        "12/01/27 kl. 14.00-16.00",
        "EAN 5798001201851",
        "uge 28-31 2027",
        "2027-01-12 09:00",
        "12345678901234",
        "Vi er 140 medarbejdere, 12 i MED, 4100 Ringsted",
    ],
)
def test_other_numbers_pass(text: str) -> None:
    """Phone numbers, dates, times, postal codes and impossible dates are no CPR numbers."""
    assert not contains_cpr(text)


@given(DAYS, FOUR_DIGITS, st.sampled_from(["", "-", " ", " - ", "\u2013", "\u00a0"]), WORDS, WORDS)
def test_every_date_with_four_digits_is_found(day: object, last: str, mark: str, before: str, after: str) -> None:
    """Whatever the date, the mark and the words around it: the number is noticed."""
    assert contains_cpr(f"{before}{day:%d%m%y}{mark}{last}{after}")


@given(
    st.lists(EIGHT_DIGITS, min_size=1, max_size=4),
    st.sampled_from(
        [
            lambda d: d,
            lambda d: f"{d[:2]} {d[2:4]} {d[4:6]} {d[6:]}",
            lambda d: f"{d[:4]} {d[4:]}",
            lambda d: f"{d[:2]}.{d[2:4]}.{d[4:6]}.{d[6:]}",
            lambda d: f"{d[:2]}-{d[2:4]}-{d[4:6]}-{d[6:]}",
        ]
    ),
    st.sampled_from(["", "+45 ", "+45", "0045 ", "(+45) "]),
    st.sampled_from([", ", " eller ", " / ", "\n"]),
)
def test_phone_numbers_are_never_taken_for_cpr(numbers: list[str], write: object, country: str, between: str) -> None:
    """Any phone numbers of eight digits, however they are grouped, alone or several of them, pass."""
    assert callable(write)
    assert not contains_cpr(between.join(country + write(number) for number in numbers))
