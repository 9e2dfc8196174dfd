"""The command `forloeb messages preview`: mails as people get them, from samples, with an organisation's own words if it has any."""

import sys
from collections.abc import Sequence
from pathlib import Path

import orjson

from services.notifier.preview.try_own import OwnTemplatesError, load_tried_templates
from services.notifier.preview.write_previews import NoSuchPreviewError, Preview, sample_names, write_previews
from shared.words import Language

EXIT_USAGE = 2


def preview(
    kind: str | None,
    *,
    languages: Sequence[Language],
    reader: str | None,
    folder: Path,
    own: Path | None,
    as_json: bool,
) -> int:
    """Write the mails and say where; without a kind all of them. The exit code."""
    try:
        names = sample_names(kind, reader)
        written = write_previews(names, languages, templates=load_tried_templates(own), folder=folder)
    except (NoSuchPreviewError, OwnTemplatesError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_USAGE
    sys.stdout.write(_json(written) if as_json else "".join(_lines(one) for one in written))
    return 0


def _lines(one: Preview) -> str:
    return "".join([f"{one.subject}\n", *(f"  {file}\n" for file in one.files)])


def _json(written: Sequence[Preview]) -> str:
    rows = [
        {
            "name": one.name,
            "kind": one.kind,
            "language": one.language,
            "subject": one.subject,
            "files": [str(file) for file in one.files],
        }
        for one in written
    ]
    return orjson.dumps({"mails": rows}, option=orjson.OPT_INDENT_2).decode() + "\n"
