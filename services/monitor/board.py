"""The state of the moment: lag of each group and health of each service, asked for at intervals, told to whoever watches."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

import structlog
from httpx2 import AsyncClient

from services.monitor.lag import GroupLag
from services.monitor.lag_reader import LagReader
from services.monitor.metrics import LAG_RECORDS, LAG_SECONDS
from services.monitor.readiness import ask_services
from services.monitor.stream import Hub
from shared.errors import DependencyDownError

LAG_SECONDS_BETWEEN = 2.0
SERVICES_SECONDS_BETWEEN = 4.0
FRESH_SECONDS = 1.0

log = structlog.get_logger(__name__)

State = dict[str, Any]


class Board:
    """What is asked for within a second of the last answer gets that answer again."""

    def __init__(
        self,
        *,
        lag_reader: LagReader,
        client: AsyncClient,
        services: Mapping[str, str],
        hub: Hub,
        clock: Callable[[], datetime],
    ) -> None:
        self._lag_reader = lag_reader
        self._client = client
        self._services = services
        self._hub = hub
        self._clock = clock
        self._answers: dict[str, tuple[float, State]] = {}
        self._locks = {"lag": asyncio.Lock(), "services": asyncio.Lock()}

    async def lag(self) -> State:
        """`{"at", "groups": [{"group", "records", "oldest_seconds", "topics": […]}]}`.

        Raises:
            DependencyDownError: the brokers, or our database, do not answer.

        """
        return await self._fresh("lag", self._ask_lag)

    async def services(self) -> State:
        """`{"at", "services": [{"name", "state", "checks"}]}`."""
        return await self._fresh("services", self._ask_services)

    async def tell_lag(self) -> None:
        """Keep the gauges and the audience up to date, until cancelled."""
        while True:
            try:
                state = await self.lag()
            except DependencyDownError as error:
                state = {"at": self._now(), "groups": None, "fault": str(error)}
            except Exception:
                log.exception("lag-failed")
                state = {"at": self._now(), "groups": None, "fault": "error"}
            self._hub.tell("lag", json.dumps(state))
            await asyncio.sleep(LAG_SECONDS_BETWEEN)

    async def tell_services(self) -> None:
        """Keep the audience up to date, until cancelled; nobody is asked while nobody watches."""
        while True:
            if self._hub.watched:
                self._hub.tell("services", json.dumps(await self.services()))
            await asyncio.sleep(SERVICES_SECONDS_BETWEEN if self._hub.watched else FRESH_SECONDS)

    async def _fresh(self, name: str, ask: Callable[[], Awaitable[State]]) -> State:
        async with self._locks[name]:
            now = asyncio.get_running_loop().time()
            at, answer = self._answers.get(name, (0.0, {}))
            if not answer or now - at > FRESH_SECONDS:
                answer = await ask()
                self._answers[name] = (now, answer)
            return answer

    async def _ask_lag(self) -> State:
        groups = await self._lag_reader.lag()
        for group in groups:
            _measure(group)
        return {"at": self._now(), "groups": [group.as_row() for group in groups]}

    async def _ask_services(self) -> State:
        states = await ask_services(self._client, self._services)
        return {"at": self._now(), "services": [state.as_row() for state in states]}

    def _now(self) -> str:
        return self._clock().isoformat()


def _measure(group: GroupLag) -> None:
    for topic in group.topics:
        LAG_RECORDS.labels(group=group.group, topic=topic.topic).set(topic.records)
        if topic.oldest_seconds is not None or topic.records == 0:
            LAG_SECONDS.labels(group=group.group, topic=topic.topic).set(topic.oldest_seconds or 0)
