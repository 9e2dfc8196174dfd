import base64
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.sealing import (
    SealBrokenError,
    Sealed,
    additional_data,
    document_place,
    event_place,
    seal,
    unseal,
)

KEY = bytes(range(32))
NONCE = bytes(range(12))
PLACE = event_place("application-1", "dk.forloeb.CourseBooked.v1", "event-1")

places = st.lists(st.text(max_size=20), min_size=1, max_size=4).map(tuple)


def sealed_at(place: Sequence[str], plain: bytes = b"secret") -> Sealed:
    return seal(plain, key=KEY, key_id="person:1", place=place, nonce=NONCE)


@given(plain=st.binary(max_size=2_000), place=places, key=st.binary(min_size=32, max_size=32))
def test_what_is_sealed_opens_again_in_its_place(plain: bytes, place: tuple[str, ...], key: bytes) -> None:
    """Sealing and opening with the same key in the same place gives the same bytes, also after a trip through JSON."""
    block = seal(plain, key=key, key_id="person:1", place=place, nonce=NONCE)
    again = Sealed.model_validate_json(block.model_dump_json())
    assert unseal(again, key=key, place=place) == plain


@given(place=places, other=places)
def test_a_block_opens_in_no_other_place(place: tuple[str, ...], other: tuple[str, ...]) -> None:
    """Two different places never share their additional data, however their parts are cut."""
    if place == other:
        assert unseal(sealed_at(place), key=KEY, place=other) == b"secret"
    else:
        with pytest.raises(SealBrokenError):
            unseal(sealed_at(place), key=KEY, place=other)


@given(cut=st.integers(min_value=0, max_value=11))
def test_moving_a_letter_between_the_parts_of_a_place_is_another_place(cut: int) -> None:
    """`["ab","c"]` is not `["a","bc"]`: joined strings would be the same."""
    text = "application1"
    assert additional_data("k", (text[:cut], text[cut:])) != additional_data("k", (text[: cut + 1], text[cut + 1 :]))


@given(key=st.binary(min_size=32, max_size=32))
def test_another_key_never_opens_it(key: bytes) -> None:
    """Only the very key opens a block."""
    if key != KEY:
        with pytest.raises(SealBrokenError):
            unseal(sealed_at(PLACE), key=key, place=PLACE)


@given(place=st.integers(min_value=0), bit=st.integers(min_value=0, max_value=7))
def test_one_altered_bit_is_noticed(place: int, bit: int) -> None:
    """No bit of the ciphertext or its tag can change unseen."""
    block = sealed_at(PLACE)
    box = bytearray(base64.b64decode(block.box))
    box[place % len(box)] ^= 1 << bit
    altered = block.model_copy(update={"box": base64.b64encode(bytes(box)).decode()})
    with pytest.raises(SealBrokenError):
        unseal(altered, key=KEY, place=PLACE)


@pytest.mark.parametrize(
    "change",
    [
        {"key_id": "person:2"},
        {"nonce": base64.b64encode(bytes(12)).decode()},
        {"nonce": ""},
        {"nonce": "not base64!"},
        {"box": ""},
        {"box": "AAAA"},
        {"box": "æøå"},
    ],
)
def test_a_block_with_another_part_does_not_open(change: dict[str, str]) -> None:
    """A wrong key id, nonce or box is one and the same answer, never another kind of error."""
    with pytest.raises(SealBrokenError):
        unseal(sealed_at(PLACE).model_copy(update=change), key=KEY, place=PLACE)


def test_event_and_document_are_different_places_even_with_the_same_words() -> None:
    """A block out of an event cannot be put into a document, or the other way."""
    assert event_place("a", "b", "c") != document_place("a", "b", "c")
    with pytest.raises(SealBrokenError):
        unseal(sealed_at(event_place("a", "b", "c")), key=KEY, place=document_place("a", "b", "c"))


def test_a_block_shows_only_its_key_id() -> None:
    """Whatever prints a block, or an error about it, shows nothing that is in it."""
    block = sealed_at(PLACE, b"Karen Blixen")
    assert repr(block) == str(block) == "Sealed(person:1)"
    with pytest.raises(SealBrokenError) as caught:
        unseal(block, key=bytes(32), place=PLACE)
    assert str(caught.value) == "person:1"
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(("key", "nonce"), [(KEY[:31], NONCE), (KEY, NONCE[:11]), (KEY + b"x", NONCE), (KEY, b"")])
def test_keys_and_nonces_of_another_length_are_refused(key: bytes, nonce: bytes) -> None:
    """AES-128 or a short nonce would work too, and be weaker."""
    with pytest.raises(ValueError, match="32 bytes"):
        seal(b"x", key=key, key_id="person:1", place=PLACE, nonce=nonce)


def test_a_block_of_another_format_is_refused() -> None:
    """A format that this version does not know is no block at all."""
    with pytest.raises(ValueError, match="A256GCM/1"):
        Sealed.model_validate({"format": "ROT13/1", "key_id": "person:1", "nonce": "", "box": ""})
