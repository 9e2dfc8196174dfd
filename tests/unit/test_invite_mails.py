"""The calendar mails as they go over the wire, of each kind and in each season, read back by parsers that are not our own."""

import email
import functools
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default

import pytest

from tests.calendar_checker import calendar_faults
from tests.calendar_readers import ONE_BY_ONE
from tests.course_story import Sent
from tests.write_invite_mails import FOLDER, SAID, TIMES, mails_of, told_start

# The time zone library of `ics` stops at 2037; what it says of later summers is its own mistake.
ICS_KNOWS_UNTIL = datetime(2037, 1, 1, tzinfo=UTC)

mails = functools.cache(mails_of)


def calendar_of(sent: Sent) -> bytes:
    """The calendar part as a mail program finds it."""
    message = email.message_from_bytes(sent.eml, policy=default)
    assert isinstance(message, EmailMessage)
    (part,) = (one for one in message.walk() if one.get_content_type() == "text/calendar")
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


@pytest.mark.parametrize("when", TIMES)
def test_the_mails_stay_as_they_were_looked_at(when: str) -> None:
    """A changed byte must show in a commit: `python -m tests.write_invite_mails` writes them anew."""
    for kind in SAID:
        assert mails(TIMES[when])[kind].eml == (FOLDER / f"{kind}_{when}.eml").read_bytes(), kind


@pytest.mark.parametrize("when", TIMES)
@pytest.mark.parametrize("kind", SAID)
def test_foreign_parsers_read_what_was_meant(kind: str, when: str) -> None:
    """UTC start and end, attendee, organizer, method, sequence and status."""
    sent, start = mails(TIMES[when])[kind], told_start(kind, TIMES[when])
    raw, headers = calendar_of(sent), email.message_from_bytes(sent.eml, policy=default)
    assert raw == sent.ics
    assert calendar_faults(raw) == []
    method, sequence, status = SAID[kind]
    for name, read in ONE_BY_ONE.items():
        if name == "ics" and start > ICS_KNOWS_UNTIL:
            continue
        reading = read(raw)
        assert (reading.method, reading.sequence, reading.status) == (method, sequence, status), name
        assert (reading.start, reading.end) == (start, start + timedelta(hours=2)), name
        assert reading.attendees == (str(headers["To"]).lower(),), name
        assert f"<{reading.organizer}>" in str(headers["From"]), name


@pytest.mark.parametrize("when", TIMES)
def test_each_mail_is_newer_than_the_one_before(when: str) -> None:
    """By SEQUENCE, then DTSTAMP, one UID for life; only the declined proposal repeats the numbers of its meeting."""
    versions = [
        tuple(line for line in one.ics.split(b"\r\n") if line.startswith((b"UID:", b"SEQUENCE:", b"DTSTAMP:")))
        for kind, one in mails(TIMES[when]).items()
        if kind != "decline_counter"
    ]
    assert len({uid for uid, *_ in versions}) == 1
    numbers = [(int(sequence.partition(b":")[2]), stamp) for _, sequence, stamp in versions]
    assert numbers == sorted(set(numbers))
