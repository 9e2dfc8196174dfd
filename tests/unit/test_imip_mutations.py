"""Ten thousand mails that were damaged or tampered with: none stops the reader, and none makes it hear somebody else."""

import gc
import random
import re
import time
import tracemalloc
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.imip.read_mail import read, read_mail
from services.intake.imip.understood import Understood
from tests.mail_mutations import WHOLE_MAIL, Mutation

REPLIES = Path(__file__).parents[1] / "samples" / "replies"
AUTHSERV_ID = "mx.forloeb.example"
MAILS = 10_000
MAILS_FIRST = 1_000
MAIL_BYTES_MAX = 6_000
MAILS_TRACED = 300
CPU_SECONDS_MAX = 25
OBJECTS_MORE_MAX = 500
HELD_BYTES_MAX = 200_000
PEAK_BYTES_MAX = 2_000_000
# Changing these bytes in place makes another answer of it, as the writer of a mail may: lines that say whose answer to what it
# is, with the byte behind them that could make them longer, and parts whose encoding hides where those lines are.
SAYS_WHO = re.compile(rb"(?:^|\n)(?:UID|ATTENDEE)[^\n]*(?:\n[ \t][^\n]*)*\n.", re.DOTALL)
HIDDEN = re.compile(rb"(?:base64|quoted-printable)\r?\n(?:[^\r\n]+\r?\n)*\r?\n.*?(?=\r?\n--|\Z)", re.DOTALL)


def ask(raw: bytes) -> Understood:
    return read(raw, authserv_id=AUTHSERV_ID, envelope_from=None)


def place(raw: bytes, rng: random.Random) -> int:
    """A place that says nothing about whose answer it is."""
    spans = [found.span() for pattern in (SAYS_WHO, HIDDEN) for found in pattern.finditer(raw)]
    while True:
        at = rng.randrange(len(raw))
        if not any(begin <= at <= end for begin, end in spans):
            return at


def flip(raw: bytes, rng: random.Random) -> bytes:
    changed = bytearray(raw)
    for _ in range(rng.randint(1, 6)):
        changed[place(raw, rng)] = rng.randrange(256)
    return bytes(changed)


def insert(raw: bytes, rng: random.Random) -> bytes:
    at = place(raw, rng)
    return (
        raw[:at]
        + rng.choice((b"\r\n", b"\r\n\r\n", b"\x00", b"\xff\xfe", b'"', b"\\", b";", b":", b"--", b"=", b"\r"))
        + raw[at:]
    )


MUTATIONS: tuple[Mutation, ...] = (flip, flip, flip, insert, insert, *WHOLE_MAIL)


def originals() -> list[tuple[bytes, Understood]]:
    read_ones = [(path.read_bytes(), ask(path.read_bytes())) for path in sorted(REPLIES.glob("*.eml"))]
    return [(raw, said) for raw, said in read_ones if said.what != "not_ours" and len(raw) <= MAIL_BYTES_MAX]


def same(said: Understood, original: Understood) -> bool:
    return said.what == "not_ours" or (said.what, said.uid, said.attendee, said.partstat) == (
        original.what,
        original.uid,
        original.attendee,
        original.partstat,
    )


def hear(count: int, rng: random.Random, mails: list[tuple[bytes, Understood]]) -> int:
    """How many of so many mutated mails say something, and it is always what the whole mail says."""
    heard = 0
    for _ in range(count):
        raw, original = rng.choice(mails)
        mutation = rng.choice(MUTATIONS)
        mutated = mutation(raw, rng)
        said = ask(mutated)
        assert same(said, original), (mutation.__name__, mutated, said)
        heard += said.what != "not_ours"
    return heard


def objects() -> int:
    gc.collect()
    return len(gc.get_objects())


def test_mutated_mails_are_never_taken_for_another_answer() -> None:
    """What is heard from a damaged mail is what the whole one says, or nothing; memory stays flat, and time bounded."""
    rng, mails = random.Random(6), originals()
    assert len(mails) > 30
    began = time.process_time()
    heard = hear(MAILS_FIRST, rng, mails)
    early = objects()
    heard += hear(MAILS - MAILS_FIRST - MAILS_TRACED, rng, mails)
    assert objects() < early + OBJECTS_MORE_MAX
    # Tracing takes ten times as long, so it is for the last ones, when everything that is kept for good is there.
    tracemalloc.start()
    try:
        heard += hear(MAILS_TRACED, rng, mails)
        held, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < HELD_BYTES_MAX
    assert peak < PEAK_BYTES_MAX
    # The mutations must leave something to hear, or nothing was tried.
    assert MAILS / 4 < heard < MAILS * 3 / 4
    assert time.process_time() - began < CPU_SECONDS_MAX


def test_a_mail_changed_anywhere_never_stops_the_reader() -> None:
    """Bytes are changed, taken away and doubled where they matter most, too."""
    rng, mails = random.Random(7), originals()
    for _ in range(1_000):
        changed = bytearray(rng.choice(mails)[0])
        for _ in range(rng.randint(1, 20)):
            at = rng.randrange(len(changed))
            changed[at : at + rng.choice((0, 1, 1, 1, 9))] = rng.randbytes(rng.choice((0, 1, 1, 4)))
        ask(bytes(changed))


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"From: ", b"Content-Type: text/calendar\n\n", b"Date: ", b"Authentication-Results: "]),
)
def test_any_bytes_are_understood_somehow(content: bytes, before: bytes) -> None:
    """Bytes that nobody wrote as a mail."""
    raw = before + content
    assert ask(raw) == read_mail(raw, authserv_id=AUTHSERV_ID)
