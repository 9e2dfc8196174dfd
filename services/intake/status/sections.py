"""What was sent in, section by section, with the parts of this process filled in: for the status page and for coordinators."""

from services.intake.parts import Parts
from services.intake.status.content import Content
from services.intake.status.sent_in import Section, SentIn
from shared.events import ApplicationState
from shared.words import Language


def sections_of(
    state: ApplicationState, content: Content, *, reader: str | None, parts: Parts, language: Language
) -> list[Section]:
    """The sections in the form's order; `reader` as in `SentIn`."""
    return SentIn(
        reader=reader,
        state=state,
        content=content,
        programme=parts.programme,
        municipalities=parts.municipalities,
        language=language,
        gettext=parts.site.texts.translations[language].gettext,
        say=parts.site.say,
    ).sections()
