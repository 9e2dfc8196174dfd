"""Mails made from the samples that previews use, in both languages."""

import functools
import html
import re
from collections.abc import Iterator

from services.notifier.compose import Words, compose
from services.notifier.facts import KINDS
from services.notifier.preview.sample_parts import REFERENCE, VOICE, parts
from services.notifier.preview.samples import samples
from services.notifier.template_files import load_templates
from shared.words import Language

__all__ = [
    "FACTS",
    "KIND_NAMES",
    "LANGUAGES",
    "MEETINGS",
    "REFERENCE",
    "SAMPLES",
    "TEMPLATES",
    "VOICE",
    "visible",
    "words",
]

LANGUAGES: tuple[Language, ...] = ("da", "en")
TEMPLATES = load_templates()
FACTS = {language: samples(language) for language in LANGUAGES}
SAMPLES = tuple(FACTS["da"])
KIND_NAMES = tuple(kind.kind for kind in KINDS)
MEETINGS = parts("da").meetings


@functools.cache
def words(sample: str, language: Language = "da") -> Words:
    return compose(FACTS[language][sample], language=language, voice=VOICE, templates=TEMPLATES)


def visible(markup: str) -> str:
    """What a reader sees of an HTML part below its heading, links as their address after the text, white space collapsed."""
    body = markup.partition("</h1>")[2]
    body = re.sub(r'<a [^>]*href="([^"]*)"[^>]*>(.*?)</a>', r"\2: \1", body, flags=re.DOTALL)
    body = re.sub(r"</?(span|strong)\b[^>]*>", "", body)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def mails_of(kind: str) -> Iterator[tuple[str, Language, Words]]:
    """Every sample of a kind in each language, with what to call it where something is wrong."""
    for sample in SAMPLES:
        if FACTS["da"][sample].kind == kind:
            for language in LANGUAGES:
                yield f"{sample}.{language}", language, words(sample, language)
