"""What the coordinators' pages work with, wired once in main."""

from dataclasses import dataclass
from datetime import timedelta

from services.scheduler.coordinator.course_lists import CourseLists
from services.scheduler.means import Means
from shared.staff.access import StaffAccess
from shared.web.site import Site

PAGES = "/coordinator"
"""All pages, and the files that belong to them, stand below: a proxy passes this on."""
COORDINATOR_FORM = "coordinator-form"
"""Purpose of the key that signs the forms' tokens."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """`form_key` signs the tokens of the forms; `calendar_alert_after`: from which age a consultant's calendar is too old."""

    means: Means
    site: Site
    access: StaffAccess
    lists: CourseLists
    form_key: bytes
    calendar_alert_after: timedelta
