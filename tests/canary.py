"""Texts that must turn up nowhere, and the search for them in every form that software gives to a text on its way."""

import base64
import html
import json
import quopri
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

SHORT = 12
"""Base64 of fewer bytes could stand in a sealed block by chance."""


class Canaries:
    """`words` are searched without regard to case, and encoded both as they are and in small letters."""

    def __init__(self, words: Iterable[str]) -> None:
        self._patterns = {word: re.compile(b"|".join(map(re.escape, _forms(word))), re.IGNORECASE) for word in words}
        # Case matters in base64, so it has a pattern of its own.
        self._encoded = {word: list(_base64(word)) for word in self._patterns}

    def found_in(self, content: bytes) -> list[str]:
        """The words that stand in this content in whatever form."""
        # Mails break their lines within words.
        whole = re.sub(rb"=\r?\n", b"", content)
        unbroken = re.sub(rb"\r?\n", b"", content)
        return [
            word
            for word, pattern in self._patterns.items()
            if pattern.search(whole) or any(form in unbroken for form in self._encoded[word])
        ]


def _forms(word: str) -> set[bytes]:
    return _forms_of(word) | _forms_of(word.lower()) | _forms_of(word.upper())


def _forms_of(word: str) -> set[bytes]:
    plain = word.encode()
    return {
        plain,
        word.encode("latin-1"),
        word.encode("utf-16-le"),
        quote(word).encode(),
        quote_plus(word).encode(),
        quote(quote(word)).encode(),
        html.escape(word).encode(),
        word.encode("ascii", "xmlcharrefreplace"),
        word.encode("ascii", "backslashreplace"),
        json.dumps(word)[1:-1].encode(),
        repr(plain)[2:-1].encode(),
        quopri.encodestring(plain, quotetabs=True).replace(b"=\n", b""),
        plain.hex().encode(),
    }


def _base64(word: str) -> Iterator[bytes]:
    """The part of its base64 that does not depend on what stands around it, at each of the three places within a group."""
    for text in {word, word.lower()}:
        for before in range(3):
            encoded = base64.b64encode(b"\0" * before + text.encode())
            # What mixes bits of the neighbours falls away at both ends.
            inner = encoded[-(-before * 8 // 6) : (before + len(text.encode())) * 8 // 6]
            if len(inner) >= SHORT:
                yield inner
                yield inner.translate(bytes.maketrans(b"+/", b"-_"))
