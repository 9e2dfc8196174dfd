"""Which indexes the services make: asked of their own code, with a stand-in for the database that only takes notes."""

import importlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, cast

from shared.mongo import Client

STORES = (*(f"services.{name}.store" for name in ("intake", "scheduler", "notifier", "monitor")), "shared.staff.store")
Place = tuple[str, str]


class _Collection:
    def __init__(self, names: set[str]) -> None:
        self._names = names

    async def create_index(self, keys: str | Sequence[tuple[str, int]], *, name: str = "", **_options: Any) -> str:
        fields = [(keys, 1)] if isinstance(keys, str) else keys
        # The name that the driver gives where none is asked for.
        name = name or "_".join(f"{field}_{direction}" for field, direction in fields)
        self._names.add(name)
        return name


class _Notes:
    """Stands where the client and then the database would: `notes[database][collection]`."""

    def __init__(self, noted: dict[Place, set[str]], database: str = "") -> None:
        self._noted = noted
        self._database = database

    def __getitem__(self, name: str) -> Any:
        return _Collection(self._noted[self._database, name]) if self._database else _Notes(self._noted, name)


async def wanted_indexes() -> Mapping[Place, set[str]]:
    """Names of indexes by database and collection."""
    noted: dict[Place, set[str]] = defaultdict(set)
    for store in STORES:
        await importlib.import_module(store).create_indexes(cast("Client", _Notes(noted)))
    return {place: names for place, names in noted.items() if names}
