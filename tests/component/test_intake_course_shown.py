"""What the status page and the API tell of a booked course: where its meetings are now, who has said what, and what is in doubt."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from shared.course_facts import KnownAnswer, Label, Stall
from shared.events import AnswerNoted, CourseBooked, CourseRebooked, CourseStalled
from tests.browsing import Applied, Browser, applied
from tests.embedded import Embedded
from tests.intake_house import House, house, settings_for
from tests.told_courses import meetings_after, told

DAYS = (30, 51, 72, 142)
FIRST = "meeting-first"


@pytest.fixture(scope="module")
async def intake(stack: Embedded) -> AsyncIterator[House]:
    async with house(settings_for(mongodb=stack.mongodb)) as found:
        yield found


@pytest.fixture
async def mine(intake: House) -> Applied:
    """A confirmed application whose course is booked."""
    found = await applied(intake)
    await intake.http.post(f"/api/v1/status/{found.token}/confirm")
    await told(intake, found, CourseBooked, sequence=1, meetings=meetings_after(intake.clock(), DAYS))
    return found


async def answers(intake: House, mine: Applied, **partstats: str) -> tuple[KnownAnswer, ...]:
    """Answers to the first meeting, by function."""
    people = await intake.people(intake.events(mine.id)[-1])
    ids = {function: person.person_id for function, person in people.items()} | {"consultant": f"consultant-{mine.id}"}
    facts = {"meeting_id": FIRST, "sequence": 0, "dtstamp": intake.clock(), "at": intake.clock()}
    return tuple(
        KnownAnswer.model_validate(facts | {"person_id": ids[function], "partstat": partstat})
        for function, partstat in partstats.items()
    )


async def page(intake: House, mine: Applied) -> str:
    return await Browser(intake).open(f"/s/{mine.token}")


async def status(intake: House, mine: Applied) -> dict[str, Any]:
    found: dict[str, Any] = (await intake.http.get(f"/api/v1/status/{mine.token}")).json()
    return found


async def test_a_meeting_that_was_moved_stands_at_its_new_time(intake: House, mine: Applied) -> None:
    """On the page, in the API and in the invite that can be fetched; with the reason in one sentence."""
    before = meetings_after(intake.clock(), DAYS)
    moved = [
        one.model_copy(update={"start": one.start + timedelta(days=7), "sequence": 1})
        if one.meeting_id == FIRST
        else one
        for one in before
    ]
    await told(intake, mine, CourseRebooked, sequence=2, meetings=moved, cause="consultant_declined")
    starts = [one["start"] for one in (await status(intake, mine))["meetings"]]
    shown = await page(intake, mine)
    assert all(f'datetime="{start}"' in shown for start in starts)
    new = next(one.start for one in moved if one.meeting_id == FIRST)
    assert new.date().isoformat() in starts[1]
    assert "fordi konsulenten ikke kunne på et af tidspunkterne" in shown


async def test_answers_are_shown_by_name_on_the_page_and_counted_in_the_api(intake: House, mine: Applied) -> None:
    """Programs learn how many, never who."""
    known = await answers(intake, mine, leader="ACCEPTED", consultant="TENTATIVE")
    meetings = meetings_after(intake.clock(), DAYS)
    await told(intake, mine, AnswerNoted, sequence=2, meetings=meetings, answers=known)
    people = await intake.people(intake.events(mine.id)[-1])
    shown = await page(intake, mine)
    assert f"{people['leader'].name} har sagt ja" in shown
    assert f"{people['employee'].name} har ikke svaret endnu" in shown
    assert "Karen Konsulent har sagt måske" in shown
    found = await intake.http.get(f"/api/v1/status/{mine.token}")
    none = {"accepted": 0, "declined": 0, "tentative": 0, "delegated": 0, "unanswered": 0}
    second = found.json()["meetings"][1]
    assert second["contacts"] == none | {"accepted": 1, "unanswered": 1}
    assert second["consultants"] == none | {"tentative": 1}
    assert not any(one in found.text for one in (people["leader"].name, "Karen", "consultant-"))


async def test_a_meeting_in_doubt_is_told_of_and_the_course_stays_planned(intake: House, mine: Applied) -> None:
    """What is wrong, that we are looking for something else, and that nothing is to be done."""
    stall = Stall(since=intake.clock(), cause="consultant_declined", meetings=(FIRST,))
    meetings = meetings_after(intake.clock(), DAYS)
    await told(intake, mine, CourseStalled, sequence=2, meetings=meetings, stall=stall, cause="consultant_declined")
    shown = await page(intake, mine)
    assert "Planlagt" in shown
    assert shown.count("Konsulenten kan ikke på dette tidspunkt.") == 1
    assert "Vi arbejder på en løsning og skriver til jer." in shown
    found = await status(intake, mine)
    assert (found["state"], [one["in_doubt"] for one in found["meetings"]]) == ("planned", [False, True, False, False])
    assert "arbejder på en løsning" in found["next"]


async def test_a_course_of_its_own_is_shown_as_it_was_told(intake: House, mine: Applied) -> None:
    """Names of meetings that the programme does not know, at a place that the application does not name, led by two."""
    meetings = list(meetings_after(intake.clock(), DAYS))
    meetings[1] = meetings[1].model_copy(
        update={
            "code": "extra_1",
            "label": Label(da="ekstra møde", en="extra meeting"),
            "place": "venue",
            "workplace": 1,
        }
    )
    await told(intake, mine, CourseRebooked, sequence=2, meetings=meetings, cause="tailored")
    shown = await page(intake, mine)
    assert "Ekstra møde" in shown
    assert "Et andet sted: Kulturhuset, Torvet 2, 8000 Aarhus C" in shown
    assert (await status(intake, mine))["meetings"][1]["label"] == "ekstra møde"
