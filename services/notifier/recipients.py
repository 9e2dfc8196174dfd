"""Who a mail goes to, and under whose key it lies: a person's own, or the application's for the coordinators' mailbox. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.notifier.planned import COORDINATORS
from shared.events import Person
from shared.programme import Programme
from shared.vault import application_key, person_key
from shared.words import Language


@dataclass(frozen=True, slots=True)
class Recipient:
    """`key_id` is that of the key that the mail is sealed under until it is sent."""

    mail: str
    language: Language
    key_id: str


def recipients_of(people: Mapping[str, Person], *, application_id: str, programme: Programme) -> dict[str, Recipient]:
    """By person id; with the coordinators, where the programme names a mailbox of theirs."""
    found = {
        person_id: Recipient(person.mail, person.language, person_key(person_id))
        for person_id, person in people.items()
    }
    if programme.coordinators is not None:
        found[COORDINATORS] = Recipient(
            programme.coordinators.mail, programme.language, application_key(application_id)
        )
    return found
