"""Has a calendar read by a process of its own (`reader.py`), which is ended when it takes too long."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict

from services.scheduler.calendars.busy import Span
from services.scheduler.calendars.faults import CalendarFault, Reason

READER = ("-m", "services.scheduler.calendars.reader")
READ_SECONDS_MAX = 20.0
"""On a machine that has other things to do; of the processor's time it may take less (`reader.CPU_SECONDS_MAX`)."""
ANSWER_BYTES_MAX = 4 * 1024 * 1024
READ_BYTES = 65_536
# All that the reader is told of the environment: where Python and its zones are, and nothing that is secret.
_ENVIRONMENT = ("PATH", "PYTHONPATH", "PYTHONHOME", "PYTHONTZPATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "VIRTUAL_ENV")


class Read(BaseModel):
    """What the reader answers; times in seconds since 1970."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    busy: list[tuple[float, float]]
    ours: list[tuple[str, float, float]]
    events: int
    occurrences: int
    unreadable: int


class _Answer(BaseModel):
    fault: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is looked for in a calendar; as `expand` takes it."""

    span: Span
    zone: str
    mail: str
    domain: str

    def line(self) -> bytes:
        begin, end = (instant.astimezone(UTC).isoformat() for instant in self.span)
        asked = {"begin": begin, "end": end, "zone": self.zone, "mail": self.mail, "domain": self.domain}
        return json.dumps(asked).encode() + b"\n"


async def read_apart(content: bytes, asked: Asked) -> Read:
    """Read a calendar.

    Raises:
        CalendarFault: it is none, is too complex, or the reader had to be ended.

    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *READER,
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
    )
    try:
        async with asyncio.timeout(READ_SECONDS_MAX):
            _, answer = await asyncio.gather(_give(process, asked.line() + content), _take(process))
            await process.wait()
    except TimeoutError:
        raise CalendarFault("overran") from None
    finally:
        await _end(process)
    if process.returncode != 0:
        raise CalendarFault("overran")
    try:
        return Read.model_validate_json(answer)
    except ValueError:
        raise CalendarFault(_fault(answer)) from None


def instants(pair: tuple[float, float]) -> tuple[datetime, datetime]:
    """Begin and end as the reader writes them, aware again."""
    return datetime.fromtimestamp(pair[0], UTC), datetime.fromtimestamp(pair[1], UTC)


async def _end(process: Process) -> None:
    assert process.stdin is not None  # noqa: S101 - asked for above
    assert process.stdout is not None  # noqa: S101 - asked for above
    with suppress(ProcessLookupError):
        process.kill()
    process.stdin.close()
    # A process counts as ended only when its pipe has been read to the end.
    while await process.stdout.read(READ_BYTES):
        pass
    await process.wait()


async def _give(process: Process, content: bytes) -> None:
    assert process.stdin is not None  # noqa: S101 - asked for above
    with suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(content)
        await process.stdin.drain()
    process.stdin.close()


async def _take(process: Process) -> bytes:
    assert process.stdout is not None  # noqa: S101 - asked for above
    answer = bytearray()
    while piece := await process.stdout.read(READ_BYTES):
        answer += piece
        if len(answer) > ANSWER_BYTES_MAX:
            raise CalendarFault("too-complex")
    return bytes(answer)


def _fault(answer: bytes) -> Reason:
    try:
        return _Answer.model_validate_json(answer).fault
    except ValueError:
        return "overran"
