"""The search that the canary test rests on: a form that it overlooks would be a leak that nobody sees."""

import base64
import html
import json
import quopri
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest

from tests.canary import Canaries

WORD = "Kanariefugl Æøå O'Lygte"
FORMS: dict[str, Callable[[str], bytes]] = {
    "plain": str.encode,
    "in capitals": lambda text: text.upper().encode(),
    "in latin-1": lambda text: text.encode("latin-1"),
    "in UTF-16": lambda text: text.encode("utf-16"),
    "in an address": lambda text: quote(text).encode(),
    "in a form": lambda text: quote_plus(text).encode(),
    "in a page": lambda text: html.escape(text).encode(),
    "in JSON for ASCII": lambda text: json.dumps(text).encode(),
    "as Python shows bytes": lambda text: repr(text.encode()).encode(),
    "in quoted-printable": lambda text: quopri.encodestring(text.encode(), quotetabs=True),
    "in a mail with short lines": lambda text: quopri.encodestring(("x" * 70 + text).encode(), quotetabs=True),
    "in base64 with short lines": lambda text: base64.encodebytes(("x" * 50 + text).encode()),
    "in base64": lambda text: base64.b64encode(text.encode()),
    "in base64 after one letter": lambda text: base64.b64encode(b"x" + text.encode() + b"yz"),
    "in base64 after two letters": lambda text: base64.b64encode(b"xy" + text.encode() + b"z"),
    "in base64 for addresses": lambda text: base64.urlsafe_b64encode(text.encode()),
    "in hexadecimal": lambda text: text.encode().hex().encode(),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_a_planted_word_is_found_in_every_form(form: Callable[[str], bytes]) -> None:
    """With other text before and after it."""
    assert Canaries([WORD, "another"]).found_in(b"before " + form(WORD) + b" after") == [WORD]


def test_nothing_is_found_where_nothing_is() -> None:
    """Sealed blocks are long and random."""
    sealed = base64.b64encode(bytes(number * number % 251 for number in range(100_000)))
    assert Canaries([WORD, "91827364"]).found_in(sealed + b"kanarie fugl") == []
