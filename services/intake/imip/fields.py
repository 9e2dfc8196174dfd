"""Header fields as they stand in a mail, split and unfolded without any guess at what was meant. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

_FOLD: Final = re.compile(rb"\r?\n(?=[ \t])")
_LINE: Final = re.compile(rb"\r?\n")
_PARAMETER: Final = re.compile(r';\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)')
_ESCAPED: Final = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a mail or of a part, in their order; names in lower case."""

    all: tuple[tuple[str, str], ...]

    def values(self, name: str) -> Iterator[str]:
        return (value for found, value in self.all if found == name)

    def first(self, name: str) -> str | None:
        return next(self.values(name), None)


@dataclass(frozen=True, slots=True)
class Value:
    """A field such as Content-Type: what stands before the first semicolon, in lower case, and its parameters."""

    main: str
    parameters: dict[str, str]


def read_fields(headers: bytes) -> Fields:
    """Split header lines. Lines that are none are left out; "From :" is a From field, as some servers see it."""
    lines = _LINE.split(_FOLD.sub(b"", headers))
    return Fields(tuple((name.rstrip().lower(), value.strip()) for name, value in map(_parted, lines) if name))


def read_value(text: str | None) -> Value:
    """Split a field with parameters (RFC 2045 section 5.1; names in continuations as RFC 2231 has them)."""
    text = text or ""
    main, _, _ = text.partition(";")
    parameters: dict[str, str] = {}
    for found in _PARAMETER.finditer(text):
        name, value = found[1].lower(), found[2].strip()
        if value.startswith('"'):
            value = _ESCAPED.sub(r"\1", value[1:-1])
        base, star, rest = name.partition("*")
        if star and (rest.endswith("*") or not rest):
            # "utf-8'da'name": the charset stands in the first piece only.
            value = unquote(value.rpartition("'")[2])
        if star and base in parameters and rest not in ("", "0", "0*"):
            value = parameters[base] + value
        elif base in parameters:
            continue
        parameters[base] = value
    return Value(main.strip().lower(), parameters)


def _parted(line: bytes) -> tuple[str, str]:
    name, colon, value = line.partition(b":")
    # Not UTF-8 is no fault here: what is read of these fields is ASCII, and the rest only has to survive.
    return (name.decode("latin-1"), value.decode("utf-8", "replace")) if colon else ("", "")
