"""From what went wrong to what is answered: a problem document for programs, a page for people; neither repeats what came in."""

from typing import Any

from fastapi import FastAPI, Request, Response

from services.intake.answers import wrong_fields
from services.intake.api import language_of
from services.intake.errors import FieldsWrongError, RequestError
from services.intake.pages import PAGES, Pages
from services.intake.parts import Parts
from shared.errors import DependencyDownError
from shared.http import problem
from shared.words import Words

FIELDS_WRONG = Words(da="Nogle felter skal rettes", en="Some fields must be corrected")


def install(app: FastAPI, parts: Parts, pages: Pages) -> None:
    """Answer intake's own errors everywhere, and those of the pages as pages."""

    async def request_error(request: Request, error: Exception) -> Response:
        if not isinstance(error, RequestError):
            raise error
        if request.url.path.startswith(PAGES):
            return pages.error(request, error.status, headers=error.headers)
        return problem(error.status, error.title, detail=error.detail, headers=error.headers)

    async def fields_wrong(request: Request, error: Exception) -> Response:
        if not isinstance(error, FieldsWrongError):
            raise error
        language = language_of(request, parts)
        return problem(422, FIELDS_WRONG.in_language(language), errors=wrong_fields(error.faults, language))

    shared_down: Any = app.exception_handlers[DependencyDownError]

    async def down(request: Request, error: Exception) -> Response:
        if request.url.path.startswith(PAGES):
            return pages.error(request, 503, headers={"Retry-After": "30"})
        answer: Response = await shared_down(request, error)
        return answer

    app.add_exception_handler(RequestError, request_error)
    app.add_exception_handler(FieldsWrongError, fields_wrong)
    app.add_exception_handler(DependencyDownError, down)
