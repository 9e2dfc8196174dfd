"""What the demo expects in the mailboxes, and the faults that it would find."""

from datetime import UTC, datetime
from typing import Any

import pytest

from deploy.local.demo.expectations import (
    copies,
    count_found,
    count_overlaps,
    expected_letters,
    expected_over,
    is_told_anew,
    letter_faults,
    second_message_ids,
)
from deploy.local.demo.mailboxes import CalendarObject, Letter

START = datetime(2027, 1, 12, 8, tzinfo=UTC)
LEADER, CONSULTANT = "anne@ringsted.example", "bo@konsulent.example"


def meeting(name: str = "m1", *, start: datetime = START, cancelled: bool = False) -> dict[str, Any]:
    status, sequence = ("cancelled", 1) if cancelled else ("confirmed", 0)
    return {
        "meeting_id": name,
        "start": start.isoformat(),
        "minutes": 120,
        "status": status,
        "sequence": sequence,
    }


def course(*meetings: dict[str, Any], consultant: str = "bo") -> dict[str, Any]:
    return {"consultant": consultant, "meetings": list(meetings)}


def letter(mailbox: str, *, message_id: str = "<1@x>", **changes: Any) -> Letter:
    calendar: dict[str, Any] = {
        "mail_method": "REQUEST",
        "method": "REQUEST",
        "uid": "m1@forloeb.example",
        "sequence": 0,
        "dtstamp": START,
        "starts_at": START,
        "ends_at": START,
        "summary": "",
        "comment": "",
        "attendees": (mailbox,),
        "organizer": "invite@forloeb.example",
    }
    return Letter(message_id=message_id, subject="s", text="", calendar=CalendarObject(**(calendar | changes)))


def test_everybody_is_expected_to_have_every_meeting() -> None:
    """Contacts and consultant each get one invite per meeting, and a cancellation of what was called off."""
    booked = expected_letters(course(meeting(), meeting("m2")), [LEADER], CONSULTANT)
    assert len(booked) == 2 * 2
    cancelled = expected_letters(course(meeting(cancelled=True)), [LEADER], CONSULTANT)
    assert sorted((one.mailbox, one.method, one.sequence) for one in cancelled) == [
        (LEADER, "CANCEL", 1),
        (LEADER, "REQUEST", 0),
        (CONSULTANT, "CANCEL", 1),
        (CONSULTANT, "REQUEST", 0),
    ]


def test_a_full_mailbox_has_no_fault() -> None:
    """The invite that was expected, also when it came twice under its one Message-ID."""
    expected = expected_letters(course(meeting()), [LEADER], CONSULTANT)
    mailboxes = {LEADER: [letter(LEADER), letter(LEADER)], CONSULTANT: [letter(CONSULTANT, message_id="<2@x>")]}
    assert count_found(expected, mailboxes) == 2
    assert letter_faults(expected, mailboxes) == []
    assert second_message_ids(mailboxes) == []
    assert copies(mailboxes) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"starts_at": datetime(2027, 1, 12, 9, tzinfo=UTC)},
        {"uid": "other@forloeb.example"},
        {"sequence": 1},
        {"method": "CANCEL"},
        {"attendees": ("somebody@else.example",)},
        {"attendees": ()},
        {"mail_method": "CANCEL"},
    ],
)
def test_a_wrong_invite_is_a_fault(changes: dict[str, Any]) -> None:
    """Another time, meeting, version, method or attendee than there should be."""
    expected = expected_letters(course(meeting()), [], CONSULTANT)
    assert letter_faults(expected, {CONSULTANT: [letter(CONSULTANT, **changes)]})


def test_an_empty_mailbox_is_a_fault() -> None:
    """What was never sent is missed."""
    expected = expected_letters(course(meeting()), [LEADER], CONSULTANT)
    assert len(letter_faults(expected, {LEADER: [], CONSULTANT: []})) == 2


def test_a_second_message_id_is_a_fault() -> None:
    """The same invite as two mails: a calendar program would count two."""
    mailboxes = {LEADER: [letter(LEADER), letter(LEADER, message_id="<2@x>")]}
    assert letter_faults(expected_letters(course(meeting()), [], LEADER), mailboxes)
    assert second_message_ids(mailboxes)


def test_two_uids_of_one_meeting_are_a_fault() -> None:
    """Everybody's copy of a meeting has the same UID."""
    expected = expected_letters(course(meeting()), [LEADER], CONSULTANT)
    mailboxes = {LEADER: [letter(LEADER)], CONSULTANT: [letter(CONSULTANT, uid="m1@other.example")]}
    assert letter_faults(expected, mailboxes)


@pytest.mark.parametrize(("hour", "overlaps"), [(8, 1), (9, 1), (10, 0), (6, 0)])
def test_meetings_of_one_consultant_overlap_by_their_times(hour: int, overlaps: int) -> None:
    """Two hours from eight: what begins at ten, or ends at eight, is beside it. Cancelled and others' meetings do not count."""
    other = START.replace(hour=hour)
    assert count_overlaps([course(meeting()), course(meeting("m2", start=other))]) == overlaps
    assert count_overlaps([course(meeting()), course(meeting("m2", start=other), consultant="ida")]) == 0
    assert count_overlaps([course(meeting()), course(meeting("m2", start=other, cancelled=True))]) == 0


def test_whoever_is_replaced_has_a_cancellation_and_the_others_an_update() -> None:
    """Under the raised sequence; the cancellation names the time that her calendar knew."""
    later = START.replace(hour=10)
    before = course(meeting(), consultant="bo")
    now = course({**meeting(start=later), "sequence": 1}, consultant="ida")
    expected = expected_over([before, now], [LEADER], {"bo": CONSULTANT, "ida": "ida@konsulent.example"})
    assert {(one.mailbox, one.method, one.sequence, one.starts_at) for one in expected} == {
        (LEADER, "REQUEST", 0, START),
        (CONSULTANT, "REQUEST", 0, START),
        (LEADER, "REQUEST", 1, later),
        ("ida@konsulent.example", "REQUEST", 1, later),
        (CONSULTANT, "CANCEL", 1, START),
    }


def test_a_newer_text_of_the_same_version_is_no_second_copy() -> None:
    """The same sequence under a later DTSTAMP is another mail, with a Message-ID of its own."""
    later = START.replace(hour=9)
    mailboxes = {LEADER: [letter(LEADER), letter(LEADER, message_id="<2@x>", dtstamp=later)]}
    assert letter_faults(expected_letters(course(meeting()), [], LEADER), mailboxes) == []


@pytest.mark.parametrize(
    ("now", "anew"),
    [
        (course(meeting()), False),
        ({**course(meeting()), "answers": ["one"]}, False),
        (course(meeting(start=START.replace(hour=9))), True),
        (course(meeting(), consultant="ida"), True),
        (course(meeting(cancelled=True)), True),
    ],
)
def test_calendars_are_told_of_times_people_and_cancellations_only(now: dict[str, Any], anew: bool) -> None:  # noqa: FBT001 - a column
    """An answer that is noted changes no calendar."""
    assert is_told_anew(course(meeting()), now) is anew
