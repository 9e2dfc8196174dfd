import dataclasses

import pytest

from services.scheduler.invite import cancel, request
from tests.calendar_readers import ical_js_output, read_with_ical_js
from tests.invite_samples import INVITE, TIMES, at

pytestmark = pytest.mark.needs("node")


def test_ical_js_reads_the_values_that_were_meant() -> None:
    """The parser of Thunderbird, which reads a library's own time zone block one hour late, reads ours right."""
    invites = [at(*when) for when in TIMES.values()]
    requests = read_with_ical_js([request(invite) for invite in invites])
    cancellations = read_with_ical_js([cancel(invite) for invite in invites])
    for method, readings in (("REQUEST", requests), ("CANCEL", cancellations)):
        for invite, reading in zip(invites, readings, strict=True):
            assert (reading.method, reading.uid, reading.sequence) == (method, invite.uid, invite.sequence)
            assert (reading.start, reading.end) == (invite.start, invite.end)
            assert reading.organizer == invite.organizer.address
            assert reading.attendees == (invite.attendee.address.lower(),)
            assert reading.summary == invite.summary


def test_ical_js_finds_no_property_that_a_text_smuggled_in() -> None:
    """Line breaks of every kind in names and texts stay text."""
    nasty = [
        f"x{mark}ATTENDEE:mailto:x@evil.example"
        for mark in ("\r\n", "\n", "\r", "\u2028", "\x85", "\x0b", '":', "^n", "\\n")
    ]
    hostile = [
        dataclasses.replace(
            INVITE,
            summary=text,
            description=text,
            location=text,
            attendee=dataclasses.replace(INVITE.attendee, name=text),
        )
        for text in nasty
    ]
    harmless, *readings = ical_js_output([request(invite) for invite in (INVITE, *hostile)])
    for reading in readings:
        assert reading["properties"] == harmless["properties"]
        assert reading["attendees"] == harmless["attendees"]
