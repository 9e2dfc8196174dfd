"""Reads the mail templates once, at start: one file per kind gives the subject, the text and the HTML in both languages.

The two formats differ only in `layout` and `parts`, so both always tell the same facts. Texts are English in the templates;
`texts/locale/da.po` has the Danish ones.
"""

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from gettext import NullTranslations
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import escape

from services.notifier.texts.formats import formats
from shared.web.compiled_templates import CompiledTemplates
from shared.web.texts import LANGUAGES, load_texts
from shared.words import Language

HOME: Final = Path(__file__).parent
FOLDER: Final = HOME / "texts" / "templates"
TEXT_COLUMNS: Final = 72

_COMPILED: Final = {True: CompiledTemplates(), False: CompiledTemplates()}
"""With escaping, which is compiled in, and without."""
_END_OF_TEXT: Final = re.compile(r"(\{% endtrans )%\}\n")

Sources = Mapping[str, Path]
"""The file of each template, by the template's name."""


@dataclass(frozen=True, slots=True)
class Templates:
    """The same templates for both formats: escaping is on for HTML and off for text. `own`: the files of an organisation."""

    text: Mapping[Language, Environment]
    html: Mapping[Language, Environment]
    own: tuple[Path, ...] = ()


def load_templates(own: Path | None = None) -> Templates:
    """All templates; what stands in the folder `own` of an organisation takes the place of ours.

    `<kind>.mail` is for both languages, `<kind>.da.mail` for one; `da.po` and `en.po` hold other words for our texts.

    Raises:
        TextsError: a catalogue cannot be used.

    """
    texts = load_texts(HOME, own)
    sources = {language: sources_of(language, own) for language in LANGUAGES}
    return Templates(
        text={one: _environment(sources[one], one, texts.translations[one], html=False) for one in LANGUAGES},
        html={one: _environment(sources[one], one, texts.translations[one], html=True) for one in LANGUAGES},
        own=tuple(sorted(file for file in own.iterdir() if file.is_file())) if own else (),
    )


def sources_of(language: Language, own: Path | None) -> Sources:
    """Which file is read for each template in this language."""
    found = {file.name: file for file in FOLDER.iterdir()}
    if own is not None:
        found |= {name: own / name for name in found if (own / name).is_file()}
        for name in list(found):
            in_language = own / f"{name.removesuffix('.mail')}.{language}.mail"
            if name.endswith(".mail") and in_language.is_file():
                found[name] = in_language
    return found


def _environment(sources: Sources, language: Language, translations: NullTranslations, *, html: bool) -> Environment:
    # Read now: a file that is changed later must not change half of the mails. The path is for messages about faults.
    read = {name: (_spaced(file.read_text("utf-8")), str(file), None) for name, file in sources.items()}
    environment = Environment(
        loader=FunctionLoader(read.get),
        autoescape=html,  # noqa: S701 - text must not be escaped, and HTML is
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=_COMPILED[html],
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.globals |= formats(language, translations.gettext)
    environment.filters["wrap"] = _wrap
    environment.filters["span"] = environment.globals["span"]
    _install(environment, translations, html=html)
    return environment


def _spaced(source: str) -> str:
    """Texts in lines of their own are sentences of one paragraph: the end of the line between them stays, as a space."""
    return _END_OF_TEXT.sub(r"\1+%}\n", source)


def _install(environment: Environment, translations: NullTranslations, *, html: bool) -> None:
    """A translated text is text in both formats: what looks like markup in it is shown as it is written."""

    def shown(text: str) -> str:
        return escape(text) if html else text

    def pgettext(context: str, message: str) -> str:
        return shown(translations.pgettext(context, message))

    def npgettext(context: str, one: str, many: str, number: int) -> str:
        return shown(translations.npgettext(context, one, many, number))

    i18n: Any = environment
    i18n.install_gettext_callables(
        lambda message: shown(translations.gettext(message)),
        lambda one, many, number: shown(translations.ngettext(one, many, number)),
        newstyle=True,
        pgettext=pgettext,
        npgettext=npgettext,
    )


def _wrap(text: str, indent: str = "") -> str:
    """One paragraph in lines of readable length; an address of a page is never broken."""
    return textwrap.fill(
        " ".join(text.split()),
        TEXT_COLUMNS,
        initial_indent=indent,
        subsequent_indent=" " * len(indent),
        break_long_words=False,
        break_on_hyphens=False,
    )
