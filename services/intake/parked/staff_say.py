"""Staff enter somebody's answer: said in her name, with the audit, and if they wish with another address of hers, in one write."""

from datetime import datetime, timedelta
from typing import Final

from services.intake.acted import acted
from services.intake.change_application import Change, Opened, Store, change_application
from services.intake.course_view import CourseView
from services.intake.errors import LinkError, StateForbidsError
from services.intake.links import Signer
from services.intake.parked.choice import PROPOSAL, Choice
from services.intake.record import Alias, Application
from services.intake.say import number_of, spoken
from shared.address_digest import digest
from shared.events import InvitationAnswered, Meeting
from shared.programme import Programme
from shared.said import CalendarAnswer, CounterProposal
from shared.staff.staff import Staff
from shared.vault import Vault

ALIASES_MAX: Final = 30
"""Of all people of one application; the newest are kept."""


async def staff_say(
    application_id: str,
    choice: Choice,
    *,
    source: str,
    act: str,
    dtstamp: datetime | None,
    proposed: datetime | None = None,
    other_address: str = "",
    staff: Staff,
    store: Store,
    vault: Vault,
    signer: Signer,
    programme: Programme,
    address_key: bytes,
    now: datetime,
) -> None:
    """Say it about the meeting as it is now; a `source` that was heard before says nothing again.

    `dtstamp` is when she answered; without, the answer counts from now on, whatever she said before. `proposed` is the time
    of a proposal, `other_address` what becomes hers where that is chosen.

    Raises:
        LinkError: there is no such application, or it was erased.
        StateForbidsError: there is to be no course, or she is not invited to such a meeting any more.
        DependencyDownError: try again later; it may or may not have been said, which `source` settles.

    """

    async def read() -> Opened:
        application = await store.application(application_id)
        if application is None:
            raise LinkError
        return application, await store.course(application_id)

    async def plan(application: Application, course: CourseView | None) -> Change | None:
        if number_of(source, application) is not None:
            return None
        meeting = next((one for one in open_meetings(application, course) if one.meeting_id == choice.meeting_id), None)
        if meeting is None or choice.person_id not in meeting.attendees:
            raise StateForbidsError

        def make(number: int) -> CalendarAnswer | CounterProposal:
            return _said(
                choice,
                meeting,
                number=number,
                dtstamp=dtstamp or _newest(application, course, choice, now),
                proposed=proposed,
                now=now,
            )

        return spoken(
            application,
            make,
            kind=InvitationAnswered,
            source=source,
            aliases=_aliases(application, choice, other_address, key=address_key),
            audit=(acted(staff, act, application, now=now),),
        )

    await change_application(read, plan, store=store, vault=vault, signer=signer, programme=programme, now=now)


def open_meetings(application: Application, course: CourseView | None) -> tuple[Meeting, ...]:
    """The meetings that can be answered: of a booked course that somebody still wants."""
    if application.state.state != "admitted" or course is None or course.state != "booked":
        return ()
    return tuple(one for one in course.meetings if one.status == "confirmed")


def _said(
    choice: Choice, meeting: Meeting, *, number: int, dtstamp: datetime, proposed: datetime | None, now: datetime
) -> CalendarAnswer | CounterProposal:
    if choice.answer == PROPOSAL:
        if proposed is None:
            raise StateForbidsError
        return CounterProposal(
            number=number,
            meeting_id=meeting.meeting_id,
            person_id=choice.person_id,
            start=proposed,
            sequence=meeting.sequence,
            dtstamp=dtstamp,
            at=now,
            answered_by="staff",
        )
    return CalendarAnswer(
        number=number,
        meeting_id=meeting.meeting_id,
        person_id=choice.person_id,
        partstat=choice.answer,
        sequence=meeting.sequence,
        dtstamp=dtstamp,
        at=now,
        answered_by="staff",
    )


def _newest(application: Application, course: CourseView | None, choice: Choice, now: datetime) -> datetime:
    """Now, or just after what is known of her: calendars whose clocks run fast date their answers ahead."""
    said = (one for one in application.state.said if isinstance(one, CalendarAnswer | CounterProposal))
    dtstamps = [
        one.dtstamp
        for one in (*said, *(course.answers if course else ()))
        if (one.meeting_id, one.person_id) == (choice.meeting_id, choice.person_id)
    ]
    return max([now.replace(microsecond=0), *(one + timedelta(seconds=1) for one in dtstamps)])


def _aliases(application: Application, choice: Choice, other_address: str, *, key: bytes) -> tuple[Alias, ...] | None:
    if not choice.also_hers or not other_address:
        return None
    alias = Alias(person_id=choice.person_id, digest=digest(other_address, key=key))
    others = tuple(one for one in application.aliases if one != alias)
    return (*others, alias)[-ALIASES_MAX:]
