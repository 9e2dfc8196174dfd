"""Where a form may come from."""

import pytest
from fastapi import Request
from starlette.exceptions import HTTPException

from shared.origin import require_same_origin

OURS = "https://spark.example"


def request(**headers: str) -> Request:
    rows = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": rows})


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": OURS},
        {"origin": "null", "sec_fetch_site": "same-origin"},
        {"origin": OURS, "sec_fetch_site": "same-origin"},
    ],
)
def test_our_own_pages_and_programs_pass(headers: dict[str, str]) -> None:
    """A page of ours tells no referrer, so its origin may be null."""
    require_same_origin(request(**headers), OURS)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://spark.example"},
        {"origin": "https://spark.example:8443"},
        {"origin": "null", "sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"origin": ""},
    ],
)
def test_foreign_pages_are_refused(headers: dict[str, str]) -> None:
    """Other hosts, other ports, other schemes, and a hidden origin of another site."""
    with pytest.raises(HTTPException) as refused:
        require_same_origin(request(**headers), OURS)
    assert refused.value.status_code == 403
