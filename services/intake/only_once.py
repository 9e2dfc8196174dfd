"""All that no two applications may share stands in one list of each document, under one unique index.

One index instead of three: every index costs at every write, also at those that do not touch it. Pure.
"""

from collections.abc import Iterable

REFERENCE = "reference|"
REQUEST = "request|"
ADDRESS = "address|"


def entries(*, reference: str, request_key: str | None, addresses: Iterable[str]) -> list[str]:
    """The list of one application; never empty, so that no two are alike by that."""
    request = [REQUEST + request_key] if request_key else []
    return [REFERENCE + reference, *request, *address_entries(addresses)]


def address_entries(addresses: Iterable[str]) -> list[str]:
    return [ADDRESS + entry for entry in addresses]


def addresses_in(listed: Iterable[str]) -> tuple[str, ...]:
    return tuple(entry.removeprefix(ADDRESS) for entry in listed if entry.startswith(ADDRESS))


def kind_of(entry: str) -> str:
    """What an entry is about: "reference", "request" or "address"."""
    return entry.partition("|")[0]
