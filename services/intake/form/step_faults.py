"""What is wrong with each step, also while later steps are still empty. Pure.

The one model judges whole applications only. So each step is judged within an application in which all other steps
are right; what steps have to do with each other is only the kind of course, which is taken as entered.
"""

from collections.abc import Set as AbstractSet
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
_OTHER_PART: Final = {
    "committee_not_for_kind": "kind",
    "municipality_not_listed": "municipalities",
    "more_participants_than_employees": "employees",
    "no_room_left": "format",
}
"""Rules about two parts of one step, by the part that they are not told at."""


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
        faults = _faults(own, right, programme=programme, municipalities=municipalities, today=today)
        told = field_faults([one for one in faults if _part(one) in own], entries)
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
    own: dict[str, Any],
    right: dict[str, Any],
    *,
    programme: Programme,
    municipalities: Municipalities,
    today: date,
) -> list[FieldFault]:
    """The faults of these parts within an application that is right; at the others there may be some more."""
    try:
        form = ApplicationForm.model_validate(right | own)
    except ValidationError as error:
        found = faults_from(error)
        wrong = {_part(one) for one in found}
        kept = {part: value for part, value in own.items() if part not in wrong}
        # What has the right form is held against the rules all the same, so that one is not told in two rounds.
        more = _faults(kept, right, programme=programme, municipalities=municipalities, today=today) if wrong else []
        return [*found, *(one for one in more if _part(one) in kept and not _hangs_on(one, wrong))]
    return check(form, programme=programme, municipalities=municipalities, today=today)


def _part(one: FieldFault) -> str:
    return one.path.partition(".")[0]


def _hangs_on(one: FieldFault, wrong: AbstractSet[str]) -> bool:
    """Whether this would perhaps be no fault, were another part right."""
    return _OTHER_PART.get(one.code) in wrong


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
