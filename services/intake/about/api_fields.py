"""The fields of an application as rows of a table, read from the JSON schema of the model that the endpoint uses. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Schema = Mapping[str, Any]

_DEFINITIONS: Final = "#/$defs/"
# A limit of the schema, and how it is told.
_LIMITS: Final = (
    ("minLength", "at least {} characters"),
    ("maxLength", "at most {} characters"),
    ("minItems", "at least {}"),
    ("maxItems", "at most {}"),
    ("minimum", "from {}"),
    ("maximum", "to {}"),
)


@dataclass(frozen=True, slots=True)
class FieldRow:
    """`path` as in `contacts.leader.email` or `workplaces[].town`; `required` within the group that it stands in."""

    path: str
    kind: str
    required: bool
    limits: str
    description: str


def field_rows(schema: Schema) -> tuple[FieldRow, ...]:
    """Every field, a group before the fields in it, in the order of the model."""
    return tuple(_rows(schema, schema.get("$defs", {}), ""))


def _rows(group: Schema, definitions: Mapping[str, Schema], path: str) -> Iterator[FieldRow]:
    required = set(group.get("required", ()))
    for name, given in group.get("properties", {}).items():
        field = _resolved(given, definitions)
        items = _resolved(field["items"], definitions) if field.get("type") == "array" else None
        here = f"{path}{name}" + ("" if items is None else "[]")
        yield FieldRow(
            path=here,
            kind=_kind(field, items),
            required=name in required,
            limits=_limits(field, items),
            description=str(given.get("description") or field.get("description", "")).partition("\n")[0],
        )
        yield from _rows(field if items is None else items, definitions, f"{here}.")


def _resolved(field: Schema, definitions: Mapping[str, Schema]) -> Schema:
    """The field itself: without a reference, and without the choice between a value and none."""
    options: Sequence[Schema] = field.get("anyOf", ())
    values = [option for option in options if option.get("type") != "null"]
    if len(values) == 1:
        return _resolved({**{key: value for key, value in field.items() if key != "anyOf"}, **values[0]}, definitions)
    reference = str(field.get("$ref", ""))
    if reference.startswith(_DEFINITIONS):
        return {**definitions[reference.removeprefix(_DEFINITIONS)], **{k: v for k, v in field.items() if k != "$ref"}}
    return field


def _kind(field: Schema, items: Schema | None) -> str:
    if items is not None:
        return f"list of {_kind(items, None)}"
    if "enum" in field:
        return " | ".join(str(value) for value in field["enum"])
    names = {"string": "text", "integer": "number", "boolean": "true or false", "object": "group"}
    return names.get(str(field.get("type")), "value")


def _limits(field: Schema, items: Schema | None) -> str:
    told = [text.format(field[key]) for key, text in _LIMITS if key in field]
    if items is not None and "maxLength" in items:
        told.append(f"each at most {items['maxLength']} characters")
    return ", ".join(told)
