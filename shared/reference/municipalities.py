"""The 98 municipalities with their official names, towns and dated regions.

Regions are dated because Hovedstaden and Sjælland become Østdanmark on 1 January 2027.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from shared.reference.danish_order import danish_key


@dataclass(frozen=True, slots=True)
class Region:
    """A region. `official_code` is the one of the registers, None where none is published yet."""

    code: str
    official_code: str | None
    da: str
    en: str


@dataclass(frozen=True, slots=True)
class RegionPeriod:
    """The region that a municipality belongs to from `first` to `last`, both included; None: until further notice."""

    region: Region
    first: date
    last: date | None

    def covers(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Municipality:
    """A municipality. `name` is the official one: it cannot be built from the short name (Københavns, Bornholms)."""

    code: str
    name: str
    short_name: str
    town: str
    latitude: float
    longitude: float
    is_island: bool
    """No road leads there: one only gets by ferry."""
    regions: tuple[RegionPeriod, ...]

    def region_on(self, day: date) -> Region:
        """Return the region on that day.

        Raises:
            LookupError: before 2007, when there were no regions.
        """
        for period in self.regions:
            if period.covers(day):
                return period.region
        raise LookupError(f"{self.name} belonged to no region on {day.isoformat()}")


class UnknownMunicipalityError(LookupError):
    """There is no municipality of that code."""


class Municipalities:
    """All municipalities, in Danish alphabetical order of their short names."""

    def __init__(self, municipalities: tuple[Municipality, ...]) -> None:
        self._in_order = tuple(sorted(municipalities, key=lambda one: danish_key(one.short_name)))
        self._by_code = {one.code: one for one in self._in_order}

    def __iter__(self) -> Iterator[Municipality]:
        return iter(self._in_order)

    def __len__(self) -> int:
        return len(self._in_order)

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def get(self, code: str) -> Municipality:
        """Return the municipality of a three-digit code, e.g. "329" for Ringsted.

        Raises:
            UnknownMunicipalityError: no municipality has the code (411 Christiansø is not one either).
        """
        try:
            return self._by_code[code]
        except KeyError:
            raise UnknownMunicipalityError("no municipality has that code: use three digits, e.g. 329") from None

    def region_on(self, code: str, day: date) -> Region:
        """Return the region of a municipality on that day."""
        return self.get(code).region_on(day)


@cache
def load_municipalities() -> Municipalities:
    """Read the municipalities that come with the program; call it at start and pass the result on."""
    data = json.loads(files(__package__).joinpath("municipalities.json").read_text(encoding="utf-8"))
    regions = {row["code"]: Region(**row) for row in data["regions"]}
    return Municipalities(tuple(_municipality(row, regions) for row in data["municipalities"]))


def _municipality(row: dict[str, Any], regions: dict[str, Region]) -> Municipality:
    periods = tuple(
        RegionPeriod(
            region=regions[period["region"]],
            first=date.fromisoformat(period["from"]),
            last=date.fromisoformat(period["until"]) if period["until"] else None,
        )
        for period in row["regions"]
    )
    return Municipality(**{**row, "regions": periods})
