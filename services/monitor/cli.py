"""The commands `events` and `lag`: ask the monitor, and print for people or, with --json, for programs."""

import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Self, TextIO

import httpx2

from services.monitor.lag import READERS
from services.monitor.sighting import TYPE_PREFIX
from shared.terminal import json_text, one_line

TOPICS = READERS["monitor"]
TIMEOUT_SECONDS = 20.0
FOLLOW_SECONDS = 0.5
RETRY_SECONDS = 2.0
PAGE_EVENTS = 500
EXIT_FAULT = 1
EXIT_USAGE = 2
TIMESTAMP_MAX = 253_402_300_799_000  # the last millisecond that a datetime can hold
OUT_OF_REACH = (httpx2.HTTPError, ValueError)

Row = dict[str, Any]


class RefusedError(Exception):
    """The monitor answered, and said no; the text says what it said."""


class Monitor:
    """Its API at `address`, for whoever holds the staff token; connected for as long as a `with` block."""

    def __init__(self, address: str, *, staff_token: str) -> None:
        self.address = address.rstrip("/")
        self._client = httpx2.Client(
            base_url=self.address, headers={"Authorization": f"Bearer {staff_token}"}, timeout=TIMEOUT_SECONDS
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, path: str, **asked: str | int | None) -> Row:
        """The JSON of one answer.

        Raises:
            RefusedError: the answer is no.
            httpx2.HTTPError: there is no answer.
            ValueError: something else answers there.

        """
        answer = self._client.get(path, params={name: value for name, value in asked.items() if value is not None})
        told: Row = answer.json()
        if not answer.is_success:
            raise RefusedError(" ".join(part for part in (told.get("title", ""), told.get("detail", "")) if part))
        return told

    def events(self, *, topic: str | None, reference: str | None, limit: int) -> Row:
        """The last ones."""
        return self.get("/api/v1/events", topic=topic, reference=reference, limit=limit)

    def events_after(self, number: int, *, topic: str | None, reference: str | None) -> Row:
        """The next ones."""
        return self.get("/api/v1/events", topic=topic, reference=reference, after=number, limit=PAGE_EVENTS)


def print_events(
    monitor: Monitor,
    *,
    topic: str | None = None,
    reference: str | None = None,
    limit: int = 50,
    follow: bool = False,
    as_json: bool = False,
    out: TextIO | None = None,
) -> int:
    """Print the last events, one a line (with --json one object a line); with `follow` go on until interrupted."""
    out = out or sys.stdout
    full_topic = _full_topic(topic)
    if topic and not full_topic:
        return _refused(f"There is no topic {topic}; there are: {', '.join(map(_short_topic, TOPICS))}.", EXIT_USAGE)
    try:
        first = monitor.events(topic=full_topic, reference=reference, limit=limit)
        _print_rows(first["events"], as_json=as_json, out=out)
        if follow:
            for row in _following(monitor, first["last"], full_topic, reference, time.sleep):
                _print_rows([row], as_json=as_json, out=out)
    except RefusedError as error:
        return _refused(str(error), EXIT_FAULT)
    except OUT_OF_REACH as error:
        return _refused(_away(monitor, error), EXIT_FAULT)
    except (KeyboardInterrupt, BrokenPipeError):
        return 0
    return 0


def _following(
    monitor: Monitor, number: int, topic: str | None, reference: str | None, sleep: Callable[[float], None]
) -> Iterator[Row]:
    """Each event once, in order, for ever; while the monitor is away it is asked again."""
    while True:
        try:
            told = monitor.events_after(number, topic=topic, reference=reference)
        except OUT_OF_REACH:
            sleep(RETRY_SECONDS)
            continue
        number = told["last"]
        yield from told["events"]
        if not told["more"]:
            sleep(FOLLOW_SECONDS)


def print_lag(monitor: Monitor, *, as_json: bool = False, out: TextIO | None = None) -> int:
    """Per group and topic: how many records wait, and since when the oldest of them has."""
    out = out or sys.stdout
    try:
        told = monitor.get("/api/v1/lag")
    except RefusedError as error:
        return _refused(str(error), EXIT_FAULT)
    except OUT_OF_REACH as error:
        return _refused(_away(monitor, error), EXIT_FAULT)
    if as_json:
        print(json_text(told), file=out)
        return 0
    print(f"{'group':<12}{'topic':<15}{'waiting':>9}  oldest unhandled", file=out)
    for group in told["groups"]:
        for topic in group["topics"]:
            line = f"{group['group']:<12}{_short_topic(topic['topic']):<15}{topic['records']:>9}  {_oldest(topic)}"
            print(one_line(line), file=out)
    return 0


def age(seconds: float) -> str:
    """42 s, 3 min 5 s, 2 h 10 min, 3 d 4 h."""
    minutes, rest = divmod(int(seconds), 60)
    hours, days = minutes // 60, minutes // (24 * 60)
    if days:
        return f"{days} d {hours % 24} h"
    if hours:
        return f"{hours} h {minutes % 60} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _oldest(topic: Row) -> str:
    if topic["oldest_seconds"] is not None:
        return age(topic["oldest_seconds"])
    return "unknown" if topic["records"] else "-"


def _print_rows(rows: list[Row], *, as_json: bool, out: TextIO) -> None:
    for row in rows:
        print(json_text(row) if as_json else _line(row), file=out, flush=True)


def _line(row: Row) -> str:
    kind = (row["type"] or "?").removeprefix(TYPE_PREFIX).removesuffix(".v1")
    facts = row["facts"]
    about = [facts.get("state"), facts.get("reason"), row["fault"] if row["fault"] != facts.get("reason") else None]
    sequence = "" if row["sequence"] is None else f"#{row['sequence']}"
    columns = (
        f"{_time(row['timestamp']):<12}",
        f"{_short_topic(row['topic']):<13}",
        f"{kind:<22}",
        f"{row['reference'] or '-':<16}",
        f"{row['subject'] or '-':<37}",
        f"{sequence:<4}",
        " ".join(str(part) for part in about if part),
    )
    return one_line(" ".join(columns).rstrip())


def _time(milliseconds: int) -> str:
    """In the time zone of whoever reads it."""
    if not 0 < milliseconds < TIMESTAMP_MAX:
        return "-"
    return datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone().strftime("%H:%M:%S.%f")[:-3]


def _short_topic(topic: str) -> str:
    return topic.removeprefix("forloeb.")


def _full_topic(typed: str | None) -> str | None:
    return next((topic for topic in TOPICS if typed in (topic, _short_topic(topic))), None)


def _away(monitor: Monitor, error: Exception) -> str:
    return f"The monitor at {monitor.address} did not answer ({type(error).__name__}): is it running?"


def _refused(sentence: str, code: int) -> int:
    print(one_line(sentence), file=sys.stderr)
    return code
