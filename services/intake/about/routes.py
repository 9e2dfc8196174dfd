"""The addresses of the pages around the form."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse

from services.intake.about import places
from services.intake.about.api_fields import field_rows
from services.intake.about.places import PLACES, Place
from services.intake.about.plain_files import robots_txt, security_txt
from services.intake.about.plan_view import plans_of
from services.intake.application import ApplicationForm
from services.intake.application_examples import SINGLE
from services.intake.openapi import APPLY
from services.intake.parts import Parts
from shared.http_edge import BODY_BYTES_MAX
from shared.reference.dates import format_short_date
from shared.words import Language

READING: Final = ["GET", "HEAD"]
FOUND: Final = 302
SHORT: Final = "/was"
"""Where supervisors look for the accessibility statement of a public website."""
LANGUAGES: Final[tuple[Language, ...]] = ("da", "en")


def routes(parts: Parts) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    facts = {
        places.ACCESSIBILITY: _accessibility(parts),
        places.WHAT_HAPPENS: {"plans": plans_of(parts.programme)},
        places.API: _api(parts),
    }
    for place in PLACES:
        for language in LANGUAGES:
            handler = _page(place, language, parts, facts.get(place, {}))
            router.add_api_route(place.path(language), handler, methods=READING)

    @router.api_route(SHORT, methods=READING)
    async def statement() -> Response:
        official = parts.programme.accessibility.statement_url
        return RedirectResponse(official or places.ACCESSIBILITY.da, status_code=FOUND)

    @router.api_route("/robots.txt", methods=READING)
    async def robots() -> Response:
        return PlainTextResponse(robots_txt())

    @router.api_route("/.well-known/security.txt", methods=READING)
    async def security() -> Response:
        text = security_txt(parts.programme, public_url=parts.signer.public_url, now=parts.clock())
        return PlainTextResponse(text)

    return router


def _page(
    place: Place, language: Language, parts: Parts, facts: dict[str, Any]
) -> Callable[[Request], Awaitable[Response]]:
    async def page(request: Request) -> Response:
        return parts.site.page(
            request, place.template, language=language, other_language=place.other(language), **facts
        )

    return page


def _accessibility(parts: Parts) -> dict[str, Any]:
    reviewed_on = parts.programme.accessibility.reviewed_on
    return {"reviewed_on": {language: format_short_date(reviewed_on, language) for language in LANGUAGES}}


def _api(parts: Parts) -> dict[str, Any]:
    return {
        "endpoint": f"{parts.signer.public_url}{APPLY}",
        "fields": field_rows(ApplicationForm.model_json_schema()),
        "example": orjson.dumps(SINGLE, option=orjson.OPT_INDENT_2).decode(),
        "body_kilobytes": BODY_BYTES_MAX // 1024,
        "limit": parts.limits.clients,
        "municipalities": tuple(parts.municipalities),
    }
