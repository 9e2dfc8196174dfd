"""What coordinators see of answers, proposals, offers and doubts, and how they answer a proposal, on a real database."""

import html
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services.scheduler.course import Course
from services.scheduler.mend_courses import check_courses
from services.scheduler.roster import Leave, RosterChange
from services.scheduler.save_consultant import change_consultant
from services.scheduler.show import course_as_json
from services.scheduler.standing import OFFER_HELD
from tests.coordinator_desk import CoordinatorDesk, coordinator_desk
from tests.embedded import Embedded
from tests.said_samples import answered, asked_for_dates, proposed

REASON = "Aftalt med arbejdspladsen i telefonen."


@pytest.fixture
async def desk(stack: Embedded) -> AsyncIterator[CoordinatorDesk]:
    """Anne alone holds courses; coordinators are asked about proposed times."""
    async with coordinator_desk(stack.mongodb) as opened:
        await opened.consultant("anne")
        yield opened


async def course_of(desk: CoordinatorDesk, course_id: str) -> Course:
    return (await desk.office.course(course_id)).course


async def test_the_page_tells_who_has_answered_what(desk: CoordinatorDesk) -> None:
    """By name, in words, and whose answer it is where it is not the person's own; the list counts them."""
    course = await desk.application()
    await answered(desk.office, course, f"{course}-leader", "ACCEPTED")
    await answered(desk.office, course, f"{course}-employee", "TENTATIVE", "other")
    page = await desk.page(f"/courses/{course}")
    third = page.split('<ul class="answers">')[3].partition("</ul>")[0]
    assert "Lone Leder: <strong>Ja</strong></li>" in third
    assert "Esben Ansat: <strong>Måske</strong> (svaret af en kollega)" in third
    assert "Konsulent Anne: <strong>Ikke svaret endnu</strong>" in third
    shown = course_as_json(await course_of(desk, course), means=desk.office.means)
    assert [one["partstat"] for one in shown["answers"]] == ["ACCEPTED", "TENTATIVE"]


async def test_a_meeting_that_nobody_can_hold_is_shown_with_what_to_do(desk: CoordinatorDesk) -> None:
    """The only consultant is away: the course stands in a list of its own, and its page names the meeting and the reason."""
    course = await desk.application()
    assert "Kan ikke holdes (0)" in await desk.page("")
    start = (await course_of(desk, course)).sittings[2].start.date()
    leave = RosterChange(leave=[Leave(first=start, last=start + timedelta(days=300))])
    await change_consultant("anne", leave, means=desk.office.means)
    await check_courses("anne", means=desk.office.means)
    listed = await desk.page("?show=stalled")
    assert "Kan ikke holdes (1)" in listed
    assert f"/coordinator/courses/{course}" in listed
    assert "kan ikke holdes, som det er" in listed
    page = await desk.page(f"/courses/{course}")
    meeting = (await course_of(desk, course)).sittings[2].meeting_id
    assert "Det, der ikke kan holdes" in page
    assert "konsulenten har fri" in page
    assert f'acts/move?meeting={meeting}">Find et andet tidspunkt' in page
    ways_out = page.partition('id="stall"')[2].partition("</section>")[0]
    for act in ("pin", "exclude", "tailor"):
        assert f"/acts/{act}" in ways_out
    file = await desk.http.get("/coordinator/courses.csv?show=stalled")
    assert "kan ikke holdes" in file.text


async def test_a_proposal_is_taken_through_the_pages(desk: CoordinatorDesk) -> None:
    """From the list to the course, to the question with its mails, to the moved meeting."""
    course = await desk.application()
    said = await proposed(desk.office, course)
    assert "Forslag venter på jer (1)" in await desk.page("?show=counter")
    page = await desk.page(f"/courses/{course}")
    assert "Lone Leder har foreslået et andet tidspunkt til" in page
    link = f"/courses/{course}/acts/take_counter?number={said.number}"
    assert f'href="/coordinator{link}"' in page
    asked = await desk.send(link, {"reason": REASON})
    assert "Mødeindkaldelse" in desk.words(asked)
    assert (await course_of(desk, course)).open_counters, "nothing is done yet"
    done = await desk.send(link, {"reason": REASON, "confirmed": "yes"})
    assert done.status_code == 303
    assert (await course_of(desk, course)).sittings[2].start == said.start
    after = await desk.page(f"/courses/{course}?done=take_counter")
    assert "Mødet er flyttet til det foreslåede tidspunkt" in after
    assert "Lone Leder" in after.partition('id="history"')[2], "who proposed it"
    assert "Forslag venter på jer (0)" in await desk.page("")


async def test_a_proposal_is_declined_through_the_pages(desk: CoordinatorDesk) -> None:
    """Whoever proposed it is the only one who is written to."""
    course = await desk.application()
    said = await proposed(desk.office, course)
    link = f"/courses/{course}/acts/decline_counter?number={said.number}"
    asked = desk.words(await desk.send(link, {"reason": REASON}))
    assert "Svar på det foreslåede tidspunkt" in asked
    assert "Esben Ansat" not in asked
    await desk.send(link, {"reason": REASON, "confirmed": "yes"})
    after = await course_of(desk, course)
    assert (after.open_counters, [one.by for one in after.declined_counters]) == ((), ["staff"])


async def test_a_proposal_that_waits_no_more_is_said_to_be_gone(desk: CoordinatorDesk) -> None:
    """A link from an old page does no harm."""
    course = await desk.application()
    said = await proposed(desk.office, course)
    shown = await desk.page(f"/courses/{course}/acts/take_counter?number=99")
    assert "venter ikke længere" in shown
    link = f"/courses/{course}/acts/decline_counter?number={said.number}"
    await desk.send(link, {"reason": REASON, "confirmed": "yes"})
    assert (await desk.http.get(f"/coordinator{link}")).status_code == 409


async def test_offered_times_are_shown_while_they_are_held(desk: CoordinatorDesk) -> None:
    """So that a coordinator who is called knows what the workplace is looking at."""
    course = await desk.application()
    await asked_for_dates(desk.office, course)
    page = await desk.page(f"/courses/{course}")
    offered = page.partition('id="offer"')[2].partition("</section>")[0]
    assert offered.count("<li>") == 3
    assert "holdt til kl. 10.10" in html.unescape(offered)
    shown = course_as_json(await course_of(desk, course), means=desk.office.means)
    assert len(shown["offer"]["starts"]) == 3
    desk.office.clock.now += OFFER_HELD
    assert 'id="offer"' not in await desk.page(f"/courses/{course}")
