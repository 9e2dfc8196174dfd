"""From the flat entries to the nested data of the model, and from the paths of its faults back to the fields. Pure."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from services.intake.faults import FieldFault, fault
from services.intake.form import typed
from services.intake.form.entries import Entries, first, is_blank, is_joint, row_count
from services.intake.form.field import Group
from services.intake.form.field_table import GROUPS, field_of, group_of, names_in_row
from services.intake.form.steps import Step
from shared.programme import Programme

PARTS: Final[Mapping[Step, tuple[str, ...]]] = {
    Step.COURSE: ("kind", "committee"),
    Step.WORKPLACES: ("municipalities", "workplaces", "sector", "employees", "participants", "committees_expected"),
    Step.CONTACTS: ("contacts",),
    Step.MATTER: ("themes", "challenge", "desired_change"),
    Step.TIMES: ("format", "earliest_start", "wishes"),
    Step.REVIEW: ("agreed", "evaluation", "privacy_read"),
}
"""Which parts of the model each step fills in."""
TICKED: Final = "yes"
_CHOICES: Final = frozenset({"select", "radios"})
_BLANK: Final = frozenset({"empty", "missing", "too_short"})


def structure_of(entries: Entries, *, programme: Programme, today: date) -> dict[str, Any]:
    """The data for `ApplicationForm`: whatever cannot be read stays as typed, and the model says what is wrong with it."""
    workplaces = _rows(entries, "workplaces") or [_row(entries, "workplaces", 0)]
    municipalities = dict.fromkeys(one["municipality"] for one in workplaces if one["municipality"].strip())
    data: dict[str, Any] = {
        "kind": first(entries, "kind"),
        "committee": {"kind": first(entries, "committee.kind"), "name": first(entries, "committee.name")},
        "municipalities": list(municipalities),
        "workplaces": workplaces,
        "sector": first(entries, "sector"),
        "employees": typed.whole_number(first(entries, "employees")),
        "participants": typed.whole_number(first(entries, "participants")),
        "contacts": {
            "leader": _person(entries, "contacts.leader"),
            "employee_representative": {
                **_person(entries, "contacts.employee_representative"),
                "role": first(entries, "contacts.employee_representative.role"),
            },
            "others": _rows(entries, "contacts.others"),
        },
        "themes": list(entries.get("themes", ())),
        "challenge": first(entries, "challenge"),
        "desired_change": first(entries, "desired_change"),
        "earliest_start": first(entries, "earliest_start").strip() or None,
        "wishes": _wishes(entries, programme=programme, today=today),
        **{name: first(entries, name) == TICKED for name in PARTS[Step.REVIEW]},
    }
    plan = programme.plan(data["kind"])
    if plan and plan.formats:
        # What was chosen for another kind of course is let alone.
        data["format"] = first(entries, "format") or None
    if is_joint(entries):
        expected = first(entries, "committees_expected").strip()
        data["committees_expected"] = typed.whole_number(expected) if expected else None
    return data


def field_faults(found: list[FieldFault], entries: Entries) -> list[FieldFault]:
    """The faults at the fields that the reader sees, in words that fit a form."""
    translated = (_field_fault(one, entries) for one in found)
    by_path: dict[str, FieldFault] = {}
    for one in translated:
        if one is not None:
            by_path.setdefault(one.path, one)
    return list(by_path.values())


def _field_fault(found: FieldFault, entries: Entries) -> FieldFault | None:
    path = _field_path(found)
    if path is None:
        return None
    field = field_of(path)
    code = found.code
    if path == "wishes.weeks_out":
        code = "week_numbers"
    elif path == "themes" and found.code in ("too_few", "missing"):
        code = "no_theme"
    elif field and found.code in _BLANK and field.control in _CHOICES:
        code = "choice"
    elif found.code == "too_short" and not first(entries, path).strip():
        code = "empty"
    elif found.code == "date":
        code = "written_date"
    elif found.code == "clock":
        code = "written_clock"
    # A text with gaps for limits comes filled in.
    return FieldFault(path, code, found.da, found.en) if code == found.code else fault(path, code)


def _field_path(found: FieldFault) -> str | None:
    """The field or the group of rows of the form; empty for neither, None where it is told at another field as well."""
    if found.path == "municipalities" and found.code == "too_many":
        return "workplaces"
    if found.path.startswith("municipalities"):
        # They are taken from the workplaces.
        return None
    if re.fullmatch(r"workplaces\.[0-9]+", found.path):
        # Two rows are alike: told at the later one.
        return f"{found.path}.name"
    # One choice of several, or one week of a text.
    path = re.sub(r"^(themes|wishes\.avoid_weekdays|wishes\.weeks_out)\.[0-9]+$", r"\1", found.path)
    return path if field_of(path) or group_of(path) else ""


def _person(entries: Entries, prefix: str) -> dict[str, str]:
    parts = ("name", "title", "email", "phone")
    return {
        **{part: first(entries, f"{prefix}.{part}") for part in parts},
        "language": first(entries, f"{prefix}.language") or "da",
    }


def _wishes(entries: Entries, *, programme: Programme, today: date) -> dict[str, Any]:
    preferred = {
        part: typed.clock(first(entries, f"wishes.preferred_hours.{part}")) for part in ("from_time", "to_time")
    }
    text = first(entries, "wishes.weeks_out")
    try:
        weeks = typed.weeks(text, today=today, horizon_days=programme.windows.horizon_days)
    except typed.WeeksUnreadableError:
        # The model refuses it, and the fault is told in the form's own words.
        weeks = ["?"]
    return {
        "avoid_weekdays": list(entries.get("wishes.avoid_weekdays", ())),
        "avoid_hours": [_with_clocks(row) for row in _rows(entries, "wishes.avoid_hours")],
        "unavailable": [_period(row) for row in _rows(entries, "wishes.unavailable")],
        "weeks_out": weeks,
        "preferred_hours": preferred if any(value.strip() for value in preferred.values()) else None,
    }


def _period(row: Mapping[str, str]) -> dict[str, str | None]:
    first_day = typed.iso_day(row["first_day"])
    return {
        "first_day": first_day,
        "last_day": typed.iso_day(row["last_day"]) if row["last_day"].strip() else first_day,
        "from_time": typed.clock(row["from_time"]) if row["from_time"].strip() else None,
        "to_time": typed.clock(row["to_time"]) if row["to_time"].strip() else None,
    }


def _with_clocks(row: Mapping[str, str]) -> dict[str, str]:
    return {**row, "from_time": typed.clock(row["from_time"]), "to_time": typed.clock(row["to_time"])}


def _rows(entries: Entries, prefix: str) -> list[dict[str, str]]:
    """The rows that are not blank. Saving has put blank ones last, so the numbers are those of the page."""
    group = _group(prefix)
    numbers = range(row_count(entries, group))
    return [_row(entries, prefix, number) for number in numbers if not is_blank(entries, group, number)]


def _row(entries: Entries, prefix: str, number: int) -> dict[str, str]:
    return {last: first(entries, f"{prefix}.{number}.{last}") for last in names_in_row(_group(prefix))}


def _group(prefix: str) -> Group:
    return next(group for group in GROUPS if group.prefix == prefix)
