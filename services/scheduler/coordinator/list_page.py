"""The lists of courses by state: as a page, and as a file for a spreadsheet program."""

from typing import Final

from fastapi import Request, Response

from services.scheduler.coordinator.course_lists import ROWS_MAX
from services.scheduler.coordinator.desk import PAGES, Desk
from services.scheduler.coordinator.list_rows import HEADINGS, LISTS, Line, Which, line_of
from services.scheduler.coordinator.names import consultants_by_id
from shared.staff.staff import Staff
from shared.web.csv_file import csv_file
from shared.words import Language

LINES_PER_PAGE: Final = 50
_OLDEST_FIRST: Final = ("waiting", "booked", "stalled", "counter")


async def list_page(
    request: Request, which: Which, *, number: int, not_found: bool, staff: Staff, desk: Desk
) -> Response:
    """One page of a list, LINES_PER_PAGE lines long, counted from 1. Raises as `Vault.unseal`."""
    language = desk.site.language_of(request)
    counts = await desk.lists.counts()
    lines = await _lines(which, desk, language)
    last = max(1, -(-len(lines) // LINES_PER_PAGE))
    number = min(number, last)
    return desk.site.page(
        request,
        "coordinator/list.html",
        language=language,
        staff=staff,
        which=which,
        tabs=[(name, words, counts.get(name, 0)) for name, words in LISTS.items()],
        title=LISTS[which],
        headings=HEADINGS,
        lines=lines[(number - 1) * LINES_PER_PAGE : number * LINES_PER_PAGE],
        number=number,
        last=last,
        address=PAGES,
        not_found=not_found,
        is_cut=counts.get(which, 0) > ROWS_MAX,
        rows_max=ROWS_MAX,
    )


async def list_file(request: Request, which: Which, *, desk: Desk) -> Response:
    """The whole list as CSV. Raises as `Vault.unseal`."""
    language = desk.site.language_of(request)
    lines = await _lines(which, desk, language)
    content = csv_file([one.in_language(language) for one in HEADINGS], [one.cells for one in lines])
    return Response(
        content,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="forloeb-{which}.csv"'},
    )


async def _lines(which: Which, desk: Desk, language: Language) -> list[Line]:
    means = desk.means
    consultants = await consultants_by_id(means=means)
    names = {one.person_id: one.name for one in consultants.values()}
    lines = [
        line_of(
            one.course,
            names=names,
            programme=means.programme,
            municipalities=means.municipalities,
            language=language,
            now=means.clock(),
        )
        for one in await desk.lists.of_state(which)
    ]
    return sorted(lines, key=lambda line: line.order, reverse=which not in _OLDEST_FIRST)
