"""The HTTP edge of the form. Every form is answered by a redirect to a page: loading a page again never sends anything."""

import os
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from services.intake.form import visits
from services.intake.form.draft import ID_BYTES, Browser, Draft, is_id
from services.intake.form.field_table import field_of
from services.intake.form.keep_draft import begin_draft
from services.intake.form.pages import DELETE, Pages
from services.intake.form.receive import BESIDE_ENTRIES, THEN, save_or_send
from services.intake.form.send import HINDRANCES
from services.intake.form.steps import DRAFTS, RECEIPT, START, Step, address, receipt_address, step_named
from services.intake.gate import admit_change, admit_draft
from services.intake.parts import Parts
from services.intake.record import Application
from shared.errors import DependencyDownError
from shared.origin import require_same_origin
from shared.request_errors import TooManyError
from shared.web.fields import read_fields
from shared.words import Language

READING = ["GET", "HEAD"]
RETRY_SECONDS = 30


def routes(parts: Parts) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    languages: tuple[Language, ...] = ("da", "en")
    for language in languages:
        edge = _Edge(parts, language)
        drafts = DRAFTS[language]
        one = f"{drafts}/{{draft_id}}"
        router.add_api_route(START[language], edge.start, methods=READING)
        router.add_api_route(drafts, edge.begin, methods=["POST"])
        router.add_api_route(f"{one}/{DELETE[language]}", edge.delete, methods=["POST"])
        router.add_api_route(f"{one}/{RECEIPT[language]}", edge.receipt, methods=READING)
        router.add_api_route(f"{one}/{{name}}", edge.show, methods=READING)
        router.add_api_route(f"{one}/{{name}}", edge.save, methods=["POST"])
    router.add_api_route(START["en"].rstrip("/"), _english, methods=READING)
    return router


@dataclass(frozen=True)
class _Edge:
    """The routes of one language."""

    parts: Parts
    language: Language

    @property
    def pages(self) -> Pages:
        return Pages(self.parts)

    async def start(self, request: Request) -> Response:
        now = self.parts.clock()
        browser = visits.browser_of(request, self.parts)
        known = await self.parts.drafts.drafts(browser, now=now) if browser else []
        unfinished = [draft for draft in known if draft.application_id is None]
        is_full = request.query_params.get("full") == "1"
        return self.pages.start(request, self.language, unfinished, is_full=is_full, now=now)

    async def begin(self, request: Request) -> Response:
        require_same_origin(request, self.parts.signer.public_url)
        admit_draft(request, self.parts)
        browser = visits.browser_of(request, self.parts) or visits.new_browser(self.parts)
        draft = await begin_draft(
            browser,
            random=os.urandom(ID_BYTES),
            drafts=self.parts.drafts,
            kept_days=self._kept_days,
            now=self.parts.clock(),
        )
        if draft is None:
            return _to(f"{START[self.language]}?full=1")
        answer = _to(address(draft.id, Step.COURSE, self.language))
        visits.remember(answer, browser, self.parts)
        return answer

    async def delete(self, request: Request, draft_id: str) -> Response:
        require_same_origin(request, self.parts.signer.public_url)
        admit_change(request, self.parts)
        browser = visits.browser_of(request, self.parts)
        if browser and is_id(draft_id):
            await self.parts.drafts.delete(draft_id, browser)
        return _to(START[self.language])

    async def show(self, request: Request, draft_id: str, name: str) -> Response:
        step = self._step(name)
        browser = visits.browser_of(request, self.parts)
        if browser is None:
            return self.pages.no_cookie(request, self.language)
        now = self.parts.clock()
        draft = await self._draft(draft_id, browser, now)
        if draft is None:
            return self.pages.no_draft(request, self.language)
        if draft.application_id or (step is Step.REVIEW and await self._sent(draft_id, browser, draft)):
            return _to(receipt_address(draft.id, self.language))
        query = request.query_params
        return self.pages.step(
            request,
            self.language,
            draft,
            step,
            browser,
            then_review=query.get(THEN) == Step.REVIEW.value,
            notice=next((one for one in HINDRANCES if one == query.get("notice")), None),
            now=now,
        )

    async def receipt(self, request: Request, draft_id: str) -> Response:
        browser = visits.browser_of(request, self.parts)
        if browser is None:
            return self.pages.no_cookie(request, self.language)
        now = self.parts.clock()
        draft = await self._draft(draft_id, browser, now)
        application = await self._sent(draft_id, browser, draft)
        if application:
            return self.pages.receipt(request, self.language, draft_id, application, now=now)
        if draft is None or draft.application_id:
            return self.pages.no_draft(request, self.language)
        return _to(address(draft.id, Step.REVIEW, self.language))

    async def save(self, request: Request, draft_id: str, name: str) -> Response:
        """Save a step, and lead to the page that its button asks for; the review's may send the application."""
        require_same_origin(request, self.parts.signer.public_url)
        step = self._step(name)
        browser = visits.browser_of(request, self.parts)
        if browser is None:
            return self.pages.no_cookie(request, self.language)
        fields = await read_fields(request)
        try:
            admit_change(request, self.parts)
            next_page = await save_or_send(
                request, draft_id, step, fields, language=self.language, browser=browser, parts=self.parts
            )
        except (DependencyDownError, TooManyError) as error:
            # What was typed is in this request only, so it is given back, to be sent once more.
            status, headers = (error.status, error.headers) if isinstance(error, TooManyError) else (503, {})
            kept = [(name, value) for name, value in fields if field_of(name) or name in BESIDE_ENTRIES]
            return self.pages.try_again(
                request,
                self.language,
                kept,
                status_code=status,
                headers={"Retry-After": str(RETRY_SECONDS), **headers},
            )
        return _to(next_page) if next_page else self.pages.no_draft(request, self.language)

    async def _draft(self, draft_id: str, browser: Browser, now: datetime) -> Draft | None:
        return await self.parts.drafts.draft(draft_id, browser, now=now) if is_id(draft_id) else None

    async def _sent(self, draft_id: str, browser: Browser, draft: Draft | None) -> Application | None:
        """The application that was made of this draft, also where the draft does not know.

        It may have been deleted in another tab while it was sent, and a crash may come between storing the one and
        marking the other. Who then went on with it would change what nobody gets to see.
        """
        store = self.parts.store
        if draft and draft.application_id:
            return await store.application(draft.application_id)
        mark = browser.request_mark(
            draft_id,
            request_key=self.parts.request_key,
            kept_days=self.parts.programme.retention.draft_days,
            now=self.parts.clock(),
        )
        return await store.application_by_request(mark.key)

    def _step(self, name: str) -> Step:
        step = step_named(name, self.language)
        if step is None:
            raise HTTPException(404)
        return step

    @property
    def _kept_days(self) -> int:
        return self.parts.programme.retention.draft_days


async def _english() -> Response:
    """For those who type the address without its last slash."""
    return RedirectResponse(START["en"], status_code=308)


def _to(address: str) -> Response:
    # See Other: the browser asks for the page by GET (RFC 9110 15.4.4).
    return RedirectResponse(address, status_code=303)
