"""Applications through the API, with the real database."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest

from services.intake.course_view import CourseView
from shared.events import ApplicationAdmitted, ApplicationSubmitted, ApplicationWithdrawn
from shared.kafka import KafkaAddress, create_topics
from tests.embedded import Embedded
from tests.intake_house import (
    TRUSTED,
    House,
    house,
    matter_of,
    new_application,
    people_of,
    read_event,
    settings_for,
    told_on_kafka,
)

CANARIES = (
    "Anne",
    "Holm",
    "Bo Lund",
    "kommune.example",
    "57626001",
    "57 62 60 01",
    "Bendtsgade",
    "samarbejde",
    "lagt sammen",
)


@pytest.fixture
async def intake(stack: Embedded) -> AsyncIterator[House]:
    async with house(settings_for(mongodb=stack.mongodb)) as found:
        yield found


def key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid4())}


async def test_an_application_reaches_kafka_with_its_people_sealed(stack: Embedded) -> None:
    """The event holds ids and facts; people and themes open only with the keys, at their place, with a link for each contact."""
    await create_topics(KafkaAddress(bootstrap_servers=stack.kafka))
    async with house(settings_for(mongodb=stack.mongodb, kafka=stack.kafka), relayed=True) as intake:
        body = new_application()
        answer = await intake.accepted(body)
        [(envelope, content)] = await told_on_kafka(stack.kafka, answer["application_id"], count=1)
        event = read_event(envelope, content)
        assert isinstance(event, ApplicationSubmitted)
        assert (envelope.subject, envelope.sequence) == (answer["application_id"], 1)
        assert event.application.reference == answer["reference"]
        assert event.application.needs_confirmation
        assert not [word for word in CANARIES if word in content.decode()]
        people = await people_of(intake.parts, envelope, event)
        assert people["leader"].mail == body["contacts"]["leader"]["email"]
        assert people["employee"].phone == "+4557626002"
        assert {person.links["status"].rsplit("/", 1)[0] for person in people.values()} == {"http://127.0.0.1:8000/s"}
        assert (await matter_of(intake.parts, envelope, event)).themes == ("samarbejde", "forandringer")


async def test_nothing_personal_is_stored_in_clear(intake: House) -> None:
    """Neither in the document nor in its outbox, and no Idempotency-Key either."""
    headers = key()
    answer = await intake.accepted(headers=headers)
    stored = repr(await intake.stored(answer["application_id"]))
    assert not [word for word in (*CANARIES, headers["Idempotency-Key"]) if word in stored]


async def test_the_answer_says_where_to_look(intake: House) -> None:
    """202 with the reference, and a Location that gives the state."""
    answer = await intake.apply()
    assert answer.status_code == 202
    content = answer.json()
    assert content["state"] == "received"
    assert content["state_label"] == "Modtaget"
    assert content["status_url"].endswith(answer.headers["location"])
    status = (await intake.http.get(answer.headers["location"], headers={"Accept-Language": "en"})).json()
    assert (status["reference"], status["state_label"], status["meetings"]) == (content["reference"], "Received", [])
    assert (status["may_confirm"], status["may_withdraw"]) == (False, True)


async def test_a_trusted_callers_application_is_admitted_at_once(intake: House) -> None:
    """Both events stand in the outbox after the one write, in order, and no address is counted."""
    answer = await intake.accepted(headers=TRUSTED)
    assert answer["state"] == "admitted"
    events = intake.events(answer["application_id"])
    assert [(one.envelope.type, one.envelope.sequence) for one in events] == [
        (ApplicationSubmitted.type, 1),
        (ApplicationAdmitted.type, 2),
    ]
    stored = await intake.stored(answer["application_id"])
    assert (stored["version"], len(stored["only_once"])) == (1, 1)


async def test_a_joint_application_is_taken(intake: House) -> None:
    """Several workplaces, one form model."""
    answer = await intake.accepted(new_application(joint=True))
    [event] = intake.events(answer["application_id"])
    assert read_event(event.envelope, event.body).application.kind == "joint"


# -- Idempotency-Key ---------------------------------------------------------------------------------------------------


async def test_the_same_key_and_body_give_the_first_answer_again(intake: House) -> None:
    """Byte for byte, and no second application."""
    body, headers = orjson.dumps(new_application()), key()
    first = await intake.apply(body, headers=headers)
    intake.clock.forward(hours=23)
    again = await intake.apply(body, headers=headers)
    assert (again.status_code, again.content) == (202, first.content)
    assert again.headers["location"] == first.headers["location"]
    assert len(intake.published) == 1


async def test_the_same_key_with_another_body_is_refused(intake: House) -> None:
    """422, and the problem says why."""
    headers = key()
    await intake.accepted(headers=headers)
    answer = await intake.apply(headers=headers)
    assert answer.status_code == 422
    assert "Idempotency-Key" in answer.json()["title"]


async def forget_digests(intake: House) -> None:
    now = intake.clock()
    await intake.parts.store.forget_digests(now=now, unconfirmed_since=now - timedelta(days=30))


async def test_a_key_is_forgotten_after_a_day(intake: House) -> None:
    """Then the same key makes a new application."""
    body, headers = orjson.dumps(new_application()), key()
    first = await intake.accepted(body, headers=headers)
    intake.clock.forward(hours=24, seconds=1)
    second = await intake.accepted(body, headers=headers)
    assert first["application_id"] != second["application_id"]
    await forget_digests(intake)
    assert "request" in await intake.stored(second["application_id"])
    intake.clock.forward(days=3)
    await forget_digests(intake)
    stored = await intake.stored(second["application_id"])
    assert "request" not in stored
    assert not [entry for entry in stored["only_once"] if entry.startswith("request|")]


async def test_the_same_key_at_the_same_time_makes_one_application(intake: House) -> None:
    """One is handled; the others are told that it still is."""
    body, headers = orjson.dumps(new_application()), key()
    answers = await asyncio.gather(*(intake.apply(body, headers=headers) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [202] + [409] * 7
    assert len({one.envelope.subject for one in intake.published}) == 1


async def test_the_same_key_at_two_processes_makes_one_application(stack: Embedded) -> None:
    """The unique index decides: whoever comes second gives the first answer."""
    environment = settings_for(mongodb=stack.mongodb)
    async with house(environment) as one, house(environment) as other:
        other.clock.now = one.clock.now
        for _ in range(5):
            body, headers = orjson.dumps(new_application()), key()
            answers = await asyncio.gather(one.apply(body, headers=headers), other.apply(body, headers=headers))
            assert [answer.status_code for answer in answers] == [202, 202]
            assert answers[0].content == answers[1].content


async def test_a_refused_application_does_not_use_up_its_key(intake: House) -> None:
    """What was wrong may be put right under the same key."""
    headers = key()
    assert (await intake.apply(new_application({"kind": "junk"}), headers=headers)).status_code == 422
    await intake.accepted(headers=headers)


# -- confirm and withdraw ----------------------------------------------------------------------------------------------


async def test_the_first_confirmation_admits_and_the_second_only_counts(intake: House) -> None:
    """One ApplicationAdmitted, however often and by whomever it is confirmed."""
    application_id = (await intake.accepted())["application_id"]
    leader = await intake.contact_token(application_id, "leader")
    employee = await intake.contact_token(application_id, "employee")
    for token in (leader, leader, employee):
        answer = await intake.http.post(f"/api/v1/status/{token}/confirm")
        assert (answer.status_code, answer.json()["state"]) == (200, "admitted")
    submitted, admitted = intake.events(application_id)
    assert submitted.envelope.type == ApplicationSubmitted.type
    state = read_event(admitted.envelope, admitted.body).application
    assert (state.state, len(state.confirmed_by)) == ("admitted", 1)
    assert (await intake.people(admitted))["employee"].links["status"].endswith(employee)
    assert len((await intake.stored(application_id))["application"]["confirmed_by"]) == 2


async def test_both_contacts_confirming_at_once_admit_once(intake: House) -> None:
    """The guarded write lets one be first."""
    application_id = (await intake.accepted())["application_id"]
    tokens = [await intake.contact_token(application_id, one) for one in ("leader", "employee")]
    answers = await asyncio.gather(*(intake.http.post(f"/api/v1/status/{token}/confirm") for token in tokens * 3))
    assert {answer.status_code for answer in answers} == {200}
    assert [one.envelope.type for one in intake.events(application_id)] == [
        ApplicationSubmitted.type,
        ApplicationAdmitted.type,
    ]


async def test_whoever_sent_it_cannot_confirm_it(intake: House) -> None:
    """The status link proves no address: the same 404 as for a link of nobody's."""
    answer = await intake.accepted()
    refused = await intake.http.post(f"{answer['status_url'].removeprefix('http://127.0.0.1:8000')}/confirm")
    unknown = await intake.http.post("/api/v1/status/junk/confirm")
    assert (refused.status_code, refused.content) == (404, unknown.content)


async def test_a_withdrawal_is_told_once_and_forbids_confirming(intake: House) -> None:
    """Twice is once; what was withdrawn is not confirmed any more."""
    application_id = (await intake.accepted())["application_id"]
    token = await intake.contact_token(application_id)
    await intake.http.post(f"/api/v1/status/{token}/confirm")
    for _ in range(2):
        answer = await intake.http.post(f"/api/v1/status/{token}/withdraw")
        assert (answer.status_code, answer.json()["state"]) == (200, "withdrawn")
    assert [one.envelope.type for one in intake.events(application_id)][1:] == [
        ApplicationAdmitted.type,
        ApplicationWithdrawn.type,
    ]
    assert (await intake.http.post(f"/api/v1/status/{token}/confirm")).status_code == 409


async def test_reading_changes_nothing(intake: House) -> None:
    """Mail scanners open every link: GET and HEAD on all of them leave the application as it was."""
    application_id = (await intake.accepted())["application_id"]
    token = await intake.contact_token(application_id)
    before = await intake.stored(application_id)
    for path in ("/api/v1/status/{}", "/api/v1/status/{}/confirm", "/api/v1/status/{}/withdraw", "/s/{}"):
        await intake.http.get(path.format(token))
        await intake.http.head(path.format(token))
    assert await intake.stored(application_id) == before


async def test_links_end_after_the_course(intake: House) -> None:
    """A while after the withdrawal they lead nowhere, like links that never were."""
    answer = await intake.accepted()
    path = answer["status_url"].removeprefix("http://127.0.0.1:8000")
    await intake.http.post(f"{path}/withdraw")
    days = intake.parts.programme.retention.status_link_days
    intake.clock.forward(days=days - 1)
    assert (await intake.http.get(path)).status_code == 200
    intake.clock.forward(days=1)
    assert (await intake.http.get(path)).status_code == 404


# -- what the scheduler tells ------------------------------------------------------------------------------------------


def a_course(sequence: int, state: str, *, meetings: tuple[dict[str, Any], ...] = ()) -> CourseView:
    return CourseView.model_validate({"sequence": sequence, "state": state, "meetings": meetings})


MEETING = {
    "meeting_id": "m1",
    "code": "opening",
    "place": "workplace",
    "minutes": 120,
    "start": "2027-01-12T08:00:00Z",
    "wall_start": "2027-01-12T09:00",
    "zone": "Europe/Copenhagen",
    "uid": "u@example",
    "sequence": 0,
    "dtstamp": "2026-11-20T09:00:00Z",
    "status": "confirmed",
}


async def test_only_a_newer_course_is_taken_over(intake: House) -> None:
    """Repeated and late events change nothing; the number before is known, so gaps can be counted."""
    put = intake.parts.store.put_course
    course_id = os.urandom(8).hex()
    answers = [await put(course_id, a_course(number, "waiting")) for number in (2, 1, 2, 5, 3)]
    assert answers == [0, None, None, 2, None]
    stored = await intake.parts.store.course(course_id)
    assert stored
    assert stored.sequence == 5


NOBODY_INVITED = {"accepted": 0, "declined": 0, "tentative": 0, "delegated": 0, "unanswered": 0}


async def test_the_status_shows_the_booked_meetings_with_their_offset(intake: House) -> None:
    """Code, label, local start with offset, length and place."""
    answer = await intake.accepted(headers=TRUSTED)
    await intake.parts.store.put_course(answer["application_id"], a_course(1, "booked", meetings=(MEETING,)))
    path = answer["status_url"].removeprefix("http://127.0.0.1:8000")
    status = (await intake.http.get(path, headers={"Accept-Language": "en"})).json()
    assert status["state"] == "planned"
    [meeting] = status["meetings"]
    assert meeting | {"label": ""} == {
        "code": "opening",
        "label": "",
        "start": "2027-01-12T09:00:00+01:00",
        "minutes": 120,
        "place": "workplace",
        "place_label": "At your workplace",
        "contacts": NOBODY_INVITED,
        "consultants": NOBODY_INVITED,
        "in_doubt": False,
    }


async def test_a_completed_course_cannot_be_withdrawn(intake: House) -> None:
    """409: it has been held."""
    answer = await intake.accepted(headers=TRUSTED)
    await intake.parts.store.put_course(answer["application_id"], a_course(1, "completed", meetings=(MEETING,)))
    path = answer["status_url"].removeprefix("http://127.0.0.1:8000")
    assert (await intake.http.post(f"{path}/withdraw")).status_code == 409
