"""Which addresses are Forløb's, whom a mail in a mailbox was for, and where mail may be taken."""

import time

import pytest

from services.intake.mail_in.delivered_to import recipient_of, return_path_of
from services.intake.mail_in.mail import PLAIN, digest_of
from services.intake.mail_in.mailbox import Mailbox, place_of
from services.intake.mail_in.recipients import Recipients
from services.intake.mail_in.take_in import WAIT_PAUSE_MAX, WAIT_PAUSE_MIN, pause_after
from services.intake.mail_in.where import smtp_at
from services.intake.settings import IntakeSettings
from shared.address_token import make_token
from shared.bounce_address import bounce_address
from shared.settings import SettingsError, load
from tests.intake_house import settings_for

KEY, BOUNCE_KEY = bytes(32), bytes(range(32))
RECIPIENTS = Recipients(
    mailbox="invite", bounce_mailbox="bounce", domain="forloeb.example", key=KEY, bounce_key=BOUNCE_KEY
)
MESSAGE_ID = "0193fd6a-0000-5000-8000-000000000021"
RETURN_PATH = bounce_address(MESSAGE_ID, key=BOUNCE_KEY, mailbox="bounce", domain="forloeb.example")
TOKEN = make_token(b"0123456789", key=KEY)
OTHER = make_token(b"9876543210", key=KEY)
MINE, HERS = b"0123456789".hex(), b"9876543210".hex()


@pytest.mark.parametrize(
    ("head", "recipient"),
    [
        (f"To: <invite+{TOKEN}@forloeb.example>", MINE),
        (f"To: Karen <karen@b.example>,\r\n\tinvite+{TOKEN.upper()}@FORLOEB.example", MINE),
        (f"Delivered-To: invite+{TOKEN}@forloeb.example\r\nTo: invite+{OTHER}@forloeb.example", MINE),
        (f"to: invite+{OTHER}@forloeb.example\r\nX-Original-To: invite+{TOKEN}@forloeb.example", MINE),
        (f"To: x\r\nCc: invite+{'a' * 42}@forloeb.example, invite+{OTHER}@forloeb.example", HERS),
        (f"Delivered-To: {RETURN_PATH}\r\nTo: invite+{TOKEN}@forloeb.example", f"returned:{MESSAGE_ID}"),
        (f"To: <{RETURN_PATH.upper()}>", f"returned:{MESSAGE_ID}"),
        (f"To: bounce+{'a' * 52}@forloeb.example, bounce@forloeb.example", PLAIN),
        ("To: invite@forloeb.example", PLAIN),
        (f"To: invite+{TOKEN}@elsewhere.example", PLAIN),
        (f"Subject: invite+{TOKEN}@forloeb.example", PLAIN),
        (f"Subject: x\r\n\r\nTo: invite+{TOKEN}@forloeb.example", PLAIN),
        ("", PLAIN),
    ],
)
def test_the_first_token_of_ours_tells_whom_a_mail_was_for(head: str, recipient: str) -> None:
    """In the fields that name recipients, those first that servers write when they deliver; never in the text."""
    assert recipient_of(head.encode() + b"\r\n\r\ntext", RECIPIENTS) == recipient
    assert recipient_of(head.replace("\r\n", "\n").encode() + b"\n\ntext", RECIPIENTS) == recipient


@pytest.mark.parametrize(
    ("head", "path"),
    [
        ("Return-Path: <>", ""),
        ("Return-Path: <a@b.example>", "a@b.example"),
        ("Return-path:a@b", "a@b"),
        ("To: x", None),
    ],
)
def test_the_return_path_tells_a_bounce(head: str, path: str | None) -> None:
    """Empty is that of a bounce; missing says nothing."""
    assert return_path_of(head.encode() + b"\r\n\r\n") == path


@pytest.mark.parametrize(
    "head", [b"To: " + b'"' * 60_000, b"To: " + b"(" * 60_000, b"To: " + b"a+" * 30_000, b"\r\n " * 20_000]
)
def test_no_head_takes_long(head: bytes) -> None:
    """What makes parsers of addresses slow or deep is only searched here."""
    begun = time.process_time()
    assert recipient_of(head, RECIPIENTS) == PLAIN
    assert time.process_time() - begun < 1


def test_the_same_mail_to_another_recipient_is_another_mail() -> None:
    """And no recipient can be made to look like the beginning of a mail."""
    assert digest_of("a", b"bc") != digest_of("ab", b"c")
    assert digest_of("a", b"bc") == digest_of("a", b"bc")


def test_pauses_grow_with_the_age_of_what_waits() -> None:
    """From seconds to half an hour."""
    assert pause_after(WAIT_PAUSE_MIN) == WAIT_PAUSE_MIN
    assert pause_after(WAIT_PAUSE_MIN * 10) == WAIT_PAUSE_MIN * 5
    assert pause_after(WAIT_PAUSE_MAX * 10) == WAIT_PAUSE_MAX


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("imaps://mail.example.org", ("mail.example.org", 993, True)),
        ("imap://127.0.0.1:1143", ("127.0.0.1", 1143, False)),
        ("imap://mail.example.org", ("mail.example.org", 143, False)),
    ],
)
def test_a_mailbox_has_a_host_and_a_port(url: str, place: tuple[str, int, bool]) -> None:
    """993 with TLS from the first byte, 143 without."""
    assert place_of(url) == place


@pytest.mark.parametrize(
    "url", ["https://mail.example.org", "imaps://", "imaps://user@mail.example.org", "mail.example.org"]
)
def test_what_is_no_mailbox_is_refused(url: str) -> None:
    """Names and passwords have settings of their own: an address stands in logs."""
    with pytest.raises(ValueError, match="is not imaps"):
        place_of(url)


def test_only_this_machine_needs_no_tls() -> None:
    """A name that only looks like it does."""
    given = {"port": 143, "tls": False, "user": "a", "password": "b", "folder": "INBOX"}
    local = [Mailbox(host=host, **given).is_local for host in ("127.0.0.1", "::1", "localhost", "localhost.example")]  # type: ignore[arg-type]
    assert local == [True, True, True, False]


@pytest.mark.parametrize("text", ["mail.example.org:25", "1.2.3.4", "1.2.3.4:99999", "1.2.3.4:-1", "1.2.3.4:٣"])
def test_smtp_is_taken_at_an_address(text: str) -> None:
    """A name could come to mean another one."""
    with pytest.raises(ValueError, match="is not an IP address"):
        smtp_at(text)


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"FORLOEB_INTAKE_LMTP": "0.0.0.0:2424"}, "is not on this machine alone"),
        ({"FORLOEB_INTAKE_SMTP": "0.0.0.0:2525"}, "FORLOEB_INTAKE_SMTP_PEERS: give both or neither"),
        ({"FORLOEB_INTAKE_SMTP_PEERS": "10.0.0.0/8"}, "give both or neither"),
        ({"FORLOEB_INTAKE_SMTP_PEERS": "10.0.0.1/8", "FORLOEB_INTAKE_SMTP": "0.0.0.0:2525"}, "host bits set"),
        ({"FORLOEB_INTAKE_IMAP_URL": "imaps://mail.example.org"}, "give all or none"),
        ({"FORLOEB_INTAKE_AUTHSERV_ID": "mx example"}, "FORLOEB_INTAKE_AUTHSERV_ID"),
        ({"FORLOEB_INTAKE_IMAP_FOLDER": 'IN"BOX'}, "FORLOEB_INTAKE_IMAP_FOLDER"),
    ],
)
def test_settings_that_would_let_others_in_or_nobody_stop_the_start(given: dict[str, str], fault: str) -> None:
    """With a sentence that says what to give."""
    with pytest.raises(SettingsError, match=fault):
        load(IntakeSettings, settings_for(mongodb="mongodb://127.0.0.1:1", **given))
