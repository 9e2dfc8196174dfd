"""Writes the subject, the text and the HTML of a mail from its facts: pure, the same words for the same facts."""

import dataclasses
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from services.notifier.facts import Facts
from services.notifier.template_files import Templates
from shared.reference.dates import format_clock, format_date, format_span

Language = Literal["da", "en"]

_MANY_BLANK_LINES = re.compile(r"\n{3,}")

_FUNCTIONS: dict[Language, dict[str, str]] = {
    "da": {
        "leader": "leder",
        "employee": "medarbejderrepræsentant",
        "other": "deltager",
        "consultant": "konsulent",
    },
    "en": {
        "leader": "manager",
        "employee": "employee representative",
        "other": "participant",
        "consultant": "consultant",
    },
}


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
    name = f"{language}/{facts.kind}.txt"
    values: dict[str, Any] = {
        **_tidied({field.name: getattr(facts, field.name) for field in dataclasses.fields(facts)}),
        **_tidied({"programme": voice.programme, "sender": voice.sender, "privacy_url": voice.privacy_url}),
        "language": language,
        "span": lambda meeting: format_span(meeting["starts"], meeting["ends"], language),
        "day": lambda date: format_date(date, language),
        "moment": lambda at: _moment(at, language),
        "function": lambda person: _FUNCTIONS[language][person["function"]],
        "uncapitalised": _uncapitalised,
    }
    text_values = {**values, "layout": "layout.txt", "parts": "parts.txt"}
    html_values = {**values, "layout": "layout.html", "parts": "parts.html"}
    template = templates.text.get_template(name)
    subject = "".join(template.blocks["subject"](template.new_context(text_values)))
    return Words(
        subject=" ".join(subject.split()),
        text=_MANY_BLANK_LINES.sub("\n\n", template.render(text_values)).strip() + "\n",
        html=templates.html.get_template(name).render(html_values).strip() + "\n",
    )


def _tidied(value: Any) -> Any:
    """The same value with each text in one line and each link a link to a page; data classes become dictionaries."""
    if isinstance(value, str):
        visible = "".join(" " if unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} else char for char in value)
        return " ".join(visible.split())
    if isinstance(value, tuple):
        return tuple(_tidied(each) for each in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _tidied(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {key: _link(each) if key.endswith("_url") else _tidied(each) for key, each in value.items()}
    return value


def _link(url: str | None) -> str | None:
    if url is not None and not (url.startswith(("https://", "http://")) and url.isascii() and url.isprintable()):
        raise ValueError("a link in a mail must be a plain http or https address")
    return url


def _moment(at: datetime, language: Language) -> str:
    """A wall time with its date."""
    clock = format_clock(at, language)
    return (
        f"{format_date(at.date(), language)} kl. {clock}"
        if language == "da"
        else f"{clock} on {format_date(at.date(), language)}"
    )


def _uncapitalised(label: str) -> str:
    """A label in the middle of a sentence; an abbreviation at its beginning keeps its capitals."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]
