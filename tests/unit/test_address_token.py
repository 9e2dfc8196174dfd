import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.address_token import address_with, make_token, token_in, verify_token
from shared.mail_address import one_address

KEY = bytes(range(32))
RANDOM = b"0123456789"


@given(st.binary(min_size=10, max_size=10))
def test_a_token_is_accepted_in_any_case_and_fits_into_a_local_part(random: bytes) -> None:
    """Mail servers may change the case of a local part; RFC 5321 allows it 64 characters."""
    token = make_token(random, key=KEY)
    address = address_with(token, mailbox="invite", domain="forloeb.example")
    assert one_address(address) == address
    assert len(address.partition("@")[0]) == 49
    assert token_in(address.upper()) == token
    assert verify_token(token, key=KEY)
    assert verify_token(token.upper(), key=KEY)


@given(st.integers(min_value=0, max_value=41), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_a_token_with_one_other_letter_is_refused(place: int, letter: str) -> None:
    """No neighbour of a token is a token, not even one that decodes to the same bytes."""
    token = make_token(RANDOM, key=KEY)
    other = token[:place] + letter + token[place + 1 :]
    assert verify_token(other, key=KEY) == (other == token)


@pytest.mark.parametrize("junk", ["", "x", "a" * 41, "a" * 43, "1" * 42, "æ" * 42, "a" * 42, "=" * 42, "ſ" + "a" * 41])
def test_junk_is_no_token(junk: str) -> None:
    """Whatever stands after the plus is answered with yes or no, never with an error."""
    assert not verify_token(junk, key=KEY)


def test_a_token_of_another_key_is_refused() -> None:
    """A changed key turns all older addresses off."""
    assert not verify_token(make_token(RANDOM, key=KEY), key=bytes(32))


def test_a_short_key_or_random_part_is_refused() -> None:
    """Weak tokens are a mistake of whoever wires the service."""
    with pytest.raises(ValueError, match="32 bytes"):
        make_token(RANDOM, key=b"short")
    with pytest.raises(ValueError, match="10 random bytes"):
        make_token(b"short", key=KEY)


def test_a_mailbox_name_that_leaves_no_room_is_refused() -> None:
    """The local part of an address ends at 64 characters."""
    with pytest.raises(ValueError, match="mailbox name"):
        address_with(make_token(RANDOM, key=KEY), mailbox="a-very-long-mailbox-name", domain="forloeb.example")


@pytest.mark.parametrize("address", ["invite@forloeb.example", "invite+@forloeb.example", "no address", "+x"])
def test_an_address_without_a_token_has_none(address: str) -> None:
    """The plain mailbox is an address like others."""
    assert token_in(address) is None
