"""The calendar object that declines a proposed time: what every program must be able to read in it."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import icalendar
import pytest

from services.scheduler.counter_reply import decline_counter, why_declined
from shared.course_facts import DeclinedCounter, PossibleStart
from shared.words import Language
from tests.calendar_checker import calendar_faults
from tests.calendar_readers import ONE_BY_ONE
from tests.invite_samples import INVITE, TIMES, at

GOLDEN = Path(__file__).parent.parent / "samples" / "invites" / "decline_counter.ics"
NOW = datetime(2027, 1, 5, 9, 0, tzinfo=UTC)


def possible(day: int) -> PossibleStart:
    return PossibleStart(start=datetime(2027, 1, day, 8, 0, tzinfo=UTC), wall_start=f"2027-01-{day:02}T09:00")


def declined(**changes: object) -> DeclinedCounter:
    """A proposal for 16 January that is not possible, with two times that are."""
    values = {
        "number": 2,
        "meeting_id": "m",
        "person_id": "p",
        "proposed": possible(16),
        "starts": (possible(18), possible(19)),
        "at": NOW,
    }
    return DeclinedCounter.model_validate(values | changes)


def test_the_bytes_stay_as_they_were_looked_at() -> None:
    """A changed byte is a changed contract with every calendar program, so it must show in a commit."""
    assert decline_counter(INVITE, why_declined(declined(), "da")) == GOLDEN.read_bytes()


def test_it_holds_what_rfc_5546_asks_for_and_nothing_that_it_forbids() -> None:
    """Section 3.2.8: method, UID, SEQUENCE and DTSTAMP, organizer and the one attendee; no alarm; and no status, which is unchanged."""
    raw = decline_counter(INVITE, "Nej.")
    calendar = icalendar.Calendar.from_ical(raw)
    (event,) = calendar.walk("VEVENT")
    assert (calendar["METHOD"], event["UID"], event["SEQUENCE"]) == ("DECLINECOUNTER", INVITE.uid, 2)
    assert event["DTSTAMP"].dt == INVITE.dtstamp
    assert event["ATTENDEE"] == f"mailto:{INVITE.attendee.address}"
    assert b"PARTSTAT" not in raw, "her answer stays as it is"
    assert not {"STATUS", "RRULE", "DESCRIPTION"} & event.keys()
    assert not calendar.walk("VALARM")


@pytest.mark.parametrize("reader", ["vobject", "ics"])
@pytest.mark.parametrize("when", TIMES)
def test_other_parsers_read_the_values_that_were_meant(reader: str, when: str) -> None:
    """Summer and winter, on the nights of the clock changes, and long from now."""
    invite = at(*TIMES[when])
    reading = ONE_BY_ONE[reader](decline_counter(invite, why_declined(declined(), "da")))
    assert (reading.method, reading.uid, reading.sequence) == ("DECLINECOUNTER", invite.uid, 2)
    assert (reading.start, reading.end) == (invite.start, invite.end)
    assert reading.organizer == invite.organizer.address


@pytest.mark.parametrize("when", TIMES)
def test_our_own_checker_finds_no_fault(when: str) -> None:
    """Line lengths, line ends, characters and cardinalities are sound."""
    assert calendar_faults(decline_counter(at(*TIMES[when]), why_declined(declined(), "da"))) == []


@pytest.mark.parametrize(
    ("language", "first", "second"),
    [
        ("da", "lørdag den 16. januar 2027 kl. 9.00", "- mandag den 18. januar 2027 kl. 9.00"),
        ("en", "Saturday 16 January 2027 at 9:00", "- Monday 18 January 2027 at 9:00"),
    ],
)
def test_the_comment_names_what_cannot_be_and_what_could(language: Language, first: str, second: str) -> None:
    """In the reader's language, a line for each possible time."""
    lines = why_declined(declined(), language).split("\n")
    assert first in lines[0]
    assert lines[-2] == second
    assert len(lines) == 4


def test_an_outdated_proposal_and_one_without_alternatives_say_so() -> None:
    """The reader is never left with an empty list."""
    assert "ændret siden" in why_declined(declined(outdated=True), "da")
    assert why_declined(declined(starts=()), "en").endswith("suits everybody.")


def test_impossible_values_are_refused() -> None:
    """As in an invite."""
    with pytest.raises(ValueError, match="sequence"):
        decline_counter(replace(INVITE, sequence=-1), "")
