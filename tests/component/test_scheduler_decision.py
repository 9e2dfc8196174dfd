"""What is stored with a course about why it went to whom it did, on a real database."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from services.scheduler.decision import Decision
from services.scheduler.decision_words import Names, put_in_words, waiting_words
from services.scheduler.follow_application import follow_application
from services.scheduler.leisure import SAVED_SECONDS_MAX, Leisure
from services.scheduler.near_facts import ShortHours
from services.scheduler.save_consultant import save_consultant
from services.scheduler.why_not_api import add_why_not
from shared import mongo
from tests.embedded import Embedded
from tests.scheduler_samples import AARHUS, Office, roster_entry


@pytest.fixture
async def office(stack: Embedded) -> AsyncIterator[Office]:
    """No time passes on the clock that limits explanations."""
    client = mongo.connect(stack.mongodb, app_name="test")
    office = await Office(client).open()
    office.means = replace(office.means, leisure=Leisure(lambda: 0.0))
    yield office
    client.close()


async def decision_about(office: Office, course_id: str) -> Decision:
    await follow_application(*await office.application(course_id), means=office.means)
    decision = (await office.course(course_id)).course.decision
    assert decision is not None
    return decision


async def test_a_booking_keeps_why_the_others_were_not_chosen(office: Office) -> None:
    """In the write that books: the winner's cost, and of the other one the rule or what she would have cost more."""
    await save_consultant(roster_entry("anne"), means=office.means)
    await save_consultant(roster_entry("bo", hours={"sat": [["08:00", "16:00"]]}), means=office.means)
    await save_consultant(roster_entry("clara", sectors=[]), means=office.means)

    decision = await decision_about(office, "a1")
    assert decision.winner is not None
    assert decision.winner.consultant == "anne"
    assert decision.winner.cost == sum(decision.winner.terms.values())
    clara, bo = decision.others
    assert (clara.id, clara.rule, clara.difference) == ("clara", None, {"no_sector": 15})
    assert (bo.id, bo.rule, bo.meeting) == ("bo", "hours", "opening")
    assert bo.near == ShortHours(needed_minutes=120, common_minutes=0)
    words = put_in_words(decision, Names(consultants={"clara": "Clara"}))
    assert words.others[0].why == "kunne tage forløbet, men koster 15 mere (kender ikke området +15)"


async def test_a_decision_is_in_no_event_and_names_no_theme(office: Office) -> None:
    """Themes are sealed wherever they are kept: of those that a consultant lacks there is a number."""
    await save_consultant(roster_entry("anne", themes=["chikane"]), means=office.means)
    decision = await decision_about(office, "a1")

    [lacking] = decision.others
    assert (lacking.rule, lacking.missing_themes) == ("themes", 1)
    stored = await office.store.courses.find_one({"_id": "a1"})
    assert stored is not None
    for theme in office.means.programme.themes:
        assert f'"{theme.code}"' not in json.dumps(stored["decision"])
    [(_, _, event)] = await office.events("a1")
    assert "decision" not in event.course.model_dump()


async def test_a_waiting_application_keeps_what_stands_in_its_way(office: Office) -> None:
    """Per rule the number of consultants, and what would have let it be booked."""
    await save_consultant(roster_entry("anne", max_courses=1), means=office.means)
    assert (await decision_about(office, "a1")).winner is not None
    decision = await decision_about(office, "a2")

    assert decision.winner is None
    [reason] = waiting_words(decision, Names())
    assert (reason.count, reason.nearest) == (1, "har 1 af højst 1 forløb")
    [anne] = put_in_words(decision, Names(consultants={"anne": "Anne"})).others
    assert anne.changes == ("Hvis Anne kunne have 2 forløb ad gangen, kunne forløbet være booket",)


async def test_in_a_rush_a_booking_leaves_the_changes_for_later(office: Office) -> None:
    """Verdicts with their numbers are kept all the same."""
    await save_consultant(roster_entry("anne"), means=office.means)
    await save_consultant(roster_entry("bo", hours={"sat": [["08:00", "16:00"]]}), means=office.means)
    office.means.leisure.spend(SAVED_SECONDS_MAX)
    [bo] = (await decision_about(office, "a1")).others
    assert (bo.near is None, bo.changes) == (False, None)


async def test_why_not_is_asked_of_todays_roster(office: Office) -> None:
    """In full, as if the course held nothing; of the winner there is nothing to say."""
    await save_consultant(roster_entry("anne"), means=office.means)
    await save_consultant(roster_entry("clara", municipality=AARHUS), means=office.means)
    await decision_about(office, "a1")

    answer = await ask(office, "a1", "clara")
    assert answer["winner"]["consultant"] == "anne"
    clara = answer["why_not"]
    assert clara["difference"]["travel"] > 0
    assert clara["first"] == "travel"
    assert clara["words"]["da"][1].startswith("Hvis rejsen højst var ")
    assert (await ask(office, "a1", "anne"))["why_not"] is None


async def test_why_not_of_nobody_is_refused(office: Office) -> None:
    """An unknown course, an unknown consultant, and a course that is over have no answer."""
    await save_consultant(roster_entry("anne"), means=office.means)
    await decision_about(office, "a1")
    assert (await ask(office, "a9", "anne"))["status"] == 404
    assert (await ask(office, "a1", "bo"))["detail"] == "There is no such consultant, or she is not active."
    await office.store.courses.update_one({"_id": "a1"}, {"$set": {"state": "cancelled"}})
    assert (await ask(office, "a1", "anne"))["status"] == 409


async def test_why_not_of_a_course_that_the_programme_has_no_plan_for_is_refused(office: Office) -> None:
    """The organisation may have taken the plan out while courses of its kind run."""
    await save_consultant(roster_entry("anne"), means=office.means)
    await decision_about(office, "a1")
    joint_only = {kind: plan for kind, plan in office.programme.plans.items() if kind == "joint"}
    office.means = replace(office.means, programme=office.programme.model_copy(update={"plans": joint_only}))
    answer = await ask(office, "a1", "anne")
    assert (answer["status"], answer["detail"]) == (409, "The programme has no plan for such courses any more.")


async def test_what_cannot_be_explained_is_booked_all_the_same(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in the explanation costs the explanation, not the course or somebody's turn."""

    def broken(*_: object, **__: object) -> Decision:
        raise IndexError("no such half hour")

    monkeypatch.setattr("services.scheduler.give_reasons.explain", broken)
    await save_consultant(roster_entry("anne", max_courses=1), means=office.means)
    for course_id, state in (("a1", "booked"), ("a2", "waiting")):
        assert await follow_application(*await office.application(course_id), means=office.means) == "handled"
        course = (await office.course(course_id)).course
        assert (course.state, course.decision) == (state, None)


async def ask(office: Office, course_id: str, consultant_id: str) -> Any:
    """The answer of the address for staff."""
    app = FastAPI()
    add_why_not(app.router, office.means)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://scheduler") as client:
        return (await client.get(f"/courses/{course_id}/why-not/{consultant_id}")).json()
