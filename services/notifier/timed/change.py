"""Staff stop a mail that was to go out at its time, let it go after all, or have it go at another time."""

from collections.abc import Callable
from datetime import datetime
from typing import Final, Literal, Protocol

from services.notifier.course_view import TimedChange, View
from services.notifier.timed.due import due_of, owing, planned_of
from services.notifier.timed.hours import in_hours
from services.notifier.timed.timed_mail import TimedMail
from shared.errors import DependencyDownError
from shared.programme import Programme
from shared.sealing import Sealed

RACES_MAX: Final = 10
CHANGES_MAX: Final = 200
"""Of one course; more than it can have mails to come."""

Refusal = Literal["not_planned", "past", "too_late", "outside_hours", "too_many"]


class TimedViews(Protocol):
    """The part of the view store that this needs."""

    async def read(self, application_id: str) -> View: ...

    async def advance(self, view: View, *, before: View) -> View | None: ...


class NotPossibleError(Exception):
    """Why a timed mail cannot be stopped or moved like that.

    "not_planned": it went out, or its meeting is another one by now; "past": it would have gone by now; "too_late": it helps
    nobody then; "outside_hours": no mail goes out then.
    """

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why = why


async def stop_timed(
    application_id: str,
    key: str,
    *,
    stop: bool = True,
    by: str,
    reason: Sealed | None = None,
    views: TimedViews,
    programme: Programme,
    now: datetime,
) -> TimedMail:
    """Stop it, or with `stop=False` let it go again at the time that it had; the mail as it is now.

    Raises:
        NotPossibleError: with why.
        DependencyDownError: the database does not answer.

    """

    def changed(mail: TimedMail) -> TimedChange:
        moved = mail.due_at if mail.moved_from else None
        return TimedChange(stop=stop, due_at=moved, by=by, at=now, reason=reason)

    return await _change(application_id, key, changed, views=views, programme=programme, now=now)


async def move_timed(
    application_id: str,
    key: str,
    due_at: datetime,
    *,
    by: str,
    reason: Sealed | None = None,
    views: TimedViews,
    programme: Programme,
    now: datetime,
) -> TimedMail:
    """Have it go out at another time to come, within the hours and while it helps; the mail as it is now. Raises as `stop_timed`."""

    def changed(mail: TimedMail) -> TimedChange:
        if due_at <= now:
            raise NotPossibleError("past")
        if due_at >= mail.useful_until:
            raise NotPossibleError("too_late")
        if not in_hours(due_at, programme):
            raise NotPossibleError("outside_hours")
        return TimedChange(stop=mail.stopped, due_at=due_at, by=by, at=now, reason=reason)

    return await _change(application_id, key, changed, views=views, programme=programme, now=now)


async def _change(
    application_id: str,
    key: str,
    changed: Callable[[TimedMail], TimedChange],
    *,
    views: TimedViews,
    programme: Programme,
    now: datetime,
) -> TimedMail:
    for _ in range(RACES_MAX):
        view = await views.read(application_id)
        timed = view.timed
        mail = next((one for one in planned_of(view, programme, now) if one.key == key), None)
        if mail is None or timed is None:
            raise NotPossibleError("not_planned")
        if len(timed.changes) >= CHANGES_MAX and key not in timed.changes:
            raise NotPossibleError("too_many")
        with_it = timed.model_copy(update={"changes": {**timed.changes, key: changed(mail)}})
        # What is due by now, and not done with, stays so; if it is this mail, then as it is changed.
        due = [one.key for one in due_of(view, programme, now)]
        after = owing(view.model_copy(update={"timed": with_it}), [key, *due], programme, now)
        stored = await views.advance(after, before=view)
        if stored is not None:
            return next(one for one in planned_of(stored, programme, now) if one.key == key)
    raise DependencyDownError("database")
