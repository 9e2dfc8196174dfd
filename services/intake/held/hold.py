"""Hold an answer back until the invited person says that it is hers: kept, and she is mailed a link, in one write."""

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from services.intake import blocks
from services.intake.change_application import Change, Opened, Store, change_application
from services.intake.course_view import CourseView
from services.intake.errors import LinkError
from services.intake.held.answer_link import AnswerLink, address_of
from services.intake.held.held_answer import Held, take
from services.intake.links import Signer
from services.intake.record import Application
from services.intake.say import number_of
from shared import ids
from shared.events import AnswerHeld, HeldAnswer, Person
from shared.programme import Programme
from shared.said import CalendarAnswer, CounterProposal
from shared.vault import Vault, person_key

Outcome = Literal["held", "again", "gone"]


async def hold(
    application_id: str,
    said: CalendarAnswer | CounterProposal,
    *,
    source: str,
    store: Store,
    vault: Vault,
    signer: Signer,
    programme: Programme,
    now: datetime,
) -> Outcome:
    """Hold what was said by the mail `source`; a source that was held or heard before is left as it is.

    "again": she was asked about this meeting not long ago and cannot be asked again, so staff have to look. "gone": the
    application or the person is not there any more, or there is to be no course.

    Raises:
        DependencyDownError: try again later; it may or may not be held, which `source` settles.

    """
    outcome: Outcome = "held"

    async def read() -> Opened:
        application = await store.application(application_id)
        if application is None or application.state.state != "admitted":
            raise LinkError
        return application, await store.course(application_id)

    async def plan(application: Application, course: CourseView | None) -> Change | None:
        nonlocal outcome
        outcome = "held"
        if number_of(source, application) is not None or any(one.source == source for one in application.held):
            return None
        taken = take(
            application.held,
            said,
            source=source,
            held_id=ids.uuid7(now, os.urandom(10)),
            now=now.replace(microsecond=0),
        )
        if taken is None:
            outcome = "again"
            return None
        person = await open_invited(application, course, said.person_id, vault=vault)

        async def facts(place: Sequence[str]) -> Mapping[str, Any]:
            return await _facts(taken.entry, application, person, place, vault=vault, signer=signer)

        return Change(
            state=application.state,
            kind=AnswerHeld if taken.is_mailed else None,
            without_link=application.unmailed,
            unmailed=application.unmailed,
            addresses=application.addresses,
            held=taken.held,
            facts=facts,
        )

    try:
        await change_application(read, plan, store=store, vault=vault, signer=signer, programme=programme, now=now)
    except LinkError:
        return "gone"
    return outcome


async def open_invited(application: Application, course: CourseView | None, person_id: str, *, vault: Vault) -> Person:
    """A contact as the application knows her, a consultant as the course does.

    Raises:
        ErasedError: she was erased.
        LinkError: she is neither.

    """
    if person_id in application.state.people:
        return await blocks.open_person(vault, application.state, person_id)
    if course is None or person_id not in course.people:
        raise LinkError
    return await vault.unseal(course.people[person_id], Person, place=course.place(application.id))


async def _facts(
    entry: Held, application: Application, person: Person, place: Sequence[str], *, vault: Vault, signer: Signer
) -> Mapping[str, Any]:
    said = entry.said
    link = AnswerLink(application_id=application.id, held_id=entry.held_id, expires_at=entry.until)
    alone = person.model_copy(
        update={"links": {"answer": address_of(link, signer)}, "invites": (), "counter_replies": ()}
    )
    return {
        "held": HeldAnswer(
            held_id=entry.held_id,
            person_id=said.person_id,
            meeting_id=said.meeting_id,
            partstat=said.partstat if isinstance(said, CalendarAnswer) else None,
            proposed=said.start if isinstance(said, CounterProposal) else None,
            at=said.at,
            until=entry.until,
        ),
        "person": await vault.seal(alone, key_id=person_key(said.person_id), place=place),
    }
