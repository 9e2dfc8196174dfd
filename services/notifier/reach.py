"""Who of a course's people is written to, and where: an address that somebody has no more gets nothing, the new one everything."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.notifier.course_view import Told, View
from services.notifier.desk import Desk
from services.notifier.keeping import open_application
from services.notifier.new_address import is_old, moved, told_nothing_yet, under_key
from shared.address_digest import digest
from shared.events import CourseState, Person


@dataclass(frozen=True, kw_only=True)
class Reach:
    """`people` are all who are known, `written_to` those of them who get mail now. `view` is as they were told.

    `moved`: who has a new address, by its digest.
    """

    people: Mapping[str, Person]
    written_to: Mapping[str, Person]
    view: View
    moved: Mapping[str, str]

    @property
    def told(self) -> Mapping[str, Told]:
        return self.view.told


async def reach(state: CourseState, people: Mapping[str, Person], *, view: View, desk: Desk) -> Reach:
    """Of a course as its newest event, or the view, tells it. Raises as `Vault.unseal`.

    The application's events may tell of a new address before the course's do. While the course goes on, one of its own events
    with new calendar objects is then on its way, so whoever has a new address waits for that one; no more comes once it is over.
    """
    view = under_key(view, desk.address_mark)
    everybody, written_to, now = dict(people), dict(people), {}
    for person_id, person in people.items():
        address = digest(person.mail, key=desk.address_key)
        if not is_old(view.addresses, person_id, address):
            now[person_id] = address
        elif state.state in ("booked", "waiting"):
            del written_to[person_id]
        else:
            newest = await _newest(person_id, view=view, desk=desk)
            if newest is None:
                del written_to[person_id]
                continue
            # What lies in no calendar there is taken out of none.
            everybody[person_id] = written_to[person_id] = person.model_copy(update={"mail": newest, "invites": ()})
            now[person_id] = digest(newest, key=desk.address_key)
    known = {person_id: (address,) for person_id, address in view.course_addresses.items()}
    anew = moved(known, now)
    told = {
        person_id: told_nothing_yet(one, state, now=desk.clock()) if person_id in anew else one
        for person_id, one in view.told.items()
    }
    after = view.model_copy(update={"told": told, "course_addresses": {**view.course_addresses, **now}})
    return Reach(
        people=everybody, written_to=written_to, view=after, moved={person_id: now[person_id] for person_id in anew}
    )


async def stop_mails_elsewhere(found: Reach, *, desk: Desk) -> None:
    """Nothing that is not sent yet goes to an address that somebody has no more. Raises DependencyDownError."""
    for person_id, address in found.moved.items():
        await desk.messages.make_obsolete_elsewhere(found.view.application_id, person_id, addressee=address)


async def _newest(person_id: str, *, view: View, desk: Desk) -> str | None:
    """The address that the application tells; None where she was erased meanwhile."""
    if view.application is None:
        return None
    person = (await open_application(view.application, vault=desk.vault)).get(person_id)
    return person.mail if person else None
