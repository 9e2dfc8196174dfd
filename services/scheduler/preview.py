"""What an act of staff would do, without doing it: exactly the mails that it would send, or why it cannot be done."""

from dataclasses import dataclass

from services.scheduler.act_on_course import plan_act
from services.scheduler.acts import Act
from services.scheduler.course import Course
from services.scheduler.course_change import Before, Impossible
from services.scheduler.mails import Mail
from services.scheduler.means import Means
from services.scheduler.planned_mails import mails_of
from shared.events import Workplace


@dataclass(frozen=True, slots=True)
class Preview:
    """The course afterwards, all its places, and the mails in their order."""

    course: Course
    places: tuple[Workplace, ...]
    mails: list[Mail]


async def previewed(before: Before, act: Act, *, means: Means) -> Preview | Impossible:
    """What the act would make of the course, and whom it would write to. Raises as `preview_act`."""
    planned = plan_act(before, act, means=means)
    if isinstance(planned, Impossible):
        return planned
    opened = before.opened if planned.venues is None else before.opened._replace(venues=planned.venues)
    return Preview(planned.course, opened.places, await mails_of(before, planned, means=means))


async def preview_act(before: Before, act: Act, *, means: Means) -> list[Mail] | Impossible:
    """The mails, in their order; none where nobody but staff has to know.

    An order that names the version of `before` and the digest of these mails is refused if either would be another by then.

    Raises:
        DependencyDownError: something is away.

    """
    preview = await previewed(before, act, means=means)
    return preview if isinstance(preview, Impossible) else preview.mails
