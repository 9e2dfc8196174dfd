"""Whether an application has waited in vain: past its latest start, or longer than anybody should. Pure."""

from datetime import date, timedelta
from typing import Final, Literal

from services.scheduler.course import Course
from shared.programme import Programme

WAITING_DAYS_MAX: Final = 60
"""Who has waited so many days since the application is looked at by a coordinator."""

Overdue = Literal["window", "long"]


def overdue_of(course: Course, today: date, programme: Programme) -> Overdue | None:
    """`window`: with the full notice from today it can begin in time no more. `long`: it waits since so many days.

    `today` is the programme's local day. What does not wait is never overdue; a longer window ends the first.
    """
    if course.state != "waiting":
        return None
    kind = course.request.kind
    # The programme may have no plan of this kind any more.
    notice = timedelta(days=programme.notice_days(kind, course.request.format) if kind in programme.plans else 0)
    if today + notice > course.window.latest_start:
        return "window"
    applied_on = course.request.submitted_at.astimezone(programme.tz).date()
    return "long" if (today - applied_on).days >= WAITING_DAYS_MAX else None
