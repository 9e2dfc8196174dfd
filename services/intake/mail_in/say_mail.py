"""Says what a mail says that was judged to count, unless what others say at the same moment gives it another effect."""

from collections.abc import Callable

from services.intake import reply_rows
from services.intake.imip.judge import Verdict
from services.intake.imip.row import Row
from services.intake.imip.understood import Understood
from services.intake.mail_in.mail import StoredMail
from services.intake.mail_in.means import Means
from services.intake.mail_in.said_of import said_of, source_of
from services.intake.say import refuse_nothing
from services.intake.say_together import Saying
from shared.events import ApplicationState


class JudgedTooSoonError(Exception):
    """What was said meanwhile gives this answer another effect: judge it again."""


async def say_mail(mail: StoredMail, understood: Understood, verdict: Verdict, row: Row, *, means: Means) -> int | None:
    """Its number among what was said; None where there is to be no course.

    Raises:
        JudgedTooSoonError: nothing is said.
        DependencyDownError: try again later; it may or may not have been said.

    """
    return await means.saying.say(
        row.application_id,
        Saying(
            make=lambda number: said_of(understood, verdict, row, number=number, received_at=mail.received_at),
            source=source_of(mail, understood, row),
            refuse=await _refuse_another_effect(understood, verdict, row, means=means),
            is_grey=verdict.mark_grey,
        ),
    )


async def _refuse_another_effect(
    understood: Understood, verdict: Verdict, row: Row, *, means: Means
) -> Callable[[ApplicationState], None]:
    """What was judged to be only noted must not make the system act, by what is said at the same moment.

    That is a contact's no beside those of the other contacts, and a yes that takes back a no.
    """
    effects = {"DECLINED": reply_rows.others_decline, "ACCEPTED": reply_rows.stands_declined}
    acts = effects.get(understood.partstat or "")
    is_no_of_consultant = understood.partstat == "DECLINED" and row.function == "consultant"
    # Of a meeting that has begun, nothing makes the system act (see `judge.effect_of`).
    if verdict.effect == "high" or acts is None or is_no_of_consultant or row.start <= means.clock():
        return refuse_nothing
    course = await means.store.course(row.application_id)
    meeting = course.meeting(row.meeting_id) if course else None

    def refuse(state: ApplicationState) -> None:
        if course and meeting and acts(state, course, meeting, row.person_id):
            raise JudgedTooSoonError

    return refuse
