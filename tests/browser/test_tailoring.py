"""The form with which a course is tailored, in a real browser: the consultant's own page, and the coordinators'."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from playwright.async_api import Browser, expect

from deploy.local.ports import free_ports
from services.scheduler.coordinator.desk import PAGES
from shared.staff.access import COOKIE
from tests.consultant_room import PlanRoom, plan_room
from tests.coordinator_desk import coordinator_desk
from tests.embedded import Embedded
from tests.keyboard import press_through, tab_to
from tests.page_checks import check
from tests.served_app import served
from tests.visits import visits

pytestmark = pytest.mark.needs("node")
REASON = "Aftalt med arbejdspladsen på det indledende møde."
FAULT = re.compile("^Fejl: ")


@pytest.fixture(scope="module")
async def room(stack: Embedded) -> AsyncIterator[PlanRoom]:
    [port] = free_ports(1)
    async with plan_room(stack.mongodb, public_url=f"http://127.0.0.1:{port}") as opened, served(opened.app, port):
        yield opened


@pytest.mark.parametrize("scripts", [True, False])
async def test_the_consultants_page_shuts_nobody_out(chromium: Browser, room: PlanRoom, *, scripts: bool) -> None:
    """From the link to the question, and links that lead nowhere; with and without scripts, at 320 px too."""
    async with visits(chromium, room.office.public_url) as visit:
        page = await visit(await room.link(), java_script_enabled=scripts)
        await expect(page.get_by_role("heading", name="Dit forløb SPARK-K7QM-4T2X")).to_be_visible()
        assert page.url.endswith(room.page)
        await page.get_by_role("link", name="Tilpas forløbet").click()
        await page.get_by_role("button", name="Se, hvad det ændrer").click()
        await expect(page).to_have_title(FAULT)
        await page.get_by_label("Læg dette møde og det næste sammen til én hel dag").first.check()
        await page.get_by_label("Hvorfor?").fill(REASON)
        await page.get_by_role("button", name="Se, hvad det ændrer").click()
        await expect(page.get_by_role("heading", name="Sådan bliver forløbet")).to_be_visible()


async def test_each_state_of_the_consultants_page_is_for_everybody(chromium: Browser, room: PlanRoom) -> None:
    """Axe finds nothing, and nothing sticks out at 320 px."""
    async with visits(chromium, room.office.public_url) as visit:
        page = await visit(await room.link())
        await check(page, "the course")
        await page.goto(f"{room.page}/tailor")
        await check(page, "the form")
        await page.get_by_label("Sted").first.select_option("venue")
        await page.get_by_role("button", name="Se, hvad det ændrer").click()
        await expect(page.locator("#faults")).to_be_focused()
        await check(page, "faults")
        await page.goto(f"{room.page}/tailor")
        await page.get_by_label("Læg dette møde og det næste sammen til én hel dag").first.check()
        await page.get_by_label("Hvorfor?").fill(REASON)
        await page.get_by_role("button", name="Se, hvad det ændrer").click()
        await check(page, "the question")
        await page.goto(f"{room.page}/tailor")
        for box in await page.get_by_label("Aflys dette møde").all():
            await box.check()
        await page.get_by_label("Hvorfor?").fill(REASON)
        await page.get_by_role("button", name="Se, hvad det ændrer").click()
        await expect(page.get_by_role("heading", name="Det kan ikke lade sig gøre")).to_be_visible()
        await check(page, "impossible")
        await page.goto("/forloeb/nowhere")
        await check(page, "leads nowhere")


async def test_a_course_is_tailored_without_a_mouse(chromium: Browser, stack: Embedded) -> None:
    """By a coordinator, from the form to the course that says it is done; the focus can be seen at every stop."""
    [port] = free_ports(1)
    origin = f"http://127.0.0.1:{port}"
    async with coordinator_desk(stack.mongodb) as desk, served(desk.app, port):
        await desk.consultant("anne")
        course = await desk.application()
        desk.office.clock.now = (await desk.office.course(course)).course.sittings[0].end + timedelta(hours=3)
        async with visits(chromium, origin, cookies={COOKIE: "x"}) as visit:
            page = await visit(f"{PAGES}/courses/{course}/acts/tailor")
            await check(page, "the coordinators' form")
            await tab_to(page, "drop_second")
            await page.keyboard.press("Space")
            await tab_to(page, "reason")
            await page.keyboard.type(REASON)
            await tab_to(page, "go-on")
            await page.keyboard.press("Enter")
            await expect(page.get_by_role("heading", name="Sådan bliver forløbet")).to_be_visible()
            await check(page, "the coordinators' question")
            await press_through(page, "do-it")
            await expect(page.get_by_role("status")).to_contain_text("Forløbet er tilpasset")
        assert [one.code for one in (await desk.office.course(course)).course.sittings] == [
            "opening",
            "first",
            "follow_up",
        ]
