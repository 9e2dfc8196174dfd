"""From the fields of the tailoring form to the changes that they stand for: what differs from the plan. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from services.scheduler.acts import Tailor
from services.scheduler.coordinator.act_form import FormWrongError
from services.scheduler.own_plan import CourseMeeting
from services.scheduler.tailoring.change_plan import PlanGround
from services.scheduler.tailoring.changes import PlanChange
from shared.words import Words

GAPS: Final = ("min", "ideal", "max")
VENUE: Final = ("name", "street", "postal_code", "town", "municipality")
ONLINE: Final = "online"
NEW_VENUE: Final = "venue"
PLACE: Final = "place-"
NOTHING: Final = Words(da="Vælg mindst én ændring.", en="Choose at least one change.")
_FAULTS: Final[Mapping[str, Words]] = {
    "minutes": Words(da="Vælg en længde.", en="Choose a length."),
    "gap": Words(
        da="Skriv tre antal dage: mindst, helst og højst, i den rækkefølge.",
        en="Enter three numbers of days: at least, ideally and at most, in that order.",
    ),
    "place": Words(da="Vælg et sted.", en="Choose a place."),
    "venue": Words(
        da="Skriv stedets navn, vej, postnummer og by, og vælg kommunen.",
        en="Enter the name, street, postal code and town of the place, and choose its municipality.",
    ),
    "kind": Words(da="Vælg, hvad det er for et møde.", en="Choose what kind of meeting it is."),
    "after": Words(da="Vælg, hvilket møde det kommer efter.", en="Choose which meeting it comes after."),
}
_CHANGE: Final[TypeAdapter[PlanChange]] = TypeAdapter(PlanChange)


def shown_values(ground: PlanGround) -> dict[str, str]:
    """What the form holds before anybody has changed anything."""
    values = {
        "add_gap_min": "7",
        "add_gap_ideal": "14",
        "add_gap_max": "28",
        "add_minutes": "120",
        "same_consultant": "yes",
    }
    for one in _coming(ground):
        values[f"minutes_{one.code}"] = str(one.minutes)
        values[f"place_{one.code}"] = place_value(one)
        if one.gap is not None:
            values |= {f"gap_{name}_{one.code}": str(getattr(one.gap, name)) for name in GAPS}
    values["add_after"] = ground.plan[-1].code
    return values


def place_value(meeting: CourseMeeting) -> str:
    """The choice among the places that stands for where a meeting is now."""
    return ONLINE if meeting.place == "online" else f"{PLACE}{meeting.workplace}"


def tailor_of(ground: PlanGround, fields: Mapping[str, str]) -> Tailor:
    """The act that a filled-in form stands for.

    Raises:
        FormWrongError: with a sentence for each wrong field.

    """
    known = shown_values(ground)
    faults: dict[str, Words] = {}
    changes: list[PlanChange] = []
    for raw, field in _changes(ground, known, fields):
        try:
            changes.append(_CHANGE.validate_python(raw))
        except ValidationError as error:
            faults |= dict(_faults(error, field))
    if not changes and not faults:
        faults["changes"] = NOTHING
    if faults:
        raise FormWrongError(faults)
    return Tailor(changes=tuple(changes), same_consultant=fields.get("same_consultant") == "yes")


def _changes(
    ground: PlanGround, known: Mapping[str, str], fields: Mapping[str, str]
) -> Iterator[tuple[dict[str, Any], str]]:
    """Each change as it was typed, with the ending of the names of its fields: first what goes, then what differs, then what comes."""
    coming = _coming(ground)
    gone: set[str] = set()
    for number, one in enumerate(coming):
        if f"drop_{one.code}" in fields and one.code not in gone:
            gone.add(one.code)
            yield {"change": "drop", "meeting": one.code}, one.code
        elif f"join_{one.code}" in fields and one.code not in gone:
            gone.update(later.code for later in coming[number + 1 : number + 2])
            yield {"change": "join", "meeting": one.code}, one.code
    for one in coming:
        differing = _differing(one, known, fields) if one.code not in gone else {}
        if differing:
            yield {"change": "alter", "meeting": one.code, **differing}, one.code
    if fields.get("add_kind"):
        yield (
            {
                "change": "add",
                "kind": fields["add_kind"],
                "after": fields.get("add_after", ""),
                "minutes": _number(fields.get("add_minutes", "")),
                "place": _place(fields.get("add_place", ""), fields),
                "gap": {name: _number(fields.get(f"add_gap_{name}", "")) for name in GAPS},
            },
            "",
        )


def _differing(one: CourseMeeting, known: Mapping[str, str], fields: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("minutes", "place"):
        key = f"{name}_{one.code}"
        typed = fields.get(key, known[key]).strip()
        if typed != known[key]:
            found[name] = _number(typed) if name == "minutes" else _place(typed, fields)
    if one.gap is not None:
        keys = {name: f"gap_{name}_{one.code}" for name in GAPS}
        gap = {name: fields.get(key, known[key]).strip() for name, key in keys.items()}
        if any(gap[name] != known[key] for name, key in keys.items()):
            found["gap"] = {name: _number(text) for name, text in gap.items()}
    return found


def _place(typed: str, fields: Mapping[str, str]) -> dict[str, Any] | None:
    if typed == ONLINE:
        return {"at": "online"}
    if typed == NEW_VENUE:
        return {"at": "venue", "venue": {name: fields.get(f"venue_{name}", "").strip() for name in VENUE}}
    return {"at": "place", "number": _number(typed.removeprefix(PLACE))}


def _number(typed: str) -> int | str:
    """As it was typed where it is no small number: the change then says what is wrong."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 5 else typed  # noqa: PLR2004 - an int


def _faults(error: ValidationError, code: str) -> Iterator[tuple[str, Words]]:
    """By the id of the first field that each is about."""
    for row in error.errors(include_url=False, include_input=False):
        path = [str(part) for part in row["loc"]]
        name = next((part for part in ("venue", "place", "minutes", "gap", "kind", "after") if part in path[1:]), "gap")
        if name == "venue":
            yield "venue_name", _FAULTS[name]
            continue
        field = "gap_ideal" if name == "gap" else name
        yield (f"{field}_{code}" if code else f"add_{field}"), _FAULTS[name]


def _coming(ground: PlanGround) -> list[CourseMeeting]:
    return [one for one in ground.plan if one.code in ground.coming]
