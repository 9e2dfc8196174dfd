"""Where the pages of the services lie, as a setting says it. Pure."""

import re
from typing import Final

_PLACE: Final = re.compile(r"(/[a-z-]+)=(https?://[^\s,=]+[^\s,=/])")


def places_of(text: str) -> dict[str, str]:
    """Addresses of services by the beginning of their pages' paths, from "/messages=http://127.0.0.1:8002,…".

    Raises:
        ValueError: it is written in another way.

    """
    found = {}
    for part in filter(None, text.split(",")):
        match = _PLACE.fullmatch(part.strip())
        if match is None:
            raise ValueError("must have the form /path=http://host:port, several with commas")
        found[match[1]] = match[2]
    return found
