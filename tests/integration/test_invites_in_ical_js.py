import dataclasses
from datetime import UTC, datetime, timedelta

import ics
import pytest
from ical.calendar_stream import IcsCalendarStream

from services.scheduler.feed.feed_calendar import feed_calendar
from services.scheduler.invite import CalendarEvent, cancel, request
from tests.calendar_readers import events_in_node, ical_js_output, read_with_ical_js, read_with_node
from tests.invite_samples import INVITE, TIMES, at
from tests.write_invite_mails import SAID, mails_of, told_start
from tests.write_invite_mails import TIMES as SEASONS

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


def test_two_parsers_in_node_read_every_kind_of_mail_as_it_was_meant() -> None:
    """ical.js and node-ical, in one process: UTC start and end, attendee, organizer, method, sequence and status."""
    known = [(kind, start, sent) for start in SEASONS.values() for kind, sent in mails_of(start).items()]
    for parser, readings in read_with_node([sent.ics for *_, sent in known]).items():
        for (kind, start, sent), reading in zip(known, readings, strict=True):
            begins = told_start(kind, start)
            assert (reading.method, reading.sequence, reading.status) == SAID[kind], (parser, kind, start)
            assert (reading.start, reading.end) == (begins, begins + timedelta(hours=2)), (parser, kind, start)
            assert f"To: {reading.attendees[0]}".encode() in sent.eml.lower().replace(b"to: ", b"To: "), (parser, kind)
            assert f"<{reading.organizer}>".encode() in sent.eml, (parser, kind)


def test_a_subscribed_calendar_is_read_with_all_its_meetings() -> None:
    """Each event at its instant, in summer as in winter, without anybody to answer to."""
    meetings = [
        CalendarEvent(
            uid=f"{number}@forloeb.example",
            sequence=number,
            dtstamp=INVITE.dtstamp,
            start=start,
            end=start + timedelta(hours=hours),
            zone="Europe/Copenhagen",
            summary=f"møde {number}",
            description="",
            location="Online",
        )
        for number, (start, hours) in enumerate(TIMES.values())
    ]
    raw = feed_calendar(meetings, name="SPARK")
    expected = [(one.uid, one.start, one.end, "PUBLISH", []) for one in meetings]
    for parser, events in events_in_node(raw).items():
        found = [
            (
                one["uid"],
                datetime.fromisoformat(one["start"]),
                datetime.fromisoformat(one["end"]),
                one["method"],
                one["attendees"],
            )
            for one in events
        ]
        assert found == expected, parser
    calendar = IcsCalendarStream.calendar_from_ics(raw.decode())
    assert {(one.uid, one.start.astimezone(UTC)) for one in calendar.events} == {
        (one.uid, one.start) for one in meetings
    }  # type: ignore[union-attr]
    assert {one.uid for one in ics.Calendar(raw.decode()).events} == {one.uid for one in meetings}
