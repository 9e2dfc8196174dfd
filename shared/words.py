"""What readers see in both languages, and the codes by which the program knows it."""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

Language = Literal["da", "en"]
WORDS_CHARACTERS_MAX: Final = 300

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", description="Stable code in ASCII.")]
_Text = Annotated[str, Field(min_length=1, max_length=WORDS_CHARACTERS_MAX)]


class Words(BaseModel):
    """One text in Danish and in English."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    da: _Text
    en: _Text

    def in_language(self, language: str) -> str:
        """Return the English text for "en" and the Danish one for everything else."""
        return self.en if language == "en" else self.da


class Choice(Words):
    """Something to choose in a form: a stable code and what the reader sees."""

    code: Code
