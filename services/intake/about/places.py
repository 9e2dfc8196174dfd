"""Where the pages around the form lie, in both languages; their addresses stand in mails and footers, so they stay. Pure."""

from dataclasses import dataclass
from typing import Final

from shared.words import Language


@dataclass(frozen=True, slots=True)
class Place:
    """One page: its Danish address, its English one, and its template."""

    da: str
    en: str
    template: str

    def path(self, language: Language) -> str:
        return self.en if language == "en" else self.da

    def other(self, language: Language) -> str:
        """The same page in the other language."""
        return self.da if language == "en" else self.en


PRIVACY: Final = Place("/persondata", "/en/privacy", "about/privacy.html")
ACCESSIBILITY: Final = Place("/tilgaengelighed", "/en/accessibility", "about/accessibility.html")
WHAT_HAPPENS: Final = Place("/hvad-sker-der", "/en/what-happens", "about/what_happens.html")
API: Final = Place("/api", "/en/api", "about/api.html")
PLACES: Final = (PRIVACY, ACCESSIBILITY, WHAT_HAPPENS, API)
