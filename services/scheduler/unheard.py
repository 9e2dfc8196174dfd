"""What was said of a course and changes nothing: noted as heard, with its reason as a code in the log."""

import structlog

from services.scheduler.course_change import Before, Change, kept

log = structlog.get_logger(__name__)


def unheard(before: Before, reason: str) -> Change:
    """The course as it is."""
    log.info("unheard", course=before.course.application_id, reason=reason)
    return Change(course=before.course, held=kept(before))
