"""The fields about who applies: the course, the workplaces, the contacts. Pure."""

from typing import Final

from services.intake.form.field import Field
from services.intake.form.marking import N_
from services.intake.form.steps import Step


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


COURSE_AND_WORKPLACES: Final = (
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
)
CONTACTS: Final = (
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
)
