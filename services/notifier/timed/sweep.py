"""Puts in the mails whose time has come: a sweep over the view, in every process.

Messages are put in first, with ids derived from what they are about, and the view advances last: after a crash in between, and
where two processes do it at once, they are the same messages.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

import structlog

from services.notifier.course_view import View
from services.notifier.desk import Desk, put_in
from services.notifier.facts import Facts
from services.notifier.keeping import open_application, open_kept
from services.notifier.planned import Plan, PlannedMessage
from services.notifier.timed.due import due_of, look_at, settled_at
from services.notifier.timed.facts import materials_of, timed_facts
from services.notifier.timed.timed_mail import TimedMail
from shared.errors import DependencyDownError
from shared.events import CourseState, Person

SWEEP_SECONDS: Final = 1.0
PUT_OFF_SECONDS: Final = 60.0
"""A view whose mails cannot be written is tried again after this long, and does not stand in the way of others."""
RENEW_EVERY: Final = timedelta(hours=6)
"""How often views are looked for that were worked out with other settings of the programme: also by an older process beside us."""

log = structlog.get_logger(__name__)


async def sweep_timed(*, desk: Desk, tidy: Callable[[datetime], Awaitable[None]] | None = None) -> None:
    """Look for timed mails that are due until cancelled. `tidy` is called at the start and now and then, with the time.

    In the hour at which many are due, and while settings are taken over, one page follows the other without a pause.
    """
    renewing: str | None = ""
    renew_at = desk.clock()
    while True:
        found = 0
        try:
            # First, so that nothing waits where settings cannot be taken over.
            found = await put_in_due(desk=desk)
            if renewing is None and desk.clock() >= renew_at:
                renewing = ""
            if renewing is not None:
                renewing = await renew_page(renewing, desk=desk)
                if renewing is None:
                    renew_at = desk.clock() + RENEW_EVERY
                    if tidy is not None:
                        await tidy(desk.clock())
        except DependencyDownError:
            log.warning("put-off", step="timed-mails", retry_seconds=SWEEP_SECONDS)
            await asyncio.sleep(SWEEP_SECONDS)
            continue
        await asyncio.sleep(0 if found or renewing is not None else SWEEP_SECONDS)


async def put_in_due(*, desk: Desk) -> int:
    """Put in what is due by now, a page of courses; with how many of them that is done.

    Raises:
        DependencyDownError: the database or the key store does not answer; what is left is found again.

    """
    return await _each(await desk.views.timed_due(now=desk.clock()), desk=desk)


async def renew_page(after: str, *, desk: Desk) -> str | None:
    """Work the times out anew for some courses, in the order of their ids, that know other settings of the programme, or none.

    What was due by the old settings is put in. Returns the last id, to go on `after`; None: those were all. Raises as `put_in_due`.
    """
    ids = await desk.views.of_other_settings(desk.timed_mark, after=after)
    await _each(ids, desk=desk)
    return ids[-1] if ids else None


async def _each(application_ids: Iterable[str], *, desk: Desk) -> int:
    count = 0
    for application_id in application_ids:
        try:
            count += await _look(application_id, desk=desk)
        except DependencyDownError:
            raise
        except Exception:
            # One course whose mails cannot be written must not keep the others waiting; the log shows it each time.
            log.exception("timed-mails-not-written", application_id=application_id)
            now = desk.clock()
            await desk.views.put_off_timed(application_id, now=now, until=now + timedelta(seconds=PUT_OFF_SECONDS))
    return count


async def _look(application_id: str, *, desk: Desk) -> bool:
    """False: nothing to do, or somebody else was faster."""
    view, now = await desk.views.read(application_id), desk.clock()
    renewed = view.timed is None or view.timed.programme != desk.timed_mark
    if view.course is None or not (renewed or (view.timed_at is not None and view.timed_at <= now)):
        return False
    mails = due_of(view, desk.programme, now)
    if mails and view.settling is not None:
        # Nobody is reminded of what is just about to be told as changed.
        await desk.views.put_off_timed(
            application_id, now=now, until=max(view.settling.due, now) + timedelta(seconds=SWEEP_SECONDS)
        )
        return False
    if mails:
        await _put_in(mails, view.course, view, desk=desk)
    timed = settled_at(view, desk.programme, desk.timed_mark, now)
    after = view.model_copy(update={"timed": timed, "timed_at": look_at(timed, now)})
    return await desk.views.advance(after, before=view) is not None


async def _put_in(mails: Iterable[TimedMail], state: CourseState, view: View, *, desk: Desk) -> None:
    people, matter = await open_kept(state, vault=desk.vault)
    people |= await _contacts_as_they_are_now(view, people, desk=desk)
    if not materials_of(matter, desk.programme):
        mails = (one for one in mails if one.kind != "materials")
    sequence = view.seen.courses
    by_id = {
        message.message_id: (mail, message)
        for mail in mails
        if mail.person_id in people
        for message in (mail.message(view.application_id, sequence=sequence),)
    }

    def facts(planned: PlannedMessage) -> Facts:
        mail, _ = by_id[planned.message_id]
        return timed_facts(mail, state=state, people=people, matter=matter, programme=desk.programme)

    plan = Plan(tuple(message for _, message in by_id.values()), {})
    await put_in(plan, view.application_id, people, facts, sequence=sequence, desk=desk)


async def _contacts_as_they_are_now(view: View, people: dict[str, Person], *, desk: Desk) -> dict[str, Person]:
    """Addresses, languages and links of contacts may be newer in the application than where the course was written."""
    if view.application is None:
        return {}
    newest = await open_application(view.application, vault=desk.vault)
    return {
        person_id: person.model_copy(
            update={"invites": people[person_id].invites, "links": {**people[person_id].links, **person.links}}
        )
        for person_id, person in newest.items()
        if person_id in people
    }
