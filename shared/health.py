"""Liveness and readiness: alive = making progress (no I/O is done to tell); ready = everything needed answers."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from shared.errors import DependencyDownError

CHECK_SECONDS_MAX = 3.0
CACHE_SECONDS = 2.0

log = structlog.get_logger(__name__)

Check = Callable[[], Awaitable[None]]
Symptom = Callable[[], str | None]


class Health:
    """Collects what the parts of one service say of themselves."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}
        self._stalls: list[Symptom] = []
        self._holds: list[Symptom] = []
        self._cached: tuple[float, dict[str, str]] | None = None
        self._lock = asyncio.Lock()

    def add_check(self, name: str, check: Check) -> None:
        """A dependency: `check` raises DependencyDownError when it is away."""
        self._checks[name] = check

    def add_stall(self, symptom: Symptom) -> None:
        """Tells why this process can make no progress any more, although nothing that it needs is down."""
        self._stalls.append(symptom)

    def add_hold(self, symptom: Symptom) -> None:
        """Tells what a part of this process is waiting for."""
        self._holds.append(symptom)

    def stalled(self) -> str | None:
        return next((text for text in (symptom() for symptom in self._stalls) if text), None)

    async def unwell(self) -> str | None:
        """The first dependency that does not answer as it should, asked anew; None where all do."""
        answers = {name: await self._ask(check) for name, check in self._checks.items()}
        return next((name for name, answer in answers.items() if answer != "ok"), None)

    async def readiness(self) -> dict[str, str]:
        """`{"mongodb": "ok", "kafka": "down", …}`; ready when every value is "ok". Asked at most every two seconds."""
        async with self._lock:
            now = asyncio.get_running_loop().time()
            if self._cached is None or now - self._cached[0] > CACHE_SECONDS:
                names = list(self._checks)
                answers = await asyncio.gather(*(self._ask(self._checks[name]) for name in names))
                self._cached = (now, dict(zip(names, answers, strict=True)))
            states = dict(self._cached[1])
        for symptom in self._holds:
            if waiting_for := symptom():
                states["consumer"] = f"waiting for {waiting_for}"
        return states

    async def _ask(self, check: Check) -> str:
        try:
            async with asyncio.timeout(CHECK_SECONDS_MAX):
                await check()
        except (DependencyDownError, TimeoutError):
            return "down"
        except Exception as error:  # noqa: BLE001 - e.g. wrong credentials: it answers, but not to us
            log.warning("check-failed", error=type(error).__name__)
            return "failing"
        return "ok"
