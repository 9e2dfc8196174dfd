"""Forms are taken from our own pages only (OWASP ASVS 3.5): with same-site cookies and form tokens, one more wall."""

from urllib.parse import urlsplit

from fastapi import Request
from starlette.exceptions import HTTPException

FROM_OURS = (None, "same-origin", "none")
"""Fetch Metadata: "none" is a person at the address bar; None an old browser, or a program."""


def require_same_origin(request: Request, public_url: str) -> None:
    """Let a request through unless its browser says that it comes from a page of somebody else.

    Our pages tell no referrer, and browsers then send `Origin: null` with their forms (Fetch standard 3.1): it counts
    as no answer.

    Raises:
        HTTPException: 403.

    """
    parts = urlsplit(public_url)
    ours = (None, "null", f"{parts.scheme}://{parts.netloc}")
    if request.headers.get("sec-fetch-site") not in FROM_OURS or request.headers.get("origin") not in ours:
        raise HTTPException(403, "This form was not sent from our own page.")
