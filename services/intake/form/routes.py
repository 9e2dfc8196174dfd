"""The HTTP edge of the form. Every form is answered by a redirect to a page: loading a page again never sends anything."""

import os
from dataclasses import dataclass, replace
from datetime import datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from services.intake.application import ApplicationForm
from services.intake.errors import TooManyError
from services.intake.form import visits
from services.intake.form.draft import ID_BYTES, Browser, Draft, is_id
from services.intake.form.entries import saved
from services.intake.form.field_table import field_of
from services.intake.form.keep_draft import begin_draft, change_draft
from services.intake.form.pages import DELETE, Pages
from services.intake.form.send import HINDRANCES, hindrance, send_draft
from services.intake.form.step_faults import application_of, faults_by_step
from services.intake.form.steps import (
    DRAFTS,
    RECEIPT,
    START,
    Step,
    address,
    after,
    before,
    receipt_address,
    step_named,
)
from services.intake.gate import admit, admit_draft
from services.intake.idempotency import RequestMark
from services.intake.parts import Parts
from services.intake.record import Application
from services.intake.submit import submit
from services.intake.web.fields import read_fields
from shared.errors import DependencyDownError
from shared.origin import require_same_origin
from shared.words import Language

READING = ["GET", "HEAD"]
ACT, TOKEN, TRAP, THEN = "do", "form_token", "extra", "then"
"""Names of the fields that are no entries."""
RETRY_SECONDS = 30
Fields = list[tuple[str, str]]


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
        if draft.application_id:
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
        draft = await self._draft(draft_id, browser, self.parts.clock())
        if draft is None:
            return self.pages.no_draft(request, self.language)
        application = await self.parts.store.application(draft.application_id) if draft.application_id else None
        if application is None:
            return _to(address(draft.id, Step.REVIEW, self.language))
        return self.pages.receipt(request, self.language, draft.id, application)

    async def save(self, request: Request, draft_id: str, name: str) -> Response:
        """Save a step, and lead to the page that its button asks for; the review's may send the application."""
        require_same_origin(request, self.parts.signer.public_url)
        step = self._step(name)
        browser = visits.browser_of(request, self.parts)
        if browser is None:
            return self.pages.no_cookie(request, self.language)
        fields = await read_fields(request)
        try:
            return await self._saved(request, draft_id, step, browser, fields)
        except (DependencyDownError, TooManyError) as error:
            # What was typed is in this request only, so it is given back, to be sent once more.
            status, headers = (error.status, error.headers) if isinstance(error, TooManyError) else (503, {})
            kept = [(name, value) for name, value in fields if field_of(name) or name in (ACT, TOKEN, TRAP, THEN)]
            return self.pages.try_again(
                request,
                self.language,
                kept,
                status_code=status,
                headers={"Retry-After": str(RETRY_SECONDS), **headers},
            )

    async def _saved(self, request: Request, draft_id: str, step: Step, browser: Browser, fields: Fields) -> Response:
        act, now = _value(fields, ACT), self.parts.clock()
        hindered = None
        if step is Step.REVIEW and act == "send":
            draft = await self._draft(draft_id, browser, now)
            if draft and draft.application_id is None:
                typed = replace(draft, entries=saved(draft.entries, step, fields, act))
                hindered = hindrance(
                    draft,
                    token=_value(fields, TOKEN),
                    trap=_value(fields, TRAP),
                    form_key=self.parts.form_key,
                    browser=browser,
                    now=now,
                )
                form = self._application(typed, now)
                if form and not hindered:
                    await self._send(request, form, draft, browser, now)
                    return _to(receipt_address(draft.id, self.language))
        changed = await change_draft(
            draft_id if is_id(draft_id) else "",
            browser,
            change=lambda draft: replace(
                draft,
                entries=saved(draft.entries, step, fields, act),
                tried=draft.tried | {step} if act in ("next", "send") else draft.tried,
            ),
            drafts=self.parts.drafts,
            kept_days=self._kept_days,
            now=now,
        )
        if changed is None:
            return self.pages.no_draft(request, self.language)
        if changed.application_id:
            return _to(receipt_address(changed.id, self.language))
        notice = f"?notice={hindered}" if hindered else ""
        return _to(self._next(changed, step, act, now, to_review=bool(_value(fields, THEN))) + notice)

    async def _send(
        self, request: Request, form: ApplicationForm, draft: Draft, browser: Browser, now: datetime
    ) -> None:
        parts = self.parts
        admit(request, parts)

        async def submitted(form: ApplicationForm, mark: RequestMark) -> Application:
            return await submit(
                form,
                request=mark,
                trusted=False,
                programme=parts.programme,
                vault=parts.vault,
                create_keys=parts.create_keys,
                store=parts.store,
                signer=parts.signer,
                address_key=parts.address_key,
                now=now,
            )

        await send_draft(
            form,
            draft,
            browser,
            submit=submitted,
            request_key=parts.request_key,
            drafts=parts.drafts,
            kept_days=self._kept_days,
            now=now,
        )

    def _next(self, draft: Draft, step: Step, act: str, now: datetime, *, to_review: bool) -> str:
        """Where a button leads; a step with faults keeps its reader."""
        here = address(draft.id, step, self.language)
        again = f"{here}?{THEN}={Step.REVIEW.value}" if to_review else here
        if act == "later":
            return START[self.language]
        if act == "back":
            return address(draft.id, before(step), self.language)
        if act.startswith(("add-", "remove-")):
            group = act.partition("-")[2].rstrip("0123456789").rstrip("-")
            return f"{again}#{group.replace('.', '-')}"
        if act == "next" and not self._faults(draft, step, now):
            return address(draft.id, Step.REVIEW if to_review else after(step), self.language)
        # The page puts the reader at the summary of what is wrong.
        return again

    def _faults(self, draft: Draft, step: Step, now: datetime) -> bool:
        found = faults_by_step(
            draft.entries,
            programme=self.parts.programme,
            municipalities=self.parts.municipalities,
            today=now.astimezone(self.parts.programme.tz).date(),
        )
        return step in found

    def _application(self, draft: Draft, now: datetime) -> ApplicationForm | None:
        return application_of(
            draft.entries,
            programme=self.parts.programme,
            municipalities=self.parts.municipalities,
            today=now.astimezone(self.parts.programme.tz).date(),
        )

    async def _draft(self, draft_id: str, browser: Browser, now: datetime) -> Draft | None:
        return await self.parts.drafts.draft(draft_id, browser, now=now) if is_id(draft_id) else None

    def _step(self, name: str) -> Step:
        step = step_named(name, self.language)
        if step is None:
            raise HTTPException(404)
        return step

    @property
    def _kept_days(self) -> int:
        return self.parts.programme.retention.draft_days


def _value(fields: Fields, name: str) -> str:
    return next((value for field, value in fields if field == name), "")


def _to(address: str) -> Response:
    # See Other: the browser asks for the page by GET (RFC 9110 15.4.4).
    return RedirectResponse(address, status_code=303)
