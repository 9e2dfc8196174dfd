"""Calendars as programs publish them, in few lines: whole objects and single events."""

from collections.abc import Iterable


def calendar(*parts: str, head: Iterable[str] = ("VERSION:2.0", "PRODID:-//Test//Calendars//EN")) -> bytes:
    """A calendar of these parts (`event`, or text of one's own), with the line ends that the standard asks for."""
    lines = ["BEGIN:VCALENDAR", *head, *(line for part in parts for line in part.split("\n")), "END:VCALENDAR", ""]
    return "\r\n".join(lines).encode()


def event(start: str, end: str, *lines: str, uid: str = "one@calendar.example") -> str:
    """An event; `start` and `end` with their parameters, as in `;VALUE=DATE:20270104`."""
    return "\n".join(["BEGIN:VEVENT", f"UID:{uid}", f"DTSTART{start}", f"DTEND{end}", *lines, "END:VEVENT"])


def at(day: str, begin: str, end: str, *lines: str, uid: str = "one@calendar.example") -> str:
    """An event in Copenhagen: `at("20270104", "0900", "1100")`."""
    zone = ";TZID=Europe/Copenhagen"
    return event(f"{zone}:{day}T{begin}00", f"{zone}:{day}T{end}00", *lines, uid=uid)
