"""What machines look for at fixed addresses: which pages may be indexed (RFC 9309), and where to tell of a hole (RFC 9116). Pure."""

from datetime import datetime, timedelta
from typing import Final

from services.intake.about.places import PLACES
from shared.programme import Programme

INDEXED: Final = ("/$", "/en$", "/en/$", *(f"{path}$" for place in PLACES for path in (place.da, place.en)))
LOOKS: Final = ("/assets/", "/static/")
"""Without them a search engine would judge the pages by how they look bare."""
VALID: Final = timedelta(days=180)


def robots_txt() -> str:
    """Only the front page and the pages around the form; never a status page, not even by accident."""
    lines = ["User-agent: *", *(f"Allow: {path}" for path in (*INDEXED, *LOOKS)), "Disallow: /"]
    return "\n".join(lines) + "\n"


def security_txt(programme: Programme, *, public_url: str, now: datetime) -> str:
    expires = (now + VALID).replace(microsecond=0).isoformat()
    return (
        f"Contact: mailto:{programme.organisation.email}\n"
        f"Expires: {expires}\n"
        "Preferred-Languages: da, en\n"
        f"Canonical: {public_url}/.well-known/security.txt\n"
    )
