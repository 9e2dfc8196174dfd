"""Which change of an instance makes a consultant win, by changing the file and asking the matcher again; for tests."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from tests.match_answers import answer
from tests.match_instances import Raw

GRAIN = timedelta(minutes=30)
HALF_HOURS = 48


def winner(raw: Raw) -> str | None:
    found = answer(raw).winner
    return found.consultant if found else None


def comes_first(raw: Raw, name: str, best: Any) -> bool:
    """Whether her course, as the first consultant, comes before the one that was found; None: before nobody's."""
    rank = rank_of(answer(raw, only=[name]))
    return rank is not None and (best is None or rank < best)


def rank_of(result: Any) -> tuple[int, tuple[str, ...], str] | None:
    plan, second = result.winner, result.second
    return plan and (plan.cost + (second.cost if second else 0), plan.starts, plan.consultant)


def changed(raw: Raw, name: str, **changes: Any) -> Raw:
    """The same with one consultant changed."""
    return raw | {"consultants": [one | changes if one["id"] == name else one for one in raw["consultants"]]}


def consultant_of(raw: Raw, name: str) -> Raw:
    found: Raw = next(one for one in raw["consultants"] if one["id"] == name)
    return found


def freed(raw: Raw, name: str, begin: datetime, end: datetime) -> Raw:
    """The same with everything taken out that she has in a stretch."""
    kept = []
    for low, high in consultant_of(raw, name)["unavailable"]:
        start, until = wall(low), wall(high)
        # Half hours are taken whole, so what is left begins and ends outside the stretch.
        kept += [[text(start), text(min(until, begin))]] if start < begin else []
        kept += [[text(max(start, end)), text(until)]] if until > end else []
    return changed(raw, name, unavailable=kept)


def nearer(raw: Raw, name: str, minutes: int) -> Raw:
    """The same with no place farther from her than that."""
    travel = consultant_of(raw, name)["travel_minutes"]
    if isinstance(travel, dict):
        return changed(raw, name, travel_minutes={place: min(far, minutes) for place, far in travel.items()})
    return changed(raw, name, travel_minutes=min(travel, minutes))


def farthest(raw: Raw, name: str) -> int:
    travel = consultant_of(raw, name)["travel_minutes"]
    most: int = max(travel.values()) if isinstance(travel, dict) else travel
    return most


def moves(raw: Raw, most: int) -> Iterator[tuple[str, int, Raw]]:
    """Every window with one bound moved, the smallest moves first."""
    for days in range(1, most + 1):
        for bound, by in (("earliest", -days), ("earliest", days), ("latest", days), ("latest", -days)):
            moved = date.fromisoformat(raw[bound]) + timedelta(days=by)
            yield bound, by, raw | {bound: str(moved)}


def wall(moment: str) -> datetime:
    day, clock = moment.split("T")
    hours, minutes = clock.split(":")
    return datetime.combine(date.fromisoformat(day), datetime.min.time()) + timedelta(
        hours=int(hours), minutes=int(minutes)
    )


def text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M")
