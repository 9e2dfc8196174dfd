"""What a field of the form is, and what rows of fields are. Pure."""

from dataclasses import dataclass
from typing import Final, Literal

from services.intake.form.steps import Step

Control = Literal["text", "email", "tel", "number", "textarea", "select", "radios", "checkboxes", "tick"]
SEVERAL: Final = frozenset({"checkboxes"})
"""Controls that send one value for each choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """`label` and `hint` are keys of the catalogue. `width` is the dkfds class of the control.

    `preset`: the first option is chosen until another one is.
    """

    pattern: str
    step: Step
    label: str
    hint: str = ""
    control: Control = "text"
    autocomplete: str = ""
    optional: bool = False
    width: str = ""
    preset: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Rows that may be added and removed. `given` fields are filled in beforehand: a row with nothing else is blank."""

    prefix: str
    step: Step
    label: str
    rows_max: int
    rows_shown: int = 0
    given: tuple[tuple[str, str], ...] = ()
