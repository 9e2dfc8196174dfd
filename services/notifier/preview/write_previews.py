"""Writes mails of samples into files: as a mail program opens them, as HTML, and as text."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from services.notifier.compose import compose
from services.notifier.facts import KINDS
from services.notifier.preview.sample_parts import VOICE
from services.notifier.preview.samples import samples
from services.notifier.preview.try_own import sample_mail
from services.notifier.template_files import Templates
from shared.words import Language


class NoSuchPreviewError(Exception):
    """There is no mail like this; the text says which there are."""


@dataclass(frozen=True, slots=True)
class Preview:
    """One mail, and the files that it was written to."""

    name: str
    kind: str
    language: Language
    subject: str
    files: tuple[Path, ...]


def sample_names(kind: str | None, reader: str | None) -> list[str]:
    """The names of the samples of a kind: the plain one, or the first that goes to this reader; without a kind all of them.

    Raises:
        NoSuchPreviewError: there is no such kind, or no mail of it goes to this reader.

    """
    all_samples = samples("da")
    kinds = [one.kind for one in KINDS]
    if kind is not None and kind not in kinds:
        raise NoSuchPreviewError(f"There is no mail of kind {kind!r}. There are: {', '.join(sorted(kinds))}.")
    names = [
        name
        for name, facts in all_samples.items()
        if kind in (None, facts.kind) and reader in (None, getattr(facts, "reader", reader))
    ]
    if not names:
        raise NoSuchPreviewError(f"No mail of kind {kind!r} goes to a {reader}.")
    return names if kind is None else names[:1]


def write_previews(
    names: Sequence[str], languages: Sequence[Language], *, templates: Templates, folder: Path
) -> list[Preview]:
    """Each of the samples in each of the languages, into `folder`, which is made if it is not there.

    Raises:
        OSError: a file cannot be written.

    """
    folder.mkdir(parents=True, exist_ok=True)
    return [_written(name, language, templates=templates, folder=folder) for name in names for language in languages]


def _written(name: str, language: Language, *, templates: Templates, folder: Path) -> Preview:
    facts = samples(language)[name]
    words = compose(facts, language=language, voice=VOICE, templates=templates)
    contents = {"eml": sample_mail(words, language), "html": words.html.encode(), "txt": words.text.encode()}
    files = []
    for ending, content in contents.items():
        file = folder / f"{name}.{language}.{ending}"
        file.write_bytes(content)
        files.append(file)
    return Preview(name=name, kind=facts.kind, language=language, subject=words.subject, files=tuple(files))
