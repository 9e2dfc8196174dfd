"""What is sealed about an application, opened: as far as it still can be. Pure."""

from dataclasses import dataclass

from services.intake.record import Particulars
from shared.events import Matter, Person


@dataclass(frozen=True, kw_only=True)
class Content:
    """`people` by id, in the order of the form. `consultant` is who leads the course, where there is one."""

    people: dict[str, Person]
    matter: Matter | None
    particulars: Particulars | None
    consultant: Person | None
