import uuid
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.ids import derived, uuid7

moments = st.datetimes(
    min_value=datetime(2020, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)  # noqa: DTZ001 - hypothesis adds the zone
)  # fmt: skip
random_bytes = st.binary(min_size=10, max_size=10)


@given(moments, random_bytes)
def test_it_is_a_version_7_of_the_right_variant_that_holds_its_millisecond(now: datetime, random: bytes) -> None:
    """RFC 9562: version and variant bits are set, and the first 48 bits are the Unix time."""
    value = uuid.UUID(uuid7(now, random))
    assert value.version == 7
    assert value.variant == uuid.RFC_4122
    assert value.int >> 80 == int(now.timestamp() * 1000)


@given(moments, random_bytes, random_bytes)
def test_later_ids_sort_after_earlier_ones(now: datetime, one: bytes, other: bytes) -> None:
    """As text, too: lists in order of ids are lists in order of time."""
    assert uuid7(now, one) < uuid7(now + timedelta(milliseconds=2), other)


@given(moments, random_bytes, random_bytes)
def test_different_random_bits_give_different_ids(now: datetime, one: bytes, other: bytes) -> None:
    """74 of the 80 bits count: two that differ outside the six reserved ones differ as ids."""
    mask = ~((0xF << 76) | (0x3 << 62))
    differs = (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")) & mask
    assert (uuid7(now, one) != uuid7(now, other)) == bool(differs)


def test_the_same_parts_always_derive_the_same_id() -> None:
    """In every process and every version: stored messages would be sent again if this changed."""
    assert derived("a", "b") == "29e623ff-e41f-54e0-b6f8-d75d0a52d1cd"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), min_size=1, max_size=4))
def test_other_parts_derive_another_id(parts: list[str]) -> None:
    """Also where the letters are the same and only cut otherwise."""
    assert derived(*parts) != derived(*parts, "")
    assert derived("ab", "c") != derived("a", "bc")
