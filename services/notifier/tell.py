"""Brings one event into the view, and what people should now be told into the messages.

Messages are put in first, the view advances last: after a crash in between the same event gives the same messages again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from services.notifier.course_view import COLLECTION, View
from services.notifier.facts import Facts
from services.notifier.mail_facts import application_facts, course_facts
from services.notifier.metrics import MESSAGES_PLANNED
from services.notifier.plan_messages import Plan, PlannedMessage, plan_application, plan_course
from services.notifier.store import Messages
from services.notifier.template_files import Templates
from services.notifier.view_store import Views
from services.notifier.write_messages import write_messages
from shared.envelope import Envelope
from shared.errors import DependencyDownError
from shared.events import ApplicationEvent, ApplicationState, CourseEvent, CourseState, LinkIssued, Matter, Person
from shared.metrics import SEQUENCE_GAPS
from shared.programme import Programme
from shared.sealing import Sealed, document_place, event_place
from shared.vault import ErasedError, Vault

RACES_MAX = 10

State = TypeVar("State", ApplicationState, CourseState)


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What telling people needs. `wake` tells the sender that there are new messages."""

    views: Views
    messages: Messages
    vault: Vault
    programme: Programme
    templates: Templates
    clock: Callable[[], datetime]
    wake: Callable[[], None]


async def tell_about_application(event: ApplicationEvent, envelope: Envelope, *, desk: Desk) -> str:
    """Receipts, withdrawals and new links. Returns "handled", or "superseded" for what is not news.

    Raises:
        DependencyDownError: the database or the key store does not answer.

    """
    state, place = event.application, _place(envelope)
    people = await desk.vault.unseal_known(state.people, Person, place=place)

    def facts(planned: PlannedMessage, view: View) -> Facts:
        booked = view.course is not None and bool(view.course.meetings)
        return application_facts(
            planned, state=state, person=people[planned.person_id], programme=desk.programme, booked=booked
        )

    for _ in range(RACES_MAX):
        view = await desk.views.read(state.application_id)
        if not _is_news(envelope, event.topic, seen=view.seen.applications):
            return "superseded"
        plan = plan_application(
            state, people, view.told, sequence=envelope.sequence, new_links=isinstance(event, LinkIssued)
        )
        await _put_in(plan, envelope, people, partial(facts, view=view), desk=desk)
        seen = view.seen.model_copy(update={"applications": envelope.sequence})
        kept = await _kept(state, people, field="application", place=place, vault=desk.vault)
        after = view.model_copy(update={"application": kept, "seen": seen, "told": plan.told})
        if await desk.views.advance(after, before=view):
            return "handled"
    raise DependencyDownError("database")


async def tell_about_course(event: CourseEvent, envelope: Envelope, *, desk: Desk) -> str:
    """Waiting list, bookings and cancellations. Returns and raises as `tell_about_application`."""
    state, place = event.course, _place(envelope)
    people = await desk.vault.unseal_known(state.people, Person, place=place)
    matter = await _matter(state.matter, place=place, vault=desk.vault)

    def facts(planned: PlannedMessage, view: View) -> Facts:
        return course_facts(
            planned, state=state, before=view.course, people=people, matter=matter, programme=desk.programme
        )

    for _ in range(RACES_MAX):
        view = await desk.views.read(state.application_id)
        if not _is_news(envelope, event.topic, seen=view.seen.courses):
            return "superseded"
        plan = plan_course(state, people, view.told, sequence=envelope.sequence)
        await _put_in(plan, envelope, people, partial(facts, view=view), desk=desk)
        seen = view.seen.model_copy(update={"courses": envelope.sequence})
        kept = await _kept(state, people, field="course", place=place, vault=desk.vault)
        after = view.model_copy(update={"course": kept, "seen": seen, "told": plan.told})
        if await desk.views.advance(after, before=view):
            return "handled"
    raise DependencyDownError("database")


def _place(envelope: Envelope) -> tuple[str, ...]:
    return event_place(envelope.subject, envelope.type, envelope.id)


def _is_news(envelope: Envelope, topic: str, *, seen: int) -> bool:
    if envelope.sequence > seen + 1:
        SEQUENCE_GAPS.labels(topic=topic).inc()
    return envelope.sequence > seen


async def _put_in(
    plan: Plan,
    envelope: Envelope,
    people: Mapping[str, Person],
    facts: Callable[[PlannedMessage], Facts],
    *,
    desk: Desk,
) -> None:
    """Before the new messages are there, those that they make wrong are out of the way."""
    if plan.obsolete:
        await desk.messages.make_obsolete(envelope.subject, plan.obsolete, before=envelope.sequence)
    if not plan.messages:
        return
    messages = await write_messages(
        plan.messages,
        application_id=envelope.subject,
        people=people,
        facts=facts,
        programme=desk.programme,
        templates=desk.templates,
        vault=desk.vault,
        now=desk.clock(),
    )
    if await desk.messages.insert(messages):
        for message in messages:
            MESSAGES_PLANNED.labels(kind=message.kind).inc()
        desk.wake()


async def _matter(block: Sealed, *, place: tuple[str, ...], vault: Vault) -> Matter | None:
    try:
        return await vault.unseal(block, Matter, place=place)
    except ErasedError:
        return None


async def _kept(
    state: State, people: Mapping[str, Person], *, field: str, place: tuple[str, ...], vault: Vault
) -> State:
    """The state as the view keeps it: its blocks sealed for their place there, without those of erased people."""

    def kept_at(block: str) -> tuple[str, ...]:
        return document_place(COLLECTION, state.application_id, f"{field}.{block}")

    blocks: dict[str, Sealed] = {}
    for person_id, person in people.items():
        try:
            key_id = state.people[person_id].key_id
            blocks[person_id] = await vault.seal(person, key_id=key_id, place=kept_at(f"people.{person_id}"))
        except ErasedError:
            continue
    changes: dict[str, object] = {"people": blocks}
    matter = await _matter(state.matter, place=place, vault=vault)
    if matter is not None:
        changes["matter"] = await vault.seal(matter, key_id=state.matter.key_id, place=kept_at("matter"))
    return state.model_copy(update=changes)
