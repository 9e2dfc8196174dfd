"""What an act of staff would do, without doing it: exactly the mails that it would send, or why it cannot be done."""

from services.scheduler.act_on_course import plan_act
from services.scheduler.acts import Act
from services.scheduler.course_change import Before, Impossible
from services.scheduler.mails import Mail
from services.scheduler.means import Means
from services.scheduler.planned_mails import mails_of


async def preview_act(before: Before, act: Act, *, means: Means) -> list[Mail] | Impossible:
    """The mails, in their order; none where nobody but staff has to know.

    An order that names the version of `before` and the digest of these mails is refused if either would be another by then.

    Raises:
        DependencyDownError: something is away.

    """
    planned = plan_act(before, act, means=means)
    if isinstance(planned, Impossible):
        return planned
    return await mails_of(before, planned, means=means)
