"""Brings one event of an application into the view, and what people should now be told into the messages.

Messages are put in first, the view advances last: after a crash in between the same event gives the same messages again.
"""

from collections.abc import Mapping

from services.notifier.address_mail_facts import AddressChangedFacts
from services.notifier.course_view import Told, View
from services.notifier.desk import RACES_MAX, Desk, is_news, put_in
from services.notifier.facts import Facts
from services.notifier.keeping import kept, open_application
from services.notifier.mail_facts import application_facts
from services.notifier.new_address import about_address, left_behind, moved, remembered, under_key
from services.notifier.notice_facts import held_facts
from services.notifier.plan_application import plan_application, plan_held, plan_old_addresses
from services.notifier.planned import Plan, PlannedMessage
from services.notifier.returns.returned import newer_than
from shared import trace
from shared.address_digest import digest
from shared.envelope import Envelope
from shared.errors import DependencyDownError
from shared.events import AnswerHeld, ApplicationEvent, ApplicationState, LinkIssued, Person
from shared.sealing import event_place
from shared.vault import ErasedError


async def tell_about_application(event: ApplicationEvent, envelope: Envelope, *, desk: Desk) -> str:
    """Receipts, withdrawals, new links, and questions about answers that are held. Returns "handled", or "superseded".

    Raises:
        DependencyDownError: the database or the key store does not answer.

    """
    state, place = event.application, event_place(envelope.subject, envelope.type, envelope.id)
    people = await desk.vault.unseal_known(state.people, Person, place=place)
    asked = await _asked(event, place=place, desk=desk)
    everybody = {**people, asked.person_id: asked} if asked else people
    for _ in range(RACES_MAX):
        view = under_key(await desk.views.read(state.application_id), desk.address_mark)
        if not is_news(envelope, event.topic, seen=view.seen.applications):
            return "superseded"
        addresses = _addresses(state, people, desk=desk)
        known = remembered(view.addresses, addresses)
        told = await _forgotten(view, addresses, desk=desk)
        plan = plan_application(
            state,
            people,
            told,
            sequence=envelope.sequence,
            new_links=isinstance(event, LinkIssued),
            readdressed=[person_id for person_id, one in known.items() if len(one) > 1],
        )
        if asked and isinstance(event, AnswerHeld):
            question = plan_held(state, event.held, sequence=envelope.sequence)
            plan = Plan((*plan.messages, question), plan.told, plan.obsolete)

        def facts(planned: PlannedMessage, view: View = view) -> Facts:
            if asked and planned.kind == "confirm_answer" and isinstance(event, AnswerHeld):
                return held_facts(event.held, view=view, person=asked, state=state, programme=desk.programme)
            booked = view.course is not None and bool(view.course.meetings)
            person = people[planned.person_id]
            return application_facts(planned, state=state, person=person, programme=desk.programme, booked=booked)

        await put_in(plan, state.application_id, everybody, facts, sequence=envelope.sequence, desk=desk)
        await _tell_old_addresses(view, state, addresses, sequence=envelope.sequence, desk=desk)
        await desk.returns.insert(newer_than(state, view.seen_returned, now=desk.clock(), traceparent=trace.current()))
        stored = await kept(state, people, half="application", place=place, vault=desk.vault)
        update = {
            "application": stored,
            "seen": view.seen.model_copy(update={"applications": envelope.sequence}),
            "told": plan.told,
            "addresses": known,
            "course_addresses": left_behind(view, addresses),
            "seen_returned": max(view.seen_returned, state.returned_count),
        }
        after = view.model_copy(update=update)
        if await desk.views.advance(after, before=view):
            return "handled"
    raise DependencyDownError("database")


def _addresses(state: ApplicationState, people: Mapping[str, Person], *, desk: Desk) -> dict[str, str]:
    """The digests of the contacts' addresses."""
    return {one: digest(people[one].mail, key=desk.address_key) for one in state.contacts if one in people}


async def _forgotten(view: View, addresses: Mapping[str, str], *, desk: Desk) -> dict[str, Told]:
    """What people were told of their application, but for those who have a new address: they know nothing of it there.

    Nothing more goes to the old one, nor is a new one asked for any more.
    """
    told = dict(view.told)
    for person_id in moved(view.addresses, addresses):
        told[person_id] = told.get(person_id, Told()).model_copy(update={"application": None})
        # Not everywhere else: the course's events may have told of a still newer address already.
        old = [one for one in view.addresses[person_id] if one != addresses[person_id]]
        await desk.messages.make_obsolete_at(view.application_id, person_id, addressees=old)
        asked = [(one, about_address(person_id)) for one in addresses if one != person_id]
        if asked:
            await desk.messages.make_obsolete(view.application_id, asked, before=view.seen.applications + 1)
    return told


async def _tell_old_addresses(
    view: View, state: ApplicationState, addresses: Mapping[str, str], *, sequence: int, desk: Desk
) -> None:
    """Whoever was written to at the old address reads there, too, that it was changed: it may be that nobody should have.

    Where nobody has confirmed the old address, nothing more is written to it.
    """
    before = view.application
    gone = moved(view.addresses, addresses)
    if before is None or not gone:
        return
    people = {
        person_id: person
        for person_id, person in (await open_application(before, vault=desk.vault)).items()
        if person_id in gone and digest(person.mail, key=desk.address_key) == view.addresses[person_id][-1]
    }
    plan = plan_old_addresses(before, people, view.told, sequence=sequence)

    def facts(_planned: PlannedMessage) -> Facts:
        organisation = desk.programme.organisation
        return AddressChangedFacts(reference=state.reference, phone=organisation.phone, mail=organisation.email)

    await put_in(plan, state.application_id, people, facts, sequence=sequence, desk=desk)


async def _asked(event: ApplicationEvent, *, place: tuple[str, ...], desk: Desk) -> Person | None:
    """Whoever is to confirm an answer; None where there is none, where she was erased, or where she has no link to do it with."""
    if not isinstance(event, AnswerHeld):
        return None
    try:
        person = await desk.vault.unseal(event.person, Person, place=place)
    except ErasedError:
        return None
    return person if "answer" in person.links else None
