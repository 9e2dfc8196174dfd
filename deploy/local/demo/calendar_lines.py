"""Puts calendar objects together from content lines (RFC 5545 section 3.1). Pure."""

from datetime import UTC, datetime
from typing import Final

Lines = list[str]

LINE_OCTETS_MAX: Final = 74
"""Of a line without its end; a line that goes on begins with a blank besides."""


def danish_zone(name: str) -> Lines:
    """Danish time under this name."""
    winter = ["BEGIN:STANDARD", "DTSTART:19701025T030000", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100"]
    summer = ["BEGIN:DAYLIGHT", "DTSTART:19700329T020000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200"]
    return [
        *("BEGIN:VTIMEZONE", f"TZID:{name}"),
        *(*winter, "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "END:STANDARD"),
        *(*summer, "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "END:DAYLIGHT", "END:VTIMEZONE"),
    ]


def calendar_object(head: Lines, zone: Lines, event: Lines) -> bytes:
    lines = ["BEGIN:VCALENDAR", *head, *zone, "BEGIN:VEVENT", *event, "END:VEVENT", "END:VCALENDAR"]
    return b"".join(_folded(line) + b"\r\n" for line in lines)


def _folded(line: str) -> bytes:
    """At most 75 octets a line, cut between characters."""
    pieces, piece = [], b""
    for octets in (character.encode() for character in line):
        if len(piece) + len(octets) > LINE_OCTETS_MAX:
            pieces.append(piece)
            piece = b""
        piece += octets
    return b"\r\n ".join([*pieces, piece])


def text(words: str) -> str:
    for character in ("\\", ";", ","):
        words = words.replace(character, f"\\{character}")
    return words


def quoted(name: str) -> str:
    return f'"{name}"'


def utc(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"
