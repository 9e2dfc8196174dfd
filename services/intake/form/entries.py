"""What was typed, as it was typed: values by the name of the field. Rows are numbered; blank ones are taken out. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final

from services.intake.application_rules import JOINT_WORKPLACES_MIN
from services.intake.form.field import SEVERAL, Group
from services.intake.form.field_table import GROUPS, field_of, group_of, names_in_row, row_of
from services.intake.form.steps import Step

Entries = Mapping[str, tuple[str, ...]]
ADD: Final = "add-"
REMOVE: Final = "remove-"


def entries_of_step(step: Step, sent: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """The fields of this step among those that were sent; of controls with one value the first one counts."""
    found: dict[str, tuple[str, ...]] = {}
    for name, value in sent:
        field = field_of(name)
        if field is None or field.step is not step or not _within(name):
            continue
        if name not in found or field.control in SEVERAL:
            found[name] = (*found.get(name, ()), value)
    return found


def saved(entries: Entries, step: Step, sent: Iterable[tuple[str, str]], act: str) -> dict[str, tuple[str, ...]]:
    """All entries after a step was sent: its own fields anew, blank rows taken out, and a row more or less if `act` says so.

    Acts are "add-<group>" and "remove-<group>-<number>"; whatever else it says changes no row.
    """
    own = _less_a_row(entries_of_step(step, sent), act)
    rest = {name: values for name, values in entries.items() if not _belongs(name, step)}
    return _with_a_row(_without_blank_rows(rest | own, step), act)


def _less_a_row(own: dict[str, tuple[str, ...]], act: str) -> dict[str, tuple[str, ...]]:
    prefix, _, number = act.removeprefix(REMOVE).rpartition("-")
    if not act.startswith(REMOVE) or group_of(prefix) is None:
        return own
    head = f"{prefix}.{number}."
    return {name: values for name, values in own.items() if not name.startswith(head)}


def _with_a_row(entries: dict[str, tuple[str, ...]], act: str) -> dict[str, tuple[str, ...]]:
    group = group_of(act.removeprefix(ADD)) if act.startswith(ADD) else None
    if group is None:
        return entries
    count = min(rows_shown(entries, group) + 1, group.rows_max)
    blank = {
        f"{group.prefix}.{row}.{last}": (dict(group.given).get(last, ""),)
        for row in range(count)
        for last in names_in_row(group)
    }
    return blank | entries


def row_count(entries: Entries, group: Group) -> int:
    """How many rows there are, a blank one that was just added counted in."""
    return 1 + max((row[1] for name in entries if (row := row_of(name)) and row[0] is group), default=-1)


def rows_shown(entries: Entries, group: Group) -> int:
    """How many rows the page has: some wait to be filled in before any was asked for."""
    least = JOINT_WORKPLACES_MIN if group.prefix == "workplaces" and is_joint(entries) else group.rows_shown
    return max(row_count(entries, group), least)


def is_joint(entries: Entries) -> bool:
    return first(entries, "kind") == "joint"


def is_blank(entries: Entries, group: Group, number: int) -> bool:
    given = dict(group.given)
    return not any(
        value.strip()
        for last in names_in_row(group)
        if last not in given
        for value in entries.get(f"{group.prefix}.{number}.{last}", ())
    )


def first(entries: Entries, name: str) -> str:
    """The value of a field with one value; empty where there is none."""
    values = entries.get(name, ())
    return values[0] if values else ""


def _without_blank_rows(entries: Entries, step: Step) -> dict[str, tuple[str, ...]]:
    result = dict(entries)
    for group in GROUPS:
        if group.step is not step:
            continue
        rows = [number for number in range(row_count(entries, group)) if not is_blank(entries, group, number)]
        for name in [name for name in result if (row := row_of(name)) and row[0] is group]:
            del result[name]
        for place, number in enumerate(rows):
            for last in names_in_row(group):
                name = f"{group.prefix}.{number}.{last}"
                if name in entries:
                    result[f"{group.prefix}.{place}.{last}"] = entries[name]
    return result


def _belongs(name: str, step: Step) -> bool:
    field = field_of(name)
    return field is None or field.step is step


def _within(name: str) -> bool:
    row = row_of(name)
    return row is None or row[1] < row[0].rows_max
