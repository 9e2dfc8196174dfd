"""What is wrong with a form, told per field in Danish and English. A fault never repeats what was typed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from services.intake.fault_texts import TEXTS

FAULTS_MAX: Final = 50
"""More than a reader can use; the rest is told when these are put right."""


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One wrong field. `path` as in `contacts.leader.email` or `workplaces.0.name`; empty for the whole form."""

    path: str
    code: str
    da: str
    en: str

    @property
    def pointer(self) -> str:
        """The field as a JSON Pointer in a URI fragment (RFC 6901 section 6), e.g. `#/contacts/leader/email`."""
        return "#" + "".join(f"/{step}" for step in self.path.split(".") if step)

    def text(self, language: str) -> str:
        return self.en if language == "en" else self.da


def fault(path: str, code: str, **numbers: object) -> FieldFault:
    """Return the fault with its texts. `numbers` fill their gaps: limits and dates of ours, never what was typed."""
    danish, english = TEXTS[code]
    return FieldFault(path, code, danish.format(**numbers), english.format(**numbers))


def faults_from(error: ValidationError) -> list[FieldFault]:
    """Return what pydantic found, one fault per field, in the order of the form."""
    found = error.errors(include_url=False, include_input=False)
    # pydantic counts only the right items of a list, so a list with one wrong item is called too short as well.
    inside = {details["loc"][:length] for details in found for length in range(len(details["loc"]))}
    return first_per_field(_fault(one) for one in found if not (one["type"] == "too_short" and one["loc"] in inside))


def first_per_field(faults: Iterable[FieldFault]) -> list[FieldFault]:
    """Return the first fault of each field, at most 50."""
    by_path: dict[str, FieldFault] = {}
    for one in faults:
        by_path.setdefault(one.path, one)
    return list(by_path.values())[:FAULTS_MAX]


_CODES: Final = {
    "missing": "missing",
    "string_type": "text",
    "string_unicode": "text",
    "int_type": "number",
    "int_parsing": "number",
    "int_parsing_size": "number",
    "int_from_float": "number",
    "bool_type": "yes_or_no",
    "bool_parsing": "yes_or_no",
    "tuple_type": "list",
    "list_type": "list",
    "model_type": "object",
    "model_attributes_type": "object",
    "dict_type": "object",
    "literal_error": "choice",
    "json_invalid": "json",
    "json_type": "json",
}


_LIMITS: Final = {
    "string_too_short": ("too_short", "least", "min_length"),
    "string_too_long": ("too_long", "most", "max_length"),
    "too_short": ("too_few", "least", "min_length"),
    "too_long": ("too_many", "most", "max_length"),
    "greater_than_equal": ("too_low", "least", "ge"),
    "less_than_equal": ("too_high", "most", "le"),
}
"""Per kind of error: our code, the gap in its text, and where pydantic keeps the limit."""


def _fault(details: ErrorDetails) -> FieldFault:
    kind, steps, limits = details["type"], details["loc"], details.get("ctx", {})
    if kind == "extra_forbidden":
        # The name of the field was typed as well, so only the part of the form that holds it is named.
        return fault(_path(steps[:-1]), "unknown_field")
    if kind == "string_too_short" and limits["min_length"] == 1:
        return fault(_path(steps), "empty")
    if kind in _LIMITS:
        code, gap, name = _LIMITS[kind]
        return fault(_path(steps), code, **{gap: limits[name]})
    # Our own validators use a code of the table as the type of their error.
    return fault(_path(steps), _CODES.get(kind, kind if kind in TEXTS else "invalid"))


def _path(steps: tuple[int | str, ...]) -> str:
    return ".".join(str(step) for step in steps)
