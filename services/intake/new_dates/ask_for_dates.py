"""Ask which other times a meeting could have: the scheduler looks, and holds the best ones for a while."""

from datetime import datetime
from functools import partial

from services.intake.change_application import Store
from services.intake.course_view import CourseView
from services.intake.errors import StateForbidsError
from services.intake.links import Signer
from services.intake.new_dates.question import ASKED_PER_DAY_MAX, DAY, asked_lately, may_ask, question_of
from services.intake.say import say
from shared.events import ApplicationState, NewDatesRequested
from shared.programme import Programme
from shared.request_errors import TooManyError
from shared.said import DatesAsked, Said
from shared.vault import Vault


async def ask_for_dates(
    application_id: str,
    meeting_id: str,
    *,
    course: CourseView | None,
    person_id: str,
    source: str,
    store: Store,
    vault: Vault,
    signer: Signer,
    programme: Programme,
    now: datetime,
) -> None:
    """Ask for this meeting; `person_id` is "-" for whoever sent the application in. The same `source` asks once.

    Raises:
        StateForbidsError: the meeting is not one to come, or the application was withdrawn.
        TooManyError: other dates were asked for too often today.
        DependencyDownError: try again later.

    """
    meeting = course.meeting(meeting_id) if course else None
    if meeting is None or not may_ask(meeting, course, now=now):
        raise StateForbidsError

    def make(number: int) -> Said:
        return DatesAsked(number=number, meeting_id=meeting_id, person_id=person_id, at=now)

    try:
        said = await say(
            application_id,
            make,
            kind=NewDatesRequested,
            source=source,
            store=store,
            vault=vault,
            signer=signer,
            programme=programme,
            now=now,
            refuse=partial(_refuse, course=course, now=now),
        )
    except _AskedError:
        return
    if said is None:
        raise StateForbidsError


class _AskedError(Exception):
    """Somebody else has just asked: the answer to a second question would take the place of that to the first."""


def _refuse(state: ApplicationState, *, course: CourseView | None, now: datetime) -> None:
    question = question_of(state, course, now=now)
    if question is not None and question.is_open:
        raise _AskedError
    if asked_lately(state, now=now) >= ASKED_PER_DAY_MAX:
        raise TooManyError(int(DAY.total_seconds()))
