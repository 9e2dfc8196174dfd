"""Applications, consultants and a scheduler with its real database, for tests; the clock is moved by hand."""

import base64
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from services.scheduler.consultant_page.link import PlanSigner
from services.scheduler.course import Request, StoredCourse
from services.scheduler.leisure import Leisure
from services.scheduler.means import Means
from services.scheduler.roster import RosterEntry
from services.scheduler.roster_calendar import RosterCalendar
from services.scheduler.store import Store
from services.scheduler.upkeep import prepare
from shared import ids
from shared.envelope import Envelope
from shared.events import (
    EVENTS,
    ApplicationAdmitted,
    ApplicationEvent,
    ApplicationState,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    CourseEvent,
    Matter,
    Person,
    Wishes,
    Workplace,
)
from shared.mongo import Client
from shared.outbox import Waiting
from shared.programme import Programme
from shared.reference.municipalities import load_municipalities
from shared.sealing import event_place
from shared.vault import MasterKey, Vault, application_key, person_key
from tests.factories import spark

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
"""A Friday."""
ODENSE, AARHUS, COPENHAGEN = "461", "751", "101"
WEEK = {day: [["08:00", "16:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
KINDS: dict[str, type[ApplicationEvent]] = {
    "submitted": ApplicationSubmitted,
    "admitted": ApplicationAdmitted,
    "withdrawn": ApplicationWithdrawn,
}


def roster_entry(consultant_id: str = "anne", **changes: Any) -> RosterEntry:
    """A consultant in Odense with all of SPARK's themes, who works office hours."""
    values = {
        "id": consultant_id,
        "name": f"Konsulent {consultant_id.title()}",
        "mail": f"{consultant_id}@konsulenter.example",
        "phone": "12 34 56 78",
        "municipality": ODENSE,
        "hours": WEEK,
        "themes": [theme.code for theme in spark().themes],
        "sectors": ["jobcenter"],
        "max_courses": 8,
    }
    return RosterEntry.model_validate(values | changes)


def contacts_of(application_id: str) -> dict[str, Person]:
    """A leader and an employee representative."""
    made = [
        Person(
            person_id=f"{application_id}-{function}",
            function=function,
            name=name,
            title="",
            mail=f"{function}-{application_id}@odense.example",
            phone="87 65 43 21",
            language=language,
        )
        for function, name, language in (("leader", "Lone Leder", "da"), ("employee", "Esben Ansat", "en"))
    ]
    return {person.person_id: person for person in made}


def matter_of(*, themes: tuple[str, ...] = ("samarbejde",), municipality: str = ODENSE) -> Matter:
    place = Workplace(
        name="Jobcentret", street="Søndergade 1", postal_code="5000", town="Odense C", municipality=municipality
    )
    return Matter(themes=themes, workplaces=(place,))


def request_of(**changes: Any) -> Request:
    """What an application of NOW asks for."""
    values = {
        "reference": "SPARK-7K4M-2QX9",
        "programme": "spark",
        "kind": "single",
        "municipalities": (ODENSE,),
        "sector": "jobcenter",
        "participants": 24,
        "earliest_start": date(2026, 12, 1),
        "wishes": Wishes(),
        "submitted_at": NOW,
        "contacts": ("a", "b"),
    }
    return Request.model_validate(values | changes)


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, days: float) -> None:
        self.now += timedelta(days=days)


@dataclass
class Office:
    """A scheduler on a database of its own. What it would publish, and how often the waiting list was woken, is kept."""

    client: Client
    name: str = field(default_factory=lambda: f"t{uuid4().hex[:12]}")
    clock: Clock = field(default_factory=Clock)
    master_key: str = field(default_factory=lambda: base64.b64encode(os.urandom(32)).decode())
    published: list[Waiting] = field(default_factory=list)
    woken: int = 0
    programme: Programme = field(default_factory=spark)
    public_url: str = "http://test"
    # Shared by all processes of a test, or a hundred of them would explain at length what one would put off.
    leisure: Leisure = field(default_factory=lambda: Leisure(time.perf_counter))

    def __post_init__(self) -> None:
        self.store = Store(self.client[self.name])
        self.vault = self.new_vault()
        self.means = self.new_means()

    def new_vault(self) -> Vault:
        return Vault(
            keys=self.client[f"{self.name}-vault"]["keys"], master_key=MasterKey(self.master_key), clock=self.clock
        )

    def new_means(self, publish: Callable[[Waiting], None] | None = None) -> Means:
        """Like those of one more process: same database, but a picture of the roster of its own."""
        return Means(
            store=self.store,
            vault=self.vault,
            programme=self.programme,
            municipalities=load_municipalities(),
            calendar=RosterCalendar(
                zone=self.programme.tz, horizon_days=self.programme.windows.horizon_days, today=date(2026, 11, 20)
            ),
            clock=self.clock,
            random=os.urandom,
            reply_key=bytes(32),
            workplace_key=bytes(32),
            plan_signer=PlanSigner(key=bytes(32), programme=self.programme.code, public_url=self.public_url),
            publish_course=publish or self.published.append,
            publish_consultant=self.published.append,
            try_waiting=self._wake,
            leisure=self.leisure,
        )

    def _wake(self) -> None:
        self.woken += 1

    async def open(self) -> "Office":
        await prepare(means=self.means)
        return self

    async def application(
        self,
        application_id: str,
        *,
        state: str = "admitted",
        sequence: int = 2,
        themes: tuple[str, ...] = ("samarbejde",),
        municipality: str = ODENSE,
        matter: Matter | None = None,
        event: type[ApplicationEvent] | None = None,
        of_person: dict[str, Any] | None = None,
        of: str | None = None,
        **changes: Any,
    ) -> tuple[ApplicationEvent, Envelope]:
        """An event of an application as intake would send it, people sealed; `of_person` is changed of each of them, or `of` one."""
        people = {
            one: person.model_copy(update=of_person if of in (None, one) else None)
            for one, person in contacts_of(application_id).items()
        }
        await self.vault.create([application_key(application_id), *(person_key(one) for one in people)])
        event = event or KINDS[state]
        event_id = ids.uuid7(self.clock(), os.urandom(10))
        place = event_place(application_id, event.type, event_id)
        values = {
            "application_id": application_id,
            "reference": f"SPARK-{application_id}",
            "programme": "spark",
            "kind": "single",
            "state": state,
            "committee": "trio",
            "municipalities": (municipality,),
            "sector": "jobcenter",
            "employees": 40,
            "participants": 24,
            "earliest_start": date(2026, 12, 1),
            "submitted_at": self.clock(),
            "needs_confirmation": True,
            "contacts": tuple(people),
            "people": {
                one: await self.vault.seal(person, key_id=person_key(one), place=place)
                for one, person in people.items()
            },
            "matter": await self.vault.seal(
                matter or matter_of(themes=themes, municipality=municipality),
                key_id=application_key(application_id),
                place=place,
            ),
        }
        envelope = Envelope(
            id=event_id,
            source="/forloeb/intake",
            type=event.type,
            subject=application_id,
            time=self.clock(),
            sequence=sequence,
            traceparent="",
        )
        return event(application=ApplicationState.model_validate(values | changes)), envelope

    async def course(self, course_id: str) -> StoredCourse:
        stored = await self.store.course(course_id)
        assert stored is not None
        return stored

    async def events(self, document_id: str) -> list[tuple[str, int, CourseEvent]]:
        """Short name, sequence and content of what the course's document has ever had to publish."""
        row = await self.store.courses.find_one({"_id": document_id})
        assert row is not None
        found = []
        for one in row["outbox"]:
            kind = EVENTS[one["type"]]
            found.append((kind.__name__, one["sequence"], kind.model_validate_json(bytes(one["body"]))))
        return found

    async def opened_people(self, document_id: str, number: int = -1) -> dict[str, Person]:
        """The people of one of the course's events, as its readers open them."""
        row = await self.store.courses.find_one({"_id": document_id})
        assert row is not None
        one = row["outbox"][number]
        event = EVENTS[one["type"]].model_validate_json(bytes(one["body"]))
        assert isinstance(event, CourseEvent)
        place = event_place(document_id, one["type"], one["id"])
        return await self.vault.unseal_known(event.course.people, Person, place=place)
