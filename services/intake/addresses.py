"""How often an address that nobody has confirmed is written to. Pure.

Anybody can type anybody's address into the form, and the answer must not tell whether we know it. So every application
is taken, and only its receipts are held back: one open unconfirmed application at a time writes to an address, and at
most a few do so a day. Both are guarded by entries under one unique index, keyed digests instead of addresses:
`<digest>|open` while the application waits for its confirmation (at most as long as the programme keeps unconfirmed
applications), `<digest>|<UTC date>|<k>` for the k-th mail of a day.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

KEPT = timedelta(days=2)
"""Entries of a day count nothing any more after this."""


@dataclass(frozen=True, kw_only=True)
class Places:
    """The entries that an application takes, and the contacts for whom there was no place."""

    entries: tuple[str, ...]
    unmailed: tuple[str, ...]


def open_entry(address: str) -> str:
    return f"{address}|open"


def day_entries(address: str, *, now: datetime, per_day_max: int) -> tuple[str, ...]:
    return tuple(f"{address}|{now.astimezone(UTC).date()}|{k}" for k in range(per_day_max))


def candidates(digests: Collection[str], *, now: datetime, per_day_max: int) -> list[str]:
    """All entries that could stand in the way of these addresses."""
    return [
        entry
        for address in digests
        for entry in (open_entry(address), *day_entries(address, now=now, per_day_max=per_day_max))
    ]


def take(digests: Mapping[str, str], *, taken: Collection[str], now: datetime, per_day_max: int) -> Places:
    """The places for the contacts' addresses (digests by person id) where `taken` are the entries of others."""
    entries: list[str] = []
    unmailed: list[str] = []
    for person_id, address in digests.items():
        free = [one for one in day_entries(address, now=now, per_day_max=per_day_max) if one not in taken]
        if not free or open_entry(address) in taken:
            unmailed.append(person_id)
        else:
            entries += [open_entry(address), free[0]]
    return Places(entries=tuple(entries), unmailed=tuple(unmailed))


def take_one_more(digests: Mapping[str, str], *, taken: Collection[str], now: datetime, per_day_max: int) -> Places:
    """A place for one more mail of today to each of these addresses, for an application that has been announced before.

    Its own entries count among `taken`.
    """
    entries: list[str] = []
    unmailed: list[str] = []
    for person_id, address in digests.items():
        free = [one for one in day_entries(address, now=now, per_day_max=per_day_max) if one not in taken]
        if free:
            entries.append(free[0])
        else:
            unmailed.append(person_id)
    return Places(entries=tuple(entries), unmailed=tuple(unmailed))


def closed(entries: Collection[str]) -> tuple[str, ...]:
    """What stays of an application's entries when it no longer waits: the mails of the day still count."""
    return tuple(entry for entry in entries if not entry.endswith("|open"))
