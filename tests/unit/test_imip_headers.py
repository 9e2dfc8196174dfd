"""Who wrote a mail, what our mail server says about that, and what machines write by themselves."""

import pytest

from services.intake.imip.authentication import authentication_of
from services.intake.imip.automatic import perhaps_automatic, surely_automatic
from services.intake.imip.fields import Fields, read_fields, read_value
from services.intake.imip.limits import (
    BOUNDARY_LINES_MAX,
    FIELD_BYTES_MAX,
    HEADERS_BYTES_MAX,
    MESSAGE_BYTES_MAX,
    overstepped,
)
from services.intake.imip.sender import sender_of

OURS = "mx.forloeb.example"
ANNE = "anne@by.example"


def fields(*lines: str) -> Fields:
    return read_fields("\r\n".join(lines).encode())


@pytest.mark.parametrize(
    ("value", "sender"),
    [
        ("anne@by.example", ANNE),
        ("<Anne@By.Example>", ANNE),
        ("Anne Holm <anne@by.example>", ANNE),
        ('"Holm, Anne" <anne@by.example>', ANNE),
        ('"Holm \\"Annie\\", Anne" <anne@by.example>', ANNE),
        ("=?utf-8?q?Anne_S=C3=B8rensen?= <anne@by.example>", ANNE),
        ("Anne Sørensen <anne@by.example>", ANNE),
        ('"anne@by.example" <anne@by.example>', ANNE),
        ("anne@by.example <mallory@evil.example>", None),
        ('"anne@by.example" <mallory@evil.example>', None),
        ("anne@by.example, mallory@evil.example", None),
        ("<anne@by.example> <mallory@evil.example>", None),
        ("<anne@by.example>, <mallory@evil.example>", None),
        ("Anne (by.example) <anne@by.example>", None),
        ("anne@by.example(comment)", None),
        ("Team: anne@by.example;", None),
        ("<@evil.example:anne@by.example>", None),
        ('"anne"@by.example', None),
        ("anne@[192.0.2.1]", None),
        ("anne@by.example\x00@evil.example", None),
        ("anne@@by.example", None),
        ("anne", None),
        ("", None),
        ('"' * 4_000, None),
    ],
)
def test_the_sender_is_one_plain_address_or_nobody(value: str, sender: str | None) -> None:
    """Whatever two programs could read in two ways is nobody."""
    assert sender_of(fields(f"From: {value}")) == sender


@pytest.mark.parametrize("second", ["From: mallory@evil.example", "from : anne@by.example", "FROM:anne@by.example"])
def test_two_from_fields_are_nobody(second: str) -> None:
    """Servers and programs do not agree on which of them counts."""
    assert sender_of(fields("From: anne@by.example", second)) is None
    assert sender_of(fields("To: anne@by.example")) is None


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (f"{OURS}; dmarc=pass header.from=by.example", "pass"),
        (f"{OURS.upper()} 1; spf=none; dmarc=pass (p=none dis=none) header.from=by.example", "pass"),
        (f"{OURS};\tdkim=pass header.d=by.example header.s=s1 header.b=abc", "pass"),
        (f"{OURS}; dkim=pass header.i=@by.example", "pass"),
        (f"{OURS}; dkim=pass header.d=mail.by.example", "pass"),
        (f"{OURS}; dkim=fail header.d=by.example; dkim=pass header.d=by.example", "pass"),
        (f"{OURS}; dmarc=fail header.from=by.example", "fail"),
        (f"{OURS}; dkim=pass header.d=by.example; dmarc=fail header.from=by.example", "fail"),
        (f"{OURS}; dmarc=pass header.from=evil.example", "grey"),
        (f"{OURS}; dmarc=pass", "grey"),
        (f"{OURS}; dmarc=none header.from=by.example", "grey"),
        (f"{OURS}; dkim=pass header.d=evil-by.example", "grey"),
        (f"{OURS}; dkim=pass header.d=by.example.evil.example", "grey"),
        (f"{OURS}; dkim=pass header.d=example", "grey"),
        (f"{OURS}; dkim=pass", "grey"),
        (f"{OURS}; spf=pass smtp.mailfrom=by.example", "grey"),
        (f"{OURS}; none", "grey"),
        (f"{OURS}", "grey"),
        (f"{OURS}; spf=fail (dmarc=pass header.from=by.example)", "grey"),
        (f'{OURS}; spf=fail reason="; dmarc=pass header.from=by.example"', "grey"),
        (f"{OURS}; spf=fail reason=( ; dmarc=pass header.from=by.example", "grey"),
        (f"({OURS}) mx.evil.example; dmarc=pass header.from=by.example", "grey"),
        (f'"{OURS}"; dmarc=pass header.from=by.example', "grey"),
        (f"mx.evil.example {OURS}; dmarc=pass header.from=by.example", "grey"),
        (f"{OURS}.evil.example; dmarc=pass header.from=by.example", "grey"),
        ("dmarc=pass header.from=by.example", "grey"),
        ("", "grey"),
    ],
)
def test_only_our_servers_plain_word_counts(result: str, expected: str) -> None:
    """A pass for the domain of From, a fail, or nothing to rely on."""
    assert authentication_of(fields(f"Authentication-Results: {result}"), authserv_id=OURS, sender=ANNE) == expected


def test_the_topmost_field_of_our_server_counts() -> None:
    """Below it stands what came with the mail; foreign servers' fields above it change nothing."""
    passed = f"Authentication-Results: {OURS}; dmarc=pass header.from=by.example"
    failed = f"Authentication-Results: {OURS}; dmarc=fail header.from=by.example"
    foreign = "Authentication-Results: mx.evil.example; dmarc=fail header.from=by.example"
    assert authentication_of(fields(foreign, passed, failed), authserv_id=OURS, sender=ANNE) == "pass"
    assert authentication_of(fields(failed, passed), authserv_id=OURS, sender=ANNE) == "fail"


@pytest.mark.parametrize(
    "top",
    [
        f"{OURS}; spf=pass smtp.mailfrom=a(b@evil.example; dmarc=fail header.from=by.example",
        f'{OURS}; spf=pass smtp.mailfrom=a"b@evil.example; dmarc=none header.from=by.example',
        f"{OURS.upper()} ; spf = pass",
        f"{OURS}; spf=none",
    ],
)
def test_no_sender_has_the_word_of_our_server_passed_over(top: str) -> None:
    """Part of that field is the sender's own choice: made unreadable, it must not give way to a forged one below it."""
    forged = f"Authentication-Results: {OURS}; dmarc=pass header.from=by.example"
    assert authentication_of(fields(f"Authentication-Results: {top}", forged), authserv_id=OURS, sender=ANNE) == "grey"


def test_a_fail_counts_in_whatever_field_our_server_wrote_it() -> None:
    """A filter for signatures and another one for DMARC write a field each; the fail may stand in the lower one."""
    signatures = f"Authentication-Results: {OURS}; dkim=none"
    failed = f"Authentication-Results: {OURS}; dmarc=fail header.from=by.example"
    assert authentication_of(fields(signatures, failed), authserv_id=OURS, sender=ANNE) == "fail"


def test_nothing_is_believed_without_our_servers_name_or_a_sender() -> None:
    """An installation that names no server takes everything as grey."""
    passed = fields(f"Authentication-Results: {OURS}; dmarc=pass header.from=by.example")
    assert authentication_of(passed, authserv_id=None, sender=ANNE) == "grey"
    assert authentication_of(passed, authserv_id=OURS, sender=None) == "grey"


@pytest.mark.parametrize(
    ("line", "envelope_from", "expected"),
    [
        ("Auto-Submitted: auto-replied", None, "auto-reply"),
        ('Auto-Submitted: Auto-Replied (vacation); owner="x"', None, "auto-reply"),
        ("Precedence: auto_reply", None, "auto-reply"),
        ("X-Autoreply: yes", None, "auto-reply"),
        ("X-Autorespond: a subject", None, "auto-reply"),
        ("Content-Type: multipart/report; report-type=delivery-status", None, "bounce"),
        ("Content-Type: multipart/report; report-type=disposition-notification", None, "auto-reply"),
        ("Return-Path: <>", None, "bounce"),
        ("Return-Path: <anne@by.example>", "", "bounce"),
        ("Return-Path: <anne@by.example>", "<>", "bounce"),
        ("Return-Path: <>", ANNE, None),
        ("Auto-Submitted: no", ANNE, None),
        ("Auto-Submitted: auto-generated", ANNE, None),
        ("Precedence: bulk", ANNE, None),
        ("Subject: Autosvar: jeg er på ferie", ANNE, None),
    ],
)
def test_what_no_person_caused_is_told(line: str, envelope_from: str | None, expected: str | None) -> None:
    """A subject alone says nothing, and Google marks people's own answers as auto-generated."""
    assert surely_automatic(fields("From: anne@by.example", line), envelope_from) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Auto-Submitted: no", False),
        ("Auto-Submitted: auto-generated", True),
        ("Precedence: List", True),
        ("Precedence: normal", False),
    ],
)
def test_weak_marks_of_machines(line: str, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    """They count for mails without an answer."""
    assert perhaps_automatic(fields(line)) is expected


def test_fields_are_split_as_written() -> None:
    """Folded lines belong together, lines that are no fields are left out, and bytes that are not UTF-8 survive."""
    read = read_fields(b"Subject: a\r\n\tb\r\nno field\r\nX: \xff\nx: 2\n")
    assert read.all == (("subject", "a\tb"), ("x", "\ufffd"), ("x", "2"))
    assert read.first("none") is None


def test_parameters_are_read_as_programs_write_them() -> None:
    """Quoted, encoded, in pieces; of two with one name the first."""
    value = read_value('Application/ICS; name="a;\\"b"; NAME=c; filename*0*=utf-8\'da\'M%C3%B8; filename*1=de.ics; x')
    assert value.main == "application/ics"
    assert value.parameters == {"name": 'a;"b', "filename": "Møde.ics"}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"From: a@b.example\n\n" + b"x" * MESSAGE_BYTES_MAX, "too-large"),
        (b"X: " + b"y" * HEADERS_BYTES_MAX + b"\n\n", "headers-too-large"),
        (b"From: " + b'"' * FIELD_BYTES_MAX + b"\n\n", "headers-too-large"),
        (b"A: b\nCONTENT-TYPE : text/plain;" + b"\n x=y;" * FIELD_BYTES_MAX + b"\n\n", "headers-too-large"),
        (b"Authentication-Results: " + b"(" * FIELD_BYTES_MAX + b"\n\n", "headers-too-large"),
        (b"\n" + b"--b\n" * (BOUNDARY_LINES_MAX + 1), "too-many-parts"),
        (b"\n" + b"--b\r\n" * BOUNDARY_LINES_MAX, None),
        (b"Subject: " + b"x" * FIELD_BYTES_MAX + b"\n\n" + b"-- \n" * 100, None),
        (b"", None),
    ],
)
def test_limits_are_measured_before_anything_is_read(raw: bytes, expected: str | None) -> None:
    """Each limit by itself; signatures are no parts."""
    assert overstepped(raw) == expected
