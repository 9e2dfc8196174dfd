"""Lets go of offered dates that nobody has chosen in time: they are free for other courses again."""

import structlog

from services.scheduler.course_change import Before, Change, Impossible
from services.scheduler.guarded_change import change_course
from services.scheduler.means import Means
from services.scheduler.new_dates import plan_release
from shared.errors import DependencyDownError
from shared.vault import KeyMissingError

log = structlog.get_logger(__name__)


async def release_offers(*, means: Means) -> None:
    """Release every offer whose time is over. Raises DependencyDownError; safe to repeat, and for several processes at once."""
    for course_id in await means.store.offers_over(means.clock()):
        try:
            await change_course(course_id, _release, means=means)
        except KeyMissingError:
            log.error("not-released", course=course_id, waiting_for="vault key")  # noqa: TRY400 - the trace says nothing
        except DependencyDownError:
            raise
        except Exception:
            # One that cannot be released must not keep the others from it.
            log.exception("not-released", course=course_id)


async def _release(before: Before) -> Change | Impossible:
    return plan_release(before)
