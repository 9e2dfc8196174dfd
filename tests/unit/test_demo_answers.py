"""The demo's people answer from calendar programs of four kinds; what each writes is read back by intake's own reader."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploy.local.demo.answer_mails import PROGRAMS, Reply
from deploy.local.demo.answering import Answered, Person, known_of, newest_invites
from deploy.local.demo.conversation_checks import change_faults, declined_faults, mails_of_change, people_of
from deploy.local.demo.mailboxes import CalendarObject, Letter
from deploy.local.demo.outcome import Happening
from deploy.local.demo.people import RefusedError
from deploy.local.demo.scenes import Scene, nearest_other, sunday_after
from deploy.local.demo.subscribed import feed_faults
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


CONTACTS = ("leader@ringsted.example", "representative@ringsted.example")
MAILS = {"k-01": "Anna.Bruun@konsulent.example", "k-02": "bo@konsulent.example"}


def course(consultant: str = "k-01", **changes: Any) -> dict[str, Any]:
    meeting = {"meeting_id": "m1", "start": START.isoformat(), "sequence": 0, "status": "confirmed"}
    values: dict[str, Any] = {
        "application_id": "c1",
        "reference": "SPARK-AAAA-BBBB",
        "consultant": consultant,
        "meetings": [meeting],
        "declined_counters": [],
    }
    return values | changes


def scene(happening: Happening) -> Scene:
    anna = Person(name="Anna", mail=ANNA, program="Apple", person_id="k-01")
    return Scene(happening=happening, who=anna, course=course(), place=0, proposed=START + timedelta(days=5))


def note(subject: str) -> Letter:
    return Letter(message_id=f"<{subject}@x>", subject=f"{subject} (ref. SPARK-AAAA-BBBB)", text="", calendar=None)


def test_everybody_of_a_course_with_another_consultant_has_one_mail_of_her_kind() -> None:
    """Contacts that it has changed, the old consultant that she is off it, the new one that it is hers."""
    now = course("k-02")
    told = people_of(scene("repaired"), now, CONTACTS, MAILS)
    assert list(told) == [*CONTACTS, ANNA, "bo@konsulent.example"]
    mailboxes = {one: [note("SPARK: jeres forløb er ændret")] for one in CONTACTS}
    mailboxes |= {ANNA: [note("SPARK: du er ikke længere konsulent på et forløb")]}
    mailboxes |= {"bo@konsulent.example": [note("SPARK: nyt forløb")]}
    assert change_faults(now["reference"], told, mailboxes) == []
    assert mails_of_change(now, told, mailboxes) == {"that explain": 4}
    mailboxes[CONTACTS[0]] = mailboxes[CONTACTS[0]] * 2
    mailboxes[ANNA] = [note("SPARK: nyt forløb")]
    assert len(change_faults(now["reference"], told, mailboxes)) == 2


@pytest.mark.parametrize(
    ("comment", "faults"),
    [("Disse er mulige:\n- onsdag den 16. juni 2027 kl. 9.00", 0), ("Det kan vi ikke.", 1)],
)
def test_a_declined_proposal_comes_with_the_times_that_staff_see(comment: str, faults: int) -> None:
    """In the one mail to whoever proposed it."""
    counter = {"meeting_id": "m1", "starts": [{"wall_start": "2027-06-16T09:00"}]}
    now = course(declined_counters=[counter])
    reply = letter(method="DECLINECOUNTER", comment=comment)
    assert len(declined_faults(scene("declined"), now, [reply])) == faults
    assert declined_faults(scene("declined"), now, []), "no mail"
    assert declined_faults(scene("declined"), course(), [reply]), "no proposal was declined"


@pytest.mark.parametrize(
    ("happening", "now", "happened"),
    [
        ("repaired", course("k-02", cause="consultant_declined", stall=None), True),
        ("repaired", course(cause="consultant_declined", stall={"since": "now"}), False),
        ("repaired", course(cause=None, stall=None), False),
        ("taken", course(), False),
        ("declined", course(), False),
        ("declined", course(declined_counters=[{"meeting_id": "m1"}]), True),
    ],
)
def test_a_scene_is_over_when_staff_see_what_it_leads_to(
    happening: Happening,
    now: dict[str, Any],
    happened: bool,  # noqa: FBT001 - a column
) -> None:
    """Another consultant, the proposed time, or the no; a course that stands still is not repaired."""
    assert scene(happening).has_happened({"c1": now}) is happened


def test_a_proposal_is_taken_when_the_meeting_is_there() -> None:
    """The proposed start, told in another zone, is the same instant."""
    moved = course()
    moved["meetings"] = [{**moved["meetings"][0], "start": "2027-06-20T09:00:00+02:00"}]
    assert scene("taken").has_happened({"c1": moved})
    assert [now["start"] for _, now in scene("taken").told({"c1": moved}).moved] == ["2027-06-20T09:00:00+02:00"]


@pytest.mark.parametrize(("start", "faults"), [("20270615T070000Z", 0), ("20270615T080000Z", 1)])
def test_a_calendar_to_subscribe_to_has_every_meeting_at_its_time(start: str, faults: int) -> None:
    """A meeting at another hour, or none at all, is missed."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "BEGIN:VEVENT", "UID:m1@forloeb.example"]
    lines += ["DTSTAMP:20261122T120000Z", f"DTSTART:{start}", "END:VEVENT", "END:VCALENDAR", ""]
    assert len(feed_faults(course(), "\r\n".join(lines).encode())) == faults
