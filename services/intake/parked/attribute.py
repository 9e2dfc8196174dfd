"""Staff say whose answer a parked mail is, or that it is none: each mail is decided once, whoever is faster."""

from datetime import datetime, timedelta
from typing import Final

from services.intake.acted import acted
from services.intake.change_application import Change, Opened, change_application
from services.intake.course_view import CourseView
from services.intake.errors import LinkError, StateForbidsError
from services.intake.imip.understood import Understood
from services.intake.mail_in.mail import About, StoredMail
from services.intake.parked.choice import Choice
from services.intake.parked.staff_say import staff_say
from services.intake.parts import Parts
from services.intake.record import Application
from shared.request_errors import RequestError
from shared.staff.audit import audit
from shared.staff.staff import Staff

KEPT: Final = timedelta(days=7)
"""How long a mail is kept after staff have decided about it."""
ATTRIBUTED: Final = "answer.attributed"
DISCARDED: Final = "answer.discarded"


class DecidedAlreadyError(RequestError):
    """Somebody else was faster."""

    status = 409
    title = "This mail is decided already"
    detail = "Somebody else has decided about it, or is doing so just now."


async def attribute(
    mail: StoredMail,
    application_id: str,
    choice: Choice,
    *,
    understood: Understood | None,
    other_address: str,
    staff: Staff,
    parts: Parts,
    now: datetime,
) -> None:
    """Say what the mail says, by what was chosen. `other_address` becomes hers if that was chosen, too.

    Raises:
        DecidedAlreadyError: the mail is not parked any more.
        LinkError, StateForbidsError, DependencyDownError: as `staff_say`.

    """
    if not await parts.parked_mails.claim(mail.mail_id, application_id, now=now):
        raise DecidedAlreadyError
    try:
        await staff_say(
            application_id,
            choice,
            source=mail.mail_id,
            act=ATTRIBUTED,
            dtstamp=mail.received_at,
            proposed=understood.proposed_start if understood else None,
            other_address=other_address,
            staff=staff,
            store=parts.store,
            vault=parts.vault,
            signer=parts.signer,
            programme=parts.programme,
            address_key=parts.address_key,
            now=now,
        )
    except (LinkError, StateForbidsError):
        await parts.parked_mails.release(mail.mail_id, application_id)
        raise
    about = About(application_id=application_id, meeting_id=choice.meeting_id, person_id=choice.person_id)
    await parts.parked_mails.decide(mail.mail_id, "answered", "by-staff", now=now, keep=KEPT, about=about)


async def discard(mail: StoredMail, *, staff: Staff, parts: Parts, now: datetime) -> None:
    """Drop a parked mail. Raises DecidedAlreadyError, DependencyDownError."""
    if not await parts.parked_mails.discard(mail.mail_id, now=now, keep=KEPT):
        raise DecidedAlreadyError
    application_id = mail.about.application_id if mail.about else ""
    if not application_id or await parts.store.application(application_id) is None:
        # Of no application: there is no outbox for it, the log alone has it.
        audit(staff=staff, service="intake", act=DISCARDED, aggregate_id=mail.mail_id, now=now)
        return

    async def read() -> Opened:
        application = await parts.store.application(application_id)
        if application is None:
            raise LinkError
        return application, None

    async def plan(application: Application, _course: CourseView | None) -> Change | None:
        return Change(
            state=application.state,
            kind=None,
            unmailed=application.unmailed,
            addresses=application.addresses,
            audit=(acted(staff, DISCARDED, application, now=now),),
        )

    await change_application(
        read, plan, store=parts.store, vault=parts.vault, signer=parts.signer, programme=parts.programme, now=now
    )
