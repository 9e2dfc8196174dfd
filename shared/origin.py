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


def require_own_page(request: Request) -> None:
    """Let a change by a session's cookie through if its browser says that it comes from a page of this very host.

    Stricter than the other: who has such a cookie is a browser, and each of today says where a form comes from
    (Fetch Metadata over https and on this machine, else Origin). A foreign page cannot choose the Host header.

    Raises:
        HTTPException: 403.

    """
    site = request.headers.get("sec-fetch-site")
    trusted = _is_of_host(request) if site is None else site in FROM_OURS
    if not trusted:
        raise HTTPException(403, "This form was not sent from our own page.")


def _is_of_host(request: Request) -> bool:
    try:
        origin = urlsplit(request.headers.get("origin", ""))
    except ValueError:
        return False
    return origin.scheme in ("http", "https") and origin.netloc == request.headers.get("host")
