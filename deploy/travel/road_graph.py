"""Driving and sailing minutes between towns over a small road graph: made from roads.toml, searched by Dijkstra's method."""

import heapq
import math
import tomllib
from collections import defaultdict
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Final

EARTH_RADIUS_KM: Final = 6371.0

Point = tuple[float, float]
"""Latitude and longitude in degrees."""


def great_circle_km(start: Point, end: Point) -> float:
    """Return the kilometres of the straight line between two points (haversine formula)."""
    (latitude_1, longitude_1), (latitude_2, longitude_2) = start, end
    phi_1, phi_2 = math.radians(latitude_1), math.radians(latitude_2)
    half_height = math.sin((phi_2 - phi_1) / 2) ** 2
    half_width = math.sin(math.radians(longitude_2 - longitude_1) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(half_height + math.cos(phi_1) * math.cos(phi_2) * half_width))


class RoadGraph:
    """Points joined by roads and ferries, each way of a join in the same minutes."""

    def __init__(self, text: str, towns: Mapping[str, Point]) -> None:
        """Read roads.toml.

        Raises:
            KeyError: a road or ferry names a point or a class that is not there.
            ValueError: a junction has the name of a town.

        """
        data: dict[str, Any] = tomllib.loads(text)
        junctions = {name: (place[0], place[1]) for name, place in data["junctions"].items()}
        if twice := junctions.keys() & towns.keys():
            raise ValueError(f"junctions with the name of a town: {', '.join(sorted(twice))}")
        self.inside: dict[str, Any] = data["inside"]
        self._points: dict[str, Point] = {**towns, **junctions}
        self._roads: dict[str, dict[str, float]] = defaultdict(dict)
        self._ferries: dict[str, dict[str, float]] = defaultdict(dict)
        for road in data["roads"]:
            kind = data["classes"][road["class"]]
            for start, end in pairwise(road["along"]):
                kilometres = great_circle_km(self._points[start], self._points[end]) * kind["detour"]
                _join(self._roads, start, end, kilometres / kind["km_per_hour"] * 60)
        for ferry in data["ferries"]:
            for harbour in (ferry["from"], ferry["to"]):
                self._points[harbour]
            _join(self._ferries, ferry["from"], ferry["to"], ferry["crossing_minutes"] + ferry["waiting_minutes"])

    def minutes_from(self, start: str, *, ferries: bool = True) -> dict[str, float]:
        """Return the least minutes from a point to every point that can be reached."""
        found: dict[str, float] = {}
        reached = [(0.0, start)]
        while reached:
            minutes, here = heapq.heappop(reached)
            if here in found:
                continue
            found[here] = minutes
            ways = [*self._roads[here].items(), *(self._ferries[here].items() if ferries else ())]
            for there, more in ways:
                if there not in found:
                    heapq.heappush(reached, (minutes + more, there))
        return found


def _join(ways: dict[str, dict[str, float]], start: str, end: str, minutes: float) -> None:
    for here, there in ((start, end), (end, start)):
        ways[here][there] = min(minutes, ways[here].get(there, minutes))
