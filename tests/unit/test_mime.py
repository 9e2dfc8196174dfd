import base64
import dataclasses
import email
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.mime import CalendarPart, HeaderError, Mail, mail_bytes
from services.scheduler.invite import cancel, request
from shared.mail_address import AddressError
from tests.invite_samples import INVITE

MAIL = Mail(
    message_id="<5d1c9a1f0b7e4c7c@forloeb.example>",
    date=datetime(2026, 11, 2, 8, 30, 15, tzinfo=UTC),
    sender_name="SPARK-sekretariatet",
    sender="spark@forloeb.example",
    recipient="leder@kommune.example",
    subject="SPARK: kvittering for jeres ansøgning (ref. SPARK-7K4M-2QX9)",
    text="Hej\n\nTak for jeres ansøgning – 🙂\n.\nFrom linje\n",
    html='<!doctype html>\n<html lang="da"><body>Tak for jeres ansøgning</body></html>\n',
    language="da",
)
INVITATION = dataclasses.replace(
    MAIL,
    sender=INVITE.organizer.address,
    recipient=INVITE.attendee.address,
    calendar=CalendarPart("REQUEST", request(INVITE)),
)


def read(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def test_the_same_mail_gives_the_same_bytes_in_seven_bits() -> None:
    """A retry repeats the message; nothing in it depends on chance, and any server can carry it."""
    raw = mail_bytes(INVITATION)
    assert raw == mail_bytes(dataclasses.replace(INVITATION))
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 100


def test_another_message_id_gives_other_boundaries() -> None:
    """Two messages that are bundled into one digest cannot end each other's parts."""
    boundary = read(mail_bytes(MAIL)).get_boundary()
    assert boundary != read(mail_bytes(dataclasses.replace(MAIL, message_id="<2@forloeb.example>"))).get_boundary()


def test_a_plain_mail_is_text_and_html() -> None:
    """Both parts come back as they were written."""
    message = read(mail_bytes(MAIL))
    assert [part.get_content_type() for part in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    text, html = message.iter_parts()
    assert text.get_content().replace("\r\n", "\n") == MAIL.text
    assert html.get_content().replace("\r\n", "\n") == MAIL.html


def test_a_calendar_mail_has_the_structure_that_programs_act_on() -> None:
    """mixed{alternative{plain, html, calendar}, ics}: calendar last and bare, the attachment by name."""
    message = read(mail_bytes(INVITATION))
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]
    *_, calendar, attachment = message.walk()
    assert calendar["Content-Type"].params == {"charset": "utf-8", "method": "REQUEST"}
    assert calendar["Content-Disposition"] is None
    assert attachment.get_filename() == "invite.ics"
    for part in (calendar, attachment):
        assert part["Content-Transfer-Encoding"] == "base64"
        assert base64.b64decode(part.get_payload()) == request(INVITE)


@pytest.mark.parametrize("method", ["CANCEL", "DECLINECOUNTER"])
def test_the_part_names_the_method_of_its_object(method: Literal["CANCEL", "DECLINECOUNTER"]) -> None:
    """RFC 6047 2.4: programs refuse a part whose parameter differs."""
    part = CalendarPart(method, request(INVITE).replace(b"METHOD:REQUEST", f"METHOD:{method}".encode()))
    message = read(mail_bytes(dataclasses.replace(INVITATION, calendar=part)))
    *_, calendar, _attachment = message.walk()
    assert calendar["Content-Type"].params["method"] == method


@pytest.mark.parametrize(("mail", "expected"), [(MAIL, "auto-generated"), (INVITATION, None)])
def test_only_what_is_no_invite_says_that_a_machine_wrote_it(mail: Mail, expected: str | None) -> None:
    """RFC 3834 keeps out-of-office answers away; invites want an answer."""
    assert read(mail_bytes(mail))["Auto-Submitted"] == expected


def test_the_headers_say_what_the_mail_said() -> None:
    """From, To, Subject, Date, Message-ID and language come back whole; nothing else is there."""
    message = read(mail_bytes(dataclasses.replace(MAIL, reply_to="svar@forloeb.example")))
    assert message["From"] == "SPARK-sekretariatet <spark@forloeb.example>"
    assert message["To"] == "leder@kommune.example"
    assert message["Reply-To"] == "svar@forloeb.example"
    assert message["Subject"] == MAIL.subject
    assert message["Date"].datetime == MAIL.date
    assert message["Message-ID"] == MAIL.message_id
    assert message["Content-Language"] == "da"
    assert len(message.keys()) == len(set(message.keys())) == 10


VISIBLE = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=120)


@given(name=VISIBLE, subject=VISIBLE)
def test_any_visible_name_and_subject_pass_unharmed(name: str, subject: str) -> None:
    """Quotes, commas, brackets and emoji neither break a header nor change the address."""
    raw = mail_bytes(dataclasses.replace(MAIL, sender_name=name, subject=subject))
    message = read(raw)
    (sender,) = message["From"].addresses
    assert sender.addr_spec == MAIL.sender
    assert "".join(sender.display_name.split()) == "".join(name.split())
    assert "".join(str(message["Subject"]).split()) == "".join(subject.split())
    assert message.keys() == read(mail_bytes(MAIL)).keys()
    assert not message.defects


@pytest.mark.parametrize("header", ["subject", "sender_name", "message_id"])
@pytest.mark.parametrize("mark", ["\r\n", "\n", "\r", "\x00", "\u2028", "\x85"])
def test_a_line_break_in_a_header_is_refused_without_repeating_it(header: str, mark: str) -> None:
    """What could begin a header of its own never reaches the message."""
    with pytest.raises(HeaderError) as refused:
        mail_bytes(dataclasses.replace(MAIL, **{header: f"hemmelig{mark}Bcc: x@evil.example"}))
    assert "hemmelig" not in str(refused.value)


@pytest.mark.parametrize("field", ["sender", "recipient", "reply_to"])
@pytest.mark.parametrize(
    "address", ["a@b.example, e@x.example", "a@b.example\r\nBcc: e@x.example", "", "A <a@b.example>"]
)
def test_anything_but_one_address_is_refused(field: str, address: str) -> None:
    """One validated address per header."""
    with pytest.raises(AddressError):
        mail_bytes(dataclasses.replace(MAIL, **{field: address}))


@pytest.mark.parametrize(
    "wrong",
    [
        {"message_id": "no brackets"},
        {"date": MAIL.date.replace(tzinfo=None)},
        {"subject": "x" * 201},
        {"text": "x" * 100_000},
        {"calendar": CalendarPart("REQUEST", cancel(INVITE))},
        {"calendar": CalendarPart("CANCEL", request(INVITE))},
    ],
)
def test_a_mail_that_programs_would_mistake_is_refused(wrong: dict[str, object]) -> None:
    """Oversize mails, dates without a zone, and a method that differs from the object's are mistakes of the caller."""
    with pytest.raises(ValueError, match=r".+"):
        mail_bytes(dataclasses.replace(MAIL, **wrong))
