"""The page behind a link in a mail: where the application stands, with buttons to confirm and to withdraw it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.intake import answers, blocks
from services.intake.api import TOKEN, language_of
from services.intake.gate import read_link
from services.intake.link_actions import Opened, confirm_with, see_with, withdraw_with
from services.intake.links import NOBODY, Link
from services.intake.page_texts import ERRORS, TEXTS
from services.intake.parts import Parts
from services.intake.progress import progress_of
from shared.reference.dates import format_span
from shared.vault import ErasedError
from shared.words import Language

FORM_FOLDER = Path(__file__).parent / "form"
STATIC_FOLDER = FORM_FOLDER / "static"
PAGES = "/s/"


class Pages:
    """Renders the pages of one programme."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._templates = Environment(
            loader=FileSystemLoader(FORM_FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    async def status(self, request: Request, link: Link, opened: Opened, now: datetime) -> Response:
        application, course = opened
        language = await self._language(request, link, opened)
        status = answers.status(application, course, link, programme=self._parts.programme, language=language, now=now)
        person_id = None if link.person_id == NOBODY else link.person_id
        meetings = progress_of(application.state, course, person_id=person_id, now=now).meetings
        return self._render(
            "status.html",
            language,
            status=status,
            times=[_span(meeting.start, meeting.minutes, meeting.zone, language) for meeting in meetings],
            token=self._parts.signer.token(link),
        )

    async def ask_withdraw(self, request: Request, link: Link, opened: Opened, now: datetime) -> Response:
        application, course = opened
        if not progress_of(application.state, course, person_id=None, now=now).may_withdraw:
            return self.back(link)
        language = await self._language(request, link, opened)
        return self._render(
            "withdraw.html",
            language,
            reference=application.state.reference,
            token=self._parts.signer.token(link),
        )

    def back(self, link: Link) -> Response:
        """To the status page, by GET: a page that was loaded again sends nothing twice."""
        return RedirectResponse(f"{PAGES}{self._parts.signer.token(link)}", status_code=303)

    def error(self, request: Request, status_code: int, *, headers: Mapping[str, str]) -> Response:
        language = language_of(request, self._parts)
        title, text = ERRORS.get(status_code, ERRORS[404])
        return self._render(
            "error.html",
            language,
            status_code=status_code,
            headers=dict(headers),
            title=title.in_language(language),
            text=text.in_language(language),
        )

    def _render(
        self,
        template: str,
        language: Language,
        *,
        status_code: int = 200,
        headers: dict[str, str] | None = None,
        **facts: Any,
    ) -> Response:
        html = self._templates.get_template(template).render(
            language=language,
            words={name: text.in_language(language) for name, text in TEXTS.items()},
            programme=self._parts.programme.name.in_language(language),
            about=self._parts.programme.links.about,
            privacy=self._parts.programme.links.privacy,
            **facts,
        )
        return HTMLResponse(html, status_code=status_code, headers=headers)

    async def _language(self, request: Request, link: Link, opened: Opened) -> Language:
        """The contact's own language, where the link is a contact's."""
        state = opened[0].state
        if link.person_id in state.people:
            try:
                return (await blocks.open_person(self._parts.vault, state, link.person_id)).language
            except ErasedError:
                pass
        return language_of(request, self._parts)


def routes(parts: Parts, pages: Pages) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    reading = ["GET", "HEAD"]

    def link_of(request: Request, token: str) -> tuple[Link, datetime]:
        now = parts.clock()
        return read_link(request, token, parts, now=now), now

    @router.api_route(f"{PAGES}{TOKEN}", methods=reading)
    async def status(request: Request, token: str) -> Response:
        link, now = link_of(request, token)
        return await pages.status(request, link, await see_with(link, parts, now), now)

    @router.api_route(f"{PAGES}{TOKEN}/withdraw", methods=reading)
    async def ask_withdraw(request: Request, token: str) -> Response:
        link, now = link_of(request, token)
        return await pages.ask_withdraw(request, link, await see_with(link, parts, now), now)

    @router.post(f"{PAGES}{TOKEN}/confirm")
    async def confirm(request: Request, token: str) -> Response:
        link, now = link_of(request, token)
        await confirm_with(link, parts, now)
        return pages.back(link)

    @router.post(f"{PAGES}{TOKEN}/withdraw")
    async def withdraw(request: Request, token: str) -> Response:
        link, now = link_of(request, token)
        await withdraw_with(link, parts, now)
        return pages.back(link)

    return router


def _span(start: datetime, minutes: int, zone: str, language: Language) -> str:
    wall = start.astimezone(ZoneInfo(zone))
    # Minutes are counted on the instant, so a clock change within a meeting is told as it is.
    end = (start + timedelta(minutes=minutes)).astimezone(ZoneInfo(zone))
    return format_span(wall, end, language)
