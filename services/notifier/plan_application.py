"""Which mails about an application are due: the difference between what its contacts were told and what is true now. Pure."""

from collections.abc import Collection, Mapping

from services.notifier.course_view import Told, ToldApplication
from services.notifier.planned import TO_OLD_ADDRESS, MessageKind, Plan, PlannedMessage, Stream, in_order, planned
from shared.events import ApplicationState, HeldAnswer, Person


def plan_application(
    state: ApplicationState,
    people: Mapping[str, Person],
    told: Mapping[str, Told],
    *,
    sequence: int,
    new_links: bool = False,
    readdressed: Collection[str] = (),
) -> Plan:
    """The mails of a newer application. `people` are those who can still be read: nobody else is written to.

    With `new_links` each contact whose block has one is sent it, unless another mail of this plan brings it along. Those who are
    `readdressed` had another address once: of an application that was admitted since they need its link, and no receipt.
    """
    stream = Stream(state.application_id, "applications", sequence)
    messages: list[PlannedMessage] = []
    after = dict(told)
    obsolete: list[tuple[str, str]] = []
    for person in in_order(state.contacts, people):
        before = told.get(person.person_id, Told())
        now, kind = _told_of(state)
        may_write = _may_write(state, person, kind)
        if before.application is None and kind == "receipt" and not may_write:
            # Not told yet: intake announces the application again when the address has room.
            continue
        after[person.person_id] = before.model_copy(update={"application": now})
        about = "application"
        if before.application == now:
            if not new_links or "status" not in person.links:
                continue
            kind, may_write, about = "new_link", True, "link"
        elif kind == "receipt" and state.admitted_at is not None and person.person_id in readdressed:
            kind, about = "new_link", "link"
        if may_write:
            replaces = before.application is not None
            messages.append(planned(stream, person.person_id, kind, about=about, replaces=replaces))
        if before.application is not None:
            obsolete += [(person.person_id, one) for one in _overtaken(kind, now)]
    return Plan(tuple(messages), after, tuple(obsolete))


def plan_held(state: ApplicationState, held: HeldAnswer, *, sequence: int) -> PlannedMessage:
    """The mail that asks whoever is invited whether an answer is hers; the same one whenever it is planned."""
    about = f"answer:{held.held_id}"
    stream = Stream(state.application_id, "applications", sequence)
    return planned(stream, held.person_id, "confirm_answer", about=about, once=about)


def plan_old_addresses(
    before: ApplicationState, people: Mapping[str, Person], told: Mapping[str, Told], *, sequence: int
) -> Plan:
    """What goes to the addresses that these people have no more; `before` and `told` are from when they had them."""
    stream = Stream(before.application_id, "applications", sequence)
    messages = [
        planned(stream, person.person_id, TO_OLD_ADDRESS, about="old-address")
        for person in in_order(before.contacts, people)
        if told.get(person.person_id, Told()).application is not None and _may_write(before, person, TO_OLD_ADDRESS)
    ]
    return Plan(tuple(messages), {})


def _told_of(state: ApplicationState) -> tuple[ToldApplication, MessageKind]:
    """What its contacts know of an application in this state, and the mail that says so."""
    if state.state == "withdrawn":
        return "withdrawn", "withdrawn"
    return ("declined", "declined") if state.state == "declined" else ("received", "receipt")


def _overtaken(kind: MessageKind, now: ToldApplication) -> tuple[str, ...]:
    """What unsent mails are about that a mail of this kind makes wrong.

    A new link makes the one in a receipt void. A withdrawal or a refusal has no link in it and must be heard of all the same.
    """
    if kind != "new_link":
        return ("application",)
    return ("application", "link") if now == "received" else ("link",)


def _may_write(state: ApplicationState, person: Person, kind: MessageKind) -> bool:
    """A person without a link gets no receipt: intake left it out, because the address has had enough mail for today.

    An address that nobody has confirmed gets its receipt and no more, until the application is admitted.
    """
    if kind == "receipt":
        return "status" in person.links
    return not state.needs_confirmation or state.admitted_at is not None or person.person_id in state.confirmed_by
