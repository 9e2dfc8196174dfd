"""Writes a consultant into the roster, with her event and the audit in the same write. What stands there already is left alone."""

from typing import Literal

from services.scheduler.means import MISSES_MAX, SOURCE, Means
from services.scheduler.people import CONSULTANTS, open_consultant
from services.scheduler.roster import RosterChange, RosterEntry, RosterFacts, consultant_state
from shared import ids, trace
from shared.errors import DependencyDownError
from shared.events import ConsultantChanged, ConsultantEvent, ConsultantRegistered, Person
from shared.mongo import AlreadyThereError, Document
from shared.outbox import PendingEvent, change, new_document, pending, waiting
from shared.sealing import document_place, event_place
from shared.staff.audit import audit
from shared.staff.staff import PROGRAM, Staff
from shared.vault import person_key

Saved = Literal["added", "changed", "unchanged"]


class UnknownConsultantError(LookupError):
    """The roster has no consultant of that id."""


async def save_consultant(entry: RosterEntry, *, staff: Staff = PROGRAM, means: Means) -> Saved:
    """Add or replace her; `entry` was checked.

    Raises:
        ErasedError: whoever had this id was erased; the id is used up.
        DependencyDownError: something is away; nothing was changed, or it was and says so when repeated.

    """
    for _ in range(MISSES_MAX):
        document = await means.store.consultant(entry.id)
        if document is None:
            saved = await _add(entry, staff=staff, means=means)
        else:
            person = await open_consultant(document, vault=means.vault)
            known = RosterFacts.model_validate(document).blocked_workplaces
            facts = entry.facts(workplace_key=means.workplace_key, known=known)
            saved = await _replace(document, person, facts=facts, new=entry.person(), staff=staff, means=means)
        if saved is not None:
            return saved
    raise DependencyDownError("quiet-document")


async def change_consultant(consultant_id: str, given: RosterChange, *, staff: Staff = PROGRAM, means: Means) -> Saved:
    """Change her leave, hours of a period or limit of courses, or whether she takes courses at all.

    Courses that she holds beyond a lowered limit stay hers; she gets no new one until she is below it.

    Raises:
        UnknownConsultantError: there is nobody of that id.
        ErasedError: she was erased.
        DependencyDownError: as `save_consultant`.

    """
    for _ in range(MISSES_MAX):
        document = await means.store.consultant(consultant_id)
        if document is None:
            raise UnknownConsultantError(consultant_id)
        person = await open_consultant(document, vault=means.vault)
        facts = given.on(RosterFacts.model_validate(document))
        saved = await _replace(document, person, facts=facts, new=person, staff=staff, means=means)
        if saved is not None:
            return saved
    raise DependencyDownError("quiet-document")


async def _add(entry: RosterEntry, *, staff: Staff, means: Means) -> Saved | None:
    await means.vault.create([person_key(entry.id)])
    facts, person = entry.facts(workplace_key=means.workplace_key), entry.person()
    fields = await _fields(entry.id, facts, person, means=means)
    event = await _event(ConsultantRegistered, entry.id, facts, person, sequence=1, means=means)
    done = acted(entry.id, "consultant.added", number=1, staff=staff, means=means)
    new = new_document({"_id": entry.id, "acts": 1, **fields}, [done, event], now=means.clock())
    try:
        document = await means.store.insert_consultant(new)
    except AlreadyThereError:
        return None
    _tell(document, facts, means=means)
    return "added"


async def _replace(
    document: Document, person: Person, *, facts: RosterFacts, new: Person, staff: Staff, means: Means
) -> Saved | None:
    if facts == RosterFacts.model_validate(document) and new == person:
        return "unchanged"
    consultant_id, sequence = document["_id"], document["event_sequence"] + 1
    event = await _event(ConsultantChanged, consultant_id, facts, new, sequence=sequence, means=means)
    fields = await _fields(consultant_id, facts, new, means=means)
    if new != person:
        # Invites tell her name, and to her where she is reached.
        fields["reword_since"] = means.clock()
    acts = int(document.get("acts", 0)) + 1
    done = acted(consultant_id, "consultant.changed", number=acts, staff=staff, means=means)
    # Her own event last: its number is the document's.
    update = change(now=means.clock(), fields={**fields, "acts": acts}, events=[done, event])
    changed = await means.store.change_consultant(consultant_id, document["version"], update)
    if changed is None:
        return None
    _tell(changed, facts, means=means)
    return "changed"


async def _fields(consultant_id: str, facts: RosterFacts, person: Person, *, means: Means) -> Document:
    place = document_place(CONSULTANTS, consultant_id, "person")
    sealed = await means.vault.seal(person, key_id=person_key(consultant_id), place=place)
    return {**facts.model_dump(mode="json"), "person": sealed.model_dump(), "changed_at": means.clock()}


async def _event(
    kind: type[ConsultantEvent], consultant_id: str, facts: RosterFacts, person: Person, *, sequence: int, means: Means
) -> PendingEvent:
    now = means.clock()
    event_id = ids.uuid7(now, means.random(10))
    place = event_place(consultant_id, kind.type, event_id)
    sealed = await means.vault.seal(person, key_id=person_key(consultant_id), place=place)
    return pending(
        kind(consultant=consultant_state(consultant_id, facts, changed_at=now, person=sealed)),
        event_id=event_id,
        source=SOURCE,
        subject=consultant_id,
        sequence=sequence,
        now=now,
        traceparent=trace.current(),
    )


def acted(consultant_id: str, act: str, *, number: int, staff: Staff, means: Means) -> PendingEvent:
    """The audit's event of an act about her; `number` counts them."""
    now = means.clock()
    return pending(
        audit(staff=staff, service="scheduler", act=act, aggregate_id=consultant_id, now=now),
        event_id=ids.uuid7(now, means.random(10)),
        source=SOURCE,
        subject=consultant_id,
        sequence=number,
        now=now,
        traceparent=trace.current(),
    )


def _tell(document: Document, facts: RosterFacts, *, means: Means) -> None:
    means.calendar.put(document["_id"], facts)
    means.publish_consultant(waiting(document))
    means.check_courses_of(document["_id"])
    means.try_waiting()
