"""The reader as a process of its own: one for many mails, ended by mails that take too long, begun anew without a word."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.intake.imip.limits import MESSAGE_BYTES_MAX
from services.intake.imip.read_apart import Reader
from tests.polling import until

REPLIES = Path(__file__).parents[1] / "samples" / "replies"
ACCEPT = (REPLIES / "exchange_accept.eml").read_bytes()
DECLINE = (REPLIES / "google_decline.eml").read_bytes()
REPORT = (REPLIES.with_name("reports") / "postfix_failed.eml").read_bytes()
OURS = "mx.forloeb.example"
# Reads each mail for ever when it holds "slow", dies of "dead", and answers nonsense to "odd".
STUBBORN = """
import json, sys, time
from services.intake.imip.read_mail import read_mail
print("ready", flush=True)
while line := sys.stdin.buffer.readline():
    raw = sys.stdin.buffer.read(json.loads(line)["bytes"])
    if b"slow" in raw:
        time.sleep(60)
    if b"dead" in raw:
        sys.exit(1)
    print("{}" if b"odd" in raw else read_mail(raw, authserv_id=None).model_dump_json(), flush=True)
"""
BOMBS = {
    "nested parts": b"".join(b"Content-Type: multipart/mixed; boundary=n%d\n\n--n%d\n" % (n, n) for n in range(49)),
    "a thousand nested parts": b"".join(
        b"Content-Type: multipart/mixed; boundary=n%d\n\n--n%d\n" % (n, n) for n in range(1_000)
    ),
    "empty parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n" * 250_000,
    "quotes in From": b"From: " + b'"' * 50_000 + b"\n\n",
    "header fields": b"X: y\n" * 13_000 + b"\n",
    "folds": b"Content-Type: text/calendar\n\nBEGIN:VCALENDAR\n" + b"\n " * 500_000,
    "lines": b"Content-Type: text/calendar\n\n" + b"A:B\n" * 260_000,
    "components": b"Content-Type: text/calendar\n\n" + b"BEGIN:A\nEND:A\n" * 70_000,
    "parameters": b"Content-Type: text/calendar\n\nBEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nUID:1\nATTENDEE"
    + b";A=B" * 250_000
    + b":mailto:a@b.example\nEND:VEVENT\nEND:VCALENDAR\n",
    "attendees": b"Content-Type: text/calendar\n\nBEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nUID:1\n"
    + b"ATTENDEE:a@b.example\n" * 4_900
    + b"END:VEVENT\nEND:VCALENDAR\n",
    "escapes": b"Content-Type: text/calendar\nContent-Transfer-Encoding: quoted-printable\n\n" + b"=0A" * 340_000,
}
_MACHINE = b"Content-Type: message/delivery-status\n\n"
_WORDS = b"From: MAILER-DAEMON@mx.example\n\n"
REPORT_BOMBS = {
    "blank lines": _MACHINE + b"\n" * 1_000_000,
    "nearly blank lines": _MACHINE + b"\n \t" * 300_000 + b"x",
    "groups": _MACHINE + b"Action: failed\n\n" * 60_000,
    "a long status": _MACHINE + b"Action: failed\nStatus: 5.1.1" + b" " * 1_000_000 + b"x",
    "a long diagnostic": _MACHINE + b"Action: failed\nDiagnostic-Code: smtp; 550 " + b"550 " * 200_000,
    "folded diagnostics": _MACHINE + b"Action: failed\nDiagnostic-Code: smtp;" + b"\n 550-" * 150_000,
    "hyphens": _WORDS + b"--" * 500_000,
    "spaces": _WORDS + b" " * 1_000_000,
    "words that begin": _WORDS + b"could not could not unable to not been able to deliver " * 18_000,
    "letters in From": b"From: " + b"a" * 4_000 + b"\n\nundeliverable",
    "letters in From, often": b"From: "
    + b"a" * 3_000
    + b"\n"
    + (b"X: " + b"a" * 3_000 + b"\n") * 18
    + b"\nundeliverable",
}


@pytest.fixture
async def reader() -> AsyncIterator[Reader]:
    reader = Reader()
    yield reader
    await reader.close()


def pid(reader: Reader) -> int:
    assert reader._running is not None
    return reader._running.process.pid


async def test_one_process_reads_many_mails(reader: Reader) -> None:
    """Calls at the same time get their own answers; what our server found is told."""
    first = await reader.read(ACCEPT, authserv_id=OURS)
    process = pid(reader)
    said = await asyncio.gather(*(reader.read(mail, authserv_id=OURS) for mail in (ACCEPT, DECLINE) * 20))
    assert first.authentication == "pass"
    assert [one.partstat for one in said] == ["ACCEPTED", "DECLINED"] * 20
    assert (await reader.read(ACCEPT, authserv_id=None, envelope_from="")).reason == "bounce"
    assert pid(reader) == process


async def test_bombs_end_within_their_limit(reader: Reader) -> None:
    """Bytes that keep other parsers busy for minutes; the same process reads on behind each of them."""
    await reader.read(ACCEPT, authserv_id=OURS)
    process = pid(reader)
    for name, bomb in BOMBS.items():
        assert len(bomb) <= MESSAGE_BYTES_MAX, name
        began = time.monotonic()
        assert (await reader.read(bomb, authserv_id=OURS)).what == "not_ours", name
        assert (await reader.read_report(bomb, envelope_from="")).action is None, name
        assert time.monotonic() - began < 5, name
    assert (await reader.read(ACCEPT, authserv_id=OURS)).partstat == "ACCEPTED"
    assert pid(reader) == process
    assert (await reader.read(b"x" * (MESSAGE_BYTES_MAX + 1), authserv_id=OURS)).reason == "too-large"


async def test_the_same_process_reads_reports(reader: Reader) -> None:
    """Each mail is read as what it was asked for, whatever is in it."""
    reports = [reader.read_report(REPORT, envelope_from=""), reader.read_report(ACCEPT, envelope_from="a@b.example")]
    report, none, answer = await asyncio.gather(*reports, reader.read(ACCEPT, authserv_id=OURS))
    assert (report.action, report.status) == ("failed", "5.1.1")
    assert none.reason == "no-report"
    assert answer.partstat == "ACCEPTED"
    assert (await reader.read_report(b"x" * (MESSAGE_BYTES_MAX + 1), envelope_from="")).reason == "too-large"


async def test_bombs_for_the_reader_of_reports_end_within_their_limit(reader: Reader) -> None:
    """What its own patterns could be kept busy with."""
    for name, bomb in REPORT_BOMBS.items():
        assert len(bomb) <= MESSAGE_BYTES_MAX, name
        began = time.monotonic()
        report = await reader.read_report(bomb, envelope_from="")
        assert report.reason != "overran", name
        assert time.monotonic() - began < 5, name


async def test_a_mail_that_takes_too_long_is_given_up() -> None:
    """It is for a human then; the next mail gets a process of its own."""
    reader = Reader(program=("-c", STUBBORN), seconds_max=0.4)
    try:
        assert (await reader.read_report(b"slow", envelope_from="")).reason == "overran"
        overran = await reader.read(b"slow", authserv_id=None)
        assert (overran.what, overran.reason, overran.drop) == ("not_ours", "overran", False)
        assert (await reader.read(ACCEPT, authserv_id=None)).partstat == "ACCEPTED"
    finally:
        await reader.close()


@pytest.mark.parametrize("mail", [b"dead", b"odd"])
async def test_a_process_that_fails_costs_only_its_mail(mail: bytes) -> None:
    """It is tried once more by a new process, then given up."""
    reader = Reader(program=("-c", STUBBORN))
    try:
        assert (await reader.read(mail, authserv_id=None)).reason == "overran"
        assert (await reader.read(DECLINE, authserv_id=None)).partstat == "DECLINED"
    finally:
        await reader.close()


async def test_a_process_that_was_killed_is_begun_anew(reader: Reader) -> None:
    """The mail at hand is read all the same."""
    await reader.read(ACCEPT, authserv_id=OURS)
    assert reader._running is not None
    reader._running.process.kill()
    await until(
        lambda: reader._running is not None and reader._running.process.returncode is not None,
        what="the process has ended",
    )
    assert (await reader.read(DECLINE, authserv_id=OURS)).partstat == "DECLINED"


async def test_a_process_ends_after_so_many_mails() -> None:
    """So that nothing can pile up in it."""
    reader = Reader(mails_max=2)
    try:
        for _ in range(2):
            assert (await reader.read(ACCEPT, authserv_id=OURS)).reason == "ok"
        assert reader._running is None
        assert (await reader.read(ACCEPT, authserv_id=OURS)).reason == "ok"
    finally:
        await reader.close()


async def test_a_call_that_was_given_up_leaves_nothing_for_the_next() -> None:
    """An answer that comes late must not pass for the next mail's."""
    reader = Reader(program=("-c", STUBBORN))
    try:
        await reader.read(ACCEPT, authserv_id=None)
        call = asyncio.create_task(reader.read(b"slow", authserv_id=None))
        await until(lambda: reader._running is not None and reader._running.mails == 2, what="the second mail is read")
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert (await reader.read(DECLINE, authserv_id=None)).partstat == "DECLINED"
    finally:
        await reader.close()


async def test_a_reader_that_does_not_start_says_so() -> None:
    """Nothing is known of the mail then, so it must not be given up."""
    reader = Reader(program=("-c", "import sys; sys.exit(1)"))
    with pytest.raises(OSError, match="does not start"):
        await reader.read(ACCEPT, authserv_id=None)


async def test_the_process_is_limited_and_ends_with_its_input() -> None:
    """It holds its limits, and no process is left behind when the service is gone."""
    code = (
        "import services.intake.imip.reader as r, resource as x\n"
        "r.serve=lambda *_: print(x.getrlimit(x.RLIMIT_CPU)[0], x.getrlimit(x.RLIMIT_FSIZE)[0]); r.main()"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdin=-3, stdout=-1)
    said, _ = await process.communicate()
    assert said.split() == [b"120", b"0"]
    whole = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.intake.imip.reader", stdin=-3, stdout=-1
    )
    said, _ = await asyncio.wait_for(whole.communicate(), 30)
    assert (said, whole.returncode) == (b"ready\n", 0)
