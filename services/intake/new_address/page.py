"""Puts the page of a new address together, and what the status page tells of addresses."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from fastapi import Request, Response

from services.intake.message_view import MessageView
from services.intake.new_address.changed import AddressChange
from services.intake.new_address.givers import GIVERS
from services.intake.new_address.unreachable import unreachable
from services.intake.parts import Parts
from services.intake.status.content import Content
from services.intake.status.message_rows import FUNCTIONS
from services.intake.status.open_content import open_content
from services.intake.status.visit import Visit, language_of, token_for
from shared.events import Person
from shared.reference.dates import format_clock, format_short_date
from shared.words import Language, Words

FIELD: Final = "mail"
TOLD_FOR: Final = timedelta(days=14)
"""So long the status page tells that an address was changed."""
ENDED: Final = ("withdrawn", "declined")


@dataclass(frozen=True, slots=True, kw_only=True)
class Concerned:
    """The contact whose address it is. `address` is that of the page, `mail` the reader's own one and never anybody else's."""

    person_id: str
    name: str
    function: Words
    is_reader: bool
    mail: str
    address: str
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedLine:
    """A change of late, in words; `by` says who gave the new address."""

    name: str
    function: Words
    day: str
    clock: str
    by: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """`silent` are those whom mails do not reach, `own` is the reader. `may_change`: it is a contact who reads."""

    silent: tuple[Concerned, ...]
    own: Concerned | None
    changed: tuple[ChangedLine, ...]
    may_change: bool


def act_of(person_id: str) -> str:
    """What the form tokens are made for."""
    return f"address-{person_id}"


def may_be_changed(visit: Visit) -> bool:
    """Whether mails still go out, and the reader is a contact: whoever sent the application in may have no address with us."""
    return visit.person_id is not None and visit.application.state.state not in ENDED


def silent_ids(visit: Visit, messages: Collection[MessageView]) -> frozenset[str]:
    application = visit.application
    return unreachable(messages, application.state.contacts, application.changed_addresses)


def addresses_of(
    visit: Visit, content: Content, messages: Collection[MessageView], parts: Parts, language: Language
) -> Addresses:
    """What this reader is told, and can do."""
    silent = silent_ids(visit, messages) if visit.application.state.state not in ENDED else frozenset()
    reader = content.people.get(visit.person_id or "")
    newest = [visit.application.changed_addresses.newest_of(one) for one in content.people]
    return Addresses(
        silent=tuple(concerned(one, visit, parts) for key, one in content.people.items() if key in silent),
        own=concerned(reader, visit, parts) if reader and may_be_changed(visit) else None,
        changed=tuple(
            _line(one, content.people[one.person_id], parts, language)
            for one in newest
            if one and visit.now - one.at < TOLD_FOR
        ),
        may_change=may_be_changed(visit),
    )


async def address_page(
    request: Request, visit: Visit, person_id: str, parts: Parts, *, typed: str = "", fault: Words | None = None
) -> Response | None:
    """The form for one contact's new address; None where this reader cannot give one. `fault`: what was typed is not taken."""
    content = await open_content(visit.application, visit.course, vault=parts.vault)
    person = content.people.get(person_id)
    if person is None or not may_be_changed(visit):
        return None
    if person_id != visit.person_id and not fault:
        messages = await parts.store.messages(visit.application.id)
        if person_id not in silent_ids(visit, messages):
            return None
    return parts.site.page(
        request,
        "new_address/address.html",
        language=language_of(request, visit, content, parts),
        status_code=422 if fault else 200,
        visit=visit,
        person=concerned(person, visit, parts),
        typed=typed,
        faults={FIELD: fault} if fault else {},
    )


def concerned(person: Person, visit: Visit, parts: Parts) -> Concerned:
    is_reader = person.person_id == visit.person_id
    return Concerned(
        person_id=person.person_id,
        name=person.name,
        function=FUNCTIONS[person.function],
        is_reader=is_reader,
        mail=person.mail if is_reader else "",
        address=f"{visit.address}/address/{person.person_id}",
        token=token_for(visit, act_of(person.person_id), parts),
    )


def _line(change: AddressChange, person: Person, parts: Parts, language: Language) -> ChangedLine:
    wall: datetime = change.at.astimezone(parts.programme.tz)
    return ChangedLine(
        name=person.name,
        function=FUNCTIONS[person.function],
        day=format_short_date(wall.date(), language),
        clock=format_clock(wall, language),
        by=GIVERS[change.by],
    )
