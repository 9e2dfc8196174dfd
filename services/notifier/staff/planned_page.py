"""What goes out at its time in the next days, over all courses, the next first."""

from datetime import timedelta
from typing import Final

from fastapi import Request, Response

from services.notifier.staff.desk import StaffDesk
from services.notifier.staff.people import known_of
from services.notifier.staff.rows import PlannedRow, Rows
from services.notifier.timed.due import planned_of
from services.notifier.timed.timed_mail import TimedMail
from shared.staff.staff import Staff

DAYS: Final = (1, 7, 14, 30)
"""How far ahead a coordinator can look."""
DAYS_DEFAULT: Final = 14
DAYS_MAX: Final = 92
COURSES_MAX: Final = 300
"""Courses with something to come that one page looks through; of more, those that have the next."""


async def planned_page(request: Request, days: int, *, staff: Staff, desk: StaffDesk) -> Response:
    """Raises as `Vault.unseal`."""
    language = desk.site.language_of(request)
    rows, is_cut = await planned_rows(days, Rows(language, desk.programme.tz), desk=desk)
    return desk.site.page(
        request,
        "messages/planned.html",
        language=language,
        staff=staff,
        days=days,
        choices=DAYS,
        rows=rows,
        is_cut=is_cut,
        hours=desk.programme.messages.send_hours,
    )


async def planned_rows(days: int, rows: Rows, *, desk: StaffDesk) -> tuple[list[PlannedRow], bool]:
    """What is due within so many days; True: there are more courses than were looked through. Raises as `Vault.unseal`."""
    now = desk.clock()
    until = now + timedelta(days=days)
    views = await desk.views.timed_until(until, count=COURSES_MAX + 1)
    found: list[tuple[TimedMail, PlannedRow]] = []
    for view in views[:COURSES_MAX]:
        due = [one for one in planned_of(view, desk.programme, now) if one.due_at <= until]
        if not due:
            continue
        known = await known_of(view, vault=desk.vault)
        for mail in due:
            to = known.addressee(mail.person_id, desk.programme)
            found.append((mail, rows.planned(mail, view.application_id, to, known.reference)))
    found.sort(key=lambda one: (one[0].due_at, one[0].key))
    return [row for _, row in found], len(views) > COURSES_MAX
