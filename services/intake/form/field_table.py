"""All fields of the form in one table: where each stands, what it is called, and which control it has. Pure.

Names are the paths of the model (`contacts.leader.email`); `*` stands for the number of a row.
"""

import re
from functools import lru_cache
from typing import Final

from services.intake.application import (
    AVOIDED_HOURS_MAX,
    OTHER_CONTACTS_MAX,
    UNAVAILABLE_MAX,
    WORKPLACES_MAX,
)
from services.intake.form.field import Field, Group
from services.intake.form.fields_of_applicants import CONTACTS, COURSE_AND_WORKPLACES
from services.intake.form.fields_of_wishes import MATTER_AND_TIMES, PROMISES
from services.intake.form.marking import N_
from services.intake.form.steps import Step

FIELDS: Final[tuple[Field, ...]] = (*COURSE_AND_WORKPLACES, *CONTACTS, *MATTER_AND_TIMES, *PROMISES)
GROUPS: Final = (
    Group(prefix="workplaces", step=Step.WORKPLACES, label=N_("Workplaces"), rows_max=WORKPLACES_MAX, rows_shown=1),
    Group(
        prefix="contacts.others",
        step=Step.CONTACTS,
        label=N_("Others who are to have the invitations"),
        rows_max=OTHER_CONTACTS_MAX,
        given=(("language", "da"),),
    ),
    Group(
        prefix="wishes.avoid_hours",
        step=Step.TIMES,
        label=N_("Hours of the week when you cannot meet"),
        rows_max=AVOIDED_HOURS_MAX,
        rows_shown=1,
    ),
    Group(
        prefix="wishes.unavailable",
        step=Step.TIMES,
        label=N_("Days and periods when you cannot meet"),
        rows_max=UNAVAILABLE_MAX,
        rows_shown=1,
    ),
)

_BY_PATTERN: Final = {field.pattern: field for field in FIELDS}
NAMES_KEPT: Final = 4096
"""More than all rows of all groups have; only names of fields are asked for."""
_ROW: Final = re.compile(r"\.(0|[1-9][0-9]?)(?=\.)")


def field_of(name: str) -> Field | None:
    """The field of a name such as `workplaces.0.town`; None where there is none."""
    return _BY_PATTERN.get(_ROW.sub(".*", name))


def group_of(prefix: str) -> Group | None:
    return next((group for group in GROUPS if group.prefix == prefix), None)


@lru_cache(maxsize=NAMES_KEPT)
def row_of(name: str) -> tuple[Group, int, str] | None:
    """The group, the number of the row and the last part of a name that stands in one."""
    for group in GROUPS:
        if name.startswith(group.prefix + "."):
            number, _, last = name.removeprefix(group.prefix + ".").partition(".")
            return (group, int(number), last) if number.isdecimal() and last else None
    return None


def names_in_row(group: Group) -> tuple[str, ...]:
    """The last parts of the names in each row of a group."""
    head = f"{group.prefix}.*."
    return tuple(field.pattern.removeprefix(head) for field in FIELDS if field.pattern.startswith(head))
