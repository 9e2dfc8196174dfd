"""Send a draft in: once, however often it is clicked, and only from a review that a person had the time to read."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final, Literal

from services.intake.application import ApplicationForm
from services.intake.form.draft import Browser, Draft, sent_as
from services.intake.form.keep_draft import Drafts, change_draft
from services.intake.idempotency import RequestMark
from services.intake.record import Application
from shared.web import form_token

FILLED_IN_SECONDS_MIN: Final = 4.0
"""Nobody fills in the form in less; programs do."""

Hindrance = Literal["old", "fast", "trap"]
"""Why the review is shown once more, apart from faults: its token, the time it took, the field that only programs see."""
HINDRANCES: Final[tuple[Hindrance, ...]] = ("old", "fast", "trap")


def hindrance(
    draft: Draft, *, token: str, trap: str, form_key: bytes, browser: Browser, now: datetime
) -> Hindrance | None:
    """What keeps this draft from being sent as it is. Nothing is lost by any of it."""
    if trap:
        return "trap"
    if now - draft.began_at < timedelta(seconds=FILLED_IN_SECONDS_MIN):
        return "fast"
    subject = token_subject(draft, browser)
    return None if form_token.check(token, key=form_key, subject=subject, now=now) == "right" else "old"


def token_subject(draft: Draft, browser: Browser) -> str:
    """What the token of a review is bound to: this draft as it was shown."""
    return f"send {browser.document_id(draft.id)} {draft.version}"


async def send_draft(
    form: ApplicationForm,
    draft: Draft,
    browser: Browser,
    *,
    submit: Callable[[ApplicationForm, RequestMark], Awaitable[Application]],
    request_key: bytes,
    drafts: Drafts,
    kept_days: int,
    now: datetime,
) -> Application:
    """Submit the application and remove the entries; what is left of the draft leads late clicks to the receipt.

    A second sending finds the application of the first: both are the same request.

    Raises:
        DependencyDownError: the database does not answer; the entries are still there, and sending again is safe.

    """
    mark = browser.request_mark(draft.id, request_key=request_key, kept_days=kept_days, now=now)
    application = await submit(form, mark)
    await change_draft(
        draft.id,
        browser,
        change=lambda left: sent_as(left, application.id),
        drafts=drafts,
        kept_days=kept_days,
        now=now,
    )
    return application
