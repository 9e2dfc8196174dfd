"""The pages of the log-in, the same in every service that has pages for staff: `/staff/login` and `/staff/logout`."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from shared.client_address import Network
from shared.errors import DependencyDownError
from shared.origin import require_own_page
from shared.problems import problem
from shared.request_errors import RequestError
from shared.request_network import network_of
from shared.staff.access import COOKIE
from shared.staff.accounts_file import AccountsFile
from shared.staff.elsewhere import elsewhere_routes
from shared.staff.log_in import Refusal, log_in, log_out
from shared.staff.password_check import BusyError, PasswordCheck
from shared.staff.refusals import LOGIN, WrongRoleError, for_people, local_path
from shared.staff.sessions import TOKEN_BYTES, Sessions
from shared.staff.throttle import WINDOW, Throttle
from shared.web.cookies import clear_cookie, read_cookie, set_cookie
from shared.web.error_pages import error_page
from shared.web.fields import read_fields
from shared.web.language import preferred
from shared.web.site import Site
from shared.words import Language

LOGOUT: Final = "/staff/logout"
BUSY_SECONDS: Final = 5
DOWN_SECONDS: Final = 30
WRONG_STATUS: Final = 422
"""As for every form with something wrong in it; 401 is for what programs send (RFC 9110 15.5.2)."""


@dataclass(frozen=True, kw_only=True)
class Entrance:
    """What the log-in works with. `public_url` is the address at which browsers reach the service.

    `elsewhere`: where the pages of the services lie, by the beginning of their paths, if not under one address.
    """

    accounts: AccountsFile
    throttle: Throttle
    check: PasswordCheck
    sessions: Sessions
    proxies: tuple[Network, ...]
    public_url: str
    elsewhere: Mapping[str, str] = field(default_factory=dict)


def staff_pages(app: FastAPI, *, entrance: Entrance, site: Site, home: str) -> None:
    """Add the log-in to a service, and the page for who has another role. `home` is where it leads without `next`."""
    app.include_router(login_routes(entrance=entrance, site=site, home=home))
    app.include_router(elsewhere_routes(entrance.elsewhere, home=home))

    async def wrong_role(request: Request, error: Exception) -> Response:
        if not for_people(request) or not isinstance(error, WrongRoleError):
            return problem(403, "Your account may not open this.")
        language = preferred(request.headers.get("accept-language", ""), site.programme.language)
        return site.page(request, "web/wrong_role.html", language=language, status_code=403, account=error.account)

    app.add_exception_handler(WrongRoleError, wrong_role)


def login_routes(*, entrance: Entrance, site: Site, home: str) -> APIRouter:
    """Open to everybody; the changes only from our own pages."""
    router = APIRouter(include_in_schema=False)

    @router.get(LOGIN)
    async def form(request: Request) -> Response:
        query = request.query_params
        view = _View(request, site, language=query.get("language", ""), wanted=query.get("next", ""))
        return view.page(left="left" in query)

    @router.post(LOGIN)
    async def enter(request: Request) -> Response:
        require_own_page(request)
        view = _View(request, site)
        try:
            typed = dict(await read_fields(request))
            view = _View(request, site, language=typed.get("language", ""), wanted=typed.get("next", ""))
            return await _enter(request, typed, view, entrance=entrance, home=home)
        except RequestError as error:
            return error_page(site, request, error.status, language=view.language)
        except BusyError:
            return view.fault(503, headers={"Retry-After": str(BUSY_SECONDS)})
        except DependencyDownError:
            return view.fault(503, headers={"Retry-After": str(DOWN_SECONDS)})

    @router.post(LOGOUT)
    async def leave(request: Request) -> Response:
        require_own_page(request)
        token = read_cookie(request, COOKIE, public_url=entrance.public_url)
        try:
            await log_out(token=token, sessions=entrance.sessions)
        except DependencyDownError:
            # Still logged in: to say otherwise would leave the session open to whoever comes next.
            return _View(request, site).fault(503, headers={"Retry-After": str(DOWN_SECONDS)})
        answer = RedirectResponse(f"{LOGIN}?left", status_code=303)
        clear_cookie(answer, COOKIE, public_url=entrance.public_url)
        return answer

    return router


async def _enter(request: Request, typed: dict[str, str], view: "_View", *, entrance: Entrance, home: str) -> Response:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    refusal = await log_in(
        account=typed.get("account", ""),
        password=typed.get("password", ""),
        network=network_of(request, entrance.proxies),
        token=token,
        before=read_cookie(request, COOKIE, public_url=entrance.public_url),
        accounts=entrance.accounts.accounts,
        throttle=entrance.throttle,
        check=entrance.check,
        sessions=entrance.sessions,
    )
    if refusal == "throttled":
        return view.page(429, refusal=refusal, headers={"Retry-After": str(int(WINDOW.total_seconds()))})
    if refusal is not None:
        return view.page(WRONG_STATUS, refusal=refusal)
    answer = RedirectResponse(view.wanted or home, status_code=303)
    set_cookie(answer, COOKIE, token, public_url=entrance.public_url)
    return answer


class _View:
    """The page of the log-in for one request; `language` and `wanted` as they came, checked here."""

    def __init__(self, request: Request, site: Site, *, language: str = "", wanted: str = "") -> None:
        self._request = request
        self._site = site
        self.language: Language = preferred(
            language or request.headers.get("accept-language", ""), site.programme.language
        )
        self.wanted = local_path(wanted) or ""

    def page(
        self,
        status_code: int = 200,
        *,
        refusal: Refusal | None = None,
        left: bool = False,
        headers: dict[str, str] | None = None,
    ) -> Response:
        return self._site.page(
            self._request,
            "web/login.html",
            language=self.language,
            status_code=status_code,
            headers=headers,
            wanted=self.wanted,
            refusal=refusal,
            left=left,
        )

    def fault(self, status_code: int, *, headers: dict[str, str]) -> Response:
        return error_page(self._site, self._request, status_code, headers=headers, language=self.language)
