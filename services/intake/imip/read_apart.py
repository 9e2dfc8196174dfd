"""Has mails read by a process of its own (`reader.py`), one at a time; it is ended and begun anew when a mail takes too long."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from services.intake.imip.limits import MESSAGE_BYTES_MAX
from services.intake.imip.reader import READY
from services.intake.imip.understood import Understood, not_ours
from services.intake.returned.report import Report
from shared.fact import Fact

PROGRAM = ("-m", "services.intake.imip.reader")
READ_SECONDS_MAX = 5.0
START_SECONDS_MAX = 30.0
"""Python has to load the library first, on a machine that may have other things to do."""
MAILS_MAX = 1_000
"""Of one process; then a new one begins, so that nothing can pile up in it."""
ANSWER_BYTES_MAX = 262_144
# All that the reader is told of the environment: where Python and its zones are, and nothing that is secret.
_ENVIRONMENT = ("PATH", "PYTHONPATH", "PYTHONHOME", "PYTHONTZPATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "VIRTUAL_ENV")

_Read = TypeVar("_Read", bound=Fact)


@dataclass(slots=True)
class _Running:
    process: Process
    mails: int = 0


class _EndedError(Exception):
    """The process ended before it answered, or answered something else."""


class Reader:
    """Reads mails apart. One process serves all calls, one after the other; it begins with the first mail."""

    def __init__(
        self, *, program: tuple[str, ...] = PROGRAM, seconds_max: float = READ_SECONDS_MAX, mails_max: int = MAILS_MAX
    ) -> None:
        self._program = program
        self._seconds_max = seconds_max
        self._mails_max = mails_max
        self._running: _Running | None = None
        self._turn = asyncio.Lock()

    async def read(self, raw: bytes, *, authserv_id: str | None, envelope_from: str | None = None) -> Understood:
        """What a mail says, as `read_mail` tells it; "overran" where that took too long or too much memory.

        Raises:
            OSError: no process could be begun, so nothing is known of the mail; it is to be read again later.

        """
        if len(raw) > MESSAGE_BYTES_MAX:
            return not_ours("too-large")
        how = {"as": "answer", "authserv_id": authserv_id, "envelope_from": envelope_from}
        return await self._read(raw, how, Understood) or not_ours("overran")

    async def read_report(self, raw: bytes, *, envelope_from: str | None) -> Report:
        """The same of a mail that came to a return path, as the pure `read_report` tells it. Raises as `read`."""
        if len(raw) > MESSAGE_BYTES_MAX:
            return Report(reason="too-large")
        how = {"as": "report", "envelope_from": envelope_from}
        return await self._read(raw, how, Report) or Report(reason="overran")

    async def close(self) -> None:
        """End the process. A later mail would begin a new one."""
        async with self._turn:
            await self._end()

    async def _read(self, raw: bytes, how: dict[str, str | None], kind: type[_Read]) -> _Read | None:
        """The answer as `kind`; None where there is none in time, or none at all."""
        question = json.dumps({"bytes": len(raw), **how}).encode() + b"\n" + raw
        async with self._turn:
            with suppress(_EndedError):
                return await self._asked(question, kind)
            # An old process may have ended for what earlier mails had used up; a new one ends for this mail only.
            with suppress(_EndedError):
                return await self._asked(question, kind)
        return None

    async def _asked(self, question: bytes, kind: type[_Read]) -> _Read | None:
        running = self._running or await self._begin()
        running.mails += 1
        try:
            async with asyncio.timeout(self._seconds_max):
                said = await _answer(running.process, question, kind)
        except TimeoutError:
            await self._end()
            return None
        except BaseException:
            # Half a question or half an answer would be taken for the next mail's.
            await self._end()
            raise
        if running.mails >= self._mails_max:
            await self._end()
        return said

    async def _begin(self) -> _Running:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *self._program,
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            limit=ANSWER_BYTES_MAX,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        )
        self._running = _Running(process)
        assert process.stdout is not None  # noqa: S101 - asked for above
        try:
            async with asyncio.timeout(START_SECONDS_MAX):
                ready = await process.stdout.readline()
        except BaseException:
            await self._end()
            raise
        if ready != READY:
            await self._end()
            raise OSError("the reader of mails does not start")
        return self._running

    async def _end(self) -> None:
        if self._running is None:
            return
        process, self._running = self._running.process, None
        assert process.stdin is not None  # noqa: S101 - asked for above
        assert process.stdout is not None  # noqa: S101 - asked for above
        with suppress(ProcessLookupError):
            process.kill()
        process.stdin.close()
        # A process counts as ended only when its pipe has been read to the end.
        while await process.stdout.read(ANSWER_BYTES_MAX):
            pass
        await process.wait()


async def _answer(process: Process, question: bytes, kind: type[_Read]) -> _Read:
    assert process.stdin is not None  # noqa: S101 - asked for above
    assert process.stdout is not None  # noqa: S101 - asked for above
    try:
        process.stdin.write(question)
        await process.stdin.drain()
        return kind.model_validate_json(await process.stdout.readline())
    except (ConnectionError, ValueError):  # a pipe that ended, an answer that is none or has no end
        raise _EndedError from None
