"""The demo's people answer from calendar programs of four kinds; what each writes is read back by intake's own reader."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploy.local.demo.answer_mails import PROGRAMS, Reply
from deploy.local.demo.answering import Answered, Person, known_of, newest_invites
from deploy.local.demo.mailboxes import CalendarObject, Letter
from deploy.local.demo.people import RefusedError
from deploy.local.demo.scenes import nearest_other, sunday_after
from services.intake.imip.read_mail import read_mail

ANNA = "anna.bruun@konsulent.example"
INVITE = "invite+abcdefghijklmnopqrstuvwxyz234567abcdefghij@forloeb.example"
START = datetime(2027, 6, 15, 7, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 12, 0, 1, tzinfo=UTC)
PROGRAM = pytest.mark.parametrize("program", list(PROGRAMS))


def calendar_object(**changes: Any) -> CalendarObject:
    values: dict[str, Any] = {
        "mail_method": "REQUEST",
        "method": "REQUEST",
        "uid": "m1@forloeb.example",
        "sequence": 3,
        "dtstamp": NOW,
        "starts_at": START,
        "ends_at": START + timedelta(hours=2),
        "summary": "SPARK-forløb: første møde, Ringsted; sal 2",
        "comment": "",
        "attendees": (ANNA,),
        "organizer": INVITE,
    }
    return CalendarObject(**(values | changes))


def mail(program: str, **changes: Any) -> bytes:
    return PROGRAMS[program](Reply(meeting=calendar_object(), name="Anna Bruun Ærø", mail=ANNA, at=NOW, **changes))


@PROGRAM
@pytest.mark.parametrize("partstat", ["ACCEPTED", "TENTATIVE", "DECLINED"])
def test_an_answer_of_each_program_is_understood(program: str, partstat: str) -> None:
    """Whose answer to which version of which meeting, and who wrote it."""
    found = read_mail(mail(program, partstat=partstat), authserv_id=None, envelope_from=ANNA)
    assert (found.what, found.reason, found.partstat) == ("answer", "ok", partstat)
    assert (found.uid, found.sequence, found.dtstamp) == ("m1@forloeb.example", 3, NOW)
    assert found.attendee == found.sender == ANNA


@PROGRAM
def test_a_proposal_of_each_program_is_understood(program: str) -> None:
    """As the instant that was meant, in summer, too; whatever else the program says is no answer."""
    proposed = START + timedelta(days=1, minutes=30)
    found = read_mail(mail(program, proposed=proposed), authserv_id=None, envelope_from=ANNA)
    assert (found.what, found.reason, found.proposed_start) == ("counter", "ok", proposed)
    assert found.proposed_end == proposed + timedelta(hours=2)


@PROGRAM
def test_no_line_of_a_calendar_object_is_too_long(program: str) -> None:
    """The mails may pass mail servers that cut long lines."""
    assert max(len(line) for line in mail(program).split(b"\r\n")) <= 998


def test_the_programs_differ_where_real_ones_do() -> None:
    """One leaves out the organizer, one the method in the mail, one says that a machine wrote it."""
    raw = {program: mail(program) for program in PROGRAMS}
    assert b"ORGANIZER" in raw["Thunderbird"]
    assert b"method=" not in raw["Apple"]
    assert b"Auto-Submitted" in raw["Google"]
    assert b"base64" in raw["Outlook"]


def letter(**changes: Any) -> Letter:
    return Letter(message_id="<1@x>", subject="s", text="", calendar=calendar_object(**changes))


def test_people_answer_the_newest_invite_that_stands() -> None:
    """An older version, and a meeting that was called off since, are left alone."""
    letters = [
        letter(sequence=1),
        letter(sequence=0),
        letter(uid="m2@x"),
        letter(uid="m2@x", method="CANCEL", sequence=4),
    ]
    assert {name: one.sequence for name, one in newest_invites(letters).items()} == {"m1": 1}


def test_answers_are_counted_as_staff_see_them() -> None:
    """A consultant's by her id; a contact's, whose id staff's API gives no name, by meeting and answer."""
    anna = Person(name="Anna", mail=ANNA, program="Apple", person_id="k-01")
    leader = Person(name="Bo", mail="bo@ringsted.example", program="Apple")
    count = known_of(
        [
            Answered(who=anna, meeting_id="m1", partstat="ACCEPTED"),
            Answered(who=leader, meeting_id="m1", partstat="ACCEPTED"),
        ]
    )
    hers = {"meeting_id": "m1", "person_id": "k-01", "partstat": "ACCEPTED"}
    theirs = {"meeting_id": "m1", "person_id": "0190", "partstat": "ACCEPTED"}
    assert count({"c": {"answers": []}}) == 0
    assert count({"c": {"answers": [hers]}}) == 1
    assert count({"c": {"answers": [hers, theirs]}}) == 2
    assert count({"c": {"answers": [{**hers, "partstat": "DECLINED"}]}}) == 0


def test_a_proposed_time_is_the_nearest_possible_one_or_a_sunday() -> None:
    """The present one is no proposal; without another one the demo says so."""
    meeting = {"start": START.isoformat()}
    here = {"instant": START.isoformat(), "present": True}
    later = {"instant": (START + timedelta(hours=1)).isoformat(), "present": False}
    earlier = {"instant": (START - timedelta(minutes=30)).isoformat(), "present": False}
    assert nearest_other([earlier, here, later], meeting) == START - timedelta(minutes=30)
    assert sunday_after(meeting).weekday() == 6
    with pytest.raises(RefusedError):
        nearest_other([here], meeting)
