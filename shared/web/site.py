"""Renders pages: one look, texts in the reader's language, addresses of style sheets that change with their content."""

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

from shared.programme import Programme
from shared.web.compiled_templates import COMPILED
from shared.web.language import preferred
from shared.web.static_files import KeptFiles
from shared.web.texts import Texts
from shared.words import Language, Words

HERE: Final = Path(__file__).parent
STATIC_FOLDER: Final = HERE / "static"
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
    """The pages of one service. `assets` is the folder that setup fills (see `deploy/assets`).

    `home` is the service's folder: each folder in it with pages has its own `templates`, and `home/static` the style
    sheets and scripts of its pages. `below` stands before the addresses of files, where a proxy passes that on.
    """

    def __init__(
        self, *, programme: Programme, texts: Texts, home: Path, assets: Path = ASSETS_FOLDER, below: str = ""
    ) -> None:
        if not (assets / STAMP).exists():
            raise AssetsMissingError(f"{assets}: the look of the public pages is not installed; run `make setup`")
        self.programme = programme
        self.texts = texts
        self._assets = assets
        self._icons: dict[str, str] = {}
        self._home = home
        self._folders = {
            f"{below}/static/{_digest_of_folder(folder)}": folder
            for folder in (STATIC_FOLDER, home / "static")
            if folder.is_dir()
        }
        stamp = (assets / STAMP).read_bytes()
        self._assets_address = f"{below}/assets/{hashlib.sha256(stamp).hexdigest()[:DIGEST_CHARACTERS]}"
        self._environments = {language: self._environment(language) for language in texts.translations}

    def moved(self, below: str) -> "Site":
        """The same pages with their files below another address."""
        return Site(programme=self.programme, texts=self.texts, home=self._home, assets=self._assets, below=below)

    def mount(self, app: FastAPI) -> None:
        """Serve the style sheets, scripts, fonts and icons."""
        for address, folder in self._folders.items():
            app.mount(address, KeptFiles(folder))
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
        """The address of a file of the service's `static/`, or of the one that all share.

        Raises:
            LookupError: neither has such a file.

        """
        found = (address for address, folder in self._folders.items() if (folder / path).is_file())
        address = next(found, None)
        if address is None:
            raise LookupError(path)
        return f"{address}/{path}"

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
        folders = [HERE / "templates", *sorted(self._home.glob("*/templates"))]
        environment = Environment(
            loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
            bytecode_cache=COMPILED,
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
