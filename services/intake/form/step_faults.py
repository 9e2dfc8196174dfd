"""What is wrong with each step, also while later steps are still empty. Pure.

The one model judges whole applications only. So each step is judged within an application in which all other steps
are right; what steps have to do with each other is only the kind of course, which is taken as entered.
"""

from datetime import date
from typing import Any, Final

from pydantic import ValidationError

from services.intake.application import ApplicationForm
from services.intake.application_rules import check
from services.intake.faults import FieldFault, faults_from
from services.intake.form.entries import Entries
from services.intake.form.steps import ORDER, Step
from services.intake.form.structure import PARTS, field_faults, structure_of
from shared.programme import Programme
from shared.reference.municipalities import Municipalities

_PEOPLE: Final = 2


def faults_by_step(
    entries: Entries, *, programme: Programme, municipalities: Municipalities, today: date
) -> dict[Step, list[FieldFault]]:
    """Every fault that is known of each step, at the fields of the form; only steps with faults are named."""
    data = structure_of(entries, programme=programme, today=today)
    kind = data["kind"] if data["kind"] in ("single", "joint") else "single"
    right = _right_application(kind, programme=programme, municipalities=municipalities)
    found: dict[Step, list[FieldFault]] = {}
    for step in ORDER:
        own = {part: data.get(part) for part in PARTS[step]}
        faults = _faults(right | own, programme=programme, municipalities=municipalities, today=today)
        told = field_faults([one for one in faults if one.path.partition(".")[0] in PARTS[step]], entries)
        if told:
            found[step] = told
    return found


def application_of(
    entries: Entries, *, programme: Programme, municipalities: Municipalities, today: date
) -> ApplicationForm | None:
    """The application, if nothing at all is wrong with it."""
    try:
        form = ApplicationForm.model_validate(structure_of(entries, programme=programme, today=today))
    except ValidationError:
        return None
    return None if check(form, programme=programme, municipalities=municipalities, today=today) else form


def _faults(
    data: dict[str, Any], *, programme: Programme, municipalities: Municipalities, today: date
) -> list[FieldFault]:
    try:
        form = ApplicationForm.model_validate(data)
    except ValidationError as error:
        return faults_from(error)
    return check(form, programme=programme, municipalities=municipalities, today=today)


def _right_application(kind: str, *, programme: Programme, municipalities: Municipalities) -> dict[str, Any]:
    """An application with nothing wrong, to judge one step within."""
    town = next(iter(municipalities)).code
    committee = next((one.code for one in programme.committee_kinds if kind in one.courses), "")
    workplaces = ("A", "B") if kind == "joint" else ("A",)
    people = [{"name": f"Person {one}", "email": f"{one}@forloeb.example", "phone": "12345678"} for one in "ab"]
    return {
        "kind": kind,
        "committee": {"kind": committee},
        "municipalities": [town],
        "workplaces": [
            {"name": name, "street": name, "postal_code": "1000", "town": name, "municipality": town}
            for name in workplaces
        ],
        "sector": programme.sectors[0].code,
        "employees": _PEOPLE,
        "participants": _PEOPLE,
        "committees_expected": len(workplaces) if kind == "joint" else None,
        "contacts": {
            "leader": people[0] | {"title": "A"},
            "employee_representative": people[1] | {"role": "other"},
        },
        "themes": [programme.themes[0].code],
        "challenge": "a" * 10,
        "desired_change": "a" * 10,
        "agreed": True,
        "evaluation": True,
        "privacy_read": True,
    }
