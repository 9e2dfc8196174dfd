"""What every HTTP edge shares: an application with the outermost layer on, problem documents, health."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import SecretStr
from starlette.exceptions import HTTPException as StarletteHTTPException

from shared.errors import DependencyDownError
from shared.health import Health
from shared.http_edge import BODY_BYTES_MAX, Edge, ErrorPage
from shared.problems import problem
from shared.staff.access import StaffAccess
from shared.staff.refusals import install_refusals


def create_app(
    *,
    title: str,
    health: Health,
    staff_token: SecretStr,
    body_bytes_max: int = BODY_BYTES_MAX,
    larger_bodies: Mapping[str, int] = MappingProxyType({}),
    https_only: bool = False,
    error_page: ErrorPage | None = None,
) -> FastAPI:
    """An application with the shared edges on; the service adds its own routes. Its documentation pages are off.

    `larger_bodies`: addresses whose requests may have more bytes, with their limits.
    `https_only`: browsers are told to use https from now on; for services whose public address is one.
    `error_page`: what people get in place of a problem document, also for what never reaches a route.
    """
    # The framework's redirects to an address with or without the last slash would be built from the Host header.
    app = FastAPI(title=title, docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.add_middleware(
        Edge, body_bytes_max=body_bytes_max, larger=larger_bodies, https_only=https_only, error_page=error_page
    )
    app.include_router(health_routes(health, staff_token))
    app.add_exception_handler(StarletteHTTPException, _http_problem)
    app.add_exception_handler(RequestValidationError, _validation_problem)
    app.add_exception_handler(DependencyDownError, _down_problem)
    install_refusals(app)
    return app


def health_routes(health: Health, staff_token: SecretStr) -> APIRouter:
    """`/livez` (no I/O), `/readyz` (asks the dependencies), `/metrics` (with the staff token)."""
    router = APIRouter(include_in_schema=False)

    @router.get("/livez")
    async def livez() -> JSONResponse:
        stalled = health.stalled()
        return JSONResponse({"alive": stalled is None, "why": stalled}, status_code=503 if stalled else 200)

    @router.get("/readyz")
    async def readyz() -> JSONResponse:
        states = await health.readiness()
        ready = all(state == "ok" for state in states.values())
        return JSONResponse({"ready": ready, "checks": states}, status_code=200 if ready else 503)

    @router.get("/metrics", dependencies=[Depends(StaffAccess(staff_token=staff_token).program)])
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router


async def _http_problem(_request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 500)
    return problem(status, str(getattr(error, "detail", "Error")), headers=getattr(error, "headers", None))


async def _validation_problem(_request: Request, error: Exception) -> Response:
    """FastAPI's own answer repeats the input; this one names the field and the code only."""
    rows = error.errors() if isinstance(error, RequestValidationError) else []
    return problem(422, "Some fields are wrong", errors=[{"field": _field(row), "code": row["type"]} for row in rows])


def _field(row: Mapping[str, Any]) -> str:
    # The name of an unknown field is something that the caller typed: only where it stood is told.
    known = row["loc"][:-1] if row["type"] == "extra_forbidden" else row["loc"]
    return ".".join(str(part) for part in known)


async def _down_problem(_request: Request, _error: Exception) -> Response:
    return problem(
        503,
        "Temporarily unavailable",
        detail="Please try again in a minute.",
        headers={"Retry-After": "30"},
    )
