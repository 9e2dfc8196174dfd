"""All fields of the form in one table: where each stands, what it is called, and which control it has. Pure.

Names are the paths of the model (`contacts.leader.email`); `*` stands for the number of a row.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

from services.intake.application import (
    AVOIDED_HOURS_MAX,
    OTHER_CONTACTS_MAX,
    UNAVAILABLE_MAX,
    WORKPLACES_MAX,
)
from services.intake.form.marking import N_
from services.intake.form.steps import Step

Control = Literal["text", "email", "tel", "number", "textarea", "select", "radios", "checkboxes", "tick"]
SEVERAL: Final = frozenset({"checkboxes"})
"""Controls that send one value for each choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """`label` and `hint` are keys of the catalogue. `width` is the dkfds class of the control."""

    pattern: str
    step: Step
    label: str
    hint: str = ""
    control: Control = "text"
    autocomplete: str = ""
    optional: bool = False
    width: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Rows that may be added and removed. `given` fields are filled in beforehand: a row with nothing else is blank."""

    prefix: str
    step: Step
    label: str
    rows_max: int
    rows_shown: int = 0
    given: tuple[tuple[str, str], ...] = ()


def _person(prefix: str, *, autocomplete: bool, title_optional: bool) -> tuple[Field, ...]:
    # Only the person who fills in the form can be known to the browser, and who that is nobody knows: "section-" keeps
    # the suggestions of the two apart.
    section = f"section-{prefix.rpartition('.')[2].replace('_', '-')} work " if autocomplete else ""
    plain = f"section-{prefix.rpartition('.')[2].replace('_', '-')} " if autocomplete else ""
    step = Step.CONTACTS
    return (
        Field(pattern=f"{prefix}.name", step=step, label=N_("Name"), autocomplete=f"{plain}name" if plain else ""),
        Field(
            pattern=f"{prefix}.title",
            step=step,
            label=N_("Job title"),
            autocomplete=f"{plain}organization-title" if plain else "",
            optional=title_optional,
        ),
        Field(
            pattern=f"{prefix}.email",
            step=step,
            label=N_("Work e-mail"),
            hint=N_("The person's own address, not a shared mailbox. The invitations are sent here."),
            control="email",
            autocomplete=f"{section}email" if section else "",
        ),
        Field(
            pattern=f"{prefix}.phone",
            step=step,
            label=N_("Phone"),
            hint=N_("8 digits, or + and the country code."),
            control="tel",
            autocomplete=f"{section}tel" if section else "",
            width="input-width-m",
        ),
        Field(
            pattern=f"{prefix}.language",
            step=step,
            label=N_("Language of mails and invitations"),
            control="select",
            width="input-width-m",
        ),
    )


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

FIELDS: Final[tuple[Field, ...]] = (
    Field(pattern="kind", step=Step.COURSE, label=N_("Which kind of course do you apply for?"), control="radios"),
    Field(
        pattern="committee.kind",
        step=Step.COURSE,
        label=N_("Who applies?"),
        hint=N_("The committee that has agreed on applying."),
        control="radios",
    ),
    Field(
        pattern="committee.name",
        step=Step.COURSE,
        label=N_("The committee's own name"),
        hint=N_("For example HovedMED Ringsted."),
        optional=True,
    ),
    Field(pattern="workplaces.*.name", step=Step.WORKPLACES, label=N_("Name of the workplace")),
    Field(pattern="workplaces.*.street", step=Step.WORKPLACES, label=N_("Street and number")),
    Field(pattern="workplaces.*.postal_code", step=Step.WORKPLACES, label=N_("Postal code"), width="input-width-xs"),
    Field(pattern="workplaces.*.town", step=Step.WORKPLACES, label=N_("Town"), width="input-width-l"),
    Field(
        pattern="workplaces.*.municipality",
        step=Step.WORKPLACES,
        label=N_("Municipality"),
        hint=N_("Type the first letters of the name to find it."),
        control="select",
    ),
    Field(pattern="sector", step=Step.WORKPLACES, label=N_("Sector"), control="select"),
    Field(
        pattern="employees",
        step=Step.WORKPLACES,
        label=N_("How many employees are there?"),
        hint=N_("At the workplaces of the application together. An estimate is enough."),
        control="number",
        width="input-width-xs",
    ),
    Field(
        pattern="participants",
        step=Step.WORKPLACES,
        label=N_("How many people will take part in the meetings?"),
        hint=N_("Usually the members of your TRIO or MED committee."),
        control="number",
        width="input-width-xs",
    ),
    Field(
        pattern="committees_expected",
        step=Step.WORKPLACES,
        label=N_("How many TRIOs or MED committees do you expect to take part?"),
        control="number",
        width="input-width-xs",
    ),
    *_person("contacts.leader", autocomplete=True, title_optional=False),
    Field(
        pattern="contacts.employee_representative.role",
        step=Step.CONTACTS,
        label=N_("Function"),
        control="select",
        width="input-width-l",
    ),
    *_person("contacts.employee_representative", autocomplete=True, title_optional=True),
    Field(
        pattern="contacts.others.*.role",
        step=Step.CONTACTS,
        label=N_("Function"),
        control="select",
        width="input-width-l",
    ),
    *_person("contacts.others.*", autocomplete=False, title_optional=True),
    Field(
        pattern="themes",
        step=Step.MATTER,
        label=N_("Which themes is it about?"),
        hint=N_("Choose one or more."),
        control="checkboxes",
    ),
    Field(
        pattern="challenge",
        step=Step.MATTER,
        label=N_("Describe the challenge in short"),
        hint=N_("What do you experience in your everyday work?"),
        control="textarea",
    ),
    Field(
        pattern="desired_change",
        step=Step.MATTER,
        label=N_("What would you like to change?"),
        hint=N_("What should be different when the course has ended?"),
        control="textarea",
    ),
    Field(
        pattern="earliest_start",
        step=Step.TIMES,
        label=N_("Which week can you begin?"),
        hint=N_("The first meeting will be in this week at the earliest."),
        control="select",
        optional=True,
    ),
    Field(
        pattern="wishes.avoid_weekdays",
        step=Step.TIMES,
        label=N_("Weekdays that suit you badly"),
        hint=N_("We avoid them where we can."),
        control="checkboxes",
        optional=True,
    ),
    Field(
        pattern="wishes.preferred_hours.from_time",
        step=Step.TIMES,
        label=N_("Best from"),
        hint=N_("For example 9.00."),
        optional=True,
        width="input-width-xs",
    ),
    Field(
        pattern="wishes.preferred_hours.to_time",
        step=Step.TIMES,
        label=N_("Best until"),
        hint=N_("For example 15.00."),
        optional=True,
        width="input-width-xs",
    ),
    Field(
        pattern="wishes.avoid_hours.*.weekday",
        step=Step.TIMES,
        label=N_("Weekday"),
        control="select",
        width="input-width-m",
    ),
    Field(pattern="wishes.avoid_hours.*.from_time", step=Step.TIMES, label=N_("From"), width="input-width-xs"),
    Field(pattern="wishes.avoid_hours.*.to_time", step=Step.TIMES, label=N_("Until"), width="input-width-xs"),
    Field(
        pattern="wishes.weeks_out",
        step=Step.TIMES,
        label=N_("Weeks when you cannot meet"),
        hint=N_("Week numbers, for example 7, 8 and 42. We read them as the next such weeks, and show you the dates."),
        optional=True,
        width="input-width-l",
    ),
    Field(
        pattern="wishes.unavailable.*.first_day",
        step=Step.TIMES,
        label=N_("First day"),
        width="input-width-s",
    ),
    Field(
        pattern="wishes.unavailable.*.last_day",
        step=Step.TIMES,
        label=N_("Last day"),
        optional=True,
        width="input-width-s",
    ),
    Field(
        pattern="wishes.unavailable.*.from_time",
        step=Step.TIMES,
        label=N_("From"),
        optional=True,
        width="input-width-xs",
    ),
    Field(
        pattern="wishes.unavailable.*.to_time",
        step=Step.TIMES,
        label=N_("Until"),
        optional=True,
        width="input-width-xs",
    ),
    Field(
        pattern="agreed",
        step=Step.REVIEW,
        label=N_("Our leader and employees agree on applying for this course."),
        control="tick",
    ),
    Field(
        pattern="evaluation",
        step=Step.REVIEW,
        label=N_("We set aside time for the course and take part in the evaluation."),
        control="tick",
    ),
    Field(
        pattern="privacy_read",
        step=Step.REVIEW,
        label=N_("We have read how personal data is handled."),
        control="tick",
    ),
)

_BY_PATTERN: Final = {field.pattern: field for field in FIELDS}
_ROW: Final = re.compile(r"\.(0|[1-9][0-9]?)(?=\.)")


def field_of(name: str) -> Field | None:
    """The field of a name such as `workplaces.0.town`; None where there is none."""
    return _BY_PATTERN.get(_ROW.sub(".*", name))


def group_of(prefix: str) -> Group | None:
    return next((group for group in GROUPS if group.prefix == prefix), None)


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
