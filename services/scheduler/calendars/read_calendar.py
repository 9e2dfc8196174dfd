"""Brings what is known of one calendar up to date: fetches it, has it read apart, keeps the busy half hours.

Whatever fails leaves the last good state. Claims of booked courses are no business of this: a calendar takes free time away
from courses to come, or gives it back.
"""

import random
from datetime import datetime

import structlog

from services.scheduler.calendars.busy import Busy, Span, span_of
from services.scheduler.calendars.faults import CalendarFault
from services.scheduler.calendars.fetch import Validators, fetch_calendar
from services.scheduler.calendars.read_apart import Asked, Read, instants
from services.scheduler.calendars.secret import open_secret, seal_secret
from services.scheduler.calendars.source import CalendarSource, Secret
from services.scheduler.calendars.work import CalendarWork
from services.scheduler.means import Means
from services.scheduler.people import open_consultant
from shared.mongo import Document
from shared.vault import ErasedError

JITTER = 0.1
"""Of the time between two readings, so that calendars of one server are not all asked for at once."""

log = structlog.get_logger(__name__)


async def read_calendar(source: CalendarSource, *, work: CalendarWork) -> None:
    """Read a calendar that this process holds the lease of.

    Raises:
        DependencyDownError: something of ours is away; the lease runs out, then it is tried again.

    """
    consultant_id, means = source.consultant_id, work.means
    try:
        mail = await _mail_of(consultant_id, means=means)
        secret = await open_secret(source, means=means)
    except ErasedError:
        await means.store.calendars.forget(consultant_id)
        work.take_over(consultant_id, None)
        return
    try:
        changed = await _read(source, secret, mail, work=work)
    except CalendarFault as fault:
        await _keep_old(source, fault, work=work)
        return
    now = means.clock()
    fields = {"good_at": now, "due_at": _next(now, work), **changed}
    saved = await means.store.calendars.save(
        consultant_id, source.lease or "", fields, unset=("failing_since", "reason")
    )
    if saved and "busy" in changed:
        work.take_over(consultant_id, Busy.of_document(changed["busy"]))


async def _mail_of(consultant_id: str, *, means: Means) -> str:
    document = await means.store.consultant(consultant_id)
    if document is None:
        raise ErasedError(consultant_id)
    return (await open_consultant(document, vault=means.vault)).mail


async def _read(source: CalendarSource, secret: Secret, mail: str, *, work: CalendarWork) -> Document:
    """The fields that change; none where the calendar is as it was. Raises CalendarFault."""
    means = work.means
    today = means.today()
    # What was read yesterday ends a day too early: the whole is wanted again, changed or not.
    fresh = source.read_for == today
    known = Validators(secret.etag, secret.modified) if fresh else Validators()
    fetched = await fetch_calendar(secret.address, known, outside=work.outside)
    if fetched is None:
        return {}
    span = span_of(today, means.programme.windows.horizon_days, means.programme.tz)
    domain = means.programme.sender.domain
    asked = Asked(span=span, zone=means.programme.zone, mail=mail, domain=domain)
    async with work.reader:
        read = await work.read(fetched.content, asked)
    busy = await _busy(read, span, means=means)
    said = secret.model_copy(update={"etag": fetched.validators.etag, "modified": fetched.validators.modified})
    fields: Document = {
        "secret": await seal_secret(source.consultant_id, said, means=means),
        "busy": busy.document(),
        "busy_half_hours": busy.count(),
        "read_for": today.isoformat(),
        "events": read.events,
        "occurrences": read.occurrences,
        "unreadable": read.unreadable,
    }
    if source.busy is not None and source.good_at is not None and source.busy.changed_much(busy):
        log.warning("calendar-changed-much", consultant=source.consultant_id)
        fields["changed_much_at"] = means.clock()
    return fields


async def _busy(read: Read, span: Span, *, means: Means) -> Busy:
    """All that is busy but our own invites: those half hours are held by claims, which know of moves and cancellations first."""
    known = await means.store.known_uids({uid for uid, _, _ in read.ours})
    foreign = [(begin, end) for uid, begin, end in read.ours if uid not in known]
    return Busy.of([instants(pair) for pair in (*read.busy, *foreign)], span)


async def _keep_old(source: CalendarSource, fault: CalendarFault, *, work: CalendarWork) -> None:
    now = work.means.clock()
    fields = {
        "reason": fault.reason,
        "failing_since": source.failing_since or now,
        "due_at": _next(now, work),
    }
    await work.means.store.calendars.save(source.consultant_id, source.lease or "", fields)
    tell = log.error if source.age(now) > work.alert_after else log.warning
    tell("calendar-not-read", consultant=source.consultant_id, reason=fault.reason)


def _next(now: datetime, work: CalendarWork) -> datetime:
    return now + work.every * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - no secret
