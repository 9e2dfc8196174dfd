"""What is asked before each attempt: is a timed mail still due, is it the hour for it, has its addressee had enough for today."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Protocol

from services.notifier.course_view import View
from services.notifier.gates import Gate, Later, Objection, Stop
from services.notifier.message import LeasedMessage
from services.notifier.planned import ASKED_KINDS, CALENDAR_KINDS, COORDINATORS
from services.notifier.timed.due import mails_of, owing
from services.notifier.timed.hours import in_hours, next_day_opening, next_opening
from shared.errors import DependencyDownError
from shared.programme import Programme

AFTER_OTHERS: Final = timedelta(minutes=1)
"""Of what was put off to the same opening, explaining mails go first."""


class Views(Protocol):
    """The part of the view store that is needed here."""

    async def read(self, application_id: str) -> View: ...

    async def advance(self, view: View, *, before: View) -> View | None: ...


class Days(Protocol):
    """Counts the mails of one addressee on one day, see `store.py`."""

    async def take(self, addressee: str, day: str, message_id: str, *, places: int | None) -> bool: ...


def timed_gates(*, views: Views, days: Days, programme: Programme, clock: Callable[[], datetime]) -> tuple[Gate, ...]:
    """In their order: whoever takes a place of the day must be sure to be sent."""
    return (
        still_due_gate(views=views, programme=programme, clock=clock),
        hours_gate(programme=programme, clock=clock),
        day_gate(days=days, programme=programme, clock=clock),
    )


def still_due_gate(*, views: Views, programme: Programme, clock: Callable[[], datetime]) -> Gate:
    """A timed mail is only sent if the course as it is now still gives it. What staff send again, they know about.

    One that tells of an older version of a meeting at the same time is owed anew, so that it is written as things are now.
    """

    async def gate(message: LeasedMessage) -> Objection | None:
        if not message.timed or message.resend_of:
            return None
        view = await views.read(message.application_id)
        for mail in mails_of(view, programme):
            if (mail.person_id, mail.about) != (message.person_id, message.about):
                continue
            if mail.message(message.application_id, sequence=0).message_id == message.message_id:
                return Stop("stopped_by_staff") if mail.stopped else None
            if mail.was(message.message_id, message.application_id):
                # First owed, then stopped: after a crash in between it is owed once more, and is still the same message.
                after = owing(view, [mail.key], programme, clock())
                if await views.advance(after, before=view) is None:
                    raise DependencyDownError("database")
        return Stop("not_so_any_more")

    return gate


def hours_gate(*, programme: Programme, clock: Callable[[], datetime]) -> Gate:
    """A timed mail goes out on working days, in the programme's hours, or waits for them if it still helps then."""

    async def gate(message: LeasedMessage) -> Objection | None:
        now = clock()
        if not message.timed or message.resend_of or in_hours(now, programme):
            return None
        return _timed_later(message, now, programme, why="outside_hours")

    return gate


def day_gate(*, days: Days, programme: Programme, clock: Callable[[], datetime]) -> Gate:
    """Nobody gets more mails a day than the programme allows, those that calendars read left out.

    What somebody waits for counts, and is never put off. Explaining mails wait for the next morning once the day is full. Timed
    ones leave the last place of a day to them, unless they help nobody later.
    """
    places = programme.messages.per_person_per_day_max

    async def gate(message: LeasedMessage) -> Objection | None:
        if message.kind in CALENDAR_KINDS or message.person_id == COORDINATORS or not message.addressee:
            return None
        now = clock()
        day = now.astimezone(programme.tz).date().isoformat()
        if message.kind in ASKED_KINDS or message.resend_of:
            await days.take(message.addressee, day, message.message_id, places=None)
            return None
        if not message.timed:
            if await days.take(message.addressee, day, message.message_id, places=places):
                return None
            return Later(next_day_opening(now, programme), "day_is_full")
        later = _timed_later(message, now, programme, why="day_is_full")
        room = places if isinstance(later, Stop) else max(1, places - 1)
        if await days.take(message.addressee, day, message.message_id, places=room):
            return None
        return later

    return gate


def _timed_later(message: LeasedMessage, now: datetime, programme: Programme, *, why: str) -> Objection:
    until = next_opening(now, programme) + AFTER_OTHERS
    if message.useful_until is not None and until >= message.useful_until:
        return Stop("too_late")
    return Later(until, why)
