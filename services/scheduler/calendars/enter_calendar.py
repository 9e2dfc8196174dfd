"""Staff enter, replace or remove the address of a consultant's calendar. It is sealed under her own key and shown to nobody again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from services.scheduler.calendars.calendar_address import read_address
from services.scheduler.calendars.secret import open_secret, seal_secret
from services.scheduler.calendars.source import Secret
from services.scheduler.calendars.store import ENTERED, READ_BY_US
from services.scheduler.calendars.work import CalendarWork
from services.scheduler.means import MISSES_MAX, SOURCE
from services.scheduler.save_consultant import UnknownConsultantError
from shared import ids, trace
from shared.errors import DependencyDownError
from shared.mongo import AlreadyThereError, Document
from shared.outbox import PendingEvent, change, new_document, pending, waiting
from shared.staff.audit import audit
from shared.staff.staff import Staff


async def enter_calendar(
    consultant_id: str, address: str, *, staff: Staff, work: CalendarWork
) -> Literal["set", "unchanged"]:
    """Take an address; the calendar behind it is read soon, not now. The same address again has it read again.

    Busy half hours of an earlier address stay until the new one is read; a reading of it that is under way counts no more.

    Raises:
        AddressError: nothing may be fetched from there.
        UnknownConsultantError: there is nobody of that id.
        ErasedError: she was erased.
        DependencyDownError: something is away, or others change this calendar at the same time.

    """
    read_address(address)
    means = work.means
    if await means.store.facts_of(consultant_id) is None:
        raise UnknownConsultantError(consultant_id)
    now = means.clock()
    known = await means.store.calendars.find(consultant_id)
    if known is not None and (await open_secret(known, means=means)).address == address:
        await means.store.calendars.hurry(consultant_id, now)
        return "unchanged"
    secret = await seal_secret(consultant_id, Secret(address=address), means=means)
    fields = {"secret": secret, "set_at": now, "due_at": now}
    await _write(consultant_id, "calendar.entered", fields, (*READ_BY_US, "lease"), staff=staff, work=work)
    return "set"


async def remove_calendar(consultant_id: str, *, staff: Staff, work: CalendarWork) -> bool:
    """Forget the address and what was read from it; what was busy only there is free again. False where there was none."""
    means = work.means
    if await means.store.calendars.find(consultant_id) is None:
        return False
    await _write(consultant_id, "calendar.removed", {}, ENTERED, staff=staff, work=work)
    work.take_over(consultant_id, None)
    return True


async def _write(
    consultant_id: str, act: str, fields: Document, remove: Sequence[str], *, staff: Staff, work: CalendarWork
) -> None:
    store, now = work.means.store.calendars, work.means.clock()
    for _ in range(MISSES_MAX):
        head = await store.head(consultant_id)
        number = 1 if head is None else head["acts"] + 1
        event = _acted(consultant_id, act, staff=staff, number=number, now=now, work=work)
        numbered = {**fields, "acts": number}
        if head is None:
            try:
                document = await store.insert(new_document({"_id": consultant_id, **numbered}, [event], now=now))
            except AlreadyThereError:
                continue
        else:
            update = change(now=now, fields=numbered, events=[event], remove=remove)
            changed = await store.change(consultant_id, head["version"], update)
            if changed is None:
                continue
            document = changed
        work.publish(waiting(document))
        return
    raise DependencyDownError("quiet-document")


def _acted(
    consultant_id: str, act: str, *, staff: Staff, number: int, now: datetime, work: CalendarWork
) -> PendingEvent:
    return pending(
        audit(staff=staff, service="scheduler", act=act, aggregate_id=consultant_id, now=now),
        event_id=ids.uuid7(now, work.means.random(10)),
        source=SOURCE,
        # Numbered apart from other acts on the same consultant.
        subject=f"{consultant_id}/calendar",
        key=consultant_id,
        sequence=number,
        now=now,
        traceparent=trace.current(),
    )
