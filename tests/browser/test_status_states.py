"""Every state of the status page and of the pages around the form: axe finds nothing, nothing sticks out at 320 px."""

from datetime import timedelta

import pytest
from playwright.async_api import Page, expect

from services.intake.about.places import PLACES
from services.intake.message_view import MessageView
from shared.errors import DependencyDownError
from shared.events import ApplicationWaitlisted, CourseBooked, CourseCompleted
from tests.browsing import Applied, applied
from tests.intake_house import House, new_application
from tests.page_checks import Opener, check, picture
from tests.told_courses import meetings_after, told

pytestmark = pytest.mark.needs("node")
COURSE_DAYS = (30, 51, 72, 142)
WAITING = {"state": "waiting", "consultant_id": None}
REASONS = {"themes": 2, "capacity": 1, "blocked": 1, "hours": 3, "window": 1}


async def shows(page: Page, state: str) -> None:
    """The page of this state is open, and sound."""
    await expect(page.locator("dd", has_text=state).first).to_be_visible()
    await check(page, state)


async def mailed(intake: House, mine: Applied) -> None:
    """A mail that arrived and one that did not."""
    leader, employee = (await intake.stored(mine.id))["application"]["contacts"]
    rows = [("receipt", leader, "accepted"), ("course_booked", leader, "accepted"), ("invite", employee, "failed")]
    for number, (kind, person, state) in enumerate(rows):
        view = MessageView(
            message_id=f"{mine.id}-{number}",
            application_id=mine.id,
            sequence=1,
            person_id=person,
            kind=kind,
            meeting_id="meeting-opening" if kind == "invite" else None,
            state=state,
            decided_at=intake.clock() + timedelta(minutes=number),
        )
        await intake.parts.store.put_message(view)


async def test_the_status_page_shuts_nobody_out(visit: Opener, intake: House) -> None:
    """From the confirmation over the waiting list to the last meeting, and in English."""
    mine = await applied(intake)
    page = await visit(f"/s/{mine.token}", viewport={"width": 1000, "height": 1090})
    await shows(page, "Modtaget")
    await page.locator('form[action$="/language"] button').click()
    await shows(page, "Received")
    await page.locator('form[action$="/language"] button').click()
    await page.locator('form[action$="/confirm"] button').click()
    await shows(page, "Imødekommet")
    await told(intake, mine, ApplicationWaitlisted, sequence=1, reasons=REASONS, **WAITING)
    await page.reload()
    await shows(page, "På venteliste")
    meetings = meetings_after(intake.clock(), COURSE_DAYS)
    await told(intake, mine, CourseBooked, sequence=2, meetings=meetings)
    await mailed(intake, mine)
    await page.reload()
    await shows(page, "Planlagt")
    await picture(page, "status")
    await expect(page.locator("a[download]")).to_have_count(len(meetings))
    async with page.expect_download() as download:
        await page.locator("a[download]").first.click()
    assert (await download.value).suggested_filename == f"{mine.reference}-opening.ics"
    begun = meetings_after(intake.clock() - timedelta(days=40), COURSE_DAYS)
    await told(intake, mine, CourseBooked, sequence=3, meetings=begun)
    await page.reload()
    await shows(page, "I gang")
    await told(intake, mine, CourseCompleted, sequence=4, state="completed", meetings=begun)
    await page.reload()
    await shows(page, "Afsluttet")


async def test_withdrawing_shuts_nobody_out(visit: Opener, intake: House) -> None:
    """The sender's page, the question that is asked once, what is left after it, and a contact who comes too late."""
    answer = await intake.accepted(new_application())
    late = await visit(f"/s/{await intake.contact_token(answer['application_id'])}")
    page = await visit(answer["page_url"])
    await shows(page, "Modtaget")
    await page.locator('main a[href$="/withdraw"]').click()
    await check(page, "the question")
    await page.locator('form[action$="/withdraw"] button').click()
    await shows(page, "Trukket tilbage")
    await late.locator('form[action$="/confirm"] button').click()
    await expect(late.get_by_role("heading", name="Det kan ikke længere lade sig gøre")).to_be_visible()
    await check(late, "too late")


async def test_pages_for_lost_links_shut_nobody_out(visit: Opener) -> None:
    """The one for every wrong link, and those on which a new one is asked for."""
    page = await visit("/s/junk")
    await check(page, "wrong link")
    await page.locator('main a[href="/nyt-link"]').click()
    await check(page, "new link")
    await page.locator("#reference").fill("SPARK-2222-222H")
    await page.locator("#reference").press("Enter")
    await page.wait_for_url("**/nyt-link/sendt")
    await check(page, "new link sent")
    await page.get_by_role("link", name="English").click()
    await check(page, "new link sent, English")


async def test_pages_around_the_form_shut_nobody_out(visit: Opener) -> None:
    """Personal data, accessibility, what happens, the API: in both languages, one a link away from the other."""
    page = await visit()
    for place in PLACES:
        await page.goto(place.da)
        await check(page, place.da)
        await page.get_by_role("link", name="English", exact=True).click()
        await expect(page.locator("html")).to_have_attribute("lang", "en")
        await check(page, place.en)


async def test_error_pages_shut_nobody_out(visit: Opener, intake: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What leads nowhere, too many attempts, and no database."""
    mine = await applied(intake)
    page = await visit(f"/s/{mine.token}")
    for path in ("/findes-ikke", "/en/nowhere"):
        assert (await page.goto(path)).status == 404
        await check(page, path)

    async def down(*_: object, **__: object) -> None:
        raise DependencyDownError("database")

    with monkeypatch.context() as patched:
        patched.setattr(intake.parts.store, "application", down)
        assert (await page.goto(mine.page)).status == 503
        await check(page, "503")
    with monkeypatch.context() as patched:
        patched.setattr(intake.parts.limits.guesses, "wait_seconds", lambda _: 60)
        assert (await page.goto(mine.page)).status == 429
        await check(page, "429")
