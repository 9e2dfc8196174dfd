"""Who of a roster travels alike, masters a theme or knows a sector, so that a search need not look at everybody. Pure.

A set of consultants is an integer with one bit for each, at her place in the roster.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple


class Member(NamedTuple):
    """What groups are made of; `home` is equal for all who travel alike."""

    home: Hashable
    themes: Iterable[str]
    sectors: Iterable[str]


class Groups:
    """The sets of one roster; no course and no passing day changes them."""

    def __init__(self, members: Sequence[Member]) -> None:
        homes: dict[Hashable, int] = {}
        self._everybody = (1 << len(members)) - 1
        self._by_theme: dict[str, int] = {}
        self._by_sector: dict[str, int] = {}
        for place, one in enumerate(members):
            bit = 1 << place
            homes[one.home] = homes.get(one.home, 0) | bit
            for theme in one.themes:
                self._by_theme[theme] = self._by_theme.get(theme, 0) | bit
            for sector in one.sectors:
                self._by_sector[sector] = self._by_sector.get(sector, 0) | bit
        # By home: the place in the roster of one of those who live there, and the set of them all.
        self.homes = tuple((next(places_in(who)), who) for who in homes.values())

    def masters_of(self, themes: Iterable[str]) -> int:
        """Those who master all of them."""
        who = self._everybody
        for theme in themes:
            who &= self._by_theme.get(theme, 0)
        return who

    def who_know(self, sector: str | None) -> int:
        """Those who know the sector; everybody, where an application names none."""
        return self._everybody if sector is None else self._by_sector.get(sector, 0)


def places_in(who: int) -> Iterator[int]:
    """The places in the roster of a set of consultants, in order."""
    while who:
        lowest = who & -who
        yield lowest.bit_length() - 1
        who ^= lowest
