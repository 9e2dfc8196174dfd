"""The lines of a calendar object (RFC 5545 section 3.1), unfolded and decoded, in their components. Pure.

Read here and not by the library, because of what programs write in answers: one line that the library refuses must not cost
the answer, a part that was cut off must not pass for a whole one, and a mail must be read in well under a millisecond.
"""

import re
from dataclasses import dataclass, field
from typing import Final

COMPONENTS_MAX: Final = 200
COMPONENT_DEPTH_MAX: Final = 5
LINES_MAX: Final = 5_000
PARAMETERS_MAX: Final = 100
"""Of one line. Without a limit, a line of a megabyte kept the reader busy for seconds."""
_FOLD: Final = re.compile(rb"(?:\r\n|\r|\n)[ \t]")
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
# What stands in quotes, ended or not, is passed over in one step.
_PARTING: Final = re.compile(r'"[^"]*"?|[;:]')
_UNESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_SINGLE_BYTE: Final = {"iso-8859-1", "latin1", "latin-1", "iso-8859-15", "windows-1252", "cp1252"}


class UnreadableError(ValueError):
    """These bytes are no whole calendar object, or a larger one than is read."""


@dataclass(frozen=True, slots=True)
class Line:
    """A property; its name and the names of its parameters in upper case, its value still escaped."""

    name: str
    parameters: dict[str, str]
    value: str


@dataclass(slots=True)
class Component:
    """A component with its own lines, as they are written, and its components."""

    name: str
    lines: list[str] = field(default_factory=list)
    inner: list["Component"] = field(default_factory=list)

    def all(self, name: str) -> list[Line]:
        """The properties of this name; lines that cannot be read are left out."""
        begins = (name + ":", name + ";")
        read = (read_line(line) for line in self.lines if line[: len(name) + 1].upper() in begins)
        return [line for line in read if line is not None]

    def one(self, name: str) -> str | None:
        """The value of the only property of this name, without blanks around it; None where there is none or several differ."""
        values = {line.value.strip() for line in self.all(name)}
        return values.pop() if len(values) == 1 else None

    def parts(self, name: str) -> list["Component"]:
        return [part for part in self.inner if part.name == name]


def read_components(content: bytes, charset: str | None) -> list[Component]:
    """The calendars in these bytes. Raises UnreadableError where one does not end, or holds more than is read."""
    lines = [line for line in _LINE_END.split(decoded(content, charset)) if line and not line.isspace()]
    if len(lines) > LINES_MAX:
        raise UnreadableError
    root = Component("")
    open_ones, count = [root], 0
    for line in lines:
        name, _, value = line.partition(":")
        match name.strip().upper():
            case "BEGIN":
                count += 1
                begun = Component(value.strip().upper())
                open_ones[-1].inner.append(begun)
                open_ones.append(begun)
                if count > COMPONENTS_MAX or len(open_ones) > COMPONENT_DEPTH_MAX:
                    raise UnreadableError
            case "END":
                if open_ones.pop().name != value.strip().upper() or not open_ones:
                    raise UnreadableError
            case _:
                open_ones[-1].lines.append(line)
    if len(open_ones) > 1:
        raise UnreadableError
    return root.parts("VCALENDAR")


def decoded(content: bytes, charset: str | None) -> str:
    """The text, unfolded before it is decoded: some programs fold inside a character. What is not UTF-8 is what the mail calls it."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace").replace("\r\n ", "").replace("\n ", "")
    unfolded = _FOLD.sub(b"", content.removeprefix(b"\xef\xbb\xbf"))
    try:
        return unfolded.decode("utf-8")
    except UnicodeDecodeError:
        single = (charset or "").strip().lower() in _SINGLE_BYTE
        return unfolded.decode("cp1252" if single else "utf-8", "replace")


def read_line(line: str) -> Line | None:
    """Split a content line; a colon or semicolon in quotes parts nothing. None: it is none, or has too many parameters."""
    cuts: list[int] = []
    colon: int | None = None
    for found in _PARTING.finditer(line):
        if found[0] == ":":
            colon = found.start()
        elif found[0] == ";":
            cuts.append(found.start())
        if colon is not None or len(cuts) > PARAMETERS_MAX:
            break
    if colon is None:
        return None
    ends = [*cuts[1:], colon]
    parameters: dict[str, str] = {}
    for begin, end in zip(cuts, ends, strict=True) if cuts else ():
        name, _, value = line[begin + 1 : end].partition("=")
        parameters.setdefault(name.strip().upper(), value.strip().strip('"'))
    return Line(line[: cuts[0] if cuts else colon].strip().upper(), parameters, line[colon + 1 :])


def unescaped(text: str) -> str:
    """A TEXT value as it was meant (RFC 5545 section 3.3.11)."""
    return _UNESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], text)
