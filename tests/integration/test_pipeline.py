"""The whole pipeline, from applications over HTTP to invites in mailboxes: the demo's story, on either kind of Kafka."""

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import httpx2
import pytest
from icalendar import Calendar

from deploy.local.demo.memory import resident_mb
from deploy.local.demo.outcome import Outcome
from deploy.local.demo.play import play
from shared.events import MESSAGES, MessageEvent, MessageState
from tests.intake_house import new_application
from tests.kafka_tools import all_records
from tests.pipeline import Pipeline, pipeline, record_faults

Found = TypeVar("Found")

SERVICES = ("intake", "scheduler", "notifier", "monitor")
MEMORY_MB_MAX = 150
SETTLE_SECONDS = 60
KEYS = {"applications", "booked", "waitlisted", "meetings", "invites_in_mailboxes", "overlaps", "seconds", "answers"}

# Four meetings for one workplace, three with a whole day, seven of a joint course; two contacts, three in three of the courses;
# one consultant each.
MEETINGS = 10 * 4 + 3 + 2 * 7
INVITES = 4 * (9 * 3 + 1 * 4) + 3 * 3 + 2 * (7 * 4)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("noida", id="embedded"),
        pytest.param("apache", id="apache", marks=pytest.mark.needs("kafka")),
    ],
)
def told(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Pipeline, Outcome]]:
    """The story, told once on each; the tests look at what came of it."""
    with pipeline(tmp_path_factory.mktemp("pipeline"), kafka=request.param) as held:
        held.up(*SERVICES)
        yield held, play(held.system(), report=lambda *_: None)


pytestmark = pytest.mark.timeout(240)


def test_everybody_has_every_meeting_in_the_mailbox(told: tuple[Pipeline, Outcome]) -> None:
    """Single and joint courses, the one that waited, and the one that was withdrawn: as many invites as people and meetings."""
    _, outcome = told
    assert outcome.faults == ()
    assert (outcome.count("booked"), outcome.waitlisted, outcome.count("cancelled")) == (13, 1, 1)
    assert len(outcome.booked_meetings()) == MEETINGS
    assert outcome.invites_in_mailboxes() == INVITES
    assert outcome.cancellations_in_mailboxes() == 4 * 3


def test_nobody_is_booked_twice(told: tuple[Pipeline, Outcome]) -> None:
    """Counted by the scheduler from its claims, and here from the times of the meetings."""
    _, outcome = told
    assert outcome.overlaps == 0


def test_the_status_link_shows_the_end_of_each_application(told: tuple[Pipeline, Outcome]) -> None:
    """Intake has followed the courses' events: booked with all meetings, or withdrawn with none."""
    held, outcome = told
    system = held.system()
    for one in outcome.cast:
        status = system.applicants.status(one.sent.status_url)
        if one.applicant.ending == "withdrawn":
            assert (status["state"], status["meetings"]) == ("withdrawn", [])
        else:
            course = outcome.courses[one.sent.application_id]
            assert status["state"] == "planned"
            assert len(status["meetings"]) == len(course["meetings"])


def test_a_new_link_comes_by_mail_and_opens_the_page_of_the_whole_course(told: tuple[Pipeline, Outcome]) -> None:
    """The link before it is void; the page has the mails that went out, and each meeting's invite as it was mailed."""
    held, outcome = told
    one = next(one for one in outcome.cast if one.applicant.ending == "booked")
    reader = one.sent.contacts[0]
    system = held.system()
    with httpx2.Client(follow_redirects=True, base_url=held.addresses["intake"] or "") as browser:
        form = browser.get("/nyt-link").text
        token = re.findall(r'name="form_token" value="([^"]+)"', form)[0]
        browser.post("/nyt-link", data={"form_token": token, "reference": one.sent.reference})
        letters = _until(lambda: [each for each in system.inbox(reader) if "nyt link" in each.subject])
        assert browser.get(one.link or "").status_code == 404
        page = browser.get(letters[0].links[0])
        assert (page.status_code, one.link in letters[0].links) == (200, False)
        _until(lambda: "Nyt link til denne side" in browser.get(page.url).text)
        mailed = {letter.calendar.uid for letter in system.inbox(reader) if letter.calendar}
        invites = [browser.get(path).text for path in re.findall(r'href="([^"]+[.]ics)"', page.text)]
    fetched = {str(Calendar.from_ical(ics).events[0]["UID"]) for ics in invites}
    assert len(fetched) == len(outcome.courses[one.sent.application_id]["meetings"])
    assert fetched <= mailed


def test_what_cannot_be_delivered_comes_back_and_the_other_contact_is_asked(told: tuple[Pipeline, Outcome]) -> None:
    """By way of mail servers: sent, taken, returned to its own return path, bounced; nobody is suspected whose mail is only late."""
    held, _ = told
    mark = uuid4().hex
    unknown, late = f"ukendt.{mark}@kommune.example", f"forsinket.{mark}@kommune.example"
    third = {"name": "Ida Sø", "role": "other", "email": late, "phone": "57626003"}
    application = new_application({"contacts.leader.email": unknown, "contacts.others": [third]})
    with httpx2.Client(base_url=held.addresses["intake"] or "") as browser:
        bearer = {"Authorization": f"Bearer {held.api_token}"}
        sent = browser.post("/api/v1/applications", json=application, headers=bearer).json()

    def messages() -> list[MessageState]:
        return [one for one in _messages(held) if one.application_id == sent["application_id"]]

    bounced = _until(lambda: [one for one in messages() if one.state == "bounced"])[0]
    # Which of the mails that were on their way comes back first, nobody knows.
    assert (bounced.reason, bounced.enhanced_code, bounced.undeliverable) == ("no_such_recipient", "5.1.1", True)
    wanted = _until(lambda: [one for one in messages() if one.kind == "address_wanted"])[0]
    assert (wanted.state, wanted.person_id != bounced.person_id) == ("accepted", True)
    assert {one.person_id for one in messages() if one.state == "bounced"} == {bounced.person_id}
    _gives_new_address(held, str(application["contacts"]["employee_representative"]["email"]), bounced.person_id, mark)


def test_every_event_was_published_once_and_nothing_was_given_up(told: tuple[Pipeline, Outcome]) -> None:
    """No dead letter, no gap in any aggregate's events, nothing left in an outbox."""
    held, _ = told
    _settle(held)
    assert record_faults(held.records()) == []


def test_each_service_is_small(told: tuple[Pipeline, Outcome]) -> None:
    """Resident memory of each service after the story."""
    held, _ = told
    assert {name: size for name, size in resident_mb(held.running()).items() if size >= MEMORY_MB_MAX} == {}


def test_the_demo_tells_its_figures_in_its_last_line(tmp_path: Path) -> None:
    """`forloeb demo --once` in a pipe: exit code 0, one JSON object last, and nothing of it is left running."""
    command = [sys.executable, "-m", "services.cli", "demo", "--once"]
    environment = os.environ | {"FORLOEB_HOME": str(tmp_path), "KAFKA": "noida"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures.keys() >= KEYS
    assert (figures["applications"], figures["booked"], figures["waitlisted"], figures["overlaps"]) == (14, 13, 1, 0)
    assert (figures["meetings"], figures["invites_in_mailboxes"]) == (MEETINGS, INVITES)
    assert (figures["repaired"], figures["counters_taken"], figures["counters_declined"]) == (1, 2, 1)
    assert figures["held_confirmed"] == 1
    # Mails that were on their way together may all come back; each meeting has a reminder to come at least.
    assert (figures["bounced"] >= 1, figures["addresses_changed"]) == (True, 1)
    assert figures["planned_mails"] >= MEETINGS
    assert not (tmp_path / "programs.json").exists()


def _gives_new_address(held: Pipeline, asked: str, person_id: str, mark: str) -> None:
    """The contact who is asked opens the link of the mail and gives a new address, to which the person is told anew."""
    system, address = held.system(), f"ny.{mark}@kommune.example"
    letter = _until(lambda: [one for one in system.inbox(asked) if one.links])[0]
    with httpx2.Client(follow_redirects=True, base_url=held.addresses["intake"] or "") as browser:
        page = browser.get(letter.links[0])
        form = rf'action="([^"]+/address/{person_id})".*?name="form_token" value="([^"]+)"'
        action, token = _until(lambda: re.findall(form, browser.get(page.url).text, re.DOTALL))[0]
        assert browser.post(action, data={"form_token": token, "mail": address}).status_code == 200
        told = _until(lambda: [one for one in system.inbox(address) if one.links])[0]
        assert address in browser.get(told.links[0]).text
    objects = _until(lambda: [one.calendar for one in system.inbox(address) if one.calendar])
    assert {one.attendees for one in objects} == {(address,)}


def _messages(held: Pipeline) -> list[MessageState]:
    """What was told of mails so far, in the order in which it was told."""
    records = asyncio.run(all_records(held.addresses["kafka"] or "", MESSAGES))
    return [MessageEvent.model_validate_json(record.value).message for record in records]


def _until(look: Callable[[], Found]) -> Found:
    """What `look` finds, as soon as it finds something."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while not (found := look()):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return found


def _settle(held: Pipeline) -> None:
    deadline = time.monotonic() + SETTLE_SECONDS
    while unsettled := held.unsettled():
        assert time.monotonic() < deadline, unsettled
        time.sleep(0.2)
