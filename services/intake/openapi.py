"""The description of the API (OpenAPI 3.1) at /api/openapi.json, made once from the models that the endpoints use."""

from typing import Any

import orjson
from fastapi import APIRouter, FastAPI, Response
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from services.intake.answers import FieldsProblem, Problem
from services.intake.application import ApplicationForm
from services.intake.application_examples import JOINT, SINGLE

TITLE = "Forløb: applications"
VERSION = "1"
EXAMPLES = {
    "single": {"summary": "A course for one workplace", "value": SINGLE},
    "joint": {"summary": "A joint course for several workplaces", "value": JOINT},
}
REF = "#/components/schemas/{model}"
APPLY = "/api/v1/applications"


def route(app: FastAPI) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    document: dict[str, Any] = {}

    @router.get("/api/openapi.json")
    async def openapi() -> Response:
        if not document:
            document.update(describe(app))
        return _json(document)

    return router


def describe(app: FastAPI) -> dict[str, Any]:
    """The whole description. Bodies are read by hand, so what the framework cannot see is added here."""
    document = get_openapi(
        title=TITLE, version=VERSION, routes=app.routes, summary="Apply for a course, and follow it."
    )
    _, definitions = models_json_schema(
        [(ApplicationForm, "validation"), (Problem, "serialization"), (FieldsProblem, "serialization")],
        ref_template=REF,
    )
    components = document.setdefault("components", {})
    components["schemas"] = definitions["$defs"] | components.get("schemas", {})
    components["securitySchemes"] = {
        "trusted": {
            "type": "http",
            "scheme": "bearer",
            "description": "Of callers whose applications need no confirmation.",
        }
    }
    apply = document["paths"][APPLY]["post"]
    apply["security"] = [{}, {"trusted": []}]
    apply["requestBody"] = {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"$ref": REF.format(model="ApplicationForm")},
                "examples": EXAMPLES,
            }
        },
    }
    apply["parameters"] = [*apply.get("parameters", []), _IDEMPOTENCY_KEY]
    for operations in document["paths"].values():
        for operation in operations.values():
            _describe_operation(operation)
    return document


_LANGUAGE = {
    "name": "Accept-Language",
    "in": "header",
    "required": False,
    "description": "Language of the texts for people: da or en.",
    "schema": {"type": "string", "examples": ["en"]},
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key and body give the first answer again, for 24 hours. A UUID is a good one.",
    "schema": {"type": "string", "pattern": "^[!#-~]{16,128}$", "examples": ["8e03978e-40d5-43e8-bc93-6894a57f9324"]},
}


def _describe_operation(operation: dict[str, Any]) -> None:
    operation["parameters"] = [*operation.get("parameters", []), _LANGUAGE]
    responses = operation["responses"]
    # The framework's own 422 for the path: a token is any text, and a wrong one is a 404.
    if "HTTPValidationError" in str(responses.get("422", "")):
        del responses["422"]
    if "202" in responses:
        responses["202"]["headers"] = {
            "Location": {"description": "Where the state can be seen.", "schema": {"type": "string"}}
        }
    if "429" in responses:
        responses["429"]["headers"] = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}


def _json(document: dict[str, Any]) -> Response:
    return Response(orjson.dumps(document), media_type="application/json")
