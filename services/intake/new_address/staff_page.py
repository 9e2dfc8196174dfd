"""The pages of staff: an application's contacts with their addresses, the form for a new one, and the question before it is used."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fastapi import Request, Response

from services.intake import blocks
from services.intake.course_view import CourseView
from services.intake.errors import LinkError
from services.intake.new_address.change_address import reason_place
from services.intake.new_address.changed import AddressChange
from services.intake.new_address.givers import GIVERS
from services.intake.new_address.going_out import going_out
from services.intake.new_address.page import ENDED, FIELD
from services.intake.new_address.unreachable import unreachable
from services.intake.parked.form_fields import moment
from services.intake.parts import Parts
from services.intake.record import Application
from services.intake.review.decision import NOTE_CHARACTERS_MAX, NOTE_CHARACTERS_MIN, Note
from services.intake.status.message_rows import FUNCTIONS
from shared.events import Person
from shared.staff.staff import Staff
from shared.vault import ErasedError
from shared.web import form_token
from shared.words import Words

PAGES: Final = "/review/applications"
REASON: Final = "reason"
REASON_SHORT: Final = Words(
    da=f"Skriv kort, hvorfor, med mindst {NOTE_CHARACTERS_MIN} tegn. Kun I kan læse det.",
    en=f"Write briefly why, in at least {NOTE_CHARACTERS_MIN} characters. Only staff can read it.",
)
REASON_LONG: Final = Words(
    da=f"Skriv højst {NOTE_CHARACTERS_MAX} tegn.", en=f"Write at most {NOTE_CHARACTERS_MAX} characters."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactLine:
    """One contact. `is_silent`: mails do not reach the address."""

    name: str
    function: Words
    mail: str
    is_silent: bool
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    at: str
    name: str
    by: Words
    account: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Found:
    """An application with its people who can still be read."""

    application: Application
    course: CourseView | None
    people: dict[str, Person]

    @property
    def may_change(self) -> bool:
        return self.application.state.state not in ENDED


def contacts_address(application_id: str) -> str:
    return f"{PAGES}/{application_id}/contacts"


def form_address(application_id: str, person_id: str) -> str:
    return f"{contacts_address(application_id)}/{person_id}/address"


def subject_of(application_id: str, person_id: str, staff: Staff) -> str:
    """Of the form tokens."""
    return f"contact {application_id} {person_id} {staff.account}"


def reason_fault(reason: str) -> Words | None:
    """What is wrong with the reason that staff have to give."""
    if len(reason) < NOTE_CHARACTERS_MIN:
        return REASON_SHORT
    return REASON_LONG if len(reason) > NOTE_CHARACTERS_MAX else None


async def find(application_id: str, parts: Parts) -> Found:
    """Raises LinkError: there is no such application; and as `Vault.unseal`, but for erased people."""
    application = await parts.store.application(application_id)
    if application is None:
        raise LinkError
    return Found(
        application=application,
        course=await parts.store.course(application_id),
        people=await blocks.open_people(parts.vault, application.state),
    )


async def contacts_page(request: Request, found: Found, *, staff: Staff, parts: Parts) -> Response:
    """Everybody's address, and how the addresses came to be what they are."""
    application, language = found.application, parts.site.language_of(request)
    silent = unreachable(
        await parts.store.messages(application.id), application.state.contacts, application.changed_addresses
    )
    history = [await _history_line(one, found, parts, request) for one in application.changed_addresses.history]
    return parts.site.page(
        request,
        "new_address/contacts.html",
        language=language,
        staff=staff,
        reference=application.state.reference,
        contacts=[
            ContactLine(
                name=person.name,
                function=FUNCTIONS[person.function],
                mail=person.mail,
                is_silent=key in silent,
                address=form_address(application.id, key) if found.may_change else "",
            )
            for key in application.state.contacts
            if (person := found.people.get(key))
        ],
        history=history[::-1],
    )


def form_page(
    request: Request,
    found: Found,
    person_id: str,
    *,
    staff: Staff,
    parts: Parts,
    typed: Mapping[str, str] | None = None,
    faults: Mapping[str, Words] | None = None,
) -> Response:
    """The new address and why. Raises LinkError: there is no such contact."""
    return _page(
        request, "form_of_staff", found, person_id, staff=staff, parts=parts, typed=typed or {}, faults=faults or {}
    )


def question_page(
    request: Request, found: Found, person_id: str, *, staff: Staff, parts: Parts, typed: Mapping[str, str]
) -> Response:
    """What will be sent to the new address, before anything is. Raises as `form_page`."""
    return _page(request, "question", found, person_id, staff=staff, parts=parts, typed=typed, faults={})


def _page(
    request: Request,
    template: str,
    found: Found,
    person_id: str,
    *,
    staff: Staff,
    parts: Parts,
    typed: Mapping[str, str],
    faults: Mapping[str, Words],
) -> Response:
    application, person = found.application, found.people.get(person_id)
    if person is None or person_id not in application.state.contacts:
        raise LinkError
    language, now = parts.site.language_of(request), parts.clock()
    return parts.site.page(
        request,
        f"new_address/{template}.html",
        language=language,
        status_code=422 if faults else 200,
        staff=staff,
        reference=application.state.reference,
        contacts_address=contacts_address(application.id),
        address=form_address(application.id, person_id),
        person=person,
        function=FUNCTIONS[person.function],
        typed={FIELD: typed.get(FIELD, ""), REASON: typed.get(REASON, "")},
        faults=faults,
        mails=going_out(
            application.state, found.course, person_id, programme=parts.programme, language=language, now=now
        ),
        token=form_token.make(key=parts.form_key, subject=subject_of(application.id, person_id, staff), now=now),
    )


async def _history_line(change: AddressChange, found: Found, parts: Parts, request: Request) -> HistoryLine:
    reason = ""
    if change.reason:
        place = reason_place(found.application.id, change.change_id)
        try:
            reason = (await parts.vault.unseal(change.reason, Note, place=place)).text
        except ErasedError:
            reason = ""
    person = found.people.get(change.person_id)
    return HistoryLine(
        at=moment(change.at, parts, parts.site.language_of(request)),
        name=person.name if person else "",
        by=GIVERS[change.by],
        account=change.account or "",
        reason=reason,
    )
