"""Brings one event of a course into the view, and what people should now be told into the messages, at once or a little later.

At once: messages are put in first, the view advances last, so the same event after a crash gives the same messages. Later: the
view says so, and from then on whoever tells it begins by marking it, so that two who do it at once plan the same messages.
"""

from collections.abc import Mapping, Sequence

import structlog

from services.notifier.course_view import Told, ToldCourse, View
from services.notifier.desk import RACES_MAX, Desk, is_news, put_in
from services.notifier.facts import Facts
from services.notifier.keeping import kept, open_kept, open_matter
from services.notifier.mail_facts import course_facts
from services.notifier.plan_counters import plan_counters
from services.notifier.plan_course import plan_course
from services.notifier.planned import Plan, PlannedMessage
from services.notifier.reach import Reach, reach, stop_mails_elsewhere
from services.notifier.settle import causes_with, settled
from services.notifier.timed.due import look_at, with_course
from shared import trace
from shared.course_facts import Cause
from shared.envelope import Envelope
from shared.errors import DependencyDownError
from shared.events import CourseEvent, CourseState, Matter, Person
from shared.sealing import event_place

log = structlog.get_logger(__name__)


async def tell_about_course(event: CourseEvent, envelope: Envelope, *, desk: Desk) -> str:
    """Waiting list, bookings, changes, cancellations, declined proposals. Returns "handled", or "superseded" for old news.

    Raises:
        DependencyDownError: the database or the key store does not answer.

    """
    state, place = event.course, event_place(envelope.subject, envelope.type, envelope.id)
    people = await desk.vault.unseal_known(state.people, Person, place=place)
    matter = await open_matter(state.matter, place=place, vault=desk.vault)
    for _ in range(RACES_MAX):
        view = await desk.views.read(state.application_id)
        if not is_news(envelope, event.topic, seen=view.seen.courses):
            return "superseded"
        if view.settling is not None and view.settling.telling:
            await _tell_before(view, desk=desk)
            continue
        found = await reach(state, people, view=view, desk=desk)
        await stop_mails_elsewhere(found, desk=desk)
        counters = plan_counters(state, found.written_to, found.told, sequence=envelope.sequence)
        plan = _plan(state, found, counters.told, sequence=envelope.sequence, desk=desk)
        waits = settled(view, state, plan, now=desk.clock(), quiet=desk.quiet, traceparent=trace.current())
        told_now = counters if waits else Plan((*counters.messages, *plan.messages), plan.told, plan.obsolete)
        causes = causes_with(view, state)
        await _send(told_now, state, found, matter, sequence=envelope.sequence, causes=causes, desk=desk)
        update: dict[str, object] = {
            "course": await kept(state, people, half="course", place=place, vault=desk.vault),
            "seen": view.seen.model_copy(update={"courses": envelope.sequence}),
            "told": told_now.told,
            "settling": waits,
        }
        if waits is None:
            update["told_course"] = ToldCourse.of(state)
        timed = with_course(view, state, desk.programme, desk.timed_mark, desk.clock())
        update |= {"timed": timed, "timed_at": look_at(timed, desk.clock())}
        stored = await desk.views.advance(found.view.model_copy(update=update), before=view)
        if stored is None:
            continue
        if waits is not None and waits.telling:
            await tell_settled(stored, desk=desk)
        return "handled"
    raise DependencyDownError("database")


async def tell_settled(view: View, *, desk: Desk) -> None:
    """Tell what waited in a view that is marked as being told; whoever does so again sends nothing twice.

    Raises:
        DependencyDownError: the database or the key store does not answer; it is found again.

    """
    state, waits = view.course, view.settling
    if state is None or waits is None:
        return
    people, matter = await open_kept(state, vault=desk.vault)
    sequence = view.seen.courses
    found = await reach(state, people, view=view, desk=desk)
    plan = _plan(state, found, found.told, sequence=sequence, desk=desk)
    await _send(plan, state, found, matter, sequence=sequence, causes=waits.causes, desk=desk)
    after = {"told": plan.told, "told_course": ToldCourse.of(state), "settling": None}
    await desk.views.advance(found.view.model_copy(update=after), before=view)


async def _tell_before(view: View, *, desk: Desk) -> None:
    """Tell what waited before something newer is taken in. Where that is impossible, the newer state is told in its place."""
    try:
        await tell_settled(view, desk=desk)
    except DependencyDownError:
        raise
    except Exception:
        # Nothing of it went out: mails are put in all at once, last of all. The newer state may well be what mends it.
        log.exception("change-not-told", application_id=view.application_id)
        if view.settling is not None:
            unmarked = view.settling.model_copy(update={"telling": False})
            await desk.views.advance(view.model_copy(update={"settling": unmarked}), before=view)


def _plan(state: CourseState, found: Reach, told: Mapping[str, Told], *, sequence: int, desk: Desk) -> Plan:
    report = desk.programme.coordinators is not None
    before = found.view.told_course
    return plan_course(state, found.written_to, told, before=before, sequence=sequence, report=report)


async def _send(
    plan: Plan,
    state: CourseState,
    found: Reach,
    matter: Matter | None,
    *,
    sequence: int,
    causes: Sequence[Cause],
    desk: Desk,
) -> None:
    def facts(planned: PlannedMessage) -> Facts:
        return course_facts(
            planned,
            state=state,
            before=found.view.told_course,
            told=found.told.get(planned.person_id),
            people=found.people,
            matter=matter,
            programme=desk.programme,
            causes=tuple(causes),
            staff_url=desk.staff_url,
        )

    await put_in(plan, state.application_id, found.people, facts, sequence=sequence, desk=desk)
