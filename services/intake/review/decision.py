"""A coordinator's decision about an application, as it is kept with the application. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from pydantic import AwareDatetime

from shared.fact import Fact
from shared.programme import Programme
from shared.sealing import Sealed
from shared.words import Words

Outcome = Literal["admitted", "declined"]
NOTE_CHARACTERS_MIN: Final = 10
NOTE_CHARACTERS_MAX: Final = 1000

_NO_OUTCOME: Final = Words(da="Vælg, om ansøgningen imødekommes.", en="Choose whether the application is accepted.")
_NO_GROUND: Final = Words(
    da="Vælg den begrundelse, som ansøgerne skal have.", en="Choose the reason that the applicants are to be told."
)
_NOTE_SHORT: Final = Words(
    da=f"Skriv kort, hvorfor, med mindst {NOTE_CHARACTERS_MIN} tegn. Kun I kan læse det.",
    en=f"Write briefly why, in at least {NOTE_CHARACTERS_MIN} characters. Only staff can read it.",
)
_NOTE_LONG: Final = Words(
    da=f"Skriv højst {NOTE_CHARACTERS_MAX} tegn.", en=f"Write at most {NOTE_CHARACTERS_MAX} characters."
)


class Decision(Fact):
    """Who decided what and when. `note` is sealed under the application's own key; `ground` is what applicants are told."""

    outcome: Outcome
    account: str
    decided_at: AwareDatetime
    ground: str | None = None
    note: Sealed | None = None


class Note(Fact):
    """What a coordinator wrote for colleagues."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a coordinator has chosen on the form, once nothing is wrong with it."""

    outcome: Outcome
    ground: str | None
    note: str


class ChoiceWrongError(ValueError):
    """Something is missing on the form; `faults` says it by field."""

    def __init__(self, faults: Mapping[str, Words]) -> None:
        super().__init__("the choice is not complete")
        self.faults = dict(faults)


def choice_of(fields: Mapping[str, Any], programme: Programme) -> Choice:
    """Read the form. To decline takes one of the programme's grounds and a note for colleagues.

    Raises:
        ChoiceWrongError: with a sentence for each wrong field.

    """
    outcome, note = fields.get("outcome", ""), " ".join(str(fields.get("note", "")).split())
    faults: dict[str, Words] = {}
    if outcome not in ("admitted", "declined"):
        faults["outcome"] = _NO_OUTCOME
    declined = outcome == "declined"
    ground = str(fields.get("ground", "")) if declined else ""
    if declined and programme.decline_ground(ground) is None:
        faults["ground"] = _NO_GROUND
    if declined and len(note) < NOTE_CHARACTERS_MIN:
        faults["note"] = _NOTE_SHORT
    if len(note) > NOTE_CHARACTERS_MAX:
        faults["note"] = _NOTE_LONG
    if faults:
        raise ChoiceWrongError(faults)
    return Choice(outcome="declined" if declined else "admitted", ground=ground or None, note=note)
