"""What is sealed about an application, opened: as far as it still can be. Pure."""

from dataclasses import dataclass

from services.intake.record import Particulars
from shared.events import Matter, Person


@dataclass(frozen=True, kw_only=True)
class Content:
    """`people` by id, in the order of the form. `consultants` lead the course, the first one first.

    `places` are where its meetings are held: the workplaces of the application, and what was agreed on beside them.
    """

    people: dict[str, Person]
    matter: Matter | None
    particulars: Particulars | None
    consultants: tuple[Person, ...]
    places: Matter | None
