"""The texts of a service's pages, from gettext catalogues: the key is the English text, `*/locale/da.po` hold the Danish ones.

An organisation puts its own in place of ours by a folder with `da.po` and `en.po` of the same keys.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.support import Translations

from shared.words import Language, Words

HERE: Final = Path(__file__).parent
LANGUAGES: Final[tuple[Language, ...]] = ("da", "en")
CATALOGUES_KEPT: Final = 64


class TextsError(Exception):
    """A catalogue cannot be used; the text names the file and what is wrong."""


class _GapError(Exception):
    """A translation lacks something of its text, as a placeholder."""


@dataclass(frozen=True)
class Texts:
    """One set of translations per language."""

    translations: Mapping[Language, NullTranslations]

    def say(self, words: Words, language: str) -> str:
        """A text that stands in the code in both languages, unless the organisation's catalogue has another for it."""
        found = self.translations["en" if language == "en" else "da"].gettext(words.en)
        return words.in_language(language) if found == words.en else found


def load_texts(home: Path, own: Path | None = None) -> Texts:
    """The catalogues of a service's folder and the shared ones, with those of the folder `own` before them.

    Languages without a catalogue speak English.

    Raises:
        TextsError: a catalogue is no valid gettext file, or has a gap that nothing fills.

    """
    return Texts({language: _load(language, home, own) for language in LANGUAGES})


def _load(language: Language, home: Path, own: Path | None) -> NullTranslations:
    name = f"locale/{language}.po"
    files = [*([own / f"{language}.po"] if own else []), HERE / name, *sorted(home.glob(f"*/{name}"))]
    first: NullTranslations | None = None
    for file in files:
        if not file.exists():
            continue
        found = _read(file, language)
        if first is None:
            first = found
        else:
            first.add_fallback(found)
    return first or NullTranslations()


def _read(file: Path, language: Language) -> NullTranslations:
    try:
        return Translations(BytesIO(_compiled(file.read_bytes(), language)))
    except (PoFileError, UnicodeDecodeError, OSError, _GapError) as error:
        raise TextsError(f"{file}: {error}") from None


@lru_cache(CATALOGUES_KEPT)
def _compiled(content: bytes, language: Language) -> bytes:
    """The catalogue in gettext's binary form; a process that makes pages at several places compiles it once."""
    catalogue = read_po(BytesIO(content), locale=language, abort_invalid=True)
    for message, faults in catalogue.check():
        raise _GapError(f"line {message.lineno}: the text for {message.id!r}: {faults[0]}")
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    return compiled.getvalue()
