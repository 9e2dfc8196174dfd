"""Our cookies: for us alone, never for scripts, not sent along from foreign pages."""

from fastapi import Request, Response

HOST_PREFIX = "__Host-"


def cookie_name(name: str, public_url: str) -> str:
    """With `__Host-` (RFC 6265bis 4.1.3.2: secure, whole host, no domain) wherever the pages are reached by https."""
    return f"{HOST_PREFIX}{name}" if public_url.startswith("https://") else name


def set_cookie(
    response: Response, name: str, value: str, *, public_url: str, max_age_seconds: int | None = None
) -> None:
    """Give the browser a cookie; without an age it goes when the browser is closed. `value` has no characters to quote."""
    response.set_cookie(
        cookie_name(name, public_url),
        value,
        max_age=max_age_seconds,
        path="/",
        secure=public_url.startswith("https://"),
        httponly=True,
        samesite="lax",
    )


def read_cookie(request: Request, name: str, *, public_url: str) -> str | None:
    return request.cookies.get(cookie_name(name, public_url))


def clear_cookie(response: Response, name: str, *, public_url: str) -> None:
    """Have the browser forget a cookie; with the attributes that it was set with, or `__Host-` would refuse."""
    response.delete_cookie(
        cookie_name(name, public_url),
        path="/",
        secure=public_url.startswith("https://"),
        httponly=True,
        samesite="lax",
    )
