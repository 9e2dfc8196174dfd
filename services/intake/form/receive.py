"""What a button of the form does: save the step, or send the application; and which page comes next."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from fastapi import Request

from services.intake.application import ApplicationForm
from services.intake.form.control import id_of
from services.intake.form.draft import Browser, Draft, is_id
from services.intake.form.entries import ADD, REMOVE, saved
from services.intake.form.keep_draft import change_draft
from services.intake.form.send import Hindrance, hindrance, send_draft
from services.intake.form.step_faults import application_of, faults_by_step
from services.intake.form.steps import START, Step, address, after, before, receipt_address
from services.intake.gate import admit_sending
from services.intake.idempotency import RequestMark
from services.intake.parts import Parts
from services.intake.record import Application
from services.intake.submit_with import submit_with
from shared.words import Language

ACT, TOKEN, TRAP, THEN = "do", "form_token", "extra", "then"
BESIDE_ENTRIES = (ACT, TOKEN, TRAP, THEN)
"""Names of the fields that are no entries: the button, the token, the field for programs, where to go next."""
Fields = Sequence[tuple[str, str]]


async def save_or_send(
    request: Request,
    draft_id: str,
    step: Step,
    fields: Fields,
    *,
    language: Language,
    browser: Browser,
    parts: Parts,
) -> str | None:
    """The address of the next page; None if there is no such draft.

    Raises:
        TooManyError: too many applications; nothing was saved.
        DependencyDownError: the database does not answer; it may or may not be saved, and doing it again is safe.

    """
    if not is_id(draft_id):
        return None
    act, now = _value(fields, ACT), parts.clock()
    notice: Hindrance | None = None
    if step is Step.REVIEW and act == "send":
        draft = await parts.drafts.draft(draft_id, browser, now=now)
        form = _application(draft, step, fields, parts, now) if draft and draft.application_id is None else None
        if draft and form:
            notice = hindrance(
                draft,
                token=_value(fields, TOKEN),
                trap=_value(fields, TRAP),
                form_key=parts.form_key,
                browser=browser,
                now=now,
            )
            if notice is None:
                await _send(request, form, draft, browser, parts, now)
                return receipt_address(draft.id, language)
    changed = await change_draft(
        draft_id,
        browser,
        change=lambda draft: replace(
            draft,
            entries=saved(draft.entries, step, fields, act),
            tried=draft.tried | {step} if act in ("next", "send") else draft.tried,
        ),
        drafts=parts.drafts,
        kept_days=parts.programme.retention.draft_days,
        now=now,
    )
    if changed is None:
        return None
    if changed.application_id:
        return receipt_address(changed.id, language)
    to_review = _value(fields, THEN) == Step.REVIEW.value
    page = _next(changed, step, act, language=language, parts=parts, to_review=to_review, now=now)
    return f"{page}?notice={notice}" if notice else page


async def _send(
    request: Request, form: ApplicationForm, draft: Draft, browser: Browser, parts: Parts, now: datetime
) -> None:
    admit_sending(request, parts)

    async def submitted(form: ApplicationForm, mark: RequestMark) -> Application:
        return await submit_with(form, mark, parts, now, trusted=False)

    await send_draft(
        form,
        draft,
        browser,
        submit=submitted,
        request_key=parts.request_key,
        drafts=parts.drafts,
        kept_days=parts.programme.retention.draft_days,
        now=now,
    )


def _next(
    draft: Draft, step: Step, act: str, *, language: Language, parts: Parts, to_review: bool, now: datetime
) -> str:
    """Where a button leads; a step with faults keeps its reader, and its page tells of them first."""
    here = address(draft.id, step, language)
    again = f"{here}?{THEN}={Step.REVIEW.value}" if to_review else here
    if act == "later":
        return START[language]
    if act == "back":
        return address(draft.id, before(step), language)
    if act.startswith(ADD):
        return f"{again}#{id_of(act.removeprefix(ADD))}"
    if act.startswith(REMOVE):
        return f"{again}#{id_of(act.removeprefix(REMOVE).rpartition('-')[0])}"
    if act == "next" and step not in _faults(draft, parts, now):
        return address(draft.id, Step.REVIEW if to_review else after(step), language)
    return again


def _faults(draft: Draft, parts: Parts, now: datetime) -> frozenset[Step]:
    found = faults_by_step(
        draft.entries,
        programme=parts.programme,
        municipalities=parts.municipalities,
        today=_today(parts, now),
    )
    return frozenset(found)


def _application(draft: Draft, step: Step, fields: Fields, parts: Parts, now: datetime) -> ApplicationForm | None:
    """The application with what was just sent, if nothing is wrong with it. Not saved: then the token would be old."""
    return application_of(
        saved(draft.entries, step, fields, "send"),
        programme=parts.programme,
        municipalities=parts.municipalities,
        today=_today(parts, now),
    )


def _today(parts: Parts, now: datetime) -> date:
    return now.astimezone(parts.programme.tz).date()


def _value(fields: Fields, name: str) -> str:
    return next((value for field, value in fields if field == name), "")
