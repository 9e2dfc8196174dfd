"""The list of all mails: what needs attention first, then by state; as a page, and as a file for a spreadsheet program."""

from typing import Final
from urllib.parse import urlencode

from fastapi import Request, Response

from services.notifier.staff.asked import Asked
from services.notifier.staff.desk import PAGES, StaffDesk
from services.notifier.staff.message_lists import LATE
from services.notifier.staff.people import addressees
from services.notifier.staff.rows import HEADINGS, Rows
from services.notifier.staff.words import KINDS, LISTS
from shared.staff.staff import Staff
from shared.web.csv_file import csv_file

FILE_MESSAGES_MAX: Final = 5_000
"""Of more, the newest are in the file."""


async def list_page(request: Request, asked: Asked, *, staff: Staff, desk: StaffDesk) -> Response:
    """One page of a list. Raises as `Vault.unseal`."""
    language, now = desk.site.language_of(request), desk.clock()
    rows = Rows(language, desk.programme.tz)
    found = await desk.lists.page(asked, zone=desk.programme.tz, now=now)
    references, people = await addressees(
        found.messages, facts=desk.view_facts, vault=desk.vault, programme=desk.programme
    )
    return desk.site.page(
        request,
        "messages/list.html",
        language=language,
        staff=staff,
        counts=await desk.lists.counts(now=now),
        lists=LISTS,
        kinds=sorted(KINDS.items(), key=lambda row: row[1].in_language(language)),
        asked=asked,
        rows=[
            rows.message(one, people[one.application_id, one.person_id], references[one.application_id])
            for one in found.messages
        ],
        late_minutes=int(LATE.total_seconds() // 60),
        older=_address(asked, after=found.after) if found.after else "",
        newest=_address(asked) if asked.after else "",
        file=f"{PAGES}/messages.csv?{_query(asked)}",
    )


async def list_file(request: Request, asked: Asked, *, desk: StaffDesk) -> Response:
    """The list as CSV, without anybody's name or address."""
    language, now = desk.site.language_of(request), desk.clock()
    rows = Rows(language, desk.programme.tz)
    found = await desk.lists.page(
        asked.model_copy(update={"after": ""}), zone=desk.programme.tz, now=now, count=FILE_MESSAGES_MAX
    )
    references = await desk.view_facts.references(one.application_id for one in found.messages)
    content = csv_file(
        [one.in_language(language) for one in HEADINGS],
        [rows.cells(one, references.get(one.application_id, "")) for one in found.messages],
    )
    return Response(
        content,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="forloeb-mails-{asked.show}.csv"'},
    )


def _address(asked: Asked, *, after: str = "") -> str:
    return f"{PAGES}?{_query(asked, after=after)}"


def _query(asked: Asked, *, after: str = "") -> str:
    fields = {"show": asked.show, "kind": asked.kind, "day": asked.day.isoformat() if asked.day else "", "after": after}
    return urlencode({name: value for name, value in fields.items() if value})
