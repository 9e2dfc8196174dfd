"""Travel minutes between municipalities: a table of our own, made from a small road graph (docs/travel.md says how)."""

import csv
from functools import cache
from importlib.resources import files

from shared.reference.municipalities import Municipality

TABLE = "travel_minutes.csv"


def travel_minutes(start: Municipality, end: Municipality) -> int:
    """Return the estimated minutes by car and ferry from main town to main town; the same both ways, whole 5 minutes.

    Parking and waiting for ferries are counted. Within one municipality it is the way between two of its places.
    """
    return _table()[start.code][end.code]


@cache
def _table() -> dict[str, dict[str, int]]:
    rows = csv.reader(files(__package__).joinpath(TABLE).read_text(encoding="utf-8").splitlines())
    _, *codes = next(rows)
    return {code: dict(zip(codes, map(int, cells), strict=True)) for code, *cells in rows}
