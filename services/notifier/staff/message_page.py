"""One mail as its recipient saw it, without what only she may hold; with what became of it and what can be done."""

from typing import Final

import structlog
from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from services.notifier.message import MailContent
from services.notifier.staff.act_on_message import content_of, find_message, may_change, read_before
from services.notifier.staff.again import why_not_again
from services.notifier.staff.application_page import attempts_of
from services.notifier.staff.desk import StaffDesk
from services.notifier.staff.done_words import DONE
from services.notifier.staff.note_words import notes_of
from services.notifier.staff.refusals import REFUSALS
from services.notifier.staff.rows import Rows
from shared.staff.staff import Staff

FRAMES: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""The policy of the page that shows a mail in a frame."""
FRAMED: Final = "sandbox; default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
"""The policy of the mail itself: it loads nothing, runs nothing, sends nothing, and is nobody's origin."""

log = structlog.get_logger(__name__)


async def message_page(request: Request, message_id: str, *, staff: Staff, desk: StaffDesk, done: str = "") -> Response:
    """Raises UnknownMessageError, and as `Vault.unseal`."""
    before = await read_before(message_id, desk=desk)
    message, known, content = before.message, before.known, before.content
    language = desk.site.language_of(request)
    rows, hider = Rows(language, desk.programme.tz), desk.hider(language)
    to = known.addressee(message.person_id, desk.programme)
    if content is not None:
        log.info("message-seen", message_id=message_id, account=staff.account)
    refusal = why_not_again(before, desk.programme)
    return desk.site.page(
        request,
        "messages/message.html",
        language=language,
        headers={"Content-Security-Policy": FRAMES},
        staff=staff,
        row=rows.message(message, to, known.reference, known.meeting(message.meeting_id, desk.programme)),
        sent_to=content.recipient if content else "",
        content_language=content.language if content else language,
        subject=hider.text(content.subject) if content else "",
        text=hider.text(content.text) if content else "",
        calendar=hider.calendar(content.ics) if content and content.ics else [],
        readable=content is not None,
        attempts=await attempts_of(message, language, desk=desk),
        useful_until=rows.moment(message.useful_until),
        bounced_at=rows.moment(message.bounced_at),
        delayed_at=rows.moment(message.delayed_at),
        decided_at=rows.moment(message.decided_at),
        notes=await notes_of(message, rows, desk=desk),
        may_change=may_change(message) is None,
        may_repeat=refusal is None,
        why_not=REFUSALS[refusal] if refusal else None,
        done=DONE.get(done),
    )


async def framed_mail(request: Request, message_id: str, *, staff: Staff, desk: StaffDesk) -> Response:
    """The HTML of a mail for the frame of its page. Raises as `message_page`."""
    content = await content_of(await find_message(message_id, desk=desk), desk=desk)
    if content is not None:
        # Also here: it can be opened without its page.
        log.info("message-seen", message_id=message_id, account=staff.account)
    return HTMLResponse(
        _shown(content, request, desk),
        status_code=200 if content else 404,
        headers={"Content-Security-Policy": FRAMED, "X-Frame-Options": "SAMEORIGIN"},
    )


def _shown(content: MailContent | None, request: Request, desk: StaffDesk) -> str:
    return desk.hider(desk.site.language_of(request)).page(content.html) if content else ""
