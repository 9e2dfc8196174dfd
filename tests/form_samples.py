"""What a browser sends for an application: the fields of the form's steps, made from the JSON of the endpoint."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from services.intake.form.entries import Entries
from services.intake.form.field_table import field_of
from services.intake.form.steps import Step
from services.intake.form.structure import TICKED

Sent = list[tuple[str, str]]


def sent_fields(application: dict[str, Any]) -> Sent:
    """All fields of all steps."""
    return [(name, value) for name, value in _flat("", application) if field_of(name)]


def fields_of_step(application: dict[str, Any], step: Step) -> Sent:
    found = [(name, value) for name, value in sent_fields(application)]
    return [(name, value) for name, value in found if (field := field_of(name)) and field.step is step]


def entries_of(application: dict[str, Any]) -> Entries:
    """The entries of a draft in which all this was typed."""
    entries: dict[str, tuple[str, ...]] = {}
    for name, value in sent_fields(application):
        entries[name] = (*entries.get(name, ()), value)
    return entries


def _flat(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(f"{path}.{name}" if path else name, inner)
    elif path == "wishes.weeks_out":
        yield path, ", ".join(str(int(week[-2:])) for week in value)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _flat(path if isinstance(inner, str) else f"{path}.{number}", inner)
    elif value is True:
        yield path, TICKED
    elif value is not None and value is not False:
        yield path, value.isoformat() if isinstance(value, date) else str(value)
