"""What staff get to see of mails: how many, and which text; both are bounded whatever comes in."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from services.intake.imip.judge import Judged
from services.intake.imip.understood import Parked
from services.intake.mail_in.mail import PLAIN
from services.intake.parked.parking import ALIKE_PER_DAY_MAX, PARKED_MAX, Parking
from services.intake.parked.reasons import REASONS
from services.intake.parked.text_of import TEXT_CHARACTERS_MAX, text_of
from shared.rate_limit import RateLimit

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TOKEN = "0123456789abcdef0123"
NEVER_PARKED = {"genuine", "not-authenticated", "secretary", "unknown-uid", "revoked"}
"""Reasons of the judge for other verdicts."""


@dataclass
class Counts:
    """The database, as far as it counts."""

    waiting: int = 0
    under: Counter[str] = field(default_factory=Counter)

    async def count(self) -> int:
        return self.waiting

    async def count_under(self, key: str) -> int:
        return self.under[key]


def parking(counts: Counts) -> Parking:
    return Parking(counts, alarms=RateLimit("1/minute", clock=lambda: 0.0))


async def parked(counts: Counts, *, recipient: str = TOKEN, uid: str | None = None, now: datetime = NOW) -> bool:
    """Whether there was room for one more."""
    key = await parking(counts).key_for(recipient=recipient, uid=uid, now=now)
    if key is not None:
        counts.under[key] += 1
    return key is not None


async def test_one_reply_address_gets_five_a_day_whatever_uid_is_invented() -> None:
    """And as many the next day; other addresses have their own five."""
    counts = Counts()
    found = [await parked(counts, uid=f"uid-{number}") for number in range(ALIKE_PER_DAY_MAX + 1)]
    assert found == [True] * ALIKE_PER_DAY_MAX + [False]
    assert await parked(counts, recipient=TOKEN[::-1])
    assert await parked(counts, now=NOW + timedelta(days=1))


async def test_at_the_plain_mailbox_each_meeting_gets_five_a_day() -> None:
    """And what names no meeting, five in all."""
    counts = Counts()
    for uid in ("one", "two", None):
        found = [await parked(counts, recipient=PLAIN, uid=uid) for _ in range(ALIKE_PER_DAY_MAX + 1)]
        assert found == [True] * ALIKE_PER_DAY_MAX + [False]


async def test_a_full_list_takes_no_more_and_says_so_once_a_minute() -> None:
    """The alarm is an error in the log; a flood must not fill that, too."""
    full = parking(Counts(waiting=PARKED_MAX))
    with capture_logs() as logs:
        found = [await full.key_for(recipient=TOKEN, uid=None, now=NOW) for _ in range(5)]
    assert found == [None] * 5
    assert [one["event"] for one in logs if one["log_level"] == "error"] == ["parked-mails-full"]


def test_every_reason_for_parking_has_its_words() -> None:
    """Those of the reader and of the judge."""
    assert {*get_args(Parked), *get_args(Judged)} - NEVER_PARKED <= set(REASONS)


BASE64 = "VmkgZXIgc3lnZSBww6UgdGlyc2RhZy4="
NESTED = (
    'Content-Type: multipart/mixed; boundary="a"\r\n\r\n--a\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n'
    "--b\r\nContent-Type: text/html\r\n\r\n<p>Nej</p>\r\n--b\r\nContent-Type: text/plain\r\n\r\nKun dette\r\n--b--\r\n--a--\r\n"
)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"From: a@b.example\r\n\r\nVi kan ikke.\r\n", "Vi kan ikke."),
        (
            b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n" + BASE64.encode(),
            "Vi er syge på tirsdag.",
        ),
        (b"Content-Transfer-Encoding: quoted-printable\n\nsyge p=C3=A5 tirs=\ndag", "syge på tirsdag"),
        ("Content-Type: text/plain; charset=iso-8859-1\n\nsyge på".encode("latin-1"), "syge på"),
        (NESTED.encode(), "Kun dette"),
        (b"Content-Type: text/html\n\n<p>Nej</p>", ""),
        (b"Content-Type: message/rfc822\n\nFrom: x@y.example\n\nciteret", ""),
        ("\n\nHej\u202e\u0000\u0007 du\ufeff".encode(), "Hej du"),
        (b"", ""),
    ],
)
def test_the_plain_text_of_a_mail(raw: bytes, text: str) -> None:
    """The first one outside of quoted mails, without what turns writing around or rings a bell."""
    assert text_of(raw) == text


def test_only_lines_part_a_mail() -> None:
    """A quarter of a million parts in one line of a mail, each looked at, kept the whole service for ten seconds."""
    head = b"Content-Type: multipart/mixed; boundary=a\r\n\r\n"
    assert text_of(head + b"x--a\r\n\r\nhidden\r\n--a--\r\n") == ""
    assert text_of(head + b"--a\r\n\r\nshown x--a\r\n--a--\r\n") == "shown x--a"


def test_a_long_text_is_cut() -> None:
    """And a mail beyond the reader's limits is not opened for it."""
    assert len(text_of(b"\n\n" + b"x" * 50_000)) == TEXT_CHARACTERS_MAX
    assert not text_of(b"\n\n" + b"x" * 2_000_000)


PIECES = st.sampled_from(
    [
        b"--a",
        b"--",
        b"\r\n",
        b"\n\n",
        b"Content-Type: multipart/mixed; boundary=a",
        b"a",
        b"=",
        b"\xff",
        b"; boundary=",
        b"text/plain",
    ]
)


@given(raw=st.lists(PIECES | st.binary(max_size=20), max_size=40).map(b"".join))
def test_no_bytes_break_it(raw: bytes) -> None:
    """Whatever a stranger sends, the page can be shown."""
    assert len(text_of(raw)) <= TEXT_CHARACTERS_MAX
