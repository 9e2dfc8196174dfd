"""From a link to the application behind it. Whatever does not fit, the answer is the same."""

from datetime import datetime, timedelta
from typing import Protocol

from services.intake.course_view import CourseView
from services.intake.errors import LinkError
from services.intake.links import NOBODY, Link
from services.intake.progress import links_end
from services.intake.record import Application
from shared.events import ApplicationState
from shared.programme import Programme


class Applications(Protocol):
    async def application(self, application_id: str) -> Application | None:
        """The application of this id."""

    async def course(self, application_id: str) -> CourseView | None:
        """What is known of its course."""


async def open_link(
    link: Link, *, store: Applications, programme: Programme, now: datetime
) -> tuple[Application, CourseView | None]:
    """The application that a genuine link opens, and its course.

    Raises:
        LinkError: the application is gone, the link was renewed, its person is no contact, or the course is long over.

    """
    application = await store.application(link.application_id)
    if application is None or application.epoch_of(link.person_id) != link.epoch:
        raise LinkError
    if link.person_id not in (NOBODY, *application.state.contacts):
        raise LinkError
    course = await store.course(link.application_id)
    if links_good_until(application.state, course, programme) <= now:
        raise LinkError
    return application, course


def links_good_until(state: ApplicationState, course: CourseView | None, programme: Programme) -> datetime:
    """When the links of an application stop working: some days after its course, and never after what is signed into them."""
    end = links_end(state, course, days=programme.retention.status_link_days)
    signed = links_until(state.submitted_at, programme)
    return signed if end is None else min(end, signed)


def links_until(submitted_at: datetime, programme: Programme) -> datetime:
    """The expiry that is signed into every link: after the latest day on which a course can still make it useful."""
    days = programme.windows.horizon_days + programme.retention.status_link_days
    return submitted_at.replace(microsecond=0) + timedelta(days=days)
