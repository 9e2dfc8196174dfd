"""A service is killed at each named point, as hard as a power cut, and started again: nothing is lost, nothing happens twice.

Real services on Apache Kafka and the embedded database; each case is one application on its way to everybody's mailbox.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from httpx2 import HTTPError

from deploy.local.demo.expectations import copies, count_found, expected_letters, letter_faults, second_message_ids
from deploy.local.demo.people import JSON, RefusedError, Sent
from deploy.local.demo.play import System
from deploy.local.demo.story import CONSULTANTS
from shared.crash import (
    AFTER_CLAIM,
    AFTER_DATA_BEFORE_RECEIPT,
    AFTER_PUBLISH_BEFORE_CLEAR,
    AFTER_WRITE_BEFORE_PUBLISH,
    MAIL_IN_POINTS,
    POINTS,
    SENDING_POINTS,
)
from tests.factories import single_application
from tests.pipeline import Pipeline, about, pipeline, record_faults, repeats

CASES = [
    ("intake", AFTER_WRITE_BEFORE_PUBLISH),
    ("intake", AFTER_PUBLISH_BEFORE_CLEAR),
    ("scheduler", AFTER_WRITE_BEFORE_PUBLISH),
    ("scheduler", AFTER_PUBLISH_BEFORE_CLEAR),
    ("scheduler", AFTER_CLAIM),
    ("notifier", AFTER_WRITE_BEFORE_PUBLISH),
    ("notifier", AFTER_PUBLISH_BEFORE_CLEAR),
    ("notifier", AFTER_DATA_BEFORE_RECEIPT),
]
# A killed member of a consumer group is missed after some seconds; only then does its successor get the partitions.
PATIENCE_SECONDS = 90
LEASE_SECONDS = "4"
POLL_SECONDS = 0.2
# A receipt and the mail with all dates to each contact, the latter to the consultant too.
EXPLAINING_MAILS = 2 * 2 + 1

pytestmark = [pytest.mark.needs("kafka"), pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    folder = tmp_path_factory.mktemp("crashes")
    with pipeline(folder, kafka="apache", short_sessions=True, FORLOEB_NOTIFIER_LEASE_SECONDS=LEASE_SECONDS) as found:
        found.up("intake", "scheduler", "notifier")
        found.system().staff.import_roster(CONSULTANTS)
        yield found


def test_every_point_has_its_case() -> None:
    """A new crash point cannot be forgotten here; those of mail that comes in, and of sending it, have tests of their own."""
    assert {point for _, point in CASES} == POINTS - MAIL_IN_POINTS - SENDING_POINTS


@pytest.mark.parametrize(("service", "point"), CASES)
def test_a_power_cut_loses_nothing_and_repeats_nothing(held: Pipeline, service: str, point: str) -> None:
    """Killed at this point, the service finishes its work after the restart; a mail goes twice only after a lost answer."""
    system, application, key = held.system(), _application(), uuid4().hex
    repeated_before = repeats(held.records())
    held.stop(service)
    held.begin(service, FORLOEB_CRASH_AT=point)
    held.wait_ready(service)
    with suppress(HTTPError, RefusedError):
        # Intake may be gone before its answer; whoever sends an application then sends it again under the same key.
        system.applicants.apply(application, token=held.api_token, key=key)
    _until(lambda: not held.alive(service), f"{service} to kill itself")
    held.begin(service)
    held.wait_ready(service)
    sent = system.applicants.apply(application, token=held.api_token, key=key)

    course = _until(lambda: _booked(system, sent), "the booking")
    consultant = system.staff.consultants()[course["consultant"]]["mail"]
    expected = expected_letters(course, sent.contacts, consultant)
    people = {one.mailbox for one in expected}
    _until(lambda: count_found(expected, system.mailboxes.read_all(people)) == len(expected), "all invites")
    _until(lambda: not held.unsettled(), "everything to come to rest")

    letters = about(system.mailboxes.read_all(people), course)
    assert letter_faults(expected, letters) == []
    assert second_message_ids(letters) == []
    explaining = {letter.message_id for inbox in letters.values() for letter in inbox if letter.calendar is None}
    assert len(explaining) == EXPLAINING_MAILS
    assert copies(letters) == 0 or service == "notifier"
    if point == AFTER_DATA_BEFORE_RECEIPT:
        assert copies(letters) >= 1
    overlaps = system.staff.overlaps()
    assert (overlaps["overlapping"], overlaps["unclaimed"]) == (0, 0)
    records = held.records()
    assert record_faults(records) == []
    if point == AFTER_PUBLISH_BEFORE_CLEAR:
        assert repeats(records) > repeated_before


def _application() -> JSON:
    name = uuid4().hex[:12]
    return single_application(
        {
            "contacts.leader.email": f"leader-{name}@ringsted.example",
            "contacts.employee_representative.email": f"employee-{name}@ringsted.example",
        }
    )


def _booked(system: System, sent: Sent) -> JSON | None:
    with suppress(HTTPError):
        course = system.staff.courses().get(sent.application_id)
        return course if course and course["state"] == "booked" else None
    return None


def _until(condition: Callable[[], Any], what: str) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited {PATIENCE_SECONDS} s for {what}"
        time.sleep(POLL_SECONDS)
    return found
