import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.reference_number import ALPHABET, read_reference, reference_number

RANDOM = st.binary(min_size=8, max_size=16)


@given(RANDOM)
def test_a_reference_has_its_form_and_is_read_back(random_bytes: bytes) -> None:
    """Prefix and two groups of four; typed in lower case with spaces for hyphens it is still understood."""
    number = reference_number("SPARK", random_bytes)
    assert re.fullmatch(rf"SPARK-[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}", number)
    assert read_reference("SPARK", number) == number
    assert read_reference("SPARK", f" {number.lower().replace('-', ' ')} ") == number
    assert read_reference("SPARK", number.removeprefix("SPARK-")) == number


@given(RANDOM, st.integers(min_value=0, max_value=7), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(random_bytes: bytes, place: int, other: str) -> None:
    """No single slip turns one reference into another."""
    plain = list(reference_number("SPARK", random_bytes).removeprefix("SPARK-").replace("-", ""))
    if plain[place] != other:
        plain[place] = other
        assert read_reference("SPARK", "".join(plain)) is None


@given(RANDOM, st.integers(min_value=0, max_value=6))
def test_two_swapped_neighbours_are_noticed(random_bytes: bytes, place: int) -> None:
    """Swapping two different characters that stand side by side is never a valid reference."""
    plain = list(reference_number("SPARK", random_bytes).removeprefix("SPARK-").replace("-", ""))
    if plain[place] != plain[place + 1]:
        plain[place], plain[place + 1] = plain[place + 1], plain[place]
        assert read_reference("SPARK", "".join(plain)) is None


@pytest.mark.parametrize(
    "typed", ["", "SPARK", "SPARK-0000-0000", "SPARK-2222-222", "ANDET-2222-2222", "SPARK-2222-22222"]
)
def test_what_cannot_be_a_reference_is_none(typed: str) -> None:
    """Wrong length, wrong characters and a foreign prefix are refused."""
    assert read_reference("SPARK", typed) is None


def test_the_alphabet_is_prime_and_unambiguous() -> None:
    """The check character relies on a prime number of characters; vowels and look-alikes are left out."""
    assert len(set(ALPHABET)) == 23
    assert not set("AEIOUYÆØÅ01LSBNZ") & set(ALPHABET)


def test_too_few_random_bytes_are_refused() -> None:
    """Fewer than eight bytes would make some references far likelier than others."""
    with pytest.raises(ValueError, match="8 random bytes"):
        reference_number("SPARK", b"1234567")
