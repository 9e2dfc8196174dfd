"""One field as its page shows it: what was typed, what may be chosen, what is wrong with it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.intake.field_types import FREE_TEXT_CHARACTERS_MAX
from services.intake.form.choices import Option
from services.intake.form.field import Field


def id_of(name: str) -> str:
    """The id of a field or group on its page: the first of its boxes, where it has several."""
    return name.replace(".", "-")


@dataclass(frozen=True, kw_only=True)
class Control:
    """One field on a page. `fault` is empty while nothing is wrong, or nobody has sent the step yet."""

    field: Field
    name: str
    label: str
    hint: str
    values: tuple[str, ...]
    options: Sequence[Option]
    fault: str

    @property
    def id(self) -> str:
        return id_of(self.name)

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""

    @property
    def characters_max(self) -> int:
        """The limit that is shown; 0 where none is."""
        return FREE_TEXT_CHARACTERS_MAX if self.field.control == "textarea" else 0

    @property
    def described_by(self) -> str:
        """The ids of what a screen reader tells beside the label."""
        parts = (("hint", self.hint), ("error", self.fault), ("limit", self.characters_max))
        return " ".join(f"{self.id}-{part}" for part, there in parts if there)
