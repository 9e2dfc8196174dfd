"""Give a contact of an application another mail address: the old links of that person are void, and all is told anew to the new one."""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

import structlog

from services.intake import addresses, blocks, change_application
from services.intake.acted import acted
from services.intake.addresses import Places
from services.intake.change_application import WRITES_MAX, Change, Opened, Read
from services.intake.course_view import CourseView
from services.intake.errors import LinkError, StateForbidsError
from services.intake.held.held_answer import Held
from services.intake.links import Signer
from services.intake.message_view import MessageView
from services.intake.new_address.changed import AddressChange, Giver
from services.intake.new_address.refusals import PER_DAY_MAX, AddressRefusedError
from services.intake.new_address.typed_address import is_same, read_address
from services.intake.new_address.unreachable import unreachable
from services.intake.record import COLLECTION, Application, is_confirmed
from services.intake.review.decision import Note
from shared import ids
from shared.address_digest import digest
from shared.errors import DependencyDownError
from shared.events import ApplicationState, ContactChanged, Person
from shared.mongo import AlreadyThereError
from shared.programme import Programme
from shared.sealing import Sealed, document_place
from shared.staff.staff import Staff
from shared.vault import Vault, application_key

ACT: Final = "contact.address-changed"

log = structlog.get_logger(__name__)


class Store(change_application.Store, Protocol):
    async def messages(self, application_id: str) -> list[MessageView]:
        """The newest mails about an application."""

    async def taken_entries(self, entries: Collection[str], *, besides: str = "") -> set[str]:
        """Which address entries others hold."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """Who gives whom which address. `typed` is as it was typed; `staff` and `reason` where it is staff who give it."""

    person_id: str
    typed: str
    by: Giver
    staff: Staff | None = None
    reason: str = ""


async def change_address(
    asked: Request,
    *,
    read: Read,
    store: Store,
    vault: Vault,
    signer: Signer,
    programme: Programme,
    address_key: bytes,
    now: datetime,
) -> Application:
    """Change the address in the application that `read` finds, with the event and the history in one write.

    Another contact may do so only while mails do not get through to the old address. Raises what `read` raises.

    Raises:
        AddressRefusedError: the address is none, is the old one, or is another contact's; or there were too many today.
        LinkError: there is no such contact, or the person was erased.
        StateForbidsError: the application was withdrawn or declined, or mails do get through to the old address.
        DependencyDownError: try again later.

    """

    async def plan(application: Application, _course: CourseView | None) -> Change:
        state = application.state
        if asked.person_id not in state.contacts:
            raise LinkError
        if state.state in ("withdrawn", "declined"):
            raise StateForbidsError
        await _refuse(asked, application, store=store, now=now)
        person, new = check_address(asked.typed, asked.person_id, await blocks.open_people(vault, state))
        change = AddressChange(
            change_id=ids.uuid7(now, os.urandom(10)),
            person_id=person.person_id,
            by=asked.by,
            at=now,
            account=asked.staff.account if asked.staff else None,
        )
        reason = await _sealed(asked.reason, application.id, change.change_id, vault=vault)
        block = await blocks.people_for_document(vault, application.id, [person.model_copy(update={"mail": new})])
        after = _unconfirmed(state, person.person_id).model_copy(update={"people": {**state.people, **block}})
        places = await _places(
            application,
            after,
            person.person_id,
            old=digest(person.mail, key=address_key),
            new=digest(new, key=address_key),
            store=store,
            programme=programme,
            now=now,
        )
        return Change(
            state=after,
            kind=ContactChanged,
            without_link=places.unmailed,
            unmailed=places.unmailed,
            addresses=places.entries,
            audit=(acted(asked.staff, ACT, application, now=now),) if asked.staff else (),
            held=_without_open(application.held, person.person_id, now),
            changed_addresses=application.changed_addresses.with_one_more(change.model_copy(update={"reason": reason})),
        )

    for _ in range(WRITES_MAX):
        try:
            application, _ = await change_application.change_application(
                read, plan, store=store, vault=vault, signer=signer, programme=programme, now=now
            )
        except AlreadyThereError:
            # Another application has just taken the address's place of today.
            continue
        log.info("contact-address-changed", application_id=application.id, role=asked.by)
        return application
    raise DependencyDownError("database")


def check_address(typed: str, person_id: str, people: Mapping[str, Person]) -> tuple[Person, str]:
    """Whoever is to have the new address, and the address, if nobody among the contacts has it yet.

    Raises:
        AddressRefusedError: see `change_address`.
        LinkError: there is no such person.

    """
    new, person = read_address(typed), people.get(person_id)
    if person is None:
        raise LinkError
    if is_same(person.mail, new):
        raise AddressRefusedError("unchanged")
    if any(is_same(one.mail, new) for one in people.values()):
        raise AddressRefusedError("taken")
    return person, new


def reading(application_id: str, *, store: Store) -> Read:
    """Reads an application by its id, for staff. What it returns raises LinkError where there is none."""

    async def read() -> Opened:
        application = await store.application(application_id)
        if application is None:
            raise LinkError
        return application, await store.course(application_id)

    return read


def reason_place(application_id: str, change_id: str) -> tuple[str, ...]:
    """Where the reason of a change is sealed for."""
    return document_place(COLLECTION, application_id, f"changed_addresses.{change_id}")


async def _refuse(asked: Request, application: Application, *, store: Store, now: datetime) -> None:
    if asked.by == "staff":
        return
    changed = application.changed_addresses
    if asked.by == "contact":
        messages = await store.messages(application.id)
        if asked.person_id not in unreachable(messages, application.state.contacts, changed):
            raise StateForbidsError
    if changed.given_lately(asked.person_id, now=now) >= PER_DAY_MAX:
        raise AddressRefusedError("too_often")


def _unconfirmed(state: ApplicationState, person_id: str) -> ApplicationState:
    """Who confirmed did so from the old address. Once a course is sought, there is nothing to confirm any more."""
    if state.admitted_at is not None or person_id not in state.confirmed_by:
        return state
    return state.model_copy(update={"confirmed_by": tuple(one for one in state.confirmed_by if one != person_id)})


async def _places(
    application: Application,
    after: ApplicationState,
    person_id: str,
    *,
    old: str,
    new: str,
    store: Store,
    programme: Programme,
    now: datetime,
) -> Places:
    """All entries of the application from now on, and who is not to be written to yet.

    Without a place the person waits for one: to refuse the address would tell that it is known.
    """
    waiting = tuple(one for one in application.unmailed if one != person_id)
    kept = tuple(one for one in application.addresses if one != addresses.open_entry(old))
    if is_confirmed(after, person_id):
        return Places(entries=kept, unmailed=waiting)
    per_day_max = programme.mail.unconfirmed_per_day_max
    wanted = addresses.candidates([new], now=now, per_day_max=per_day_max)
    taken = await store.taken_entries(wanted, besides=application.id)
    found = addresses.take({person_id: new}, taken={*taken, *kept}, now=now, per_day_max=per_day_max)
    return Places(entries=(*kept, *found.entries), unmailed=(*waiting, *found.unmailed))


def _without_open(held: tuple[Held, ...], person_id: str, now: datetime) -> tuple[Held, ...] | None:
    """The links to them went to the old address; who still wants to answer does so to the invitation at the new one."""
    kept = tuple(one for one in held if one.said.person_id != person_id or not one.is_open(now))
    return kept if len(kept) < len(held) else None


async def _sealed(reason: str, application_id: str, change_id: str, *, vault: Vault) -> Sealed | None:
    if not reason:
        return None
    place = reason_place(application_id, change_id)
    return await vault.seal(Note(text=reason), key_id=application_key(application_id), place=place)
