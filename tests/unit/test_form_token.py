"""The token of a form."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.web import form_token

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
KEY = b"k" * 32


def test_a_token_is_right_for_its_subject_until_it_is_old() -> None:
    """Four hours, then the page is shown again with a fresh one."""
    token = form_token.make(key=KEY, subject="draft|7", now=NOW)
    assert len(token) == form_token.TOKEN_CHARACTERS
    assert form_token.check(token, key=KEY, subject="draft|7", now=NOW + timedelta(hours=4)) == "right"
    assert form_token.check(token, key=KEY, subject="draft|7", now=NOW + timedelta(hours=4, seconds=1)) == "old"


@pytest.mark.parametrize(
    "change",
    [lambda t: t[:-1], lambda t: t.swapcase(), lambda t: t[:0], lambda t: "æ" * len(t), lambda t: t + "AAAA"],
    ids=["cut", "case", "empty", "not ascii", "longer"],
)
def test_a_changed_token_is_wrong(change) -> None:  # noqa: ANN001 - a function of text
    """Whatever was changed."""
    token = form_token.make(key=KEY, subject="draft|7", now=NOW)
    assert form_token.check(change(token), key=KEY, subject="draft|7", now=NOW) == "wrong"


def test_a_token_of_another_subject_or_key_is_wrong() -> None:
    """A token taken from one form opens no other."""
    token = form_token.make(key=KEY, subject="draft|7", now=NOW)
    assert form_token.check(token, key=KEY, subject="draft|8", now=NOW) == "wrong"
    assert form_token.check(token, key=b"o" * 32, subject="draft|7", now=NOW) == "wrong"
