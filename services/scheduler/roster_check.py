"""What is wrong with an entry of the roster, said without repeating what was written there. Pure."""

from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from services.scheduler.roster import RosterEntry
from shared.programme import Programme
from shared.reference.municipalities import Municipalities

_IN_WORDS: Final = {
    "missing": "is missing",
    "extra_forbidden": "is no field of the roster",
    "string_pattern_mismatch": "is not written as it must be: docs/roster.md shows how",
    "string_too_short": "is empty",
    "int_parsing": "must be a whole number",
    "date_from_datetime_parsing": "is no date such as 2027-02-28",
    "date_parsing": "is no date such as 2027-02-28",
}
"""What the model says in the words of programmers, by its codes."""


@dataclass(frozen=True, slots=True)
class RosterFault:
    """One wrong field. The reason never repeats what was written there."""

    field: str
    reason: str


def faults_of(error: ValidationError) -> list[RosterFault]:
    """The faults that the model itself finds."""
    return [
        RosterFault(
            _field(row["loc"]),
            _IN_WORDS.get(row["type"], row["msg"].removeprefix("Value error, ")),
        )
        for row in error.errors(include_url=False, include_input=False, include_context=False)
    ]


def _field(location: tuple[int | str, ...]) -> str:
    # Within the overrides a key is what somebody wrote.
    steps = location[:1] if location[:1] == ("travel_overrides",) else location
    return ".".join(str(step) for step in steps) or "entry"


def check(
    entry: RosterEntry, *, programme: Programme, municipalities: Municipalities
) -> tuple[RosterEntry, list[RosterFault]]:
    """The entry with municipalities as codes, and what does not fit the programme or the country."""
    faults: list[RosterFault] = []
    codes = municipality_codes(municipalities)

    def code_of(field: str, text: str) -> str:
        code = codes.get(text.strip().lstrip("0").casefold())
        if code is None:
            faults.append(RosterFault(field, "is no Danish municipality: write its name, or its code such as 329"))
        return code or text

    municipality = code_of("municipality", entry.municipality)
    blocked = tuple(code_of("blocked_municipalities", text) for text in entry.blocked_municipalities)
    travel = {code_of("travel_overrides", text): minutes for text, minutes in entry.travel_overrides.items()}
    if len(travel) != len(entry.travel_overrides):
        faults.append(RosterFault("travel_overrides", "name a municipality twice"))
    for field, known in (("themes", programme.themes), ("sectors", programme.sectors)):
        allowed = {choice.code for choice in known}
        if not allowed.issuperset(getattr(entry, field)):
            faults.append(
                RosterFault(field, f"holds a code that the programme does not have: use {', '.join(sorted(allowed))}")
            )
    if not any(week.by_weekday() for week in (entry.hours, *(period.hours for period in entry.hours_by_period))):
        faults.append(RosterFault("hours", "are missing: give at least one weekday its working hours"))
    found = {"municipality": municipality, "blocked_municipalities": blocked, "travel_overrides": travel}
    return entry.model_copy(update=found), faults


def municipality_codes(municipalities: Municipalities) -> dict[str, str]:
    """Codes by everything that people call a municipality, in lower case: code, official name, short name."""
    return {name.casefold(): one.code for one in municipalities for name in (one.code, one.name, one.short_name)}
