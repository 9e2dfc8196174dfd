"""A workplace that may not be served is known again however it is written, and by nobody without the key."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scheduler.workplace_hash import hashes_of, workplace_hash
from tests.scheduler_samples import matter_of

KEY = bytes(range(32))
NORTH = workplace_hash(KEY, "Jobcenter Ærø-Nord", "5970")


@pytest.mark.parametrize(
    ("name", "postal_code"),
    [
        ("jobcenter ærø nord", "5970"),
        ("JOBCENTER ÆRØ–NORD", " 5970 "),
        ("Jobcenter  Ærø, Nord.", "5970"),
        ("JobcenterÆrøNord", "5970"),
    ],
)
def test_ways_of_writing_a_name_are_one_workplace(name: str, postal_code: str) -> None:
    """Case, blanks, hyphens and punctuation make no difference."""
    assert workplace_hash(KEY, name, postal_code) == NORTH


@pytest.mark.parametrize(
    ("key", "name", "postal_code"),
    [
        (KEY, "Jobcenter Ærø-Syd", "5970"),
        (KEY, "Jobcenter Ærø-Nord", "5960"),
        (KEY, "Jobcenter Ærø-Nord 5970", ""),
        (bytes(32), "Jobcenter Ærø-Nord", "5970"),
    ],
)
def test_another_name_place_or_key_is_another_workplace(key: bytes, name: str, postal_code: str) -> None:
    """The name elsewhere is another workplace, and without the key nobody can try names."""
    assert workplace_hash(key, name, postal_code) != NORTH


@given(st.text(max_size=60))
def test_ways_of_composing_letters_make_no_difference(name: str) -> None:
    """Some systems send å as one sign, some as a with a ring."""
    composed, decomposed = (unicodedata.normalize(form, name) for form in ("NFC", "NFD"))
    assert workplace_hash(KEY, composed, "5000") == workplace_hash(KEY, decomposed, "5000")


def test_an_applications_workplaces_are_hashed_each() -> None:
    """By name and postal code alone: street and municipality do not count."""
    assert hashes_of(matter_of().workplaces, KEY) == {workplace_hash(KEY, "Jobcentret", "5000")}
