"""The cells of one line of a roster in CSV, as the fields of an entry. Pure."""

import re
from typing import Any

from services.scheduler.roster_check import RosterFault
from shared.wall_times import WEEKDAYS

AS_WRITTEN = ("id", "name", "mail", "phone", "title", "language", "municipality")
COLUMNS = (
    *AS_WRITTEN,
    *WEEKDAYS,
    "leave",
    "themes",
    "sectors",
    "max_courses",
    "active",
    "blocked_municipalities",
    "hours_by_period",
    "travel_overrides",
    "blocked_workplaces",
)

_YES, _NO = ("", "yes", "ja", "true", "1"), ("no", "nej", "false", "0")
_BETWEEN_CODES = re.compile(r"[\s;,|]+")
_BETWEEN_NAMES = re.compile(r"\s*[;,|]\s*")


def from_cells(cells: dict[str, str]) -> dict[str, Any] | RosterFault:
    """Cells of one line as the fields of an entry; empty cells are left out, so that defaults count."""
    row: dict[str, Any] = {name: cells[name] for name in AS_WRITTEN if cells.get(name)}
    for name in ("themes", "sectors"):
        row[name] = [code for code in _BETWEEN_CODES.split(cells.get(name, "")) if code]
    row["blocked_municipalities"] = [
        name for name in _BETWEEN_NAMES.split(cells.get("blocked_municipalities", "")) if name
    ]
    if cells.get("max_courses"):
        row["max_courses"] = cells["max_courses"]
    active = cells.get("active", "").lower()
    if active not in (*_YES, *_NO):
        return RosterFault("active", "must be yes or no")
    row["active"] = active in _YES
    overrides = [_pair(part, "=") for part in _BETWEEN_NAMES.split(cells.get("travel_overrides", "")) if part]
    row["travel_overrides"] = dict(overrides)
    if len(row["travel_overrides"]) < len(overrides):
        return RosterFault("travel_overrides", "name a municipality twice")
    if "blocked_workplaces" in cells:
        row["blocked_workplaces"] = [
            _workplace(part) for part in cells["blocked_workplaces"].split("|") if part.strip()
        ]
    row["hours_by_period"] = _periods(cells.get("hours_by_period", "").split())
    row["hours"] = {day: [_pair(part, "-") for part in cells[day].split()] for day in WEEKDAYS if cells.get(day)}
    row["leave"] = [
        dict(zip(("first", "last"), _pair(part, ".."), strict=False)) for part in cells.get("leave", "").split()
    ]
    return row


def _periods(parts: list[str]) -> list[dict[str, Any]]:
    """`2027-02-01..2027-04-30 mon=08:00-12:00 tue=08:00-12:00 2027-08-01.. fri=…`: each period, then its week.

    Without a last day it holds until further notice.
    """
    periods: list[dict[str, Any]] = []
    for part in parts:
        day, found, hours = part.partition("=")
        if found and periods:
            periods[-1]["hours"].setdefault(day.lower(), []).append(_pair(hours, "-"))
            continue
        first, last = _pair(part, "..")
        periods.append({"first": first, "last": last or None, "hours": {}})
    return periods


def _workplace(text: str) -> dict[str, str]:
    """`5000 Jobcentret`: the postal code, then the name."""
    postal_code, _, name = text.strip().partition(" ")
    return {"postal_code": postal_code, "name": name.strip()}


def _pair(text: str, between: str) -> list[str]:
    """`08:00-16:00` and `2027-02-08..2027-02-12` as two texts; one day alone is both ends."""
    first, found, last = text.partition(between)
    return [first, last] if found or between == "-" else [first, first]
