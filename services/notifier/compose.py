"""Writes the subject, the text and the HTML of a mail from its facts: pure, the same words for the same facts."""

import dataclasses
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from services.notifier.facts import Facts
from services.notifier.inline_styles import inlined
from services.notifier.template_files import Templates
from shared.words import Language

_MANY_BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks: the programme's name (`SPARK`), the name that a mail is signed with, and where it says what it does with data."""

    programme: str
    sender: str
    privacy_url: str


@dataclass(frozen=True, slots=True)
class Words:
    """A finished mail without its envelope."""

    subject: str
    text: str
    html: str


def compose(facts: Facts, *, language: Language, voice: Voice, templates: Templates) -> Words:
    """The mail of these facts in one language. Line breaks and control characters inside a fact become spaces."""
    values: dict[str, Any] = {
        **_tidied(facts),
        **_tidied({"programme": voice.programme, "sender": voice.sender, "privacy_url": voice.privacy_url}),
        "language": language,
    }
    name = f"{facts.kind}.mail"
    plain = templates.text[language].get_template(name)
    subject = " ".join(plain.render({**values, "layout": "subject.txt"}).split())
    text = plain.render({**values, "layout": "layout.txt", "parts": "parts.txt"})
    html = (
        templates.html[language]
        .get_template(name)
        .render({**values, **_kept_whole(values), "subject": subject, "layout": "layout.html", "parts": "parts.html"})
    )
    return Words(
        subject=subject, text=_MANY_BLANK_LINES.sub("\n\n", text).strip() + "\n", html=inlined(html).strip() + "\n"
    )


def _kept_whole(values: dict[str, Any]) -> dict[str, Markup]:
    """The reference as HTML: people copy and read it aloud, so no line ends in the middle of it."""
    whole = Markup('<span class="whole">{}</span>')
    return {"reference": whole.format(values["reference"])} if "reference" in values else {}


def _tidied(value: Any) -> Any:
    """The same value with each text in one line and each link a link to a page; data classes become dictionaries."""
    if isinstance(value, str):
        visible = "".join(" " if unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} else char for char in value)
        return " ".join(visible.split())
    if isinstance(value, tuple):
        return tuple(_tidied(each) for each in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _tidied({field.name: getattr(value, field.name) for field in dataclasses.fields(value)})
    if isinstance(value, dict):
        return {key: _link(each) if key.split("_")[-1] == "url" else _tidied(each) for key, each in value.items()}
    return value


def _link(url: str | None) -> str | None:
    if url is not None and not (url.startswith(("https://", "http://")) and url.isascii() and url.isprintable()):
        raise ValueError("a link in a mail must be a plain http or https address")
    return url
