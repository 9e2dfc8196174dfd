"""What an act of staff would do, without doing it: exactly the mails that it would send, or why it cannot be done."""

from services.scheduler.act_on_course import plan_act
from services.scheduler.acts import Act
from services.scheduler.course_change import Before, Impossible
from services.scheduler.course_event import consultants_of
from services.scheduler.mails import Mail, mails_between
from services.scheduler.means import Means


async def preview_act(before: Before, act: Act, *, means: Means) -> list[Mail] | Impossible:
    """The mails, in their order; none where nobody but staff has to know.

    An order that names the version of `before` is refused if the course has changed by then.

    Raises:
        DependencyDownError: something is away.

    """
    planned = plan_act(before, act, means=means)
    if isinstance(planned, Impossible):
        return planned
    if planned.kind is None:
        return []
    people = {**before.opened.contacts, **await consultants_of(planned.course, means=means)}
    functions = {person_id: person.function for person_id, person in people.items()}
    return mails_between(before.course, planned.course, functions)
