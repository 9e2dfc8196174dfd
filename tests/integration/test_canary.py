"""One run of everything with a canary in each personal field and in much bad input: none of them in logs, metrics, errors, Kafka."""

import asyncio
import csv
import io
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pymongo import MongoClient

from deploy.local.demo.people import Applicants, Sent, Staff
from deploy.local.demo.play import CONSULTANTS
from services.intake.form.steps import RECEIPT, Step
from shared.events import APPLICATIONS as APPLICATIONS_TOPIC
from shared.events import CONSULTANTS as CONSULTANTS_TOPIC
from shared.events import COURSES as COURSES_TOPIC
from shared.events import DEAD_LETTERS
from tests.canary import Canaries
from tests.factories import single_application
from tests.form_samples import fields_of_step
from tests.form_visitor import Visitor
from tests.kafka_tools import RawRecord, produce
from tests.pipeline import Pipeline, pipeline

SERVICES = ("intake", "scheduler", "notifier", "monitor")
PATIENCE_SECONDS = 60
APPLY = "/api/v1/applications"
JSON = {"Content-Type": "application/json"}
THEME = "chikane"
THEMES = (THEME, "Chikane, herunder mobning")
PERSON = {"name": "Kanarinæs Lederholt", "title": "Kanarietitel i toppen", "email": "kanarileder@kanaripost.example"}
OTHER = {"name": "Kanarinæs Medarbejderå", "title": "Kanarititel i bunden", "email": "kanarimedarb@kanaripost.example"}
PHONES = ("91827364", "92736455", "93645546")
WORKPLACE = {"name": "Kanarigården i Øst", "street": "Kanarivænget 1723", "town": "Kanariby Strand"}
COMMITTEE = "TRIO Kanariudvalget"
CHALLENGE = "Kanarifritekst om det, der er svært hos os."
CHANGE = "Kanariønske om at det bliver anderledes."
CPR = ("0102031234", "010203-1234")
ADDRESS = "203.0.113.77"
HEADERS = {
    "User-Agent": "Kanaribrowser/17",
    "Referer": "https://kanaripost.example/kanarihenvisning",
    "X-Forwarded-For": ADDRESS,
    "Accept-Language": "kanarisprog",
    "X-Kanari": "kanarihoved",
    "traceparent": "00-kanarispor-kanarispor-01",
}
JUNK = "Kanariskrald<b>'\"&{{7*7}}$ne"
KEY = "kanarinoegle-0123456789"
# An address with an application that nobody has confirmed waits for its next receipt.
OF_OTHERS = {
    "contacts.leader.email": "kanarileder2@kanaripost.example",
    "contacts.employee_representative.email": "kanarimedarb2@kanaripost.example",
}
CONSULTANT = "Kanarikonsulent Åst"
POISON = "Giftfuglen i posten"
PERSONAL = (
    *("kanari", *PERSON.values(), *OTHER.values(), *WORKPLACE.values(), COMMITTEE, CHALLENGE, CHANGE, JUNK, CONSULTANT),
    *(*PHONES, *(f"{one[:2]} {one[2:4]} {one[4:6]} {one[6:]}" for one in PHONES), *CPR, ADDRESS, "203.0.113."),
)


@dataclass
class Evidence:
    """What is left of the run: `errors` by what was asked; `secrets` are the tokens of links and the like."""

    logs: dict[str, bytes] = field(default_factory=dict)
    metrics: dict[str, bytes] = field(default_factory=dict)
    errors: list[tuple[str, bytes]] = field(default_factory=list)
    records: dict[str, list[bytes]] = field(default_factory=dict)
    statuses: set[int] = field(default_factory=set)
    secrets: set[str] = field(default_factory=set)
    shown_to_staff: bytes = b""


class Run:
    """The story, step by step; each takes what the ones before it left."""

    def __init__(self, held: Pipeline) -> None:
        self.held = held
        self.evidence = Evidence()
        # Kept: a server that is started again writes the addresses anew, without the services that run beside it.
        self.at = {name: held.addresses[name] or "" for name in SERVICES}
        self.http = httpx2.Client(base_url=self.at["intake"], headers=HEADERS, trust_env=False, timeout=30)
        self.staff = Staff(self.http, self.at["scheduler"], held.settings["FORLOEB_STAFF_TOKEN"])
        self.applicants = Applicants(self.http, "")

    def roster(self, folder: Path) -> None:
        rows = list(csv.DictReader(CONSULTANTS.read_text(encoding="utf-8").splitlines()))
        for number, row in enumerate(rows):
            row |= {"id": f"c-{number}", "name": f"{CONSULTANT} {'xyz' * (number + 1)}", "phone": f"+45{PHONES[2]}"}
            row |= {"mail": f"kanarikonsulent{number}@kanaripost.example", "title": "Kanarikonsulenttitel"}
        text = io.StringIO()
        writer = csv.DictWriter(text, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
        file = folder / "roster.csv"
        file.write_text(text.getvalue(), encoding="utf-8")
        self.staff.import_roster(file)

    def apply(self, key: str, changes: dict[str, Any] | None = None) -> Sent:
        sent = self.applicants.apply(_application(changes), key=key)
        self.evidence.secrets.add(sent.status_url.rpartition("/")[2])
        return sent

    def link_of(self, sent: Sent) -> str:
        """The leader's own, from the receipt."""
        boxes = self.held.system().mailboxes
        box = sent.contacts[0]
        letters = _until(lambda: [one for one in boxes.read_all([box])[box] if sent.reference in one.subject])
        self.evidence.secrets |= {link.rpartition("/")[2] for link in letters[0].links}
        return str(letters[0].links[0])

    def confirm_and_be_booked(self, sent: Sent) -> None:
        self.applicants.confirm(self.link_of(sent))
        _until(lambda: self.staff.courses().get(sent.application_id, {}).get("state") == "booked")

    def apply_by_the_form(self) -> None:
        """First everything wrong, then right; the drafts, the review and the receipt are the visitor's own pages."""

        async def visit() -> None:
            limits = {"headers": HEADERS, "trust_env": False, "timeout": 30, "follow_redirects": True}
            async with httpx2.AsyncClient(base_url=self.at["intake"], **limits) as http:
                visitor = Visitor(http)
                await visitor.fill_in(
                    _application({"contacts.leader.email": "kanari@", "challenge": f"Kanari {CPR[1]} tekst"})
                )
                await visitor.save(Step.CONTACTS, fields_of_step(_application(), Step.CONTACTS))
                await visitor.save(Step.MATTER, fields_of_step(_application(), Step.MATTER))
                assert CHALLENGE in (await visitor.see(Step.REVIEW)).html
                await self._wrong_forms(http, visitor)
                await self._send(visitor)
                self.evidence.secrets |= {str(cookie.value) for cookie in http.cookies.jar}

        asyncio.run(visit())

    async def _send(self, visitor: Visitor) -> None:
        """As soon as it is believed that a person filled it in: until then the review is shown again."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (page := await visitor.see(Step.REVIEW)).path.endswith(f"/{RECEIPT['da']}"):
                await visitor.send(page, _application())
                await asyncio.sleep(0.2)
        assert "SPARK-" in page.text

    async def _wrong_forms(self, http: httpx2.AsyncClient, visitor: Visitor) -> None:
        address = visitor.at(Step.MATTER)
        body = f"challenge={JUNK}&kanarifelt=kanari"
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        for status, content, headers in (
            (403, body, {**form, "Origin": "https://kanaripost.example"}),
            (415, body, {"Content-Type": "multipart/form-data; boundary=kanarigraense"}),
            (400, "&".join(f"kanari{number}={number}" for number in range(2000)), form),
            (400, "challenge=%ff%fekanari", form),
            (413, "challenge=kanari" * 6000, form),
        ):
            answer = await http.post(address, content=content.encode(), headers=headers)
            self._note(answer, status)

    def refused(self, method: str, path: str, status: int, **options: Any) -> None:
        self._note(self.http.request(method, path, **options), status)

    def _note(self, answer: httpx2.Response, status: int) -> None:
        assert answer.status_code == status, (answer.request.method, answer.request.url.path, answer.status_code)
        shown = b"\n".join([*(name + b": " + value for name, value in answer.headers.raw), answer.content])
        self.evidence.errors.append((f"{status} {answer.request.method} {len(self.evidence.errors)}", shown))
        self.evidence.statuses.add(status)

    def bad_input(self, sent: Sent, link: str) -> None:
        for path, value in WRONG.items():
            self.refused("POST", APPLY, 422, json=_application({path: value}))
        self.refused("POST", APPLY, 400, content=b'{"challenge": "kanari', headers=JSON)
        self.refused("POST", APPLY, 415, content=JUNK.encode(), headers={"Content-Type": "text/kanari"})
        self.refused("POST", APPLY, 413, content=b"kanari" * 20_000, headers=JSON)
        self.refused("POST", APPLY, 413, content=iter([b"kanari" * 4_000] * 4), headers=JSON)
        self.refused("POST", APPLY, 401, json=_application(), headers={"Authorization": "Bearer kanaritegn"})
        self.refused("POST", APPLY, 400, json=_application(), headers={"Idempotency-Key": "kanari"})
        self.refused("POST", APPLY, 422, json=_application({"employees": 12}), headers={"Idempotency-Key": KEY})
        token = link.rpartition("/")[2]
        for path in ("/s/", "/api/v1/status/"):
            self.refused("GET", f"{path}{token[:-2]}", 404)
            self.refused("GET", f"{path}kanaritegn", 404)
        self.refused("GET", f"/status/{sent.reference}", 404, headers={"Cookie": "kanari=kanarikage"})
        self.refused("GET", "/status/SPARK-KANARI", 404)
        self.refused("GET", f"/kanari?kanari={JUNK}", 404)
        self.refused("GET", "/en/kanari", 404, headers={"Host": "kanarivaert.example"})
        self.refused("DELETE", "/persondata?kanari=1", 405)
        self.refused("GET", "/metrics?kanari=1", 401, headers={"Authorization": "Bearer kanaritegn"})
        self.refused("POST", f"/api/v1/status/{sent.status_url.rpartition('/')[2]}/kanari", 404)
        staff = {"Authorization": f"Bearer {self.held.settings['FORLOEB_STAFF_TOKEN']}"}
        scheduler, monitor = self.at["scheduler"], self.at["monitor"]
        self.refused("PATCH", f"{scheduler}/api/v1/consultants/c-1", 422, json={"kanari": "kanari"}, headers=staff)
        self.refused("POST", f"{scheduler}/api/v1/consultants", 422, json={"id": "kanari æ", "name": 7}, headers=staff)
        self.refused("GET", f"{monitor}/api/v1/events?limit=kanari&topic=kanari", 422, headers=staff)
        self.refused("GET", f"{monitor}/?token=kanaritegn", 401)
        tried = {"account": "kanarikonto", "password": "kanarikode"}
        self.refused("POST", "/staff/login", 422, data=tried, headers={"Sec-Fetch-Site": "same-origin"})

    def withdraw(self, sent: Sent) -> None:
        token = self.link_of(sent).rpartition("/")[2]
        assert self.http.post(f"/api/v1/status/{token}/withdraw").status_code == 200
        self.refused("POST", f"/api/v1/status/{token}/confirm", 409)

    def break_a_document(self, sent: Sent) -> None:
        """So that reading it is a bug, whose text quotes what stands there."""
        token = sent.status_url.rpartition("/")[2]
        where = {"_id": sent.application_id}
        with MongoClient[dict[str, Any]](self.held.addresses["mongodb"]) as client:
            applications = client["intake"]["applications"]
            before = applications.find_one(where)
            assert before
            applications.update_one(where, {"$set": {"application.state": "Kanaritilstand", "epoch": CHALLENGE}})
            self.refused("GET", f"/api/v1/status/{token}", 500)
            self.refused("GET", f"/s/{token}", 500)
            kept = {"application.state": before["application"]["state"], "epoch": before["epoch"]}
            applications.update_one(where, {"$set": kept})

    def poison(self) -> None:
        """Records that no service of ours would write; all consumers put them, untouched, with the dead letters."""
        headers = (("ce_type", POISON.encode()), ("ce_id", POISON.encode()), ("ce_subject", POISON.encode()))
        body = f'{{"application": {{"state": "{POISON}"}}}}'.encode()
        topics = (APPLICATIONS_TOPIC, COURSES_TOPIC)
        records = [RawRecord(topic=topic, key=POISON.encode(), value=body, headers=headers) for topic in topics]
        asyncio.run(produce(self.held.addresses["kafka"] or "", records))
        _until(lambda: len(self.held.records()[DEAD_LETTERS]) >= len(topics))

    def without_the_database(self, sent: Sent) -> None:
        token = sent.status_url.rpartition("/")[2]
        self.held.kill_server("mongodb")
        asked = [("GET", f"/api/v1/status/{token}", {}), ("GET", f"/s/{token}", {})]
        asked += [("POST", APPLY, {"json": _application()})]
        # At the same time: each waits for the database until the service gives up on it.
        with ThreadPoolExecutor(len(asked)) as callers:
            waiting = [callers.submit(self.refused, method, path, 503, **more) for method, path, more in asked]
            for one in waiting:
                one.result()
        self.held.bring_up_servers()
        _until(lambda: self.http.get("/readyz").status_code == 200)

    def ask_for_new_links(self, sent: Sent) -> None:
        """With a reference number that is none, and with the right one; its mail has a link that nobody has seen before."""
        form = re.search(r'name="form_token" value="([^"]+)"', self.http.get("/nyt-link").text)
        assert form
        for typed in (JUNK, sent.reference):
            answer = self.http.post("/nyt-link", data={"reference": typed, "form_token": form[1]})
            assert answer.status_code == 303
        box = sent.contacts[0]
        seen = set(self.evidence.secrets)
        _until(lambda: self.evidence.secrets - seen or self._note_links(box))

    def _note_links(self, box: str) -> None:
        for letter in self.held.system().mailboxes.read_all([box])[box]:
            self.evidence.secrets |= {link.rpartition("/")[2] for link in letter.links}

    def guess_until_refused(self) -> None:
        for _ in range(25):
            answer = self.http.get("/s/kanaritegn")
            if answer.status_code == 429:
                self._note(answer, 429)
                return
        raise AssertionError("guessing is never refused")

    def gather(self) -> Evidence:
        _until(lambda: not self.held.unsettled())
        staff = {"Authorization": f"Bearer {self.held.settings['FORLOEB_STAFF_TOKEN']}"}
        for name in SERVICES:
            answer = self.http.get(f"{self.at[name]}/metrics", headers=staff)
            assert answer.status_code == 200
            self.evidence.metrics[name] = answer.content
        events = self.http.get(f"{self.at['monitor']}/api/v1/events?limit=1000", headers=staff)
        self.evidence.shown_to_staff = events.content
        for running in self.held.running():
            self.evidence.logs[running.name] = running.log.read_bytes()
        for topic, records in self.held.records().items():
            self.evidence.records[topic] = [_all_bytes(record) for record in records]
        return self.evidence


# What a field may be given instead of what it asks for: too long, of another kind, with the wrong letters.
WRONG: dict[str, Any] = {
    "contacts.leader.name": {"$ne": JUNK},
    "contacts.leader.email": "kanari@kanari@kanari",
    "contacts.employee_representative.email": PERSON["email"],
    "contacts.leader.phone": "kanaritelefon",
    "contacts.leader.kanari": "kanari",
    "kanarifelt": JUNK,
    "_id": "kanari",
    "kind": "kanari",
    "committee.kind": "kanari",
    "themes": ["kanaritema"],
    "workplaces.0.municipality": "kanari",
    "workplaces.0.postal_code": "kanari",
    "challenge": f"Kanari og et nummer: {CPR[1]}",
    "desired_change": "kanari" * 500,
    "employees": "kanari",
    "earliest_start": "kanari",
    "agreed": "kanari",
}


def _application(changes: dict[str, Any] | None = None) -> dict[str, Any]:
    return single_application(
        {f"contacts.leader.{name}": value for name, value in PERSON.items()}
        | {f"contacts.employee_representative.{name}": value for name, value in OTHER.items()}
        | {f"workplaces.0.{name}": value for name, value in WORKPLACE.items()}
        | {"contacts.leader.phone": PHONES[0], "contacts.employee_representative.phone": PHONES[1]}
        | {"committee.name": COMMITTEE, "challenge": CHALLENGE, "desired_change": CHANGE, "themes": [THEME]}
        | {"workplaces.0.municipality": "461", "municipalities": ["461"], "sector": "aeldrepleje"}
        | (changes or {})
    )


def _all_bytes(record: Any) -> bytes:
    headers = b"".join(name.encode() + b": " + (value or b"") + b"\n" for name, value in record.headers)
    return bytes(headers + (record.key or b"") + b"\n" + (record.value or b""))


def _until(condition: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.1)
    return found


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evidence]:
    """The story, told once, every service at debug level."""
    settings = {"FORLOEB_LOG_LEVEL": "debug", "FORLOEB_TRUSTED_PROXIES": "127.0.0.0/8"}
    folder = tmp_path_factory.mktemp("run")
    with pipeline(folder / "stack", kafka="noida", **settings) as held:
        held.up(*SERVICES)
        run = Run(held)
        run.roster(folder)
        booked, withdrawn = run.apply(KEY), run.apply(f"{KEY}-2", OF_OTHERS)
        run.confirm_and_be_booked(booked)
        run.bad_input(booked, run.link_of(booked))
        run.withdraw(withdrawn)
        run.apply_by_the_form()
        run.break_a_document(booked)
        run.poison()
        run.without_the_database(booked)
        run.ask_for_new_links(booked)
        run.guess_until_refused()
        yield run.gather()
        run.http.close()


pytestmark = pytest.mark.timeout(240)
EVERYWHERE = Canaries([*PERSONAL, *THEMES])


def test_the_run_met_every_kind_of_refusal(evidence: Evidence) -> None:
    """Else the other tests would look at less than they say."""
    assert evidence.statuses == {400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503}
    assert set(evidence.logs) == set(evidence.metrics) == set(SERVICES)
    assert all(
        evidence.records[topic] for topic in (APPLICATIONS_TOPIC, COURSES_TOPIC, CONSULTANTS_TOPIC, DEAD_LETTERS)
    )
    for name, log in evidence.logs.items():
        assert b'"event":"stopped"' in log or b'"event":"starting"' in log, name


def test_no_log_of_any_service_holds_a_canary(evidence: Evidence) -> None:
    """At debug level, through bugs and outages; no token of a link and no poison either."""
    words = Canaries([*PERSONAL, *THEMES, POISON, *evidence.secrets])
    assert {name: words.found_in(log) for name, log in evidence.logs.items()} == {name: [] for name in SERVICES}


def test_no_metric_of_any_service_holds_a_canary(evidence: Evidence) -> None:
    """Names and labels are ours alone."""
    words = Canaries([*PERSONAL, *THEMES, POISON, *evidence.secrets])
    assert {name: words.found_in(text) for name, text in evidence.metrics.items()} == {name: [] for name in SERVICES}


def test_no_error_answer_repeats_a_canary(evidence: Evidence) -> None:
    """Neither in the body nor in a header."""
    words = Canaries([*PERSONAL, THEME, *evidence.secrets])
    assert [(what, found) for what, answer in evidence.errors if (found := words.found_in(answer))] == []


def test_no_record_of_kafka_holds_a_canary(evidence: Evidence) -> None:
    """Keys, headers and bodies of all topics; what consultants are able to do stands in their events in clear."""
    found = set()
    for topic, records in evidence.records.items():
        words = (
            Canaries([*PERSONAL, *evidence.secrets])
            if topic == CONSULTANTS_TOPIC
            else Canaries([*PERSONAL, *THEMES, *evidence.secrets])
        )
        found |= {(topic, word) for record in records for word in words.found_in(record)}
    assert found == set()


def test_staff_see_no_canary_on_the_live_page(evidence: Evidence) -> None:
    """The monitor masks what it cannot know to be a fact, in the records of strangers too."""
    assert Canaries([*PERSONAL, *evidence.secrets, POISON]).found_in(evidence.shown_to_staff) == []
    assert re.search(rb'"events": ?\[', evidence.shown_to_staff)
