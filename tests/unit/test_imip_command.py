"""`forloeb answers read`: a mail or a calendar object in, JSON out, whatever the bytes are."""

import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli import app
from services.intake.imip.answers_command import EXIT_FAULTY_FILE, read_file
from services.intake.imip.limits import MESSAGE_BYTES_MAX
from services.intake.imip.understood import Understood
from services.intake.imip.verdict import verdict_of

REPLIES = Path(__file__).parents[1] / "samples" / "replies"
REPORTS = REPLIES.with_name("reports")
ICS = b"""BEGIN:VCALENDAR\r
METHOD:REPLY\r
BEGIN:VEVENT\r
UID:m1@forloeb.example\r
DTSTAMP:20261120T091530Z\r
ATTENDEE;PARTSTAT=DECLINED:mailto:anne@by.example\r
SEQUENCE:2\r
COMMENT:\x1b[31mnej\r
END:VEVENT\r
END:VCALENDAR\r
"""
ANSWER = Understood(
    what="answer", reason="ok", attendee="anne@by.example", partstat="ACCEPTED", sender="anne@by.example"
)
FIELDS = [
    "kind",
    "method",
    "uid",
    "attendee",
    "partstat",
    "sequence",
    "dtstamp",
    "proposed_start",
    "comment",
    "verdict",
    "reason",
]


def test_a_mail_is_told_as_json() -> None:
    """The fields in this order; times in UTC."""
    path = REPLIES / "google_counter_accepted.eml"
    ran = CliRunner().invoke(app, ["answers", "read", str(path), "--authserv-id", "mx.forloeb.example"])
    said = json.loads(ran.stdout)
    assert ran.exit_code == 0
    assert list(said) == FIELDS
    assert (said["kind"], said["method"], said["verdict"]) == ("counter", "COUNTER", "confirm")
    assert said["proposed_start"] == "2027-01-13T09:00:00Z"


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"\r\n"])
def test_a_bare_calendar_object_is_read_as_a_calendar_part(before: bytes) -> None:
    """From standard input, too; nothing in it can act on the terminal."""
    ran = CliRunner().invoke(app, ["answers", "read", "-"], input=before + ICS)
    assert ran.exit_code == 0
    assert json.loads(ran.stdout) == {
        "kind": "answer",
        "method": "REPLY",
        "uid": "m1@forloeb.example",
        "attendee": "anne@by.example",
        "partstat": "DECLINED",
        "sequence": 2,
        "dtstamp": "2026-11-20T09:15:30Z",
        "proposed_start": None,
        "comment": "[31mnej",
        "verdict": "accept",
        "reason": "ok",
    }


@pytest.mark.parametrize(
    ("content", "verdict", "reason"),
    [
        (b"", "park", "no-calendar-part"),
        (b"\x00\xff\xfe\x80" * 100, "park", "no-calendar-part"),
        (b"BEGIN:VCALENDAR\xff\xff", "park", "unreadable"),
        (b"x" * (MESSAGE_BYTES_MAX + 5), "park", "too-large"),
        (b"Return-Path: <>\n\n", "drop", "bounce"),
    ],
)
def test_bytes_that_are_no_answer_are_told_as_such(content: bytes, verdict: str, reason: str, tmp_path: Path) -> None:
    """No traceback for any file."""
    (tmp_path / "f").write_bytes(content)
    out = io.StringIO()
    assert read_file(tmp_path / "f", out=out) == 0
    said = json.loads(out.getvalue())
    assert (said["kind"], said["verdict"], said["reason"]) == ("not_ours", verdict, reason)


@pytest.mark.parametrize(
    ("name", "action", "status", "reason"),
    [
        ("exchange_online_failed", "failed", "5.1.10", "delivery-status"),
        ("qmail_failed", "failed", "5.1.1", "in-words"),
        ("postfix_delayed", "delayed", "4.4.1", "delivery-status"),
        ("delivered", None, None, "delivered"),
    ],
)
def test_a_report_is_told_as_one(name: str, action: str | None, status: str | None, reason: str) -> None:
    """What became of the mail that it is about; nothing of a calendar."""
    ran = CliRunner().invoke(app, ["answers", "read", str(REPORTS / f"{name}.eml")])
    assert ran.exit_code == 0
    assert json.loads(ran.stdout) == {"kind": "report", "action": action, "status": status, "reason": reason}


def test_an_absence_is_no_report() -> None:
    """Told as what it is."""
    ran = CliRunner().invoke(app, ["answers", "read", str(REPORTS / "out_of_office_exchange.eml")])
    said = json.loads(ran.stdout)
    assert (said["kind"], said["verdict"], said["reason"]) == ("not_ours", "drop", "bounce")


def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    """A sentence on standard error, and a code that says so."""
    for path in (tmp_path / "none", tmp_path):
        out, err = io.StringIO(), io.StringIO()
        assert read_file(path, out=out, err=err) == EXIT_FAULTY_FILE
        assert out.getvalue() == ""
        assert str(path) in err.getvalue()


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({}, ("accept", "ok")),
        ({"authentication": "pass"}, ("accept", "ok")),
        ({"authentication": "fail"}, ("park", "authentication-failed")),
        ({"partstat": "DELEGATED"}, ("confirm", "ok")),
        ({"what": "counter"}, ("confirm", "ok")),
        ({"what": "counter", "reason": "proposal-unreadable"}, ("park", "proposal-unreadable")),
        ({"sender": None}, ("park", "sender-unknown")),
        ({"sender": "eva@by.example"}, ("park", "sender-differs")),
        ({"sender": "eva@by.example", "authentication": "pass"}, ("accept", "ok")),
        ({"sender": "eva@evil.example", "authentication": "pass"}, ("park", "sender-differs")),
        ({"attendee": "a@gmail.com", "sender": "b@gmail.com", "authentication": "pass"}, ("park", "sender-differs")),
        ({"what": "not_ours", "reason": "no-uid"}, ("park", "no-uid")),
        ({"what": "not_ours", "reason": "bounce", "drop": True}, ("drop", "bounce")),
    ],
)
def test_the_verdict_of_the_mail_alone(change: dict[str, object], verdict: tuple[str, str]) -> None:
    """What can be said without knowing who was invited."""
    assert verdict_of(ANSWER.model_copy(update=change)) == verdict
