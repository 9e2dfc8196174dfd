"""Faults of an organisation's templates and texts that no sample shows: read as files, each with its line."""

import difflib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from babel.messages.pofile import read_po
from jinja2 import Environment, TemplateSyntaxError, nodes

from services.notifier.facts import KINDS
from services.notifier.template_files import FOLDER
from shared.web.texts import LANGUAGES

READ: Final = (".mail", ".po", ".html", ".txt")
LOOKS_MEANT: Final = 0.8
"""So much alike are the name of a file and one that we read, where the first is a slip. Other notes may lie in the folder."""

_CATALOGUES: Final = {f"{language}.po" for language in LANGUAGES}
_PLACEHOLDER: Final = re.compile(r"%\((\w+)\)")


def foreign_files(own: Sequence[Path]) -> Iterator[str]:
    """Files that nothing would ever read: mostly a slip in the name."""
    known = {file.name for file in FOLDER.iterdir()} | _CATALOGUES
    known |= {f"{kind.kind}.{language}.mail" for kind in KINDS for language in LANGUAGES}
    for file in own:
        if file.name in known:
            continue
        certain = file.suffix.lower() in {".mail", ".po"}
        near = difflib.get_close_matches(file.name.lower(), sorted(known), n=1, cutoff=0.6 if certain else LOOKS_MEANT)
        if certain or near:
            meant = f"is {near[0]} meant?" if near else f"there are {', '.join(kind.kind for kind in KINDS)}"
            yield f"{file}: no mail reads a file of this name; {meant}"


def unreadable_files(own: Sequence[Path]) -> Iterator[str]:
    """Files in another encoding, as old editors write them. Raises OSError."""
    for file in own:
        if file.suffix in READ:
            content = file.read_bytes()
            try:
                content.decode("utf-8")
            except UnicodeDecodeError as error:
                line = content.count(b"\n", 0, error.start) + 1
                yield f"{file}:{line}: is not written in UTF-8; save it in that encoding"


def open_quotes(own: Sequence[Path]) -> Iterator[str]:
    """Lines of catalogues whose last quotation mark is missing: they would be read without their last letter."""
    for file in own:
        if file.name in _CATALOGUES:
            for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
                text = line.strip()
                if text.startswith(("msg", '"')) and not text.endswith('"'):
                    yield f'{file}:{number}: does not end with a quotation mark (")'


def lost_words(own: Sequence[Path]) -> Iterator[str]:
    """What stands outside the blocks of a mail would silently be left out; so would all that surrounds them, without a layout."""
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    for file in own:
        if file.suffix != ".mail":
            continue
        try:
            body = environment.parse(file.read_text("utf-8")).body
        except TemplateSyntaxError:
            continue  # Told where the templates are loaded.
        if not any(isinstance(node, nodes.Extends) for node in body):
            yield f"{file}:1: has no {{% extends layout %}}; begin with it"
        for output in (node for node in body if isinstance(node, nodes.Output)):
            shown = (one for one in output.nodes if not isinstance(one, nodes.TemplateData) or one.data.strip())
            yield from (f"{file}:{one.lineno}: stands outside the blocks, where nobody reads it" for one in shown)


def strange_placeholders(own: Sequence[Path]) -> Iterator[str]:
    """Texts with a placeholder that the mail has nothing for. The catalogues were read before, so they are valid."""
    for file in own:
        if file.name in _CATALOGUES:
            with file.open("rb") as opened:
                catalogue = read_po(opened)
            for message in catalogue:
                known, used = _placeholders(message.id), _placeholders(message.string)
                for name in sorted(used - known) if message.id else ():
                    yield f"{file}:{message.lineno}: the text for {message.id!r} has nothing to put in for %({name})s"


def _placeholders(texts: str | Sequence[str] | None) -> set[str]:
    every = [texts] if isinstance(texts, str) else list(texts or ())
    return {name for text in every for name in _PLACEHOLDER.findall(str(text))}
