"""Renders the pages of the form: start, steps, receipt, and what is said where there are no entries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import Request, Response

from services.intake import answers
from services.intake.form.choices import Choices
from services.intake.form.draft import Browser, Draft
from services.intake.form.entries import first
from services.intake.form.review import Review
from services.intake.form.send import Hindrance, token_subject
from services.intake.form.step_faults import faults_by_step
from services.intake.form.steps import DRAFTS, START, Step, address, receipt_address
from services.intake.form.view import StepView
from services.intake.parts import Parts
from services.intake.record import Application
from services.intake.status.session import IDLE
from services.intake.status.visit import PAGES as STATUS_PAGES
from services.intake.status.visit import remember as remember_status
from shared.reference.dates import format_clock, format_short_date
from shared.web import form_token
from shared.words import Language


def other(language: Language) -> Language:
    return "da" if language == "en" else "en"


@dataclass(frozen=True)
class Pages:
    """The pages of one programme's form."""

    parts: Parts

    def start(
        self, request: Request, language: Language, unfinished: Sequence[Draft], *, is_full: bool, now: datetime
    ) -> Response:
        zone = self.parts.programme.tz
        drafts = [
            {
                "address": address(draft.id, Step.COURSE, language),
                "delete": f"{DRAFTS[language]}/{draft.id}/{DELETE[language]}",
                "saved": _moment(draft.saved_at.astimezone(zone), language),
            }
            for draft in unfinished
        ]
        return self._page(
            request,
            "form/start.html",
            language,
            START[other(language)],
            drafts=drafts,
            is_full=is_full,
            begin=DRAFTS[language],
            kept_days=self.parts.programme.retention.draft_days,
            today=now.astimezone(zone).date(),
        )

    def step(
        self,
        request: Request,
        language: Language,
        draft: Draft,
        step: Step,
        browser: Browser,
        *,
        then_review: bool,
        notice: Hindrance | None,
        now: datetime,
    ) -> Response:
        view = self._view(draft, step, language, now)
        facts: dict[str, Any] = {"form": view, "then_review": then_review}
        if step is Step.REVIEW:
            review = Review(
                draft_id=draft.id,
                entries=draft.entries,
                choices=view.choices,
                language=language,
                gettext=view.gettext,
            )
            subject = token_subject(draft, browser)
            token = form_token.make(key=self.parts.form_key, subject=subject, now=now)
            facts |= {"sections": review.sections(), "token": token, "notice": notice}
        elsewhere = address(draft.id, step, other(language))
        return self._page(request, f"form/{step.value}.html", language, elsewhere, **facts)

    def receipt(
        self, request: Request, language: Language, draft_id: str, application: Application, *, now: datetime
    ) -> Response:
        """The receipt, with which the browser may see the status page, if it was not sent long ago.

        Who comes back to it later, maybe somebody else at the same machine, needs the link in the mail.
        """
        accepted = answers.accepted(
            application, signer=self.parts.signer, programme=self.parts.programme, language=language
        )
        elsewhere = receipt_address(draft_id, other(language))
        status = f"{STATUS_PAGES}/{accepted.reference}"
        page = self._page(request, "form/receipt.html", language, elsewhere, accepted=accepted, status=status)
        link = answers.senders_link(application, self.parts.programme)
        if now - application.state.submitted_at < IDLE:
            remember_status(page, link, accepted.reference, parts=self.parts, now=now)
        return page

    def no_cookie(self, request: Request, language: Language) -> Response:
        """The browser sent no cookie, so no entries can be found or kept."""
        return self._page(request, "form/no_cookie.html", language, None, status_code=400, begin=DRAFTS[language])

    def no_draft(self, request: Request, language: Language) -> Response:
        """There are no such entries of this browser."""
        days = self.parts.programme.retention.draft_days
        return self._page(
            request, "form/no_draft.html", language, None, status_code=404, begin=DRAFTS[language], kept_days=days
        )

    def try_again(
        self,
        request: Request,
        language: Language,
        fields: Sequence[tuple[str, str]],
        *,
        status_code: int,
        headers: Mapping[str, str],
    ) -> Response:
        """Nothing was saved just now: the page holds what was sent, and a button that sends it again."""
        return self._page(
            request, "form/try_again.html", language, None, status_code=status_code, headers=headers, fields=fields
        )

    def _view(self, draft: Draft, step: Step, language: Language, now: datetime) -> StepView:
        programme, municipalities = self.parts.programme, self.parts.municipalities
        today = now.astimezone(programme.tz).date()
        gettext = self.parts.site.texts.translations[language].gettext
        choices = Choices(
            kind=first(draft.entries, "kind"),
            programme=programme,
            municipalities=municipalities,
            language=language,
            today=today,
            gettext=gettext,
            say=self.parts.site.say,
        )
        faults = faults_by_step(draft.entries, programme=programme, municipalities=municipalities, today=today)
        return StepView(draft=draft, step=step, language=language, faults=faults, choices=choices, gettext=gettext)

    def _page(
        self,
        request: Request,
        template: str,
        language: Language,
        elsewhere: str | None,
        *,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        **facts: Any,
    ) -> Response:
        return self.parts.site.page(
            request,
            template,
            language=language,
            status_code=status_code,
            headers=headers,
            other_language=elsewhere,
            **facts,
        )


DELETE = {"da": "slet", "en": "delete"}


def _moment(wall: datetime, language: Language) -> str:
    return f"{format_short_date(wall.date(), language)}, {format_clock(wall, language)}"
