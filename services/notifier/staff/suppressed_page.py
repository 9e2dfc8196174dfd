"""Addresses that take no mail, the newest first: why, since when, and how they get mail again."""

from dataclasses import dataclass

from fastapi import Request, Response

from services.notifier.staff.act_on_address import address_of
from services.notifier.staff.desk import PAGES, StaffDesk
from services.notifier.staff.done_words import DONE
from services.notifier.staff.rows import Rows
from services.notifier.staff.words import REASONS, words_of
from services.notifier.suppress.suppression import Suppression
from shared.staff.staff import Staff
from shared.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressedRow:
    digest: str
    address: str
    reason: Words
    code: str
    since: str
    reference: str
    application_id: str
    message_id: str


async def suppressed_page(
    request: Request, after: str | None, *, staff: Staff, desk: StaffDesk, done: str = ""
) -> Response:
    """Raises as `Vault.unseal`."""
    language = desk.site.language_of(request)
    page = await desk.suppressions.list(after=after)
    references = await desk.view_facts.references(one.application_id for one in page.rows)
    rows = Rows(language, desk.programme.tz)
    return desk.site.page(
        request,
        "messages/suppressed.html",
        language=language,
        staff=staff,
        count=await desk.suppressions.count(),
        rows=[await suppressed_row(one, references, rows, desk=desk) for one in page.rows],
        older=f"{PAGES}/suppressed?after={page.after}" if page.after else "",
        newest=f"{PAGES}/suppressed" if after else "",
        done=DONE.get(done),
    )


async def suppressed_row(one: Suppression, references: dict[str, str], rows: Rows, *, desk: StaffDesk) -> SuppressedRow:
    return SuppressedRow(
        digest=one.digest,
        address=await address_of(one, desk=desk),
        reason=words_of(one.reason, REASONS),
        code=one.code or "",
        since=rows.moment(one.since),
        reference=references.get(one.application_id, ""),
        application_id=one.application_id,
        message_id=one.message_id,
    )
