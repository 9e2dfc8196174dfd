"""Links of intake: every token is good for one thing only, and nothing else passes for it."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.links import NOBODY, TOKEN_CHARACTERS, Link, Purpose, Signer, make, read

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
KEY = b"k" * 32
APPLICATION = "01a200dc-ac4b-7f47-9dfc-b8e5e1c2b62e"
OTHER_APPLICATION = "01a200dc-ac64-7d40-89b3-229ebf1c4fd2"
PERSON = "01a200dc-ac64-7d07-b0f2-ca860d29010c"
CONTACT_LINK = Link(
    purpose=Purpose.CONTACT,
    application_id=APPLICATION,
    person_id=PERSON,
    epoch=1,
    expires_at=NOW + timedelta(days=490),
)
STATUS_LINK = replace(CONTACT_LINK, purpose=Purpose.STATUS, person_id=NOBODY)


def token(link: Link = CONTACT_LINK, *, key: bytes = KEY, programme: str = "spark") -> str:
    return make(link, key=key, programme=programme)


def opened(text: str, *, now: datetime = NOW, programme: str = "spark") -> Link | None:
    return read(text, key=KEY, programme=programme, now=now)


@pytest.mark.parametrize("link", [CONTACT_LINK, STATUS_LINK, replace(CONTACT_LINK, epoch=65535)])
def test_a_token_gives_back_its_link(link: Link) -> None:
    """What was signed is what is read, and the token fits into a URL as it is."""
    text = token(link)
    assert opened(text) == link
    assert len(text) == TOKEN_CHARACTERS
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@pytest.mark.parametrize(
    ("mine", "other"),
    list(
        itertools.permutations(
            [
                CONTACT_LINK,
                STATUS_LINK,
                replace(CONTACT_LINK, application_id=OTHER_APPLICATION),
                replace(CONTACT_LINK, person_id=OTHER_APPLICATION),
                replace(CONTACT_LINK, epoch=2),
                replace(CONTACT_LINK, expires_at=NOW + timedelta(days=9000)),
            ],
            2,
        )
    ),
)
def test_a_signature_fits_no_other_link(mine: Link, other: Link) -> None:
    """Purpose, application, person, epoch and expiry are all signed: claims of one with the signature of another are wrong."""
    claims_end = 53
    assert opened(token(other)[:claims_end] + token(mine)[claims_end:]) is None


def test_a_token_of_another_programme_or_key_is_wrong() -> None:
    """The programme is signed although it does not stand in the token."""
    assert opened(token(programme="andet")) is None
    assert opened(token(), programme="andet") is None
    assert opened(token(key=b"x" * 32)) is None


def test_a_token_ends_with_its_expiry() -> None:
    """It opens until the second before, and not from then on."""
    end = CONTACT_LINK.expires_at
    assert opened(token(), now=end - timedelta(seconds=1)) == CONTACT_LINK
    assert opened(token(), now=end) is None


def test_every_cut_or_lengthened_token_is_wrong() -> None:
    """A link that a mail program broke leads nowhere, however much of it came along."""
    text = token()
    assert [length for length in range(len(text)) if opened(text[:length])] == []
    assert not any(opened(text + more) for more in ("A", "=", " ", "\n", "/confirm"))


@given(st.integers(0, TOKEN_CHARACTERS - 1), st.characters())
def test_a_token_with_any_character_changed_is_wrong(place: int, character: str) -> None:
    """Also where the change would decode to the same bytes."""
    text = token()
    changed = text[:place] + character + text[place + 1 :]
    assert (opened(changed) is not None) == (changed == text)


@pytest.mark.parametrize("change", [str.lower, str.upper, str.swapcase])
def test_a_token_in_another_case_is_wrong(change: object) -> None:
    """Nothing is forgiven: two spellings would be two links."""
    assert callable(change)
    assert opened(change(token())) is None


@given(st.one_of(st.text(max_size=200), st.text("ABCabc012-_", min_size=75, max_size=75), st.binary().map(str)))
def test_junk_is_refused_without_an_error(text: str) -> None:
    """Whatever stands in the address, the answer is only that it is wrong."""
    assert opened(text) is None


def test_a_signer_shows_no_key_when_it_is_printed() -> None:
    """Its key may not end in a log."""
    signer = Signer(key=KEY, programme="spark", public_url="https://forloeb.example")
    assert "kkk" not in repr(signer)
    assert signer.page(STATUS_LINK).startswith("https://forloeb.example/s/")
