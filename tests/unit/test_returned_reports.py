"""Reports as mail servers write them, and what else comes to a return path: `tests/samples/reports`."""

import random
from pathlib import Path

import pytest

from services.intake.mail_in.delivered_to import recipient_of
from services.intake.mail_in.mail import message_of_recipient
from services.intake.mail_in.recipients import Recipients
from services.intake.returned.read_report import read, read_report
from services.intake.returned.report import Report
from services.intake.returned.status_code import status_in, status_of
from tests.mail_mutations import WHOLE_MAIL, Mutation

REPORTS = Path(__file__).parents[1] / "samples" / "reports"
RECIPIENTS = Recipients(
    mailbox="invite", bounce_mailbox="bounce", domain="forloeb.example", key=bytes(32), bounce_key=bytes(range(32))
)
FIRST = "0195f0a0-0000-7000-8000-0000000000"
# What each says of the mail of which message, by the last digits of its id.
SAID = {
    "domino_failed": ("05", "failed", "5.1.1"),
    "exchange_on_premises_failed": ("06", "failed", "5.2.2"),
    "exchange_online_failed": ("07", "failed", "5.1.10"),
    "exim_failed": ("08", "failed", "5.1.1"),
    "exim_plain_delayed": ("09", "delayed", "4.7.1"),
    "exim_plain_failed": ("10", "failed", "5.2.1"),
    "gmail_delayed": ("12", "delayed", "4.4.2"),
    "gmail_failed": ("13", "failed", "5.1.1"),
    "international_address_failed": ("14", "failed", "5.1.1"),
    "outlook_com_failed": ("22", "failed", "5.1.1"),
    "postfix_delayed": ("24", "delayed", "4.4.1"),
    "postfix_failed": ("25", "failed", "5.1.1"),
    "qmail_failed": ("26", "failed", "5.1.1"),
    "sendmail_failed": ("30", "failed", "5.3.0"),
    "sendmail_warning": ("31", "delayed", "4.4.1"),
    "wrapped_by_a_gateway": ("32", "failed", "5.4.4"),
    "zimbra_gave_up": ("33", "failed", "4.2.2"),
}
NOTHING = {
    "a_person_writes": "no-report",
    "challenge": "challenge",
    "complaint": "complaint",
    "delivered": "delivered",
    "expanded_to_a_list": "delivered",
    "invite_was_forwarded": "auto-reply",
    "no_action": "no-action",
    "out_of_office_exchange": "auto-reply",
    "out_of_office_of_a_machine": "auto-reply",
    "out_of_office_of_a_postmaster": "no-report",
    "out_of_office_quotes_a_bounce": "auto-reply",
    "out_of_office_vacation": "auto-reply",
    "partly_delivered": "delivered",
    "read_receipt": "read-receipt",
    "relayed": "delivered",
    "report_forwarded_by_a_person": "no-report",
}
# Without the one that holds a whole report, which damage may lay bare.
OF_PEOPLE = sorted(
    name
    for name in NOTHING.keys() - {"report_forwarded_by_a_person"}
    if NOTHING[name] in ("auto-reply", "no-report", "challenge", "complaint")
)
MAILS = 10_000


def sample(name: str) -> bytes:
    return (REPORTS / f"{name}.eml").read_bytes()


def test_every_sample_has_its_row() -> None:
    """A new one cannot be forgotten here."""
    assert {path.stem for path in REPORTS.glob("*.eml")} == SAID.keys() | NOTHING.keys()


@pytest.mark.parametrize("name", SAID)
def test_a_report_says_what_became_of_which_mail(name: str) -> None:
    """Which mail, the address tells; the rest is the server's. Line ends do not matter."""
    message, action, status = SAID[name]
    raw = sample(name)
    assert message_of_recipient(recipient_of(raw, RECIPIENTS)) == FIRST + message
    for spelled in (raw, raw.replace(b"\r\n", b"\n")):
        report = read(spelled, envelope_from=None)
        assert (report.action, report.status) == (action, status)
        assert report.is_report


@pytest.mark.parametrize("name", NOTHING)
def test_what_is_no_report_of_failure_changes_nothing(name: str) -> None:
    """Whoever is away, has read it, or got it after all is no reason to stop writing."""
    for path in (None, ""):
        report = read(sample(name), envelope_from=path)
        assert report.action is None
        assert path == "" or report.reason == NOTHING[name]


@pytest.mark.parametrize("name", ["qmail_failed", "exim_plain_failed", "exim_plain_delayed"])
def test_words_count_only_in_the_name_of_a_mail_system(name: str) -> None:
    """Not with somebody's return path, not from somebody's mailbox, not with the mark of an automatic answer, not twice from."""
    raw = sample(name)
    person = raw.replace(b"MAILER-DAEMON@", b"anne@").replace(b"Mailer-Daemon@", b"anne@")
    failed = person.replace(b"X-Failed-Recipients", b"X-Other")
    assert read(raw, envelope_from="").action is not None
    assert read(raw, envelope_from="postmaster@region.example").action is not None
    for other, path in (
        (raw, "anne@kommune.example"),
        (failed, ""),
        (person, None),
        (b"X-Autoreply: yes\r\n" + raw, ""),
        (b"From: anne@kommune.example\r\n" + raw, ""),
    ):
        assert (
            read(
                other.replace(b"Return-Path: <>\r\n", b"").replace(b"Return-path: <>\r\n", b""), envelope_from=path
            ).action
            is None
        )


def machine(group: str) -> Report:
    """What a report says whose part for machines has this group, or these."""
    head = "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
    return read((head + group.replace("\n", "\r\n")).encode(), envelope_from="")


@pytest.mark.parametrize(
    ("group", "action", "status"),
    [
        ("Action: failed\nStatus: 5.1.1 (no such user)", "failed", "5.1.1"),
        ("ACTION : FAILED\nSTATUS:5.01.001", "failed", "5.1.1"),
        ("Action: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 5.7.26 refused", "failed", "5.7.26"),
        ("Action: failed\nDiagnostic-Code: smtp; 550-no such user\n 550 here", "failed", "5.1.1"),
        ("Action: failed\nDiagnostic-Code: smtp; 550 blocked: user unknown", "failed", "5.7.1"),
        ("Action: failed\nDiagnostic-Code: smtp; 552 sorry", "failed", "5.2.2"),
        ("Action: failed\nDiagnostic-Code: smtp; 554 sorry", "failed", "5.0.0"),
        ("Action: failed\nStatus: 5.0.0\nDiagnostic-Code: x-unix; 42", "failed", "5.0.0"),
        ("Action: failed\nStatus: 2.0.0", "failed", None),
        ("Action: failed\nStatus: 5.1", "failed", None),
        ("Action: failed\nStatus: 5.1.1111", "failed", None),
        ("Action: failed\nStatus: 4.4.7", "failed", "4.4.7"),
        ("Status: 5.1.1", "failed", "5.1.1"),
        ("Status: 4.4.1", None, None),
        ("Action: exploded\nStatus: 5.1.1", None, None),
        ("Action: failed\nStatus: 5.1.1\n\nAction: delayed\nStatus: 4.4.1", "delayed", "4.4.1"),
        ("Action: failed\nStatus: 5.1.1\n \t\nAction: relayed", None, None),
        ("Subject: Action: failed", None, None),
    ],
)
def test_fields_for_machines(group: str, action: str | None, status: str | None) -> None:
    """RFC 3464 with what servers make of it: a code that says nothing gives way to the words behind it."""
    report = machine(group)
    assert (report.action, report.status) == (action, status)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("550 5.1.1", "5.1.1"),
        ("(#5.1.1)", "5.1.1"),
        ("550-5.1.1.", "5.1.1"),
        ("550 5.1.1.7 is not a code", "5.0.0"),
        ("mx 4.4.4.4, version 5.1.1", None),
        ("451 over quota", "4.2.2"),
        ("550 odd (in reply to RCPT TO command)", "5.1.1"),
        ("550 odd (in reply to end of DATA command)", "5.0.0"),
        ("", None),
        ("5" * 5_000, None),
    ],
)
def test_a_code_is_found_in_words_only_where_it_is_one(text: str, status: str | None) -> None:
    """Numbers of machines and versions look alike."""
    assert status_in(text) == status


def test_a_status_is_one_or_none() -> None:
    """Digits of other scripts, and what comes before or behind, make none."""
    assert [status_of(one) for one in ("5.1.1", " 5.1.1 x", "x5.1.1", "5.1.1x", "5.1.\u0661", "3.1.1", "")] == [
        *("5.1.1", "5.1.1", None, None),
        *(None, None, None),
    ]


def test_a_challenge_is_no_failure() -> None:
    """Even where it says that the mail could not be delivered yet."""
    raw = sample("challenge").replace(b"waits here", b"could not be delivered")
    assert read(raw, envelope_from="").reason == "challenge"


def flip(raw: bytes, rng: random.Random) -> bytes:
    changed = bytearray(raw)
    for _ in range(rng.randint(1, 6)):
        changed[rng.randrange(len(raw))] = rng.randrange(256)
    return bytes(changed)


def splice(raw: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(raw))
    strange = (b"\r\n", b"\r\n\r\n", b"\x00", b"\xff\xfe", b'"', b";", b":", b"--", b"=", b"\r", b" \r\n\t\r\n")
    return raw[:at] + rng.choice(strange) + raw[at + rng.choice((0, 1, 9)) :]


MUTATIONS: tuple[Mutation, ...] = (flip, flip, flip, splice, splice, *WHOLE_MAIL)


def test_damaged_mails_stop_nobody_and_no_answer_of_people_becomes_a_failure() -> None:
    """Ten thousand of them; what is still heard of reports shows that something was tried."""
    rng, heard = random.Random(7), 0
    mails = {name: sample(name) for name in sorted(SAID.keys() | NOTHING.keys())}
    for _ in range(MAILS):
        name = rng.choice(list(mails))
        mutation = rng.choice(MUTATIONS)
        mutated = mutation(mails[name], rng)
        report = read(mutated, envelope_from=rng.choice(("", None)))
        assert name not in OF_PEOPLE or report.action is None, (mutation.__name__, mutated)
        heard += report.action is not None
    assert MAILS / 5 < heard < MAILS * 4 / 5


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "auto-reply"),
        (b"\x00\xff" * 1_000, "auto-reply"),
        (b"x" * 1_048_577, "too-large"),
        (b"Content-Type: multipart/report; boundary=b\n\n" + b"--b\n" * 60, "too-many-parts"),
        (
            b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: " + b"x" * 5_000 + b"\n\n--b--",
            "headers-too-large",
        ),
        (b"From: " + b'"' * 5_000 + b"\n\n", "headers-too-large"),
        (
            b"".join(b"Content-Type: multipart/mixed; boundary=n%d\n\n--n%d\n" % (n, n) for n in range(20)),
            "too-many-parts",
        ),
    ],
)
def test_what_is_too_much_is_not_read(raw: bytes, reason: str) -> None:
    """The limits of answers hold for reports, too."""
    assert read_report(raw, envelope_from="") == Report(reason=reason)  # type: ignore[arg-type]
