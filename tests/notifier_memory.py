"""The notifier's telling without a database: views, messages and the vault in memory, and a clock that a test sets."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel

from services.notifier.course_view import View
from services.notifier.desk import Desk
from services.notifier.message import MailContent, NewMessage
from services.notifier.returns.returned import Returned
from services.notifier.tell_course import tell_about_course
from services.notifier.tell_later import tell_due
from services.notifier.template_files import Templates, load_templates
from shared.envelope import Envelope
from shared.events import CourseEvent, CourseRebooked, CourseState, Person
from shared.sealing import Sealed, event_place
from tests.factories import spark
from tests.notifier_samples import MATTER, SUBMITTED_AT

PROGRAMME = spark()


class OpenVault:
    """Seals nothing, but still opens a block only in the place that it was put for."""

    async def seal(self, content: BaseModel, *, key_id: str, place: Sequence[str]) -> Sealed:
        return Sealed(key_id=key_id, nonce="/".join(place), box=content.model_dump_json())

    async def unseal(self, sealed: Sealed, as_model: type[Any], *, place: Sequence[str]) -> Any:
        assert sealed.nonce == "/".join(place)
        return as_model.model_validate_json(sealed.box)

    async def unseal_known(self, blocks: Mapping[str, Sealed], as_model: type[Any], *, place: Sequence[str]) -> Any:
        return {name: await self.unseal(block, as_model, place=place) for name, block in blocks.items()}


class MemoryViews:
    """As `Views`."""

    def __init__(self) -> None:
        self.views: dict[str, View] = {}

    async def read(self, application_id: str) -> View:
        return self.views.get(application_id, View(application_id=application_id))

    async def due(self, *, now: datetime) -> list[str]:
        return [one for one, view in self.views.items() if view.settling and view.settling.due <= now]

    async def advance(self, view: View, *, before: View) -> View | None:
        if (await self.read(view.application_id)).version != before.version:
            return None
        stored = view.model_copy(update={"version": before.version + 1})
        self.views[view.application_id] = stored
        return stored

    async def timed_due(self, *, now: datetime) -> list[str]:
        return [one for one, view in self.views.items() if view.timed_at and view.timed_at <= now]

    async def put_off_timed(self, application_id: str, *, now: datetime, until: datetime) -> None:
        view = self.views[application_id]
        assert view.timed_at is None or view.timed_at <= now
        self.views[application_id] = view.model_copy(update={"timed_at": until})

    async def put_off(self, application_id: str, *, now: datetime, until: datetime) -> None:
        """Here nothing fails but what a test has failing, and that shall be seen."""
        raise AssertionError(f"{application_id} could not be told at {now}, and would be put off until {until}")


class MemoryDays:
    """As `Days` of timed mails: how many mails each addressee has had on each day."""

    def __init__(self) -> None:
        self.taken: dict[tuple[str, str], set[str]] = {}

    async def take(self, addressee: str, day: str, message_id: str, *, places: int | None) -> bool:
        taken = self.taken.setdefault((addressee, day), set())
        if message_id not in taken and places is not None and len(taken) >= places:
            return False
        taken.add(message_id)
        return True


class MemoryMessages:
    """As `Messages`, as far as telling needs it: in the order in which they were put in."""

    def __init__(self) -> None:
        self.rows: dict[str, NewMessage] = {}

    async def insert(self, messages: Sequence[NewMessage]) -> int:
        new = [one for one in messages if one.message_id not in self.rows]
        self.rows |= {one.message_id: one for one in new}
        return len(new)

    async def make_obsolete(self, application_id: str, pairs: Sequence[tuple[str, str]], *, before: int) -> None:
        """Here every mail is sent at once, so none is ever overtaken."""

    async def make_obsolete_at(self, application_id: str, person_id: str, *, addressees: Sequence[str]) -> None:
        """As above."""

    async def make_obsolete_elsewhere(self, application_id: str, person_id: str, *, addressee: str) -> None:
        """As above."""


class MemoryReturns:
    """As `Returns`, as far as telling needs it."""

    def __init__(self) -> None:
        self.rows: dict[str, Returned] = {}

    async def insert(self, returned: Sequence[Returned]) -> None:
        self.rows |= {one.id: one for one in returned if one.id not in self.rows}


class DiedError(BaseException):
    """The process is no more."""


class Mortal:
    """Lets a process die before its `dies_at`th write or look, counted from 0."""

    def __init__(self, room: "Room", *, dies_at: int) -> None:
        self.calls, self._dies_at = 0, dies_at
        for store, names in ((room.views, ("read", "due", "advance")), (room.messages, ("insert", "make_obsolete"))):
            for name in names:
                setattr(store, name, self._mortal(getattr(store, name)))

    def _mortal(self, act: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def wrapped(*values: Any, **named: Any) -> Any:
            number, self.calls = self.calls, self.calls + 1
            if number == self._dies_at:
                raise DiedError
            return await act(*values, **named)

        return wrapped


class Room:
    """A desk in memory."""

    def __init__(self, *, quiet: timedelta, templates: Templates | None = None) -> None:
        self.now = SUBMITTED_AT
        self.views, self.messages, self.vault = MemoryViews(), MemoryMessages(), OpenVault()
        self.desk = Desk(
            views=self.views,  # type: ignore[arg-type]
            messages=self.messages,  # type: ignore[arg-type]
            returns=MemoryReturns(),  # type: ignore[arg-type]
            vault=self.vault,  # type: ignore[arg-type]
            programme=PROGRAMME,
            templates=templates or load_templates(),
            clock=lambda: self.now,
            wake=lambda: None,
            quiet=quiet,
            staff_url="https://staff.forloeb.example",
            address_key=bytes(32),
        )

    async def event(
        self,
        state: CourseState,
        people: Mapping[str, Person],
        *,
        sequence: int,
        kind: type[CourseEvent] = CourseRebooked,
    ) -> tuple[CourseEvent, Envelope]:
        """The event of a course as its producer writes it."""
        place = event_place(state.application_id, kind.type, f"event-{sequence}")
        blocks = {
            one: await self.vault.seal(person, key_id=f"person:{one}", place=place) for one, person in people.items()
        }
        matter = await self.vault.seal(MATTER, key_id=f"application:{state.application_id}", place=place)
        envelope = Envelope(
            id=f"event-{sequence}",
            source="/forloeb/test",
            type=kind.type,
            subject=state.application_id,
            time=self.now,
            sequence=sequence,
            traceparent="",
        )
        return kind(course=state.model_copy(update={"people": blocks, "matter": matter})), envelope

    async def tell(self, state: CourseState, people: Mapping[str, Person], *, sequence: int) -> str:
        return await tell_about_course(*await self.event(state, people, sequence=sequence), desk=self.desk)

    async def wait(self, seconds: float) -> int:
        """Let time pass, then look for what is due; how many courses were told."""
        self.now += timedelta(seconds=seconds)
        return await tell_due(desk=self.desk)

    def kinds(self, since: int = 0) -> list[tuple[str, str]]:
        """Who was sent what, in order, from the `since`th message on."""
        rows = list(self.messages.rows.values())[since:]
        return [(row.person_id.partition("-")[2] or row.person_id, row.kind) for row in rows]

    def content(self, row: NewMessage) -> MailContent:
        return MailContent.model_validate_json(row.mail.box)
