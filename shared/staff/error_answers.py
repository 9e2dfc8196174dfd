"""In services whose pages are for staff alone: what goes wrong is told to people by a page, to programs by a problem document."""

from typing import Any, Final

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from shared.errors import DependencyDownError
from shared.problems import problem
from shared.request_errors import RequestError
from shared.staff.refusals import for_people
from shared.web.error_pages import error_page
from shared.web.language import preferred
from shared.web.site import Site

RETRY_SECONDS: Final = 30


def install_error_pages(app: FastAPI, *, site: Site) -> None:
    """To be called after `create_app`, whose own answers programs go on getting."""
    for_programs: dict[type[Exception], Any] = {
        kind: app.exception_handlers[kind] for kind in (DependencyDownError, HTTPException)
    }

    def page(request: Request, status_code: int, headers: Any = None) -> Response:
        language = preferred(request.headers.get("accept-language", ""), site.programme.language)
        return error_page(site, request, status_code, headers=headers, language=language)

    async def down(request: Request, error: Exception) -> Response:
        if for_people(request):
            return page(request, 503, {"Retry-After": str(RETRY_SECONDS)})
        answer: Response = await for_programs[DependencyDownError](request, error)
        return answer

    async def http_error(request: Request, error: Exception) -> Response:
        if for_people(request) and isinstance(error, HTTPException):
            return page(request, error.status_code, error.headers)
        answer: Response = await for_programs[HTTPException](request, error)
        return answer

    async def request_error(request: Request, error: Exception) -> Response:
        if not isinstance(error, RequestError):
            raise error
        if for_people(request):
            return page(request, error.status, error.headers)
        return problem(error.status, error.title, detail=error.detail, headers=error.headers)

    app.add_exception_handler(DependencyDownError, down)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(RequestError, request_error)
