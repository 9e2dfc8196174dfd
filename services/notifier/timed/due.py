"""What of a course's timed mails is due, what is to come, and how the view remembers how far that has come. Pure.

Everything that was due before `Timed.next_at` is done with, sent or not. So a meeting that is booked or moved late sends nothing
that would have been due earlier, and what an outage kept is found again as long as it helps.
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime

from services.notifier.course_view import Timed, View
from services.notifier.timed.timed_mail import TimedMail
from services.notifier.timed.timed_mails import rules_of, timed_mails
from shared.events import CourseState
from shared.programme import Programme

RULES_VERSION = 1
"""Raised when the code works out other times from the same settings."""
_SETTINGS = {"zone", "messages", "closed", "plans", "themes"}


def programme_mark(programme: Programme) -> str:
    """Stands for all settings that decide which mails are due when."""
    settings = programme.model_dump_json(include=_SETTINGS)
    return hashlib.sha256(f"{RULES_VERSION}:{settings}".encode()).hexdigest()[:16]


def mails_of(view: View, programme: Programme) -> tuple[TimedMail, ...]:
    """All timed mails of the course as it is now, as staff have them; none of an application that was withdrawn."""
    if view.course is None or (view.application is not None and view.application.state == "withdrawn"):
        return ()
    changes = view.timed.changes if view.timed else {}
    return tuple(one.changed_by(changes) for one in timed_mails(view.course, programme))


def due_of(view: View, programme: Programme, now: datetime) -> tuple[TimedMail, ...]:
    """What is to be sent now: due, not done with, still of use, and not stopped."""
    return tuple(one for one in _open(view, programme) if one.due_at <= now < one.useful_until and not one.stopped)


def planned_of(view: View, programme: Programme, now: datetime) -> tuple[TimedMail, ...]:
    """What is still to go out, the first due first; what staff stopped is among it, and marked so.

    Mails of kind "materials" go out only if the themes of the course have some, see `materials_of`.
    """
    still = (one for one in _open(view, programme) if one.useful_until > max(now, one.due_at))
    return tuple(sorted(still, key=lambda one: (one.due_at, one.key)))


def with_course(view: View, state: CourseState, programme: Programme, mark: str, now: datetime) -> Timed:
    """How far it has come when a newer course is taken in. What was due by now stays owed if the course still gives it.

    A questionnaire may become due with it, since what was to follow the last meeting is off; nothing else can.
    """
    before = view.timed or Timed()
    old = mails_of(view, programme)
    owed = {one.key for one in due_of(view, programme, now)}
    if view.timed is not None:
        known = {one.key for one in old}
        owed |= {
            one.key
            for one in timed_mails(state, programme)
            if one.kind == "evaluation" and one.key not in known and one.rule in before.rules and one.due_at <= now
        }
    return settled_at(before, view.model_copy(update={"course": state}), programme, mark, now, owed=owed)


def settled_at(
    before: Timed, view: View, programme: Programme, mark: str, now: datetime, *, owed: Iterable[str] = ()
) -> Timed:
    """How far it has come at this moment with the view's course: everything is done with but what is `owed`."""
    kept = {key: change for key, change in before.changes.items() if _is_of(key, view)}
    now_known = view.model_copy(update={"timed": before.model_copy(update={"changes": kept})})
    mails = mails_of(now_known, programme)
    wanted = set(owed)
    return Timed(
        next_at=min((one.due_at for one in mails if one.due_at > now), default=None),
        owed=tuple(sorted(one.key for one in mails if one.key in wanted and one.due_at <= now < one.useful_until)),
        rules=rules_of(programme),
        programme=mark,
        changes=kept,
    )


def look_at(timed: Timed, now: datetime) -> datetime | None:
    """When the sweep should look at the view next."""
    return now if timed.owed else timed.next_at


def _open(view: View, programme: Programme) -> list[TimedMail]:
    """What is not done with. Of a rule that nobody knew yet, nothing is sent before the view was settled with it."""
    timed = view.timed
    if timed is None:
        return []
    begun = timed.next_at
    return [
        one
        for one in mails_of(view, programme)
        if one.key in timed.owed or (begun is not None and one.due_at >= begun and one.rule in timed.rules)
    ]


def _is_of(key: str, view: View) -> bool:
    """Whether a change by staff is about a meeting that is still held at that time."""
    meetings = view.course.meetings if view.course else ()
    return any(
        one.status == "confirmed"
        and f":{one.meeting_id}:" in key
        and key.endswith(f":{one.start.astimezone(UTC):%Y%m%dT%H%MZ}")
        for one in meetings
    )
