"""What programs are answered when something is wrong: a problem document (RFC 9457)."""

from typing import Any, Final

from fastapi.responses import JSONResponse

PROBLEM: Final = "application/problem+json"


def problem(
    status: int, title: str, *, detail: str = "", headers: dict[str, str] | None = None, **more: Any
) -> JSONResponse:
    """A problem document (RFC 9457). Nothing in it repeats what the caller typed."""
    content = {
        "type": "about:blank",
        "title": title,
        "status": status,
        **({"detail": detail} if detail else {}),
        **more,
    }
    return JSONResponse(content, status_code=status, media_type=PROBLEM, headers=headers)
