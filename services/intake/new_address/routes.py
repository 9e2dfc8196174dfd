"""The HTTP edge of new addresses for contacts: below the address of the status page, with its cookie."""

from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.intake.change_application import Opened
from services.intake.errors import LinkError
from services.intake.new_address.change_address import Request as Asked
from services.intake.new_address.change_address import change_address
from services.intake.new_address.page import FIELD, act_of, address_page
from services.intake.new_address.refusals import AddressRefusedError
from services.intake.opening import open_link
from services.intake.parts import Parts
from services.intake.status import session
from services.intake.status.open_content import open_content
from services.intake.status.visit import PAGES, Visit, enter, language_of, read_act, remember
from shared.web.cookies import clear_cookie
from shared.words import Language

READING: Final = ["GET", "HEAD"]
SEE_OTHER: Final = 303
SENT: Final[dict[Language, str]] = {"da": "/ny-adresse", "en": "/en/new-address"}
"""Where people are told to look in their mail: their old link, and the cookie it was exchanged for, are void by then."""


def routes(parts: Parts) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    for language in SENT:
        _add_sent(router, language, parts)

    @router.api_route(PAGES + "/{reference}/address/{person_id}", methods=READING)
    async def ask(request: Request, reference: str, person_id: str) -> Response:
        visit = await enter(request, reference, parts)
        page = await address_page(request, visit, person_id, parts)
        return _renewed(page or RedirectResponse(visit.address, status_code=SEE_OTHER), visit, parts)

    @router.post(PAGES + "/{reference}/address/{person_id}")
    async def change(request: Request, reference: str, person_id: str) -> Response:
        visit, fields = await read_act(request, reference, act_of(person_id), parts)
        if visit.person_id is None:
            raise LinkError
        if fields is None:
            return _renewed(RedirectResponse(visit.address, status_code=SEE_OTHER), visit, parts)
        typed = fields.get(FIELD, "")
        content = await open_content(visit.application, visit.course, vault=parts.vault)
        language = language_of(request, visit, content, parts)
        try:
            await _change(visit, person_id, typed, parts)
        except AddressRefusedError as refused:
            page = await address_page(request, visit, person_id, parts, typed=typed, fault=refused.words)
            return _renewed(page or RedirectResponse(visit.address, status_code=SEE_OTHER), visit, parts)
        if person_id != visit.person_id:
            return _renewed(RedirectResponse(visit.address, status_code=SEE_OTHER), visit, parts)
        answer = RedirectResponse(SENT[language], status_code=SEE_OTHER)
        clear_cookie(answer, session.cookie_of(visit.reference), public_url=parts.signer.public_url)
        return answer

    return router


def _add_sent(router: APIRouter, language: Language, parts: Parts) -> None:
    other: Language = "en" if language == "da" else "da"

    @router.api_route(SENT[language], methods=READING)
    async def sent(request: Request) -> Response:
        return parts.site.page(request, "new_address/sent.html", language=language, other_language=SENT[other])


async def _change(visit: Visit, person_id: str, typed: str, parts: Parts) -> None:
    async def read() -> Opened:
        return await open_link(visit.link, store=parts.store, programme=parts.programme, now=visit.now)

    await change_address(
        Asked(person_id=person_id, typed=typed, by="self" if person_id == visit.person_id else "contact"),
        read=read,
        store=parts.store,
        vault=parts.vault,
        signer=parts.signer,
        programme=parts.programme,
        address_key=parts.address_key,
        now=visit.now,
    )


def _renewed(response: Response, visit: Visit, parts: Parts) -> Response:
    remember(response, visit.link, visit.reference, parts=parts, now=visit.now)
    return response
