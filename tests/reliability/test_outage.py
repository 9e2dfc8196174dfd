"""The database and the broker are away for two minutes, both at once, while people go on applying: nothing is lost by it."""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from httpx2 import Client, HTTPError

from deploy.local.demo.expectations import count_found, expected_letters, letter_faults, second_message_ids
from deploy.local.demo.outcome import System
from deploy.local.demo.people import JSON, RefusedError, Sent, browser
from deploy.local.demo.story import CONSULTANTS
from tests.factories import single_application
from tests.pipeline import Pipeline, pipeline, record_faults

SERVICES = ("intake", "scheduler", "notifier")
AWAY_SECONDS = 120
BETWEEN_SECONDS = 5.0
RECOVERY_SECONDS = 120
POLL_SECONDS = 0.3
HTTP_UNAVAILABLE = 503

pytestmark = [pytest.mark.needs("kafka"), pytest.mark.timeout(420)]


@dataclass
class Applicant:
    """Sends one application until it is taken, always under the same key."""

    application: JSON
    key: str = field(default_factory=lambda: uuid4().hex)
    sent: Sent | None = None

    def try_once(self, system: System, token: str) -> bool:
        with suppress(HTTPError, RefusedError):
            self.sent = self.sent or system.applicants.apply(self.application, token=token, key=self.key)
        return self.sent is not None


@pytest.fixture
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    with pipeline(tmp_path_factory.mktemp("outage"), kafka="apache") as found:
        found.up(*SERVICES)
        found.system().staff.import_roster(CONSULTANTS)
        yield found


def test_what_was_accepted_arrives_after_an_outage_of_both(held: Pipeline) -> None:
    """No dead letter, no service dies, every accepted application is decided once and everybody has the invites."""
    system, token = held.system(), held.api_token
    before, without_broker, during, after = (_applicants() for _ in range(4))
    assert all(one.try_once(system, token) for one in before)
    held.kill_server("kafka")
    assert all(one.try_once(system, token) for one in without_broker), "intake accepts while the broker is away"
    held.kill_server("mongodb")
    with browser() as client:
        _endure(held, client, system, during)
    held.bring_up_servers()
    everybody = [*before, *without_broker, *during, *after]
    deadline = time.monotonic() + RECOVERY_SECONDS
    while sum(one.try_once(system, token) for one in everybody) < len(everybody):
        _pause(deadline, "applications to be taken again")
    courses = _decided(system, everybody, deadline)
    assert len(courses) == len(everybody)
    _everybody_has_been_told(held, system, everybody, courses, deadline)
    assert record_faults(held.records()) == []
    overlaps = system.staff.overlaps()
    assert (overlaps["overlapping"], overlaps["unclaimed"]) == (0, 0)
    assert all(held.alive(name) for name in SERVICES)


def _endure(held: Pipeline, client: Client, system: System, applicants: list[Applicant]) -> None:
    """Go on trying for two minutes: refused for now is the right answer, and nobody must take a service for dead."""
    over = time.monotonic() + AWAY_SECONDS
    while time.monotonic() < over:
        for one in applicants:
            assert not one.try_once(system, held.api_token), "nothing can be stored now"
        answer = client.post(f"{held.addresses['intake']}/api/v1/applications", json=applicants[0].application)
        assert answer.status_code == HTTP_UNAVAILABLE
        for name in SERVICES:
            assert client.get(f"{held.addresses[name]}/livez").is_success, f"{name} is alive: it waits"
            assert client.get(f"{held.addresses[name]}/readyz").status_code == HTTP_UNAVAILABLE
        time.sleep(BETWEEN_SECONDS)


def _decided(system: System, applicants: list[Applicant], deadline: float) -> dict[str, JSON]:
    """Each application's course, booked or on the waiting list."""
    wanted = {one.sent.application_id for one in applicants if one.sent}
    while True:
        courses: dict[str, JSON] = {}
        with suppress(HTTPError, RefusedError):
            courses = system.staff.courses()
        if wanted <= {name for name, course in courses.items() if course["state"] in ("booked", "waiting")}:
            return courses
        _pause(deadline, "every application to be decided")


def _everybody_has_been_told(
    held: Pipeline, system: System, applicants: list[Applicant], courses: dict[str, JSON], deadline: float
) -> None:
    consultants = system.staff.consultants()
    expected = []
    for one in applicants:
        course = courses[one.sent.application_id] if one.sent else {}
        if course["state"] == "booked" and one.sent:
            expected += expected_letters(course, one.sent.contacts, consultants[course["consultant"]]["mail"])
    assert expected
    people = {one.mailbox for one in expected}
    while count_found(expected, system.mailboxes.read_all(people)) < len(expected):
        _pause(deadline, "all invites")
    while held.unsettled():
        _pause(deadline, "everything to come to rest")
    letters = system.mailboxes.read_all(people)
    assert letter_faults(expected, letters) == []
    assert second_message_ids(letters) == []


def _applicants() -> list[Applicant]:
    return [Applicant(_application()) for _ in range(3)]


def _application() -> JSON:
    name = uuid4().hex[:12]
    return single_application(
        {
            "contacts.leader.email": f"leader-{name}@ringsted.example",
            "contacts.employee_representative.email": f"employee-{name}@ringsted.example",
        }
    )


def _pause(deadline: float, what: str) -> None:
    assert time.monotonic() < deadline, f"waited {RECOVERY_SECONDS} s for {what}"
    time.sleep(POLL_SECONDS)
