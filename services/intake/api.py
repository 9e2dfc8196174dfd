"""The HTTP edge for programs: apply, see the state, confirm, withdraw."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel

from services.intake import answers, idempotency
from services.intake.answers import Accepted, FieldsProblem, Problem, Status
from services.intake.change_application import Opened
from services.intake.gate import admit, read_link, require_json
from services.intake.link_actions import confirm_with, see_with, withdraw_with
from services.intake.links import TOKEN_CHARACTERS, Link
from services.intake.parts import Parts
from services.intake.read_form import read_form
from services.intake.record import Application
from services.intake.submit_with import submit_with
from shared.problems import PROBLEM
from shared.web.language import preferred
from shared.words import Language

TOKEN = "{token}"  # noqa: S105 - the name of a path parameter
# Told in the description only: a token of another form is as wrong as any other, and gets the same answer.
_FORM = {"pattern": f"^[A-Za-z0-9_-]{{{TOKEN_CHARACTERS}}}$"}
Token = Annotated[str, Path(description="The last part of a link of ours.", json_schema_extra=_FORM)]


def _problem(description: str, model: type[BaseModel] = Problem) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"description": description, "content": {PROBLEM: {"schema": schema}}}


Problems = dict[int | str, dict[str, Any]]

DOWN: Problems = {503: _problem("The database is away. Send the request again later.")}
LINK_PROBLEMS: Problems = {
    404: _problem("The link is wrong, incomplete or no longer valid: always the same answer."),
    429: _problem("Too many wrong links from this network; see Retry-After."),
    **DOWN,
}
CHANGE_PROBLEMS: Problems = {
    409: _problem("The application was withdrawn or declined, or its course has ended."),
    **LINK_PROBLEMS,
}
APPLY_PROBLEMS: Problems = {
    400: _problem("The body is no JSON object, or the Idempotency-Key has a wrong form."),
    401: _problem("A bearer token was sent that is not known."),
    409: _problem("The first request with this Idempotency-Key is still being handled."),
    413: _problem("More than 64 kB."),
    415: _problem("Not application/json."),
    422: _problem("Some fields are wrong, or the Idempotency-Key was used for another application.", FieldsProblem),
    429: _problem("Too many applications from this network, or in all; see Retry-After."),
    **DOWN,
}


def routes(parts: Parts) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["applications"])

    @router.post(
        "/applications",
        status_code=202,
        response_model=Accepted,
        responses=APPLY_PROBLEMS,
        summary="Apply for a course",
        description="The application is stored when this answers. It changes nothing to send it again with the same "
        "Idempotency-Key.",
    )
    async def apply(request: Request) -> Response:
        application = await _apply(request, parts)
        answer = answers.accepted(
            application, signer=parts.signer, programme=parts.programme, language=language_of(request, parts)
        )
        location = answer.status_url.removeprefix(parts.signer.public_url)
        return _json(answer, status_code=202, headers={"Location": location})

    @router.get(f"/status/{TOKEN}", response_model=Status, responses=LINK_PROBLEMS, summary="See the state")
    async def see(request: Request, token: Token) -> Response:
        return await _act(see_with, request, token, parts)

    @router.post(
        f"/status/{TOKEN}/confirm",
        response_model=Status,
        responses=CHANGE_PROBLEMS,
        summary="Confirm, with a contact's own link from the mail",
    )
    async def confirm(request: Request, token: Token) -> Response:
        return await _act(confirm_with, request, token, parts)

    @router.post(
        f"/status/{TOKEN}/withdraw",
        response_model=Status,
        responses=CHANGE_PROBLEMS,
        summary="Withdraw the application",
    )
    async def withdraw(request: Request, token: Token) -> Response:
        return await _act(withdraw_with, request, token, parts)

    return router


async def _act(
    act: Callable[[Link, Parts, datetime], Awaitable[Opened]], request: Request, token: str, parts: Parts
) -> Response:
    now = parts.clock()
    link = read_link(request, token, parts, now=now)
    application, course = await act(link, parts, now)
    language = language_of(request, parts)
    return _json(answers.status(application, course, link, programme=parts.programme, language=language, now=now))


async def _apply(request: Request, parts: Parts) -> Application:
    trusted = admit(request, parts)
    require_json(request)
    body = await request.body()
    now = parts.clock()
    mark = idempotency.mark(
        request.headers.get("idempotency-key"), body, trusted=trusted, secret=parts.request_key, now=now
    )
    with parts.in_flight.hold(mark):
        form = read_form(
            body,
            programme=parts.programme,
            municipalities=parts.municipalities,
            today=now.astimezone(parts.programme.tz).date(),
        )
        return await submit_with(form, mark, parts, now, trusted=trusted)


def language_of(request: Request, parts: Parts) -> Language:
    return preferred(request.headers.get("accept-language", ""), parts.programme.language)


def _json(answer: BaseModel, *, status_code: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(answer.model_dump_json(), status_code=status_code, headers=headers, media_type="application/json")
