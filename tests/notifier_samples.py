"""Applications and courses as the notifier hears of them: the people with their invites in clear, and the states with none."""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from services.notifier.message import LeasedMessage
from services.scheduler import invite
from services.scheduler.invite import CalendarUser
from shared.events import (
    ApplicationState,
    CourseState,
    Invite,
    Matter,
    Meeting,
    Person,
    Workplace,
)
from shared.sealing import Sealed

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
SUBMITTED_AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
STARTS = (datetime(2027, 1, 12, 9, 0, tzinfo=COPENHAGEN), datetime(2027, 2, 2, 12, 30, tzinfo=COPENHAGEN))
CONSULTANTS = ("consultant", "second", "successor")
CODES = ("opening", "first")
MATTER = Matter(
    themes=("canary-theme",),
    workplaces=(
        Workplace(
            name="Plejecenter Åbrinken", street="Søndergade 1", postal_code="6200", town="Aabenraa", municipality="580"
        ),
    ),
)
NOTHING = Sealed(key_id="application:none", nonce="", box="")


def application_id(number: int) -> str:
    """A different application for each test that shares a database."""
    return f"a{number:03d}"


def person(key: str, *, of: str = "a001", language: Literal["da", "en"] = "da", **changes: Any) -> Person:
    """The `leader`, the `employee` or the `consultant` of an application, with an address of their own."""
    function = "consultant" if key in CONSULTANTS else "other" if key not in ("leader", "employee") else key
    person_id = f"{of}-{key}"
    fields: dict[str, Any] = {
        "person_id": person_id,
        "function": function,
        "name": f"Åse {key.title()}",
        "title": "Leder",
        "mail": f"{person_id}@kommune.example",
        "phone": "12345678",
        "language": language,
        "links": {} if key in CONSULTANTS else {"status": f"http://127.0.0.1:8000/s/{person_id}"},
    }
    return Person(**fields | changes)


def application(
    state: Literal["submitted", "admitted", "declined", "withdrawn"] = "submitted", *, of: str = "a001", **changes: Any
) -> ApplicationState:
    """An application after so much of its life: it was admitted before it was withdrawn."""
    fields: dict[str, Any] = {
        "application_id": of,
        "reference": "SPARK-7K4M-2QX9",
        "programme": "spark",
        "kind": "single",
        "state": state,
        "committee": "trio",
        "municipalities": ("580",),
        "sector": "aeldre",
        "employees": 40,
        "participants": 12,
        "earliest_start": date(2027, 1, 4),
        "submitted_at": SUBMITTED_AT,
        "admitted_at": None if state == "submitted" else SUBMITTED_AT + timedelta(hours=1),
        "needs_confirmation": True,
        "contacts": (f"{of}-leader", f"{of}-employee"),
        "people": {},
        "matter": NOTHING,
    }
    return ApplicationState(**fields | changes)


def course(
    state: Literal["booked", "waiting", "cancelled", "completed"] = "booked", *, of: str = "a001", **changes: Any
) -> CourseState:
    """A course of two meetings; `changes` may bring other `meetings`."""
    cancelled = state == "cancelled"
    fields: dict[str, Any] = {
        "application_id": of,
        "reference": "SPARK-7K4M-2QX9",
        "programme": "spark",
        "kind": "single",
        "state": state,
        "earliest": date(2027, 1, 4),
        "latest": date(2027, 5, 20),
        "consultant_id": None if state == "waiting" else f"{of}-consultant",
        "meetings": () if state == "waiting" else tuple(meeting(place, of=of, cancelled=cancelled) for place in (0, 1)),
        "decided_at": SUBMITTED_AT + timedelta(hours=2),
        "contacts": (f"{of}-leader", f"{of}-employee"),
        "people": {},
        "matter": NOTHING,
    }
    return CourseState(**fields | changes)


def meeting(place: int, *, of: str = "a001", cancelled: bool = False, moves: int = 0) -> Meeting:
    """The first or second meeting of a course, after so many changes of its time."""
    changes = moves + cancelled
    return Meeting(
        meeting_id=f"{of}-m{place}",
        code=CODES[place],
        place="workplace" if place == 0 else "online",
        minutes=120,
        start=(STARTS[place] + timedelta(days=7 * moves)).astimezone(UTC),
        wall_start=f"{STARTS[place] + timedelta(days=7 * moves):%Y-%m-%dT%H:%M}",
        zone="Europe/Copenhagen",
        uid=f"{of}-m{place}@forloeb.example",
        sequence=changes,
        dtstamp=SUBMITTED_AT + timedelta(hours=2 + changes),
        status="cancelled" if cancelled else "confirmed",
    )


def people_of(state: CourseState, *, english: tuple[str, ...] = ()) -> dict[str, Person]:
    """The contacts and whatever consultants the course has, each with an invite to every meeting."""
    consultants = [
        one.removeprefix(f"{state.application_id}-") for one in (state.consultant_id, state.second_id) if one
    ]
    keys = ["leader", "employee", *consultants]
    found = [person(key, of=state.application_id, language="en" if key in english else "da") for key in keys]
    return {each.person_id: with_invites(each, state) for each in found}


def taken_off(one: Person, state: CourseState, *, old: Collection[str]) -> Person:
    """The person with a cancelled copy of these meetings, which go on without her."""
    known = with_invites(one, state)
    cancelled = (copy.model_copy(update={"method": "CANCEL"}) for copy in known.invites if copy.meeting_id in old)
    return one.model_copy(update={"invites": tuple(cancelled)})


def with_invites(one: Person, state: CourseState) -> Person:
    return one.model_copy(update={"invites": tuple(_invite(one, each) for each in state.meetings)})


def _invite(one: Person, each: Meeting) -> Invite:
    values = invite.Invite(
        uid=each.uid,
        sequence=each.sequence,
        dtstamp=each.dtstamp,
        start=each.start,
        end=each.start + timedelta(minutes=each.minutes),
        zone=each.zone,
        summary="SPARK-forløb: indledende møde",
        description="Reference: SPARK-7K4M-2QX9",
        location="",
        organizer=CalendarUser("SPARK", "invite+token@forloeb.example"),
        attendee=CalendarUser(one.name, one.mail),
    )
    cancelled = each.status == "cancelled"
    written = invite.cancel(values) if cancelled else invite.request(values)
    return Invite(
        meeting_id=each.meeting_id,
        method="CANCEL" if cancelled else "REQUEST",
        sequence=each.sequence,
        ics=written.decode(),
    )


def leased(number: int = 1, **changes: Any) -> LeasedMessage:
    """A message in the hands of a sender."""
    fields: dict[str, Any] = {
        "message_id": f"message-{number}",
        "application_id": "a001",
        "person_id": "a001-leader",
        "kind": "receipt",
        "about": "application",
        "replaces": False,
        "sequence": 1,
        "meeting_id": None,
        "internet_message_id": f"<message-{number}@forloeb.example>",
        "created_at": SUBMITTED_AT,
        "due_at": SUBMITTED_AT,
        "traceparent": "",
        "mail": NOTHING,
        "attempts": 0,
        "unknown": False,
        "version": 2,
        "event_sequence": 0,
        "lease": "lease",
        "obsolete": False,
    }
    return LeasedMessage(**fields | changes)
