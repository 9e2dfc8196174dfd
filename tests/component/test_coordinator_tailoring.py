"""Coordinators tailor a course through the pages: the form, the question that shows what becomes of it, and what cannot be."""

import html
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from tests.coordinator_desk import CoordinatorDesk, coordinator_desk
from tests.embedded import Embedded

REASON = "Aftalt med arbejdspladsen på det indledende møde."


@pytest.fixture
async def desk(stack: Embedded) -> AsyncIterator[CoordinatorDesk]:
    async with coordinator_desk(stack.mongodb) as opened:
        await opened.consultant("anne")
        yield opened


async def opened_course(desk: CoordinatorDesk) -> str:
    """Id of a course whose opening meeting was this morning."""
    course = await desk.application()
    desk.office.clock.now = (await desk.office.course(course)).course.sittings[0].end + timedelta(hours=3)
    return course


async def test_the_form_shows_what_is_to_come_and_its_question_what_becomes_of_it(desk: CoordinatorDesk) -> None:
    """A meeting dropped, one moved online, one added: the table has them all, and nothing is done before it is confirmed."""
    course = await opened_course(desk)
    path = f"/courses/{course}/acts/tailor"
    shown = await desk.page(path)
    assert "Er holdt, og bliver som det er: indledende møde." in shown
    assert 'id="drop_first"' in shown
    assert 'id="drop_opening"' not in shown
    fields = {
        "drop_second": "yes",
        "place_first": "online",
        "add_kind": "meeting",
        "add_after": "first",
        "add_minutes": "90",
        "add_place": "online",
        "add_gap_min": "7",
        "add_gap_ideal": "14",
        "add_gap_max": "28",
        "same_consultant": "yes",
        "reason": REASON,
    }
    version = (await desk.office.course(course)).version
    text = html.unescape((await desk.send(path, fields)).text)
    for words in ("Sådan bliver forløbet", "aflyses", "nyt møde", "ændres, samme tidspunkt", "Ekstra møde", "som før"):
        assert words in text
    assert (await desk.office.course(course)).version == version
    assert (await desk.send(path, {**fields, "confirmed": "yes"})).status_code == 303
    after = (await desk.office.course(course)).course
    assert [one.code for one in after.sittings] == ["opening", "first", "extra_1", "follow_up"]
    assert after.sittings[1].place == "online"
    page = await desk.page(f"/courses/{course}?done=tailor")
    assert "Forløbet er tilpasset" in page
    assert "andet møde: aflyst, første møde: andet sted, ekstra møde: tilføjet efter første møde" in page
    assert REASON in page


async def test_wrong_fields_are_named_and_what_was_typed_stays(desk: CoordinatorDesk) -> None:
    """Days out of order, a venue without address, no reason; and a form in which nothing was changed."""
    course = await opened_course(desk)
    path = f"/courses/{course}/acts/tailor"
    wrong = {"gap_ideal_first": "3", "place_second": "venue", "venue_town": "Middelfart"}
    answer = await desk.send(path, wrong)
    text = html.unescape(answer.text)
    assert answer.status_code == 422
    for field in ("gap_ideal_first", "venue_name", "reason"):
        assert f'href="#{field}"' in text
    assert 'value="Middelfart"' in text
    assert "Vælg mindst én ændring." in html.unescape((await desk.send(path, {"reason": REASON})).text)


async def test_what_a_rule_forbids_says_so(desk: CoordinatorDesk) -> None:
    """Nothing is written, and nobody is written to."""
    course = await opened_course(desk)
    drops = {f"drop_{code}": "yes" for code in ("first", "second", "follow_up")}
    answer = await desk.send(f"/courses/{course}/acts/tailor", {**drops, "reason": REASON})
    assert answer.status_code == 409
    assert "Der skal være mindst ét møde tilbage." in html.unescape(answer.text)


async def test_a_new_venue_is_shown_and_kept(desk: CoordinatorDesk) -> None:
    """Its address stands in the question and on the course's page."""
    course = await opened_course(desk)
    venue = {"name": "Vandrerhjemmet", "street": "Strandvej 1", "postal_code": "5500", "town": "Middelfart"}
    fields = {f"venue_{name}": text for name, text in venue.items()} | {"venue_municipality": "410"}
    fields |= {"place_first": "venue", "same_consultant": "yes", "reason": REASON}
    path = f"/courses/{course}/acts/tailor"
    line = "Vandrerhjemmet, Strandvej 1, 5500 Middelfart"
    assert line in html.unescape((await desk.send(path, fields)).text)
    assert (await desk.send(path, {**fields, "confirmed": "yes"})).status_code == 303
    assert line in await desk.page(f"/courses/{course}")


async def test_what_the_programme_promises_is_said_and_not_enforced(desk: CoordinatorDesk) -> None:
    """Two workshops of a joint course further apart than usual: a warning on the question, and the choice is theirs."""
    course = await desk.application(kind="joint")
    fields = {"gap_min_workshop_2": "60", "gap_ideal_workshop_2": "60", "gap_max_workshop_2": "90"}
    fields |= {"same_consultant": "yes", "reason": REASON}
    path = f"/courses/{course}/acts/tailor"
    text = html.unescape((await desk.send(path, fields)).text)
    assert "Programmet lover 42 til 70 dage mellem første workshop og anden workshop." in text
    assert (await desk.send(path, {**fields, "confirmed": "yes"})).status_code == 303


async def test_a_tailored_course_is_explained_with_its_own_plan(desk: CoordinatorDesk) -> None:
    """Why not Bo: of the meetings that the course has by now."""
    course = await opened_course(desk)
    path = f"/courses/{course}/acts/tailor"
    assert (await desk.send(path, {"join_first": "yes", "reason": REASON, "confirmed": "yes"})).status_code == 303
    await desk.consultant("bo")
    assert "Konsulent Bo" in await desk.page(f"/courses/{course}/why-not/bo")
