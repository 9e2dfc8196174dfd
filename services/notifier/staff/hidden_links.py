"""Takes out of a mail, before staff see it, what only its recipient may hold: her own links, and addresses with a token. Pure.

A link to a status page is as good as a password, and whoever knows the address that an invite is answered at can answer it.
"""

import html
import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from shared.programme import Programme

SECRET_CHARS_MIN: Final = 16
"""Parts of a link as long as this may be its secret; all our tokens are longer."""

_URL: Final = re.compile(r"https?://[^\s\"'<>\\]+", re.IGNORECASE)
_TARGET: Final = re.compile(r"(href\s*=\s*[\"']?)(https?://[^\s\"'<>]+)", re.IGNORECASE)
_TOKEN_ADDRESS: Final = re.compile(r"([\w.%-]+)(?:\+|%2B|&#43;)([A-Z2-7]{26,})(@|%40)", re.IGNORECASE)
_END_OF_SENTENCE: Final = ".,;:!?)"
_FOLD: Final = re.compile(r"\r?\n[ \t]")


class Hider:
    """Hides what is secret in the texts of one mail. `mark` stands in its place; `public` are links that are everybody's."""

    def __init__(self, public: frozenset[str], *, mark: str) -> None:
        self._public = public
        self._mark = mark

    def links(self, text: str) -> set[str]:
        """The links in a text that are not everybody's."""
        return {found for match in _URL.finditer(text) if (found := _bare(match[0])) and not self._is_public(found)}

    def text(self, text: str) -> str:
        """A text without secrets."""
        secrets = self._secrets(text)
        shown = _URL.sub(lambda match: self._instead(match[0]), text)
        return self._without(_without_tokens(shown), secrets)

    def page(self, page: str) -> str:
        """The same for HTML: a link of the recipient's own leads nowhere."""
        secrets = self._secrets(page)
        led = _TARGET.sub(lambda match: match[0] if self._is_public(match[2]) else f"{match[1]}#", page)
        shown = _URL.sub(lambda match: self._instead(match[0], escape=True), led)
        return self._without(_without_tokens(shown), secrets)

    def calendar(self, ics: str) -> list[str]:
        """The lines of a calendar object, unfolded (RFC 5545 section 3.1), without secrets."""
        return self.text(_FOLD.sub("", ics)).splitlines()

    def _instead(self, found: str, *, escape: bool = False) -> str:
        link = _bare(found)
        if self._is_public(link):
            return found
        return (html.escape(self._mark) if escape else self._mark) + found[len(link) :]

    def _is_public(self, link: str) -> bool:
        return html.unescape(link) in self._public

    def _secrets(self, text: str) -> set[str]:
        """What may give a link away wherever else it stands."""
        parts = {part for link in self.links(text) for part in _parts(html.unescape(link))}
        return parts | {match[2] for match in _TOKEN_ADDRESS.finditer(text)}

    def _without(self, text: str, secrets: set[str]) -> str:
        for secret in sorted(secrets, key=len, reverse=True):
            text = re.sub(re.escape(secret), "…", text, flags=re.IGNORECASE)
        return text


def public_links(programme: Programme) -> frozenset[str]:
    """Every link that the programme's file names: it is the same for everybody."""
    return frozenset(
        one for one in _texts(programme.model_dump(mode="json")) if one.startswith(("https://", "http://"))
    )


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)


def _bare(found: str) -> str:
    """A link without what ends the sentence that it stands in."""
    return found.rstrip(_END_OF_SENTENCE)


def _parts(link: str) -> Iterator[str]:
    try:
        parts = urlsplit(link)
    except ValueError:
        return
    found = [*parts.path.split("/"), parts.fragment, *(value for _, value in parse_qsl(parts.query))]
    yield from (one for one in found if len(one) >= SECRET_CHARS_MIN)


def _without_tokens(text: str) -> str:
    return _TOKEN_ADDRESS.sub(lambda match: f"{match[1]}+…{match[3]}", text)
