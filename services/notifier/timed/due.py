"""What of a course's timed mails is due, what is to come, and how the view remembers how far that has come. Pure.

Everything that was due before `Timed.next_at` is done with, sent or not. So a meeting that is booked or moved late sends nothing
that would have been due earlier, and what an outage kept is found again as long as it helps.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime

from services.notifier.course_view import Timed, View
from services.notifier.timed.timed_mail import TimedMail
from services.notifier.timed.timed_mails import in_order, rules_of, timed_mails
from shared.events import CourseState, Meeting
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
    return _as_staff_have_them(timed_mails(view.course, programme), view.timed or Timed())


def due_of(view: View, programme: Programme, now: datetime) -> tuple[TimedMail, ...]:
    """What is to be sent now: due, not done with, still of use, and not stopped."""
    timed = view.timed
    if timed is None or not (timed.owed or (timed.next_at is not None and timed.next_at <= now)):
        return ()
    return tuple(one for one in _open(view, programme) if one.due_at <= now < one.useful_until and not one.stopped)


def planned_of(view: View, programme: Programme, now: datetime) -> tuple[TimedMail, ...]:
    """What is still to go out, the first due first; what staff stopped is among it, and marked so.

    Mails of kind "materials" go out only if the themes of the course have some, see `materials_of`.
    """
    still = (one for one in _open(view, programme) if one.useful_until > max(now, one.due_at))
    return tuple(sorted(still, key=in_order))


def with_course(view: View, state: CourseState, programme: Programme, mark: str, now: datetime) -> Timed:
    """How far it has come when a newer course is taken in. What was due by now stays owed if the course still gives it.

    A questionnaire may become due with it, since what was to follow the last meeting is off; and what was held back because its
    meeting was in doubt, which is not any more. Nothing else can.
    """
    timed = view.timed or Timed()
    owed = {one.key for one in due_of(view, programme, now)}
    after = timed_mails(state, programme)
    asked = {one.key for one in after if one.kind == "evaluation" and one.rule in timed.rules and one.due_at <= now}
    if asked:
        owed |= asked - {one.key for one in mails_of(view, programme)}
    owed.update(timed.held)
    return _settled(timed, after, state, programme, mark, now, owed=owed)


def settled_at(view: View, programme: Programme, mark: str, now: datetime, *, owed: Iterable[str] = ()) -> Timed:
    """How far it has come at this moment with the view's course: everything is done with but what is `owed`."""
    course = view.course
    mails = timed_mails(course, programme) if course else ()
    return _settled(view.timed or Timed(), mails, course, programme, mark, now, owed=frozenset(owed))


def owing(view: View, keys: Iterable[str], programme: Programme, now: datetime) -> View:
    """The view after something other than a sweep has looked: what is due by now stays so, and these mails are owed with it.

    Settings that it was not worked out with are not taken over.
    """
    timed = view.timed or Timed()
    owed = [*keys, *(one.key for one in due_of(view, programme, now))]
    after = settled_at(view, programme, timed.programme, now, owed=owed).model_copy(update={"rules": timed.rules})
    return view.model_copy(update={"timed": after, "timed_at": look_at(after, now)})


def _settled(
    before: Timed,
    mails: Sequence[TimedMail],
    course: CourseState | None,
    programme: Programme,
    mark: str,
    now: datetime,
    *,
    owed: Collection[str],
) -> Timed:
    meetings = course.meetings if course else ()
    kept = before.model_copy(
        update={"changes": {key: one for key, one in before.changes.items() if _is_of(key, meetings)}}
    )
    ours = _as_staff_have_them(mails, kept)
    to_come = {*before.held, *owed}
    held = (one for one in _held_back(course, mails, programme) if one.due_at > now or one.key in to_come)
    return Timed(
        next_at=min((one.due_at for one in ours if one.due_at > now), default=None),
        owed=tuple(sorted(one.key for one in ours if one.key in owed and one.due_at <= now < one.useful_until)),
        held=tuple(sorted(one.key for one in held)),
        rules=rules_of(programme),
        programme=mark,
        changes=kept.changes,
    )


def _held_back(course: CourseState | None, mails: Sequence[TimedMail], programme: Programme) -> Iterator[TimedMail]:
    """What the course would give beside `mails` if nothing of it were in doubt."""
    if course is not None and course.stall is not None:
        given = {one.key for one in mails}
        certain = timed_mails(course.model_copy(update={"stall": None}), programme)
        yield from (one for one in certain if one.key not in given)


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


def _as_staff_have_them(mails: Sequence[TimedMail], timed: Timed) -> tuple[TimedMail, ...]:
    return tuple(one.changed_by(timed.changes) for one in mails) if timed.changes else tuple(mails)


def _is_of(key: str, meetings: Iterable[Meeting]) -> bool:
    """Whether a change by staff is about a meeting that is still held at that time."""
    return any(
        one.status == "confirmed"
        and f":{one.meeting_id}:" in key
        and key.endswith(f":{one.start.astimezone(UTC):%Y%m%dT%H%MZ}")
        for one in meetings
    )
