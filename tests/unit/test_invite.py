import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import ics
import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduler import vtimezone
from services.scheduler.invite import CalendarUser, cancel, next_dtstamp, request
from tests.calendar_checker import calendar_faults
from tests.calendar_readers import ONE_BY_ONE
from tests.invite_samples import INVITE, TIMES, at

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
GOLDEN = Path(__file__).parent.parent / "samples" / "invites"
# Its time zone library stops at 2037; what it says of later summers is its own mistake.
ICS_KNOWS_UNTIL = datetime(2037, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("name", ["request", "cancel", "cancel_one"])
def test_the_bytes_of_an_invite_stay_as_they_were_looked_at(name: str) -> None:
    """A changed byte is a changed contract with every calendar program, so it must show in a commit."""
    written = {"request": request(INVITE), "cancel": cancel(INVITE), "cancel_one": cancel(INVITE, whole_meeting=False)}
    assert written[name] == (GOLDEN / f"{name}.ics").read_bytes()


def test_the_same_arguments_give_the_same_bytes() -> None:
    """A retry repeats what was sent, byte for byte."""
    assert request(INVITE) == request(dataclasses.replace(INVITE))
    assert cancel(INVITE) == cancel(dataclasses.replace(INVITE))


@pytest.mark.parametrize(
    ("reader", "when"),
    [(reader, when) for reader in ONE_BY_ONE for when in TIMES if reader != "ics" or TIMES[when][0] < ICS_KNOWS_UNTIL],
)
@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
def test_other_parsers_read_the_values_that_were_meant(reader: str, when: str, method: str) -> None:
    """Instants, organizer, attendee, method, UID and sequence come out of a foreign parser as they went in."""
    invite = at(*TIMES[when])
    reading = ONE_BY_ONE[reader](request(invite) if method == "REQUEST" else cancel(invite))
    assert (reading.method, reading.uid, reading.sequence) == (method, invite.uid, 2)
    assert (reading.start, reading.end) == (invite.start, invite.end)
    assert reading.organizer == invite.organizer.address
    assert reading.attendees == ("mads.jorgensen@kommune.example",)
    assert reading.summary == "SPARK-forløb: planlægningsmøde"
    assert reading.status == ("CONFIRMED" if method == "REQUEST" else "CANCELLED")


@pytest.mark.parametrize("when", TIMES)
def test_our_own_checker_finds_no_fault(when: str) -> None:
    """Line lengths, line ends, characters, cardinalities and times are sound all year round."""
    invite = at(*TIMES[when])
    assert calendar_faults(request(invite)) == []
    assert calendar_faults(cancel(invite)) == []
    assert calendar_faults(cancel(invite, whole_meeting=False)) == []


def test_a_request_asks_exactly_its_recipient_for_an_answer() -> None:
    """The recipient stands alone as attendee, with the parameters that make programs offer yes and no."""
    attendee = vobject.readOne(request(INVITE).decode()).vevent.attendee
    assert attendee.params == {
        "CUTYPE": ["INDIVIDUAL"],
        "ROLE": ["REQ-PARTICIPANT"],
        "PARTSTAT": ["NEEDS-ACTION"],
        "RSVP": ["TRUE"],
        "CN": ["Jørgensen, Mads"],
    }


def test_an_answer_already_given_stands_in_a_repeated_request() -> None:
    """Under the same sequence a person who said yes is not asked to say it again."""
    written = request(dataclasses.replace(INVITE, partstat="ACCEPTED"))
    assert b"PARTSTAT=ACCEPTED" in written.replace(b"\r\n ", b"")


def test_a_request_carries_the_constant_time_zone_and_a_cancellation_none() -> None:
    """The two-rule block stands once in a REQUEST; a CANCEL is written in UTC."""
    block = "".join(f"{line}\r\n" for line in vtimezone.LINES).encode()
    assert request(INVITE).count(block) == 1
    assert b"VTIMEZONE" not in cancel(INVITE)
    assert b"DTSTART:20270112T080000Z" in cancel(INVITE)


@pytest.mark.parametrize("zone", ["America/Godthab", "UTC"])
def test_a_meeting_in_another_zone_is_written_in_utc(zone: str) -> None:
    """Only the zone whose rules we send may be named."""
    written = request(dataclasses.replace(INVITE, zone=zone))
    assert b"TZID" not in written
    assert calendar_faults(written) == []


def test_the_uninvited_person_gets_a_cancellation_without_status() -> None:
    """RFC 5546 3.2.5: STATUS must not be there when one person is taken off and the meeting stays."""
    assert b"STATUS:CANCELLED" in cancel(INVITE)
    assert b"STATUS" not in cancel(INVITE, whole_meeting=False)


def test_no_alarm_is_ever_written() -> None:
    """Alarms are forbidden in cancellations and dropped by programs in requests."""
    assert b"VALARM" not in request(INVITE) + cancel(INVITE)


def test_an_empty_text_leaves_its_property_out() -> None:
    """An online meeting without a place has no empty LOCATION."""
    written = request(dataclasses.replace(INVITE, location="", description=""))
    assert b"LOCATION" not in written
    assert b"DESCRIPTION" not in written


LINE_BREAKS = ("\r\n", "\n", "\r", "\u2028", "\x85", "\x0b", "\x0c", "\x1c")
SPECIAL = ('"', "^n", "\\n", ";", ",", ":", "\ud800", "\u202e", "æ", "🙂", "a", " ")
INJECTED = ("ATTENDEE:mailto:x@evil.example", "END:VEVENT", "BEGIN:VALARM")
PIECES = st.sampled_from((*LINE_BREAKS, *SPECIAL, *INJECTED))
HOSTILE = st.text(max_size=120) | st.lists(PIECES, max_size=20).map("".join)


@settings(max_examples=50)
@given(name=HOSTILE, text=HOSTILE, place=HOSTILE, title=HOSTILE)
def test_no_text_adds_or_changes_a_property(name: str, text: str, place: str, title: str) -> None:
    """Whatever stands in names and texts, the re-read invite has the property list of a harmless one."""
    hostile = dataclasses.replace(
        INVITE,
        summary=f"x{title}",
        description=f"x{text}",
        location=f"x{place}",
        organizer=dataclasses.replace(INVITE.organizer, name=name),
        attendee=dataclasses.replace(INVITE.attendee, name=name),
    )
    for write in (request, cancel):
        written = write(hostile)
        assert calendar_faults(written) == []
        assert _property_names(written) == _property_names(write(INVITE))
        assert {each.email.lower() for each in _attendees(written)} == {"mads.jorgensen@kommune.example"}


def _property_names(raw: bytes) -> list[str]:
    return [child.name for child in vobject.readOne(raw.decode()).vevent.getChildren()]


def _attendees(raw: bytes) -> list[ics.Attendee]:
    (event,) = ics.Calendar(raw.decode()).events
    return list(event.attendees)


@given(name=HOSTILE)
def test_a_cleaned_name_keeps_its_letters(name: str) -> None:
    """What a foreign parser reads as the name is the cleaned name and nothing more."""
    user = dataclasses.replace(INVITE.attendee, name=f"Ærø {name}")
    attendee = vobject.readOne(request(dataclasses.replace(INVITE, attendee=user)).decode()).vevent.attendee
    assert attendee.params["CN"][0].startswith("Ærø")
    assert len(attendee.params["CN"]) == 1


@given(
    st.integers(min_value=820_454_400, max_value=4_102_444_800).map(
        lambda seconds: datetime.fromtimestamp(seconds, UTC)
    )
)
def test_the_wall_time_of_the_block_is_the_wall_time_of_the_zone(instant: datetime) -> None:
    """From 1996 on our arithmetic agrees with the time zone database, and is silent where the wall time is ambiguous."""
    wall = instant.astimezone(COPENHAGEN)
    ambiguous = wall.replace(fold=0).utcoffset() > wall.replace(fold=1).utcoffset()
    assert vtimezone.wall_time(instant) == (None if ambiguous else f"{wall:%Y%m%dT%H%M%S}")


def test_dtstamp_moves_on_even_within_one_second() -> None:
    """Two changes in one second get two stamps, or calendar programs drop the second one."""
    now = datetime(2026, 11, 2, 9, 0, 0, 400_000, tzinfo=UTC)
    first = next_dtstamp(now, None)
    second = next_dtstamp(now, first)
    assert first == datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
    assert second == first + timedelta(seconds=1)
    assert next_dtstamp(now + timedelta(hours=1), second) == first + timedelta(hours=1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"end": INVITE.start},
        {"sequence": -1},
        {"sequence": 2**31},
        {"uid": ""},
        {"uid": "a\r\nATTENDEE:b"},
        {"start": INVITE.start.replace(tzinfo=None)},
        {"dtstamp": INVITE.dtstamp.replace(microsecond=1)},
        {"attendee": CalendarUser("x", "a@b.example, c@d.example")},
        {"attendee": CalendarUser("x", "a@b.example\r\nSTATUS:CANCELLED")},
        {"organizer": CalendarUser("x", "not an address")},
    ],
)
def test_values_that_no_invite_may_have_are_refused(wrong: dict[str, object]) -> None:
    """A programmer's mistake stops here and does not reach a calendar."""
    with pytest.raises(ValueError, match=r".+"):
        request(dataclasses.replace(INVITE, **wrong))
