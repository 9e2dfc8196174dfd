"""From what went wrong to what is answered: a problem document for programs, a page for people; neither repeats what came in."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from services.intake.answers import wrong_fields
from services.intake.api import language_of
from services.intake.errors import FieldsWrongError
from services.intake.parts import Parts
from shared.errors import DependencyDownError
from shared.http_edge import ErrorPage
from shared.problems import problem
from shared.request_errors import RequestError
from shared.web.error_pages import error_page
from shared.words import Words

FIELDS_WRONG = Words(da="Nogle felter skal rettes", en="Some fields must be corrected")
FOR_PROGRAMS = ("/api/", "/livez", "/readyz", "/metrics")
RETRY_SECONDS = 30


def page_for_people(parts: Parts) -> ErrorPage:
    """For what never reaches a route: a page, unless a program asks."""

    def page(request: Request, status_code: int, headers: Mapping[str, str]) -> Response | None:
        return error_page(parts.site, request, status_code, headers=headers) if _for_people(request) else None

    return page


def install(app: FastAPI, parts: Parts) -> None:
    """Answer everywhere: what people opened gets a page, what programs asked for a problem document."""

    async def request_error(request: Request, error: Exception) -> Response:
        if not isinstance(error, RequestError):
            raise error
        if _for_people(request):
            return error_page(parts.site, request, error.status, headers=error.headers)
        return problem(error.status, error.title, detail=error.detail, headers=error.headers)

    async def fields_wrong(request: Request, error: Exception) -> Response:
        if not isinstance(error, FieldsWrongError):
            raise error
        language = language_of(request, parts)
        return problem(422, FIELDS_WRONG.in_language(language), errors=wrong_fields(error.faults, language))

    shared_down: Any = app.exception_handlers[DependencyDownError]
    shared_http: Any = app.exception_handlers[HTTPException]

    async def down(request: Request, error: Exception) -> Response:
        if _for_people(request):
            return error_page(parts.site, request, 503, headers={"Retry-After": str(RETRY_SECONDS)})
        answer: Response = await shared_down(request, error)
        return answer

    async def http_error(request: Request, error: Exception) -> Response:
        if _for_people(request) and isinstance(error, HTTPException):
            return error_page(parts.site, request, error.status_code, headers=error.headers)
        answer: Response = await shared_http(request, error)
        return answer

    app.add_exception_handler(RequestError, request_error)
    app.add_exception_handler(FieldsWrongError, fields_wrong)
    app.add_exception_handler(DependencyDownError, down)
    app.add_exception_handler(HTTPException, http_error)


def _for_people(request: Request) -> bool:
    return not str(request.scope["path"]).startswith(FOR_PROGRAMS)
