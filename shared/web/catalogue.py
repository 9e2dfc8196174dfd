"""Brings the catalogues up to date with templates and code: `python -m shared.web.catalogue [form …]`.

Each folder with pages has its own `locale/da.po`. New texts are added without a translation and listed; texts that nobody
says any more are taken out.
"""

import sys
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT: Final = Path(__file__).parents[2]
TEMPLATES: Final = ("templates/**.html", "templates/**.mail")
METHODS: Final = [*((pattern, "jinja2") for pattern in TEMPLATES), ("**.py", "python")]
OPTIONS: Final = {pattern: {"trimmed": "true", "newstyle_gettext": "true"} for pattern in TEMPLATES}
# `_("…")` and `ngettext` translate at once; `N_` marks a text that is translated later.
# A word before the text ("c") tells uses apart that differ in Danish only.
KEYWORDS: Final = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "N_": None,
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
HEADER: Final = "# The Danish texts of the pages; the keys are the English ones."
LINE_CHARACTERS: Final = 120


def folders() -> list[Path]:
    """The folders that hold pages: the shared one, and in each service."""
    return sorted(folder.parent for folder in (*ROOT.glob("shared/*/templates"), *ROOT.glob("services/*/*/templates")))


def renewed(folder: Path) -> Catalog:
    """The catalogue of a folder with the texts of today; never a guess in place of a translation."""
    before = current(folder)
    catalogue = Catalog(locale="da", charset="utf-8", header_comment=HEADER, fuzzy=False)
    for file, _line, message, comments, context in extract_from_dir(
        folder, method_map=METHODS, options_map=OPTIONS, keywords=KEYWORDS, comment_tags=("Translators:",)
    ):
        known = before.get(message if isinstance(message, str) else message[0], context)
        # Without lines: they would change with every edit.
        catalogue.add(
            message, known.string if known else None, locations=[(file, 0)], auto_comments=comments, context=context
        )
    return catalogue


def current(folder: Path) -> Catalog:
    file = folder / "locale" / "da.po"
    if not file.exists():
        return Catalog(locale="da")
    with file.open("rb") as source:
        return read_po(source, locale="da")


def lacking(catalogue: Catalog) -> list[str]:
    """The texts without a Danish one."""
    rows = (message for message in catalogue if message.id)
    return [str(row.id) for row in rows if not (all(row.string or ()) if row.pluralizable else row.string)]


def written(catalogue: Catalog) -> bytes:
    target = BytesIO()
    write_po(target, catalogue, width=LINE_CHARACTERS, include_lineno=False, sort_output=False)
    # The header's dates and names say nothing, and would make each run another file.
    kept = ("Language:", "Plural-Forms:", "MIME-Version:", "Content-Type:", "Content-Transfer-Encoding:")
    lines = target.getvalue().decode().split("\n")
    end = lines.index("")
    head = [
        line for line in lines[:end] if not line.startswith('"') or line.startswith(tuple(f'"{name}' for name in kept))
    ]
    return "\n".join([*head, *lines[end:]]).encode()


def main() -> int:
    chosen = [folder for folder in folders() if not sys.argv[1:] or folder.name in sys.argv[1:]]
    missing: list[str] = []
    for folder in chosen:
        catalogue = renewed(folder)
        file = folder / "locale" / "da.po"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(written(catalogue))
        missing += [f"{folder.name} lacks Danish: {text}\n" for text in lacking(catalogue)]
    sys.stdout.writelines(missing)
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main())
