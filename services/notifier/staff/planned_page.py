"""What goes out at its time in the next days, over all courses, the next first."""

from datetime import time, timedelta
from typing import Final

from fastapi import Request, Response

from services.notifier.staff.desk import StaffDesk
from services.notifier.staff.known import Known
from services.notifier.staff.people import known_of
from services.notifier.staff.rows import Rows
from services.notifier.timed.timed_mail import TimedMail
from shared.reference.dates import format_clock
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
    rows = Rows(language, desk.programme.tz)
    found, is_cut = await planned_within(days, desk=desk)
    return desk.site.page(
        request,
        "messages/planned.html",
        language=language,
        staff=staff,
        days=days,
        choices=DAYS,
        rows=[rows.planned(mail, known, desk.programme) for mail, known in found],
        is_cut=is_cut,
        hours=[format_clock(time.fromisoformat(one), language) for one in desk.programme.messages.send_hours],
    )


async def planned_within(days: int, *, desk: StaffDesk) -> tuple[list[tuple[TimedMail, Known]], bool]:
    """What is due within so many days; True: there are more courses than were looked through. Raises as `Vault.unseal`."""
    now = desk.clock()
    until = now + timedelta(days=days)
    views = await desk.views.timed_until(until, count=COURSES_MAX + 1)
    found: list[tuple[TimedMail, Known]] = []
    for view in views[:COURSES_MAX]:
        known = await known_of(view, vault=desk.vault)
        found += [(one, known) for one in known.coming(desk.programme, now) if one.due_at <= until]
    found.sort(key=lambda one: (one[0].due_at, one[0].key))
    return found, len(views) > COURSES_MAX
