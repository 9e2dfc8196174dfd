"""Lets staff in: people by the session of their log-in, in the role that the address asks for; programs by the staff token."""

import hmac
from typing import Final, Protocol

from fastapi import Request
from pydantic import SecretStr

from shared.origin import require_own_page
from shared.staff.refusals import SAFE_METHODS, NotLoggedInError, WrongRoleError
from shared.staff.staff import PROGRAM, Role, Staff
from shared.web.cookies import read_cookie

COOKIE: Final = "forloeb_staff"
NAVIGATIONS: Final = (None, "navigate")
"""Sec-Fetch-Mode of what a person does; what scripts fetch by themselves does not count as being there."""


class Session(Protocol):
    """Somebody who is logged in."""

    @property
    def account(self) -> str: ...
    @property
    def roles(self) -> frozenset[Role]: ...


class FindSession(Protocol):
    async def __call__(self, token: str, *, present: bool) -> Session | None:
        """The session of a cookie, None where it has ended. `present`: the person is there, so it goes on.

        Raises:
            DependencyDownError: the database does not answer.

        """


class StaffAccess:
    """Wired once in main. `Depends(access.coordinator)` stands before everything that only coordinators may open.

    `public_url` is the address at which browsers reach the service: with https, its cookies go over https alone.
    Without `find_session`, only programs are let in.
    """

    def __init__(
        self, *, staff_token: SecretStr, public_url: str = "", find_session: FindSession | None = None
    ) -> None:
        self._staff_token = staff_token.get_secret_value().encode()
        self._public_url = public_url
        self._find_session = find_session

    async def coordinator(self, request: Request) -> Staff:
        """A dependency: see `require`."""
        return await self.require(request, role="coordinator")

    async def operator(self, request: Request) -> Staff:
        """A dependency: see `require`."""
        return await self.require(request, role="operator")

    async def program(self, request: Request) -> Staff:
        """A dependency: for programs alone, such as whoever collects the metrics."""
        if not self._is_program(request):
            raise NotLoggedInError
        return PROGRAM

    async def require(self, request: Request, *, role: Role) -> Staff:
        """Who sends this request, if she may.

        Raises:
            NotLoggedInError: nobody we know; answered with the log-in, to programs with 401.
            WrongRoleError: answered with 403.
            HTTPException: 403 for a change that was not sent from our own page.
            DependencyDownError: the database, which keeps the sessions, does not answer.

        """
        if self._is_program(request):
            return PROGRAM
        token = read_cookie(request, COOKIE, public_url=self._public_url)
        if not token or self._find_session is None:
            raise NotLoggedInError
        if request.method not in SAFE_METHODS:
            require_own_page(request)
        session = await self._find_session(token, present=request.headers.get("sec-fetch-mode") in NAVIGATIONS)
        if session is None:
            raise NotLoggedInError
        if role not in session.roles:
            raise WrongRoleError(session.account)
        return Staff(account=session.account, role=role)

    def _is_program(self, request: Request) -> bool:
        """With the staff token as bearer token; a wrong one is not overlooked in favour of a cookie."""
        kind, _, given = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer":
            return False
        if not hmac.compare_digest(given.encode(), self._staff_token):
            raise NotLoggedInError
        return True
