"""What is refused, and how: limits, problems that repeat nothing, links that lead nowhere, and servers that are away."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from deploy.local import processes
from services.intake.form.steps import Step
from shared.kafka import KafkaAddress, create_topics
from tests.embedded import Embedded
from tests.form_samples import fields_of_step
from tests.form_visitor import Visitor
from tests.intake_house import APPLY, House, house, new_application, settings_for, told_on_kafka
from tests.polling import until

CANARY = "canary-0209"


@pytest.fixture
async def intake(stack: Embedded) -> AsyncIterator[House]:
    async with house(settings_for(mongodb=stack.mongodb)) as found:
        yield found


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"contacts.leader.email": f"{CANARY}@"}, "contacts.leader.email", "email"),
        ({"contacts.leader.phone": CANARY}, "contacts.leader.phone", "phone"),
        ({CANARY: 1}, "", "unknown_field"),
        ({"_id": CANARY}, "", "unknown_field"),
        ({"state": CANARY}, "", "unknown_field"),
        ({"contacts.leader.name": {"$ne": CANARY}}, "contacts.leader.name", "text"),
        ({"themes": [CANARY]}, "themes.0", "theme_unknown"),
        ({"challenge": f"{CANARY} 010203-1234 og mere tekst"}, "challenge", "cpr"),
        ({"kind": CANARY}, "kind", "choice"),
        ({"agreed": CANARY}, "agreed", "yes_or_no"),
        ({"employees": CANARY}, "employees", "number"),
    ],
)
async def test_each_wrong_field_has_an_entry_that_repeats_nothing(
    intake: House, caplog: pytest.LogCaptureFixture, changes: dict[str, Any], field: str, code: str
) -> None:
    """Name, code and what to do, in the reader's language; what was typed is in no answer and no log."""
    with caplog.at_level(logging.DEBUG):
        answer = await intake.apply(new_application(changes), headers={"Accept-Language": "en"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    [entry] = answer.json()["errors"]
    assert (entry["field"], entry["code"]) == (field, code)
    assert entry["text"]
    assert CANARY not in answer.text + str(answer.headers) + caplog.text


MARKUP = "<script>alert(7)</script><img src=x onerror=alert(7)>{{7919*7919}}{% raw %}${7919*7919}\"'"


async def test_markup_and_template_syntax_are_shown_as_they_were_typed(intake: House) -> None:
    """In the steps of the form, its review, and the status page; nothing of it becomes an element, or is reckoned out."""
    texts = ("contacts.leader.title", "workplaces.0.name", "workplaces.0.street", "committee.name", "challenge")
    application = new_application(dict.fromkeys(texts, MARKUP))
    visitor = Visitor(intake.http)
    pages = [(await visitor.fill_in(application)).html]
    pages += [(await visitor.see(step)).html for step in (Step.COURSE, Step.WORKPLACES, Step.CONTACTS, Step.MATTER)]
    token = await intake.contact_token((await intake.accepted(application))["application_id"])
    pages.append((await visitor.get(f"/s/{token}")).html)
    for page in pages:
        assert "&lt;script&gt;alert(7)" in page
        assert "{{7919*7919}}" in page
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "62710561" not in page


async def test_problems_are_told_in_danish_unless_english_is_asked_for(intake: House) -> None:
    """By Accept-Language."""
    danish = (await intake.apply(new_application({"sector": "x"}))).json()
    english = (await intake.apply(new_application({"sector": "x"}), headers={"Accept-Language": "en"})).json()
    assert danish["title"] != english["title"]
    assert danish["errors"][0]["text"] != english["errors"][0]["text"]


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", {}, 400),
        (b"", {}, 400),
        (b"[]", {}, 400),
        (b'"text"', {}, 400),
        (b'{"kind": "\xff"}', {}, 400),
        (b"[" * 30_000, {}, 400),
        (b"{}", {}, 422),
        (b"{}", {"Content-Type": "text/plain"}, 415),
        (b"{}", {"Content-Type": "application/json; charset=latin-1"}, 415),
        (b"a=1", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
        (b"{}", {"Idempotency-Key": "short"}, 400),
        (b"{}", {"Authorization": "Bearer wrong"}, 401),
        (b"{}", {"Authorization": "Basic wrong"}, 401),
        (b" " * 65_537, {}, 413),
    ],
)
async def test_what_is_no_application_is_refused_with_a_problem(
    intake: House, body: bytes, headers: dict[str, str], status: int
) -> None:
    """Before anything is looked up or stored."""
    answer = await intake.apply(body, headers=headers)
    assert answer.status_code == status
    assert answer.json()["status"] == status


async def test_the_eleventh_application_from_a_network_must_wait(stack: Embedded) -> None:
    """Ten in ten minutes, right or wrong; then 429 with the seconds, and nothing is stored. Trusted callers go on."""
    limits = {"FORLOEB_INTAKE_CLIENT_LIMIT": "10/10 minutes"}
    async with house(settings_for(mongodb=stack.mongodb, **limits)) as intake:
        for _ in range(10):
            assert (await intake.apply(b"{}")).status_code == 422
        answer = await intake.apply()
        assert answer.status_code == 429
        assert 1 <= int(answer.headers["retry-after"]) <= 600
        assert intake.published == []
        assert intake.settings.intake_api_token
        token = intake.settings.intake_api_token.get_secret_value()
        assert (await intake.apply(headers={"Authorization": f"Bearer {token}"})).status_code == 202


async def test_all_networks_together_have_a_limit(stack: Embedded) -> None:
    """A flood from everywhere is stopped, too, and counted for those who watch; the log has one line, not one for each."""
    before = REGISTRY.get_sample_value("forloeb_intake_refused_total", {"limit": "everybody"}) or 0.0
    async with house(settings_for(mongodb=stack.mongodb, FORLOEB_INTAKE_TOTAL_LIMIT="2/minute")) as intake:
        with capture_logs() as logged:
            answers = [(await intake.apply()).status_code for _ in range(4)]
        assert answers == [202, 202, 429, 429]
        assert [one["event"] for one in logged if one["log_level"] == "error"] == ["limit-for-everybody-reached"]
    assert REGISTRY.get_sample_value("forloeb_intake_refused_total", {"limit": "everybody"}) == before + 2


async def test_forms_of_one_network_have_a_limit_and_lose_nothing_by_it(stack: Embedded) -> None:
    """429 with a time to come back; what was typed comes back with the page, and other networks go on."""
    limits = {"FORLOEB_INTAKE_CHANGE_LIMIT": "2/minute", "FORLOEB_TRUSTED_PROXIES": "192.0.2.0/24"}
    async with house(settings_for(mongodb=stack.mongodb, **limits)) as intake:
        visitor = Visitor(intake.http)
        await visitor.begin()
        fields = [*fields_of_step(new_application({"challenge": CANARY}), Step.MATTER), ("do", "next")]
        answers = [await visitor.sent(visitor.at(Step.MATTER), fields) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [303, 303, 429]
        assert int(answers[2].headers["retry-after"]) > 0
        assert CANARY in answers[2].text
        elsewhere = await visitor.sent(visitor.at(Step.MATTER), fields, **{"X-Forwarded-For": "198.51.100.7"})
        assert elsewhere.status_code == 303


async def test_forms_of_all_networks_together_have_a_limit(stack: Embedded) -> None:
    """As the endpoint has; the first of these was beginning."""
    limits = {"FORLOEB_INTAKE_CHANGE_TOTAL_LIMIT": "2/minute", "FORLOEB_TRUSTED_PROXIES": "192.0.2.0/24"}
    async with house(settings_for(mongodb=stack.mongodb, **limits)) as intake:
        visitor = Visitor(intake.http)
        await visitor.begin()
        statuses = [
            (await visitor.sent(visitor.at(Step.MATTER), [], **{"X-Forwarded-For": f"198.51.{number}.7"})).status_code
            for number in range(2)
        ]
        assert statuses == [303, 429]


@pytest.mark.parametrize("path", ["/ansoegning", "/ansoegning/AAAAAAAAAAAAAAAA/slet"])
async def test_beginning_and_deleting_count_among_the_forms_of_all_networks(stack: Embedded, path: str) -> None:
    """Both are writes, like any step."""
    limits = {"FORLOEB_INTAKE_CHANGE_TOTAL_LIMIT": "1/minute", "FORLOEB_TRUSTED_PROXIES": "192.0.2.0/24"}
    async with house(settings_for(mongodb=stack.mongodb, **limits)) as intake:
        statuses = [
            (await Visitor(intake.http).sent(path, [], **{"X-Forwarded-For": f"198.51.{number}.7"})).status_code
            for number in range(2)
        ]
        assert statuses == [303, 429]


async def test_guessing_links_is_stopped_and_every_wrong_link_looks_the_same(stack: Embedded) -> None:
    """One 404 for whatever is wrong; after twenty the network waits, also with a right one."""
    async with house(settings_for(mongodb=stack.mongodb, FORLOEB_INTAKE_BAD_LINK_LIMIT="20/minute")) as intake:
        answer = await intake.accepted()
        token = answer["status_url"].rsplit("/", 1)[1]
        wrong = [token[:-1], token.swapcase(), "A" * 75, "x" * 5000, "%00", token + "A"]
        answers = [await intake.http.get(f"/api/v1/status/{one}") for one in (wrong * 4)[:20]]
        assert {(one.status_code, one.content) for one in answers} == {(404, answers[0].content)}
        refused = await intake.http.get(f"/api/v1/status/{token}")
        assert (refused.status_code, refused.headers["retry-after"] != "") == (429, True)


async def test_a_link_of_an_earlier_epoch_leads_nowhere(intake: House) -> None:
    """Renewed links replace the old ones at once."""
    answer = await intake.accepted()
    path = answer["status_url"].removeprefix("http://127.0.0.1:8000")
    await intake.client["intake"]["applications"].update_one({"_id": answer["application_id"]}, {"$set": {"epoch": 2}})
    assert (await intake.http.get(path)).status_code == 404


async def test_nothing_is_taken_before_the_indexes_are_there(stack: Embedded) -> None:
    """They are the guards; until then it is 503 with a time to come back."""
    async with house(settings_for(mongodb=stack.mongodb), indexes=False) as intake:
        answer = await intake.apply()
        assert (answer.status_code, answer.json()["status"]) == (503, 503)
        assert answer.headers["retry-after"]


async def test_applications_are_taken_while_kafka_is_down_and_arrive_when_it_is_back(own_stack: Embedded) -> None:
    """From the very start of the process; and again when the broker is killed later."""
    await create_topics(KafkaAddress(bootstrap_servers=own_stack.kafka))
    processes.kill(own_stack.program("kafka"))
    async with house(settings_for(mongodb=own_stack.mongodb, kafka=own_stack.kafka), relayed=True) as intake:
        taken = [(await intake.accepted())["application_id"] for _ in range(3)]
        await asyncio.to_thread(own_stack.bring_up)
        await create_topics(KafkaAddress(bootstrap_servers=own_stack.kafka))
        for application_id in taken:
            [(envelope, _)] = await told_on_kafka(own_stack.kafka, application_id, count=1)
            assert envelope.sequence == 1
        waiting = intake.client["intake"]["applications"]
        await until(
            lambda: _none_waits(waiting),
            what="every outbox is empty again",
        )


async def _none_waits(applications: Any) -> bool:
    return bool(await applications.count_documents({"relay_at": {"$exists": True}}) == 0)


async def test_without_the_database_it_says_so_and_recovers(own_stack: Embedded) -> None:
    """503 as a problem and as a page; the next request after it is back is taken, without a restart."""
    async with house(settings_for(mongodb=own_stack.mongodb)) as intake:
        answer = await intake.accepted()
        path = answer["status_url"].removeprefix("http://127.0.0.1:8000")
        processes.kill(own_stack.program("mongodb"))
        refused = await intake.apply()
        assert (refused.status_code, refused.json()["status"]) == (503, 503)
        assert (await intake.http.get(path)).status_code == 503
        page = await intake.http.get(path.replace("/api/v1/status/", "/s/"))
        assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
        await asyncio.to_thread(own_stack.bring_up)
        await until(lambda: _taken(intake), what="an application is taken again")
        assert (await intake.http.get(path)).json()["reference"] == answer["reference"]


async def _taken(intake: House) -> bool:
    return (await intake.http.post(APPLY, json=new_application())).status_code == 202


async def test_the_description_of_the_api_holds_examples_that_are_taken(intake: House) -> None:
    """Whoever copies one from it gets a 202."""
    description = (await intake.http.get("/api/openapi.json")).json()
    examples = description["paths"][APPLY]["post"]["requestBody"]["content"]["application/json"]["examples"]
    for example in examples.values():
        assert (await intake.apply(orjson.dumps(example["value"]))).status_code == 202
