"""The steps of the form: their order, and their names in addresses and on pages. Pure."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from services.intake.form.marking import N_
from shared.words import Language


class Step(Enum):
    """The values are the template names, and what a draft keeps."""

    COURSE = "course"
    WORKPLACES = "workplaces"
    CONTACTS = "contacts"
    MATTER = "matter"
    TIMES = "times"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class _Names:
    da: str
    en: str
    title: str


ORDER: Final[tuple[Step, ...]] = tuple(Step)
_NAMES: Final = {
    Step.COURSE: _Names("forloeb", "course", N_("The course")),
    Step.WORKPLACES: _Names("arbejdsplads", "workplace", N_("The workplace")),
    Step.CONTACTS: _Names("kontaktpersoner", "contacts", N_("Contacts")),
    Step.MATTER: _Names("udfordring", "challenge", N_("Your challenge")),
    Step.TIMES: _Names("tider", "times", N_("When it suits you")),
    Step.REVIEW: _Names("gennemse", "review", N_("Review and send")),
}
RECEIPT: Final = {"da": "kvittering", "en": "receipt"}
DRAFTS: Final = {"da": "/ansoegning", "en": "/en/application"}
START: Final = {"da": "/", "en": "/en/"}


def title_of(step: Step) -> str:
    """The English title, which is the key of its translation."""
    return _NAMES[step].title


def step_named(name: str, language: Language) -> Step | None:
    """The step of a name in an address."""
    return next((step for step in ORDER if _name(step, language) == name), None)


def address(draft_id: str, step: Step, language: Language) -> str:
    """The path of a step, e.g. `/ansoegning/…/kontaktpersoner`."""
    return f"{DRAFTS[language]}/{draft_id}/{_name(step, language)}"


def receipt_address(draft_id: str, language: Language) -> str:
    return f"{DRAFTS[language]}/{draft_id}/{RECEIPT[language]}"


def after(step: Step) -> Step:
    """The next step; the last one is followed by itself."""
    return ORDER[min(ORDER.index(step) + 1, len(ORDER) - 1)]


def before(step: Step) -> Step:
    """The step before; the first one has itself before it."""
    return ORDER[max(ORDER.index(step) - 1, 0)]


def _name(step: Step, language: Language) -> str:
    return _NAMES[step].en if language == "en" else _NAMES[step].da
