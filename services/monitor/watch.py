"""The use case of the monitor: what was read is kept, and shown to whoever watches."""

import json
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog

from services.monitor.metrics import RECORDS_SEEN, RECORDS_UNKEPT
from services.monitor.sighting import Sighting, bare, sighting
from services.monitor.store import Store
from services.monitor.stream import Hub
from shared.errors import DependencyDownError

REFERENCES_MAX = 20_000

log = structlog.get_logger(__name__)


class References:
    """Looks references up once: they never change."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: OrderedDict[str, str] = OrderedDict()

    def learn(self, application_id: str, reference: str) -> None:
        self._known[application_id] = reference
        self._known.move_to_end(application_id)
        if len(self._known) > REFERENCES_MAX:
            self._known.popitem(last=False)

    async def fill(self, seen: Sequence[Sighting]) -> list[Sighting]:
        """The same, with the reference where only the application's id is in the record (messages)."""
        for one in seen:
            if one.application_id and one.reference:
                self.learn(one.application_id, one.reference)
        strangers = {one.application_id for one in seen if one.application_id and one.application_id not in self._known}
        if strangers:
            for application_id, reference in (await self._store.references(strangers)).items():
                self.learn(application_id, reference)
        return [
            replace(one, reference=self._known.get(one.application_id))
            if one.application_id and not one.reference
            else one
            for one in seen
        ]


class Watch:
    """Takes the records in batches, as they come."""

    def __init__(self, *, store: Store, references: References, hub: Hub, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._references = references
        self._hub = hub
        self._clock = clock
        self._last_number: int | None = None

    async def see(self, records: Sequence[Any]) -> None:
        """Keep and show these records; when this returns, none of them is needed again.

        Raises:
            DependencyDownError: the database does not answer; see them again later.

        """
        in_order = sorted(
            records, key=lambda record: (record.timestamp or 0, record.topic, record.partition, record.offset)
        )
        first = await self._next_number()
        seen = [replace(sighting(record), number=first + place) for place, record in enumerate(in_order)]
        seen = await self._references.fill(seen)
        await self._keep(seen, in_order)
        self._last_number = first + len(seen)
        for one in seen:
            RECORDS_SEEN.labels(topic=one.topic).inc()
            self._hub.show(one, json.dumps(one.listed(), ensure_ascii=False))

    async def _next_number(self) -> int:
        """Microseconds since 1970, but always more than all before, so that numbers tell the order even if the clock goes back."""
        if self._last_number is None:
            self._last_number = await self._store.last_number()
        return max(self._last_number + 1, int(self._clock().timestamp() * 1_000_000))

    async def _keep(self, seen: Sequence[Sighting], records: Sequence[Any]) -> None:
        refused: Sequence[int]
        try:
            refused = await self._store.keep(seen)
        except DependencyDownError:
            raise
        except Exception as error:  # noqa: BLE001 - one odd record must not stop the others
            log.warning("kept-one-by-one", error=type(error).__name__)
            refused = range(len(seen))
        for place in refused:
            await self._keep_one(seen[place], records[place])

    async def _keep_one(self, seen: Sighting, record: Any) -> None:
        least = replace(bare(record, fault="unkept"), number=seen.number)
        for candidate in (seen, least):
            try:
                if not await self._store.keep([candidate]):
                    return
            except DependencyDownError:
                raise
            except Exception as error:  # noqa: BLE001 - same
                log.warning("not-kept", place=seen.id, error=type(error).__name__)
        RECORDS_UNKEPT.labels(topic=seen.topic).inc()
