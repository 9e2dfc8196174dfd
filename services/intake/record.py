"""An application as intake keeps it, and how it comes from the form that was sent. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from services.intake import application as form_parts
from services.intake.application import ApplicationForm
from services.intake.held.held_answer import Held
from services.intake.idempotency import RequestMark
from services.intake.new_address.changed import ChangedAddresses
from services.intake.review.decision import Decision
from shared.events import ApplicationState, AvoidedHours, Matter, Person, UnavailablePeriod, Wishes, Workplace
from shared.fact import Fact
from shared.programme import Programme
from shared.sealing import Sealed

COLLECTION = "applications"
FIRST_EPOCH = 1
SAID_BY_KEPT_MAX = 200
"""Of so many mails and requests an application knows that it has heard them; a mail that comes again comes within days."""

_FUNCTIONS: Mapping[str, Mapping[str, str]] = {
    "tr": {"da": "Tillidsrepræsentant", "en": "Union representative"},
    "amr": {"da": "Arbejdsmiljørepræsentant", "en": "Health and safety representative"},
    "employee": {"da": "Medarbejderrepræsentant", "en": "Employee representative"},
    "leader": {"da": "Leder", "en": "Leader"},
    "coordinator": {"da": "Tovholder", "en": "Coordinator"},
}
"""What stands for a title where none was given."""


class SaidBy(Fact):
    """The mail or request, by its id, that said the thing of this number. `is_grey`: nobody vouched for the mail's sender."""

    source: str
    number: int
    is_grey: bool = False


class Alias(Fact):
    """The keyed digest (see `addresses.py`) of another mail address that staff have found to be this person's, too."""

    person_id: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class Application:
    """The stored application. The blocks in `state` are sealed for their place in the document, not for an event.

    `epoch` counts how often all its links were renewed; `links_issued` are the instants of late at which it was raised.
    `unmailed` are the contacts who have not been written to yet, since their unconfirmed addresses had mail enough;
    `addresses` hold the keyed digests that count it (see `addresses.py`). `said_by` are the newest sources of `state.said`.
    `held` are the answers that somebody has to confirm, or has; `acts` counts what staff did, for the audit.
    """

    state: ApplicationState
    particulars: Sealed
    epoch: int = FIRST_EPOCH
    links_issued: tuple[datetime, ...] = ()
    unmailed: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    request: RequestMark | None = None
    decision: Decision | None = None
    said_by: tuple[SaidBy, ...] = ()
    held: tuple[Held, ...] = ()
    aliases: tuple[Alias, ...] = ()
    changed_addresses: ChangedAddresses = field(default_factory=ChangedAddresses)
    acts: int = 0
    version: int = 0
    event_sequence: int = 0

    @property
    def id(self) -> str:
        return self.state.application_id

    def epoch_of(self, person_id: str) -> int:
        """The epoch that this contact's own links must have; that of the sender's link for "-"."""
        return self.epoch + self.changed_addresses.renewed.get(person_id, 0)


@dataclass(frozen=True, kw_only=True)
class IssuedLinks:
    """New links of an application: all older ones are void. `issued_at` with those of late."""

    epoch: int
    issued_at: tuple[datetime, ...]


class Particulars(Fact):
    """What only intake keeps: the free texts and the promises. Sealed under the application's own key; in no event."""

    committee_name: str
    challenge: str
    desired_change: str
    participants_roles: dict[str, str]
    agreed: bool
    evaluation: bool
    privacy_read: bool


def particulars_of(form: ApplicationForm, roles: Mapping[str, str]) -> Particulars:
    """The particulars; `roles` are the contacts' functions by person id."""
    return Particulars(
        committee_name=form.committee.name,
        challenge=form.challenge,
        desired_change=form.desired_change,
        participants_roles=dict(roles),
        agreed=form.agreed,
        evaluation=form.evaluation,
        privacy_read=form.privacy_read,
    )


def people_of(form: ApplicationForm, person_ids: Sequence[str]) -> tuple[Person, ...]:
    """The contacts in the form's order, one id for each."""
    contacts = [contact for _, contact in form.people()]
    return tuple(_person(contact, person_id) for contact, person_id in zip(contacts, person_ids, strict=True))


def role_of(contact: form_parts.Person) -> str:
    """The function code of a contact: "leader", "tr", "amr", "coordinator", "other"."""
    return "leader" if isinstance(contact, form_parts.Leader) else getattr(contact, "role", "other")


def matter_of(form: ApplicationForm) -> Matter:
    return Matter(
        themes=form.themes, workplaces=tuple(Workplace(**workplace.model_dump()) for workplace in form.workplaces)
    )


def state_of(
    form: ApplicationForm,
    *,
    application_id: str,
    reference: str,
    programme: Programme,
    contacts: tuple[str, ...],
    people: dict[str, Sealed],
    matter: Sealed,
    trusted: bool,
    now: datetime,
) -> ApplicationState:
    """The clear facts of a new application with its sealed blocks; it is submitted, and not yet admitted."""
    chosen = programme.plans[form.kind].format_or_first(form.format)
    return ApplicationState(
        application_id=application_id,
        reference=reference,
        programme=programme.code,
        kind=form.kind,
        format=chosen.code if chosen else None,
        state="submitted",
        committee=form.committee.kind,
        municipalities=form.municipalities,
        sector=form.sector,
        employees=form.employees,
        participants=form.participants,
        committees_expected=form.committees_expected,
        earliest_start=form.earliest_start or now.astimezone(programme.tz).date(),
        wishes=_wishes(form),
        submitted_at=now,
        needs_confirmation=not trusted,
        contacts=contacts,
        people=people,
        matter=matter,
    )


def is_confirmed(state: ApplicationState, person_id: str) -> bool:
    """Whether a contact may be written to freely: the address is confirmed, or the application is under way."""
    return not state.needs_confirmation or state.admitted_at is not None or person_id in state.confirmed_by


def admitted(state: ApplicationState, *, now: datetime) -> ApplicationState:
    return state.model_copy(update={"state": "admitted", "admitted_at": now})


def _person(contact: form_parts.Person, person_id: str) -> Person:
    function: Literal["leader", "employee", "other"] = "other"
    if isinstance(contact, form_parts.Leader):
        function = "leader"
    elif isinstance(contact, form_parts.EmployeeRepresentative):
        function = "employee"
    code = "employee" if function == "employee" and role_of(contact) == "other" else role_of(contact)
    return Person(
        person_id=person_id,
        function=function,
        name=contact.name,
        title=contact.title or _FUNCTIONS.get(code, {}).get(contact.language, ""),
        mail=contact.email,
        phone=contact.phone,
        language=contact.language,
    )


def _wishes(form: ApplicationForm) -> Wishes:
    hours = form.wishes.preferred_hours
    return Wishes(
        avoid_weekdays=form.wishes.avoid_weekdays,
        avoid_hours=tuple(AvoidedHours(**hours.model_dump()) for hours in form.wishes.avoid_hours),
        unavailable=tuple(
            UnavailablePeriod(start=start, end=end) for start, end in form.wishes.unavailable_intervals()
        ),
        preferred_hours=(hours.from_time, hours.to_time) if hours else None,
    )
