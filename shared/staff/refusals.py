"""What is answered to whoever may not come in: people are led to the log-in, programs get a problem document."""

from typing import Final
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from shared.problems import problem

LOGIN: Final = "/staff/login"
NEXT_CHARACTERS_MAX: Final = 500
SAFE_METHODS: Final = ("GET", "HEAD")
PROGRAMS_BELOW: Final = ("/api/", "/metrics")


class NotLoggedInError(Exception):
    """Nobody is logged in, and no staff token was sent."""


class WrongRoleError(Exception):
    """Whoever is logged in has another role than the address asks for."""

    def __init__(self, account: str) -> None:
        super().__init__("another role")
        self.account = account


def install_refusals(app: FastAPI) -> None:
    """Answer both errors above; where there are pages, `staff_pages` answers `WrongRoleError` by one."""

    async def not_logged_in(request: Request, _error: Exception) -> Response:
        if not for_people(request):
            return problem(401, "Staff only: send the staff token.", headers={"WWW-Authenticate": "Bearer"})
        return RedirectResponse(login_address(request), status_code=303)

    async def wrong_role(_request: Request, _error: Exception) -> Response:
        return problem(403, "Your account may not open this.")

    app.add_exception_handler(NotLoggedInError, not_logged_in)
    app.add_exception_handler(WrongRoleError, wrong_role)


def for_people(request: Request) -> bool:
    """Whether a browser asks for a page: programs, and scripts of our pages, ask for something else than HTML."""
    path: str = request.scope["path"]
    return "text/html" in request.headers.get("accept", "") and not path.startswith(PROGRAMS_BELOW)


def login_address(request: Request) -> str:
    """The log-in that leads back to the page asked for. A form that was sent cannot be sent again, so it leads home."""
    if request.method not in SAFE_METHODS:
        return LOGIN
    query = request.url.query
    wanted = request.scope["path"] + (f"?{query}" if query else "")
    return f"{LOGIN}?next={quote(wanted, safe='/')}" if local_path(wanted) == wanted else LOGIN


def local_path(wanted: str) -> str | None:
    r"""`wanted` where it leads to an address of our own; None for what browsers read as another host, as `//host` and `/\\host`."""
    plain = wanted.isascii() and wanted.isprintable() and " " not in wanted and "\\" not in wanted
    here = wanted.startswith("/") and not wanted.startswith("//")
    return wanted if here and plain and len(wanted) <= NEXT_CHARACTERS_MAX else None
