"""Reads the mail templates once, at start. One file per kind and language gives the subject, the text and the HTML.

The two formats differ only in `layout` and `parts`, so both always tell the same facts.
"""

import textwrap
from dataclasses import dataclass
from pathlib import Path

from jinja2 import DictLoader, Environment, StrictUndefined

FOLDER = Path(__file__).parent / "templates"
TEXT_COLUMNS = 72


@dataclass(frozen=True, slots=True)
class Templates:
    """The same templates in two environments: escaping is on for HTML and off for text."""

    text: Environment
    html: Environment


def load_templates(override: Path | None = None) -> Templates:
    """All templates; a file of the same name in the `override` folder of an organisation takes the place of ours."""
    sources = _read(FOLDER) | (_read(override) if override else {})
    return Templates(text=_environment(sources, escape=False), html=_environment(sources, escape=True))


def _read(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in sorted(folder.rglob("*.*"))}


def _environment(sources: dict[str, str], *, escape: bool) -> Environment:
    environment = Environment(
        loader=DictLoader(sources),
        autoescape=escape,  # noqa: S701 - text must not be escaped, and HTML is
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["wrap"] = _wrap
    return environment


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
