"""Renders the public pages: one layout, texts in the reader's language, addresses of style sheets that change with their content."""

import gzip
import hashlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from services.intake.language import preferred
from services.intake.web.static_files import KeptFiles
from services.intake.web.texts import Texts
from shared.programme import Programme
from shared.words import Language, Words

INTAKE: Final = Path(__file__).parents[1]
STATIC_FOLDER: Final = Path(__file__).parent / "static"
ASSETS_FOLDER: Final = Path(sys.prefix) / "share" / "forloeb" / "assets"
STAMP: Final = ".installed"
DIGEST_CHARACTERS: Final = 12
ENGLISH: Final = "/en"
COMPRESSED_BYTES_MIN: Final = 1400
"""About one packet: below, compressing wins nothing."""
COMPRESSION_LEVEL: Final = 5


class AssetsMissingError(Exception):
    """The design system is not installed; the text says what to do."""


class Site:
    """The pages of one programme. `assets` is the folder that setup fills (see `deploy/assets`)."""

    def __init__(self, *, programme: Programme, texts: Texts, assets: Path = ASSETS_FOLDER) -> None:
        if not (assets / STAMP).exists():
            raise AssetsMissingError(f"{assets}: the look of the public pages is not installed; run `make setup`")
        self.programme = programme
        self.texts = texts
        self._assets = assets
        self._icons: dict[str, str] = {}
        self._own_address = f"/static/{_digest_of_folder(STATIC_FOLDER)}"
        stamp = (assets / STAMP).read_bytes()
        self._assets_address = f"/assets/{hashlib.sha256(stamp).hexdigest()[:DIGEST_CHARACTERS]}"
        self._environments = {language: self._environment(language) for language in texts.translations}

    def mount(self, app: FastAPI) -> None:
        """Serve the style sheets, scripts, fonts and icons."""
        app.mount(self._own_address, KeptFiles(STATIC_FOLDER))
        app.mount(self._assets_address, KeptFiles(self._assets))

    def page(
        self,
        request: Request,
        template: str,
        *,
        language: Language,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        other_language: str | None = None,
        **facts: Any,
    ) -> Response:
        """The page of a template. `other_language` is the address of the same page in the other language, if there is one."""
        html = (
            self._environments[language]
            .get_template(template)
            .render(language=language, other_language=other_language, here=request.scope["path"], **facts)
        )
        content, encoding = _compressed(html.encode(), request.headers.get("accept-encoding", ""))
        return HTMLResponse(
            content, status_code=status_code, headers={**(headers or {}), **encoding, "Vary": "Accept-Encoding, Cookie"}
        )

    def language_of(self, request: Request) -> Language:
        """English under `/en`; else Danish on our own pages, and for whatever leads nowhere what the browser asks for."""
        if is_english(request.scope["path"]):
            return "en"
        return preferred(request.headers.get("accept-language", ""), self.programme.language)

    def say(self, words: Words, language: Language) -> str:
        return self.texts.say(words, language)

    def _asset(self, path: str) -> str:
        """The address of a file of the design system, e.g. "dkfds/css/dkfds.min.css"."""
        return f"{self._assets_address}/{path}"

    def _own(self, path: str) -> str:
        """The address of a file of `static/`."""
        return f"{self._own_address}/{path}"

    def _icon(self, name: str, classes: str = "") -> Markup:
        """An icon of the design system in the page itself; it says nothing to a screen reader."""
        if name not in self._icons:
            file = self._assets / "dkfds" / "img" / "svg-icons" / f"{name}.svg"
            self._icons[name] = file.read_text(encoding="utf-8")
        # The file is the design system's own, as the lock names it.
        marked = self._icons[name].replace(
            "<svg ", f'<svg class="icon-svg {classes}" aria-hidden="true" focusable="false" ', 1
        )
        return Markup(marked)  # noqa: S704 - see above

    def _environment(self, language: Language) -> Environment:
        folders = [folder for folder in sorted(INTAKE.glob("*/templates")) if folder.is_dir()]
        environment = Environment(
            loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        environment.policies["ext.i18n.trimmed"] = True
        environment.install_gettext_translations(self.texts.translations[language], newstyle=True)  # type: ignore[attr-defined]
        environment.globals |= {
            "asset": self._asset,
            "own": self._own,
            "icon": self._icon,
            "programme": self.programme,
            "programme_name": self.programme.name.in_language(language),
            "address": lambda path: localised(path, language),
        }
        environment.filters["words"] = lambda words: self.say(words, language)
        return environment


def is_english(path: str) -> bool:
    return path == ENGLISH or path.startswith(f"{ENGLISH}/")


def localised(path: str, language: Language) -> str:
    """The address of a page whose two addresses differ in nothing but `/en`."""
    return path if language == "da" else f"{ENGLISH}{path}"


def _digest_of_folder(folder: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:DIGEST_CHARACTERS]


def _compressed(body: bytes, accepted: str) -> tuple[bytes, dict[str, str]]:
    # Each page with a secret in it is bound to a same-site cookie: nobody else's page can have it made over and over.
    if len(body) < COMPRESSED_BYTES_MIN or not _takes_gzip(accepted):
        return body, {}
    return gzip.compress(body, COMPRESSION_LEVEL, mtime=0), {"Content-Encoding": "gzip"}


def _takes_gzip(accepted: str) -> bool:
    """A coding with quality 0 is not wanted (RFC 9110 12.5.3)."""
    codings = [part.replace(" ", "").lower().partition(";q=") for part in accepted.split(",")]
    return any(
        name == "gzip" and quality.strip("0.") != "" if weighed else name == "gzip"
        for name, weighed, quality in codings
    )
