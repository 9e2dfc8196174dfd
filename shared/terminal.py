"""Texts from outside, made fit for a terminal: nothing in them can move the cursor, change colours or turn the line around."""

import json
import re
from typing import Any, Final

REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"
# C0 without the line feed, DEL, C1, and the marks that turn the direction of writing.
_UNSAFE: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """The text with a mark in place of each control character; line feeds stay."""
    return _UNSAFE.sub(REPLACEMENT, text)


def one_line(text: str) -> str:
    """As `printable`, and without line feeds too: for texts that could else pass for lines of ours."""
    return printable(text).replace("\n", REPLACEMENT)


def json_text(value: Any, *, indent: int | None = None) -> str:
    """As JSON with its letters as they are; what a terminal would act on is escaped, so that nothing is lost."""
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False, indent=indent))
