"""Checks the bytes of an invite for what parsers do not notice: long lines, cut characters, injected properties.

Written against RFC 5545 with nothing but the standard library, so it shares no mistake with the writer.
"""

import re
from collections import Counter

LINE_OCTETS_MAX = 75

_LINE = re.compile(r'(?P<name>[A-Z-]+)(?P<parameters>(?:;[A-Z-]+=(?:"[^"]*"|[^",;:]*))*):(?P<value>.*)', re.DOTALL)
_PARAMETER = re.compile(r';([A-Z-]+)=("[^"]*"|[^",;:]*)')
_MAILTO = re.compile(r"mailto:[^\s@<>,;:\"]+@[A-Za-z0-9.-]+")
_CONTROL = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")
_ONCE = ("UID", "DTSTAMP", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "ORGANIZER", "ATTENDEE")
_AT_MOST_ONCE = ("DESCRIPTION", "LOCATION", "STATUS", "TRANSP", "CLASS", "COMMENT")


def calendar_faults(raw: bytes) -> list[str]:
    """Everything that is wrong with one invite, as short codes; an empty list for a sound one."""
    faults = line_faults(raw)
    unfolded = raw.replace(b"\r\n ", b"").decode("utf-8", errors="replace")
    lines = unfolded.removesuffix("\r\n").split("\r\n")
    parsed = [match for line in lines if (match := _LINE.fullmatch(line))]
    if len(parsed) != len(lines):
        faults.append("grammar")
    event = _between(parsed, "VEVENT")
    counts = Counter(match["name"] for match in event)
    faults += [f"{name} {counts[name]} times" for name in _ONCE if counts[name] != 1]
    faults += [f"{name} more than once" for name in _AT_MOST_ONCE if counts[name] > 1]
    faults += [f"unexpected {name}" for name in counts if name not in {*_ONCE, *_AT_MOST_ONCE}]
    faults += [
        f"{match['name']} is no address"
        for match in event
        if match["name"] in {"ORGANIZER", "ATTENDEE"} and not _MAILTO.fullmatch(match["value"])
    ]
    return faults + _faults_of_the_times(parsed, event) + _faults_of_the_method(parsed, event)


def line_faults(raw: bytes) -> list[str]:
    """What is wrong with line ends, lengths and characters, whatever kind of calendar it is."""
    faults = []
    if not raw.endswith(b"\r\n") or b"\n" in raw.replace(b"\r\n", b"") or b"\r" in raw.replace(b"\r\n", b""):
        faults.append("line end")
    for line in raw.split(b"\r\n"):
        if len(line) > LINE_OCTETS_MAX:
            faults.append("long line")
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            faults.append("cut character")
        else:
            if _CONTROL.search(text):
                faults.append("control character")
    return faults


def _faults_of_the_times(parsed: list[re.Match[str]], event: list[re.Match[str]]) -> list[str]:
    faults = []
    zones = {match["value"] for match in parsed if match["name"] == "TZID"}
    used = {
        value.strip('"') for match in event for name, value in _PARAMETER.findall(match["parameters"]) if name == "TZID"
    }
    if used - zones:
        faults.append("TZID without VTIMEZONE")
    if zones - used:
        faults.append("VTIMEZONE that nobody uses")
    times = {match["name"]: match["value"] for match in event if match["name"] in {"DTSTART", "DTEND"}}
    if times.get("DTEND", "9") <= times.get("DTSTART", "0"):
        faults.append("DTEND not after DTSTART")
    if any(match["name"] == "DTSTAMP" and not match["value"].endswith("Z") for match in event):
        faults.append("DTSTAMP not in UTC")
    return faults


def _faults_of_the_method(parsed: list[re.Match[str]], event: list[re.Match[str]]) -> list[str]:
    names = Counter((match["name"], match["value"]) for match in parsed)
    faults = [
        f"{name} missing"
        for name, value in (("BEGIN", "VCALENDAR"), ("END", "VCALENDAR"), ("BEGIN", "VEVENT"), ("VERSION", "2.0"))
        if names[name, value] != 1
    ]
    methods = [match["value"] for match in parsed if match["name"] == "METHOD"]
    if methods not in (["REQUEST"], ["CANCEL"], ["DECLINECOUNTER"]):
        faults.append("METHOD")
    if methods != ["DECLINECOUNTER"] and any(match["name"] == "COMMENT" for match in event):
        faults.append("unexpected COMMENT")
    if not any(match["name"] == "PRODID" for match in parsed):
        faults.append("PRODID missing")
    if names["BEGIN", "VALARM"]:
        faults.append("VALARM")
    if methods == ["CANCEL"] and any("TZID" in match["parameters"] for match in event):
        faults.append("CANCEL not in UTC")
    return faults


def _between(parsed: list[re.Match[str]], component: str) -> list[re.Match[str]]:
    """The lines inside the first component of that name."""
    inside: list[re.Match[str]] = []
    found = False
    for match in parsed:
        if match["value"] == component and match["name"] in {"BEGIN", "END"}:
            if found:
                return inside
            found = True
        elif found:
            inside.append(match)
    return inside
