"""Tries an organisation's own templates and texts before the first mail needs them: every sample, in both languages and formats."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from traceback import walk_tb
from types import TracebackType
from typing import Final

from jinja2 import TemplateSyntaxError, UndefinedError

from services.notifier.compose import Words, compose
from services.notifier.facts import KINDS, Facts
from services.notifier.mime import HEADER_CHARS_MAX, MAIL_BYTES_MAX, Mail, mail_bytes
from services.notifier.preview.own_files import (
    foreign_files,
    lost_words,
    open_quotes,
    strange_placeholders,
    unreadable_files,
)
from services.notifier.preview.sample_parts import VOICE
from services.notifier.preview.samples import samples
from services.notifier.template_files import FOLDER, Templates, load_templates
from shared.web.texts import LANGUAGES, TextsError
from shared.words import Language

CALENDAR_BYTES_RESERVED: Final = 20_000
"""Of the limit of a mail, for the calendar object that it may carry twice."""
BLOCKS: Final = ("title", "body")


class OwnTemplatesError(Exception):
    """Templates or texts of an organisation cannot be used; the text says which, where, and what to do, one fault a line."""


def load_tried_templates(own: Path | None) -> Templates:
    """The templates, those in the folder `own` tried out. Takes up to a second where there is such a folder.

    Raises:
        OwnTemplatesError: something in the folder cannot be used.

    """
    if own is None:
        return load_templates()
    if not own.is_dir():
        raise OwnTemplatesError(f"{own}: is no folder")
    try:
        files = sorted(file for file in own.iterdir() if file.is_file())
        unreadable = list(unreadable_files(files)) or list(open_quotes(files))
        if unreadable:
            raise OwnTemplatesError("\n".join(unreadable))
        templates = load_templates(own)
    except (TextsError, OSError) as error:
        raise OwnTemplatesError(str(error)) from None
    # Each fault once, though several mails may show it.
    of_files = [*foreign_files(files), *_missing_blocks(templates), *lost_words(files), *strange_placeholders(files)]
    faults = list(dict.fromkeys(of_files)) or list(dict.fromkeys(_faults_of_mails(templates)))
    if faults:
        raise OwnTemplatesError("\n".join(faults))
    return templates


def _missing_blocks(templates: Templates) -> Iterator[str]:
    for language in LANGUAGES:
        for kind in KINDS:
            try:
                template = templates.text[language].get_template(f"{kind.kind}.mail")
            except TemplateSyntaxError as error:
                yield f"{error.filename}:{error.lineno}: {error.message}"
                continue
            missing = [name for name in BLOCKS if name not in template.blocks]
            if missing:
                yield f"{template.filename}:1: has no {{% block {missing[0]} %}}; a mail needs a title and a body"


def _faults_of_mails(templates: Templates) -> Iterator[str]:
    kinds = _kinds_of(templates.own)
    for language in LANGUAGES:
        for facts in (one for one in samples(language).values() if one.kind in kinds):
            try:
                words = compose(facts, language=language, voice=VOICE, templates=templates)
                yield from _too_long(words, facts, language, templates)
            except Exception as error:  # noqa: BLE001 - whatever a template does wrong is to be told, not to stop the others
                yield _told(error, facts, templates)


def _kinds_of(own: Sequence[Path]) -> set[str]:
    """Which mails the files have a part in: a template in its own kind, all others in every mail."""
    if all(file.suffix == ".mail" for file in own):
        return {file.name.partition(".")[0] for file in own}
    return {kind.kind for kind in KINDS}


def _too_long(words: Words, facts: Facts, language: Language, templates: Templates) -> Iterator[str]:
    file = templates.text[language].get_template(f"{facts.kind}.mail").filename
    if not 0 < len(words.subject) <= HEADER_CHARS_MAX:
        yield f"{file}: the subject has {len(words.subject)} characters; 1 to {HEADER_CHARS_MAX} are possible"
    size, most = _sent_bytes(words), MAIL_BYTES_MAX - CALENDAR_BYTES_RESERVED
    if size > most:
        yield f"{file}: the mail has {size} bytes in language {language}; it may have {most}, so shorten it"


def _sent_bytes(words: Words) -> int:
    """About what the mail takes: base64 makes four bytes of three."""
    return (len(words.text.encode()) + len(words.html.encode())) * 4 // 3


def _told(error: Exception, facts: Facts, templates: Templates) -> str:
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename}:{error.lineno}: {error.message}"
    where = _place(error.__traceback__, templates) or f"{facts.kind}.mail"
    if isinstance(error, UndefinedError):
        fields = ", ".join(sorted(type(facts).__dataclass_fields__.keys() - {"kind"}))
        return f"{where}: {error.message}; a mail of kind {facts.kind} has {fields}, programme, sender, privacy_url, language"
    return f"{where}: {type(error).__name__}: {error}"


def _place(traceback: TracebackType | None, templates: Templates) -> str | None:
    """The last line of a template that was being worked on: in the organisation's own file if there is one."""
    own = {str(file) for file in templates.own}
    lines = [(frame.f_code.co_filename, number) for frame, number in walk_tb(traceback)]
    for wanted in (lambda name: name in own, lambda name: name.startswith(str(FOLDER))):
        found = [f"{name}:{number}" for name, number in lines if wanted(name)]
        if found:
            return found[-1]
    return None


def sample_mail(words: Words, language: Language) -> bytes:
    """The bytes of a mail between people who do not exist; an invite without its calendar object."""
    return mail_bytes(
        Mail(
            message_id="<sample@forloeb.example>",
            date=datetime(2027, 1, 4, 9, 0, tzinfo=UTC),
            sender_name=VOICE.sender,
            sender="spark@forloeb.example",
            recipient="ase.holm@kommune.example",
            subject=words.subject,
            text=words.text,
            html=words.html,
            language=language,
        )
    )
