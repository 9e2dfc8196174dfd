"""Who applies in the demo and what becomes of it, and what people answer to their invites: workplaces all over the country."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

SAMPLE = Path(__file__).resolve().parents[1] / "sample"
CONSULTANTS = SAMPLE / "consultants.csv"
LATECOMER = SAMPLE / "latecomer.csv"
"""A consultant with a competence that none of the others has."""

Ending = Literal["booked", "booked after waiting", "withdrawn"]


@dataclass(frozen=True, kw_only=True)
class Applicant:
    """One application. `confirms` is the place of the contact who presses the button, in the order of the form.

    `right_address` is that of the employee representative, whose address in the application is mistyped.
    """

    name: str
    ending: Ending = "booked"
    confirms: int = 0
    right_address: str | None = None

    def application(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((SAMPLE / f"{self.name}.json").read_text(encoding="utf-8"))
        return content


APPLICANTS = (
    Applicant(name="ringsted-jobcenter"),
    Applicant(name="aalborg-plejecenter", confirms=1),
    Applicant(name="odense-specialskole"),
    Applicant(name="esbjerg-park", confirms=1),
    Applicant(name="gentofte-dagtilbud"),
    Applicant(name="aabenraa-hjemmepleje"),
    Applicant(name="koebenhavn-borgerservice"),
    Applicant(name="aarhus-skole"),
    Applicant(name="viborg-familieafdeling"),
    Applicant(name="naestved-specialskole"),
    Applicant(name="hjoerring-kulturhus", right_address="bodil.krag@hjoerring.example"),
    Applicant(name="bornholm-plejecenter"),
    Applicant(name="svendborg-bosted", ending="booked after waiting"),
    Applicant(name="holbaek-bibliotek", ending="withdrawn"),
)

# Whose answers change something, by the name of the application. All consultants answer invites to their next meetings, too.
DECLINED_BY_CONSULTANT = "ringsted-jobcenter"
PROPOSED_BY_CONTACT = "odense-specialskole"
PROPOSED_IN_VAIN = "esbjerg-park"
"""Its consultant proposes a Sunday."""
SENT_WITHOUT_LOGIN = "aalborg-plejecenter"
"""Its consultant proposes another time from a program that is not logged in to the mail server: anybody could have done that."""
ANSWERED_BY_CONTACTS = ("ringsted-jobcenter", "gentofte-dagtilbud", "aarhus-skole")
