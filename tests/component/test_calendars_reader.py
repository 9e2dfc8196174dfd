"""The reader as a process of its own: calendars that would keep a machine busy for minutes end within its limits."""

import asyncio
import os
import time
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from services.scheduler.calendars import read_apart as apart
from services.scheduler.calendars import reader
from services.scheduler.calendars.busy import span_of
from services.scheduler.calendars.faults import CalendarFault
from services.scheduler.calendars.read_apart import Asked, read_apart
from tests.calendar_feeds import at, calendar, event

ASKED = Asked(
    span=span_of(date(2026, 11, 20), 400, ZoneInfo("Europe/Copenhagen")),
    zone="Europe/Copenhagen",
    mail="anne@konsulenter.example",
    domain="forloeb.example",
)


async def fault(content: bytes) -> str:
    with pytest.raises(CalendarFault) as raised:
        await read_apart(content, ASKED)
    return raised.value.reason


async def test_a_calendar_is_read_by_a_process_of_its_own() -> None:
    """Busy times come back in UTC; with them what may be an invite of ours, and the counts."""
    ours = at("20270105", "0900", "1000", uid="1@forloeb.example")
    broken = "BEGIN:VEVENT\nUID:x\nEND:VEVENT"
    read = await read_apart(calendar(at("20270104", "0900", "1000"), ours, broken), ASKED)
    nine, ten = (datetime(2027, 1, 4, hour, tzinfo=UTC).timestamp() for hour in (8, 9))
    assert read.busy == [(nine, ten)]
    assert [uid for uid, _, _ in read.ours] == ["1@forloeb.example"]
    assert (read.events, read.occurrences, read.unreadable) == (3, 2, 1)


@pytest.mark.parametrize(
    "rule",
    ["FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=HOURLY", "FREQ=DAILY;BYHOUR=0,1,2;BYMINUTE=0,1,2;BYSECOND=0,1,2"],
)
async def test_dense_rules_are_refused_at_once(rule: str) -> None:
    """185 bytes that keep the library busy for minutes."""
    content = calendar(at("20200101", "0900", "0901", f"RRULE:{rule}"))
    started = time.monotonic()
    assert await fault(content) == "too-complex"
    assert time.monotonic() - started < 5


async def test_many_daily_series_are_refused() -> None:
    """A thousand of them would take 500 MB."""
    daily = [at("20261201", "0900", "1000", "RRULE:FREQ=DAILY", uid=str(number)) for number in range(200)]
    assert await fault(calendar(*daily)) == "too-complex"


async def test_a_calendar_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Series that begin in the year 2, all within the rules: the reader is ended by its own limit of time."""
    assert reader.CPU_SECONDS_MAX == 10
    quick = "import services.scheduler.calendars.reader as r; r.CPU_SECONDS_MAX = 1; r.main()"
    monkeypatch.setattr(apart, "READER", ("-c", quick))
    old = [
        event(":00020101T090000Z", ":00020101T100000Z", "RRULE:FREQ=DAILY", uid=str(number)) for number in range(100)
    ]
    started = time.monotonic()
    assert await fault(calendar(*old)) == "overran"
    assert time.monotonic() - started < 10


async def test_a_calendar_that_takes_too_much_memory_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what a reader may have, not of what the machine has."""
    monkeypatch.setattr(
        apart, "READER", ("-c", "import services.scheduler.calendars.reader as r; r._limit(); bytearray(10**9)")
    )
    assert await fault(calendar()) == "overran"


async def test_a_reader_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """By the one who started it; nothing is left behind."""
    monkeypatch.setattr(apart, "READ_SECONDS_MAX", 1.5)
    mark = tmp_path / "pid"
    hangs = f"import os, time; open({str(mark)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    monkeypatch.setattr(apart, "READER", ("-c", hangs))
    assert await fault(calendar()) == "overran"
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)


async def test_a_reader_that_talks_without_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it says is limited as well."""
    monkeypatch.setattr(apart, "READER", ("-c", "while True: print('x' * 65536)"))
    assert await fault(calendar()) == "too-complex"


async def test_a_reader_is_ended_with_the_service() -> None:
    """Whoever stops the service does not wait for a calendar."""
    old = [
        event(":00020101T090000Z", ":00020101T100000Z", "RRULE:FREQ=DAILY", uid=str(number)) for number in range(100)
    ]
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await read_apart(calendar(*old), ASKED)


async def test_the_reader_is_told_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its environment holds what Python needs, and nothing of ours."""
    monkeypatch.setenv("FORLOEB_MASTER_KEY", "hemmelig")
    tells = "import os; told = any('FORLOEB' in name for name in os.environ)"
    tells += "; print('{\"fault\": \"%s\"}' % ('too-large' if told else 'not-found'))"
    monkeypatch.setattr(apart, "READER", ("-c", tells))
    assert await fault(calendar()) == "not-found"


@pytest.mark.parametrize("content", [b"", b"<html>", b"\x00" * 1000, calendar()[:-10]])
async def test_what_is_no_calendar_is_told_as_such(content: bytes) -> None:
    """Without a word of what it was."""
    assert await fault(content) == "not-a-calendar"


async def test_a_large_calendar_is_read_in_time() -> None:
    """Two thousand events of twenty years."""
    events = [
        at(f"{2007 + number % 20}0{1 + number % 9}1{number % 9}", "0900", "1000", "SUMMARY:Møde " * 20, uid=str(number))
        for number in range(2_000)
    ]
    read = await read_apart(calendar(*events), ASKED)
    assert (read.events, read.unreadable) == (2_000, 0)
