"""Why a new address is not taken, in words for whoever typed it. None of them repeats an address. Pure."""

from collections.abc import Mapping
from typing import Final, Literal

from services.intake.fault_texts import TEXTS
from shared.words import Words

PER_DAY_MAX: Final = 3
"""New addresses for one person within a day, those by staff not counted."""

Why = Literal["empty", "email", "too_long", "unchanged", "taken", "too_often"]

WORDS: Final[Mapping[Why, Words]] = {
    "empty": Words(da="Skriv den nye mailadresse.", en="Write the new e-mail address."),
    "email": Words(da=TEXTS["email"][0], en=TEXTS["email"][1]),
    "too_long": Words(da="Adressen er for lang. Skriv en kortere.", en="The address is too long. Write a shorter one."),
    "unchanged": Words(
        da="Det er den adresse, vi har i forvejen. Skriv en anden.",
        en="This is the address that we have already. Write another one.",
    ),
    "taken": Words(
        da="En anden kontaktperson har den adresse. Skriv personens egen.",
        en="Another contact has that address. Write the person's own.",
    ),
    "too_often": Words(
        da="Adressen er ændret flere gange i dag. Prøv igen i morgen, eller ring til os.",
        en="The address has been changed several times today. Try again tomorrow, or call us.",
    ),
}


class AddressRefusedError(ValueError):
    """The new address is not taken; `why` is a code for programs."""

    def __init__(self, why: Why) -> None:
        super().__init__("the new address is refused")
        self.why = why

    @property
    def words(self) -> Words:
        return WORDS[self.why]
