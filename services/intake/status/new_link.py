"""The pages for people without a link that works: what to do, and how to have a new one sent to the contacts."""

import asyncio
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.intake.gate import count_guess
from services.intake.link_actions import issue_link_with
from services.intake.parts import Parts
from services.intake.status.visit import FORM_TOKEN
from shared.origin import require_same_origin
from shared.web import form_token
from shared.web.fields import read_fields
from shared.words import Language

ADDRESSES: Final[dict[Language, str]] = {"da": "/nyt-link", "en": "/en/new-link"}
SENT: Final[dict[Language, str]] = {"da": "/nyt-link/sendt", "en": "/en/new-link/sent"}
SUBJECT: Final = "new-link"
TYPED_CHARACTERS_MAX: Final = 40
SEE_OTHER: Final = 303
ANSWER_SECONDS: Final = 0.15
"""No answer comes sooner: issuing links takes some 25 ms, finding nothing 2 ms, and that would tell which numbers exist."""


def routes(parts: Parts) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    for language in ADDRESSES:
        _add(router, language, parts)
    return router


def leads_nowhere(request: Request, parts: Parts) -> Response:
    """The one page for every link, cookie and form that is wrong, whatever is wrong with it."""
    language = parts.site.language_of(request)
    return parts.site.page(
        request, "status/leads_nowhere.html", language=language, status_code=404, new_link=ADDRESSES[language]
    )


def _add(router: APIRouter, language: Language, parts: Parts) -> None:
    other: Language = "en" if language == "da" else "da"

    @router.api_route(ADDRESSES[language], methods=["GET", "HEAD"])
    async def ask(request: Request) -> Response:
        return parts.site.page(
            request,
            "status/new_link.html",
            language=language,
            other_language=ADDRESSES[other],
            token=form_token.make(key=parts.form_key, subject=SUBJECT, now=parts.clock()),
            characters_max=TYPED_CHARACTERS_MAX,
        )

    @router.post(ADDRESSES[language])
    async def issue(request: Request) -> Response:
        require_same_origin(request, parts.signer.public_url)
        # Counted whether or not it is right: a limit that only wrong numbers reach would tell the right ones.
        count_guess(request, parts)
        fields = dict(await read_fields(request))
        now = parts.clock()
        if form_token.check(fields.get(FORM_TOKEN, ""), key=parts.form_key, subject=SUBJECT, now=now) != "right":
            return RedirectResponse(ADDRESSES[language], status_code=SEE_OTHER)
        typed = fields.get("reference", "")[:TYPED_CHARACTERS_MAX]
        await asyncio.gather(issue_link_with(typed, parts, now), asyncio.sleep(ANSWER_SECONDS))
        return RedirectResponse(SENT[language], status_code=SEE_OTHER)

    @router.api_route(SENT[language], methods=["GET", "HEAD"])
    async def sent(request: Request) -> Response:
        return parts.site.page(request, "status/new_link_sent.html", language=language, other_language=SENT[other])
