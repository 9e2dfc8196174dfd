from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from services.intake import links
from services.intake.links import NOBODY, Link, Purpose
from services.intake.status import session

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
KEY = bytes(32)
LINK = Link(
    purpose=Purpose.CONTACT,
    application_id="0193fd6a-0000-7000-8000-000000000001",
    person_id="0193fd6a-0000-7000-8000-000000000003",
    epoch=1,
    expires_at=NOW + timedelta(days=90),
)


def test_a_session_holds_what_the_link_says_and_when_it_was_used() -> None:
    """Both kinds of link come back whole."""
    for link in (LINK, Link(**{**vars(LINK), "purpose": Purpose.STATUS, "person_id": NOBODY})):
        value = session.make(link, key=KEY, programme="spark", now=NOW)
        assert session.read(value, key=KEY, programme="spark") == session.Session(link=link, used_at=NOW)


def test_it_is_idle_after_half_an_hour() -> None:
    """To the second."""
    found = session.Session(link=LINK, used_at=NOW)
    assert not found.is_idle(NOW + session.IDLE - timedelta(seconds=1))
    assert found.is_idle(NOW + session.IDLE)


def test_nothing_but_its_own_bytes_is_read() -> None:
    """No change of any character, no cut, no other key or programme, and no token of a link."""
    value = session.make(LINK, key=KEY, programme="spark", now=NOW)
    for place, character in product(range(len(value)), "Aa-"):
        changed = value[:place] + character + value[place + 1 :]
        assert changed == value or session.read(changed, key=KEY, programme="spark") is None
    for wrong in (value[:-1], value + "A", value.swapcase(), "", "æ" * len(value), value[:-1] + "="):
        assert session.read(wrong, key=KEY, programme="spark") is None
    assert session.read(value, key=bytes(31) + b"1", programme="spark") is None
    assert session.read(value, key=KEY, programme="other") is None
    token = links.make(LINK, key=KEY, programme="spark")
    assert session.read(token, key=KEY, programme="spark") is None
    assert links.read(value, key=KEY, programme="spark", now=NOW) is None


@pytest.mark.parametrize("number", [0, 2, 255])
def test_a_key_number_that_we_do_not_know_is_refused(number: int) -> None:
    """Even where the signature is right: it says under which key it was to be made."""
    claims = bytes([number]) + links.pack(LINK)[1:]
    text = links.signed(claims, key=KEY, programme="spark")
    assert links.verified(text, claims_bytes=links.CLAIMS_BYTES, key=KEY, programme="spark") == claims
    assert links.read(text, key=KEY, programme="spark", now=NOW) is None
