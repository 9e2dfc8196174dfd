"""Writes the table of travel minutes from the road graph: `python -m deploy.travel.table`."""

import csv
import io
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import shared.reference
from deploy.travel.road_graph import RoadGraph
from shared.reference.municipalities import Municipality, load_municipalities

ROADS: Final = Path(__file__).parent / "roads.toml"
TABLE: Final = Path(shared.reference.__path__[0]) / "travel_minutes.csv"

PARKING_MINUTES: Final = 5
"""Added to each journey: finding a place for the car, and walking from there to the door."""
LEAST_MINUTES: Final = 10
"""No journey from one municipality to another takes less."""
ROUNDED_UP_TO_MINUTES: Final = 5


def table_text(roads: str) -> str:
    """Return the table as CSV: a line and a column for each municipality in the order of codes, minutes where they cross."""
    municipalities = sorted(load_municipalities(), key=lambda one: one.code)
    graph = RoadGraph(roads, {one.town: (one.latitude, one.longitude) for one in municipalities})
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["code", *(one.code for one in municipalities)])
    rows: dict[str, dict[str, int]] = {}
    for start in municipalities:
        driven = graph.minutes_from(start.town)
        rows[start.code] = {
            # What was worked out from the other end counts: sums of fractions may differ in their last digit.
            end.code: rows[end.code][start.code] if end.code in rows else _between(driven[end.town])
            for end in municipalities
            if end is not start
        }
        rows[start.code][start.code] = _inside(start, graph, [one.town for one in municipalities])
        writer.writerow([start.code, *(rows[start.code][end.code] for end in municipalities)])
    return out.getvalue()


def _between(driven: float) -> int:
    return _rounded(max(PARKING_MINUTES + driven, LEAST_MINUTES))


def _inside(municipality: Municipality, graph: RoadGraph, towns: list[str]) -> int:
    """Between two places of one municipality: half of the way to the nearest other town, within bounds."""
    islands: Mapping[str, int] = graph.inside["islands"]
    if municipality.town in islands:
        return islands[municipality.town]
    driven = graph.minutes_from(municipality.town, ferries=False)
    half = min(driven[town] for town in towns if town in driven and town != municipality.town) / 2
    return _rounded(min(max(half, graph.inside["least_minutes"]), graph.inside["most_minutes"]))


def _rounded(minutes: float) -> int:
    return math.ceil(minutes / ROUNDED_UP_TO_MINUTES) * ROUNDED_UP_TO_MINUTES


def main() -> None:
    TABLE.write_text(table_text(ROADS.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"{TABLE} written\n")


if __name__ == "__main__":
    main()
