"""What staff do to a mail that is still to be written when its time comes: stop it, let it go after all, move it."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

from services.notifier.course_view import COLLECTION, View
from services.notifier.message_event import SOURCE
from services.notifier.staff.desk import StaffDesk
from services.notifier.staff.refusals import Refused
from services.notifier.staff_note import Given
from services.notifier.timed.change import NotPossibleError, Refusal, TimedViews, move_timed, stop_timed
from services.notifier.timed.due import planned_of
from services.notifier.timed.timed_mail import TimedMail
from services.notifier.view_store import Views
from shared import ids, outbox, trace
from shared.outbox import PendingEvent, Waiting
from shared.sealing import Sealed, document_place
from shared.staff.audit import audit
from shared.staff.staff import Staff
from shared.vault import ErasedError, application_key

STOPPED: Final = "planned-message.stopped"
RELEASED: Final = "planned-message.released"
MOVED: Final = "planned-message.moved"

_CODES: Final[dict[Refusal, str]] = {
    "not_planned": "not_planned",
    "past": "time_past",
    "too_late": "time_useless",
    "outside_hours": "outside_hours",
    "too_many": "often_changed",
}


async def find_planned(application_id: str, key: str, *, desk: StaffDesk) -> tuple[View, TimedMail | None]:
    """The view of an application, and the mail of this key that it still gives."""
    view = await desk.views.read(application_id)
    found = (one for one in planned_of(view, desk.programme, desk.clock()) if one.key == key)
    return view, next(found, None)


async def stop_planned(
    application_id: str, key: str, reason: str, *, stop: bool = True, staff: Staff, desk: StaffDesk
) -> Refused | None:
    """Stop it; with `stop=False` let it go after all. None: done. Raises DependencyDownError."""

    async def change(views: TimedViews, sealed: Sealed | None, now: datetime) -> TimedMail:
        return await stop_timed(
            application_id,
            key,
            stop=stop,
            by=staff.account,
            reason=sealed,
            views=views,
            programme=desk.programme,
            now=now,
        )

    return await _change(application_id, key, reason, STOPPED if stop else RELEASED, change, staff=staff, desk=desk)


async def move_planned(
    application_id: str, key: str, due_at: datetime, reason: str, *, staff: Staff, desk: StaffDesk
) -> Refused | None:
    """Have it go out at another time. None: done. Raises DependencyDownError."""

    async def change(views: TimedViews, sealed: Sealed | None, now: datetime) -> TimedMail:
        return await move_timed(
            application_id,
            key,
            due_at,
            by=staff.account,
            reason=sealed,
            views=views,
            programme=desk.programme,
            now=now,
        )

    return await _change(application_id, key, reason, MOVED, change, staff=staff, desk=desk)


def change_place(application_id: str, key: str) -> tuple[str, ...]:
    """Where the sealed reason of a change stands."""
    return document_place(COLLECTION, application_id, f"timed.changes.{key}")


class _AuditedViews:
    """The views, where each write carries the event of who wrote it."""

    def __init__(self, views: Views, event: Callable[[View], PendingEvent], now: datetime) -> None:
        self._views, self._event, self._now = views, event, now
        self.written: Waiting | None = None

    async def read(self, application_id: str) -> View:
        return await self._views.read(application_id)

    async def advance(self, view: View, *, before: View) -> View | None:
        event = self._event(before)
        stored = await self._views.advance(view, before=before, now=self._now, events=(event,))
        if stored is not None:
            self.written = Waiting(document_id=view.application_id, version=stored.version, events=(event,))
        return stored


async def _change(
    application_id: str,
    key: str,
    reason: str,
    act: str,
    change: Callable[[TimedViews, Sealed | None, datetime], Awaitable[TimedMail]],
    *,
    staff: Staff,
    desk: StaffDesk,
) -> Refused | None:
    now = desk.clock()
    _, mail = await find_planned(application_id, key, desk=desk)
    if mail is None:
        # Asked before the reason is sealed: an application that there is not has no key.
        return Refused("not_planned")

    def event(before: View) -> PendingEvent:
        return outbox.pending(
            audit(staff=staff, service="notifier", act=act, aggregate_id=application_id, now=now),
            event_id=ids.uuid7(now, desk.random(10)),
            source=SOURCE,
            subject=application_id,
            sequence=before.version,
            now=now,
            traceparent=trace.current(),
        )

    try:
        sealed = await desk.vault.seal(
            Given(reason=reason), key_id=application_key(application_id), place=change_place(application_id, key)
        )
    except ErasedError:
        return Refused("not_planned")
    views = _AuditedViews(desk.views, event, now)
    try:
        await change(views, sealed, now)
    except NotPossibleError as error:
        return Refused(_CODES[error.why])
    if views.written is not None:
        desk.publish_view(views.written)
    return None
