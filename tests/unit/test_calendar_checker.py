import dataclasses

import pytest

from services.scheduler.invite import cancel, request
from services.scheduler.vtimezone import LINES
from tests.calendar_checker import calendar_faults
from tests.invite_samples import INVITE

SOUND = request(dataclasses.replace(INVITE, description="kort"))
BLOCK = "".join(f"{line}\r\n" for line in LINES).encode()

BROKEN = {
    "a time zone that is named and not defined": (SOUND.replace(BLOCK, b""), "TZID without VTIMEZONE"),
    "a fold inside a character": (SOUND.replace("ø".encode(), b"\xc3\r\n \xb8", 1), "cut character"),
    "no UID": (SOUND.replace(b"UID:", b"X-UID:", 1), "UID 0 times"),
    "a name with a comma and no quotes": (SOUND.replace(b'"', b""), "grammar"),
    "an end before the start": (SOUND.replace(b":20270112T120000", b":20270112T080000"), "DTEND not after DTSTART"),
    "a raw newline that brings an attendee": (
        SOUND.replace(b"kort", b"kort\r\nATTENDEE:mailto:x@evil.example"),
        "ATTENDEE 2 times",
    ),
    "a line over 75 octets": (SOUND.replace(b"kort", b"k" * 70), "long line"),
    "line ends without CR": (SOUND.replace(b"\r\n", b"\n"), "line end"),
    "an alarm": (
        SOUND.replace(b"END:VEVENT", b"BEGIN:VALARM\r\nACTION:DISPLAY\r\nEND:VALARM\r\nEND:VEVENT"),
        "VALARM",
    ),
    "no method": (SOUND.replace(b"METHOD:REQUEST\r\n", b""), "METHOD"),
    "a cancellation in local time": (
        cancel(INVITE).replace(b"DTSTART:20270112T080000Z", b"DTSTART;TZID=Europe/Copenhagen:20270112T080000"),
        "CANCEL not in UTC",
    ),
    "an address in the name's place": (
        SOUND.replace(b":mailto:invite", b":mailto:a@b.example:invite"),
        "ORGANIZER is no address",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_the_checker_sees_what_parsers_overlook(what: str) -> None:
    """Each known breakage is named, so a clean report means something."""
    raw, fault = BROKEN[what]
    assert raw not in (SOUND, cancel(INVITE)), "the test no longer breaks anything"
    assert fault in calendar_faults(raw)


def test_the_unbroken_invite_has_no_fault() -> None:
    """The base of the broken ones is sound."""
    assert calendar_faults(SOUND) == []
