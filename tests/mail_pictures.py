"""The pictures of mails in docs/messages: which there are, and what each was drawn from."""

import hashlib
from pathlib import Path

from tests.mail_samples import KIND_NAMES, LANGUAGES, words

FOLDER = Path(__file__).parents[1] / "docs" / "messages"
WIDTH_PX = 640


def pictures() -> dict[str, str]:
    """The HTML to draw, by the name of the picture."""
    return {f"{kind}.{language}.png": words(kind, language).html for kind in KIND_NAMES for language in LANGUAGES}


def source(html: str) -> str:
    """What a picture says it was drawn from."""
    return f"sha256:{hashlib.sha256(html.encode()).hexdigest()}"
