"""Where answers are confirmed and looked at, in a real browser: every state shuts nobody out, and needs no mouse and no script."""

from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, expect

from services.intake.imip.understood import Understood
from services.intake.mail_in.mail import Contents, StoredMail
from shared.events import CourseRebooked
from tests.answer_samples import Booked, booked, declined, held, person_told, retold
from tests.embedded import Embedded
from tests.intake_house import House
from tests.keyboard import tab_to
from tests.page_checks import NARROW_PX, Opener, check
from tests.served_intake import served_intake
from tests.staff_accounts import COORDINATOR, log_in_on_page
from tests.visits import visits

pytestmark = pytest.mark.needs("node")
GUEST = "en.meget.lang.adresse.uden.mellemrum@et-andet-sted-med-et-langt-navn.example"


@pytest.fixture(scope="module")
async def house(stack: Embedded) -> AsyncIterator[House]:
    async with served_intake(mongodb=stack.mongodb) as found:
        yield found


@pytest.fixture
async def visit(chromium: Browser, house: House) -> AsyncIterator[Opener]:
    async with visits(chromium, house.settings.public_url) as opened:
        yield opened


async def asked(house: House, course: Booked) -> str:
    """The path of the link that the consultant is mailed."""
    assert await held(house, course, declined(house, course), "mail") == "held"
    return urlsplit((await person_told(house, house.events(course.mine.id)[-1])).links["answer"]).path


async def parked(house: House, course: Booked) -> str:
    """The id of a mail that waits: somebody who was forwarded the invite proposes another time."""
    mails, vault, mail_id, now = house.parts.mails, house.parts.mail_vault, "browser-mail", house.clock()
    raw = f"From: <{GUEST}>\r\n\r\n{'Vi kan desværre ikke den dag. ' * 30}{'x' * 200}\r\n".encode()
    contents = await vault.seal(Contents(raw=raw, envelope_from=GUEST), mail_id)
    mail = StoredMail(mail_id=mail_id, recipient="browser", received_at=now, state="stored", contents=contents)
    await mails.insert(mail, "browser-digest")
    understood = Understood(
        what="counter",
        reason="ok",
        uid=course.meeting.uid,
        attendee=GUEST,
        attendees=(GUEST,),
        proposed_start=now,
        comment="Onsdag passer bedre",
        sender=GUEST,
    )
    sealed = await vault.seal_understood(understood, mail_id)
    await mails.decide(mail, "parked", "other-attendee", now=now, keep=timedelta(days=30), understood=sealed)
    return mail_id


async def test_the_question_is_answered_without_a_mouse_or_a_script(visit: Opener, house: House) -> None:
    """From the link to the thanks, by keyboard, at 320 px and in full width."""
    course = await booked(house)
    page: Page = await visit(await asked(house, course), java_script_enabled=False)
    await expect(page.get_by_role("heading", name="Var det dig?")).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(page.locator(".skipnav")).to_be_focused()
    await page.locator("#yes").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Tak, vi har fået dit svar")).to_be_visible()


async def test_every_state_of_the_question_shuts_nobody_out(visit: Opener, house: House) -> None:
    """Asked, denied, and of a meeting that has moved since."""
    course, moved = await booked(house), await booked(house)
    page = await visit(await asked(house, course))
    await check(page, "the question")
    await tab_to(page, "no")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Tak, vi ser bort fra svaret")).to_be_visible()
    await check(page, "denied")
    path = await asked(house, moved)
    later = tuple(one.model_copy(update={"sequence": 1}) for one in moved.meetings)
    await retold(house, moved, CourseRebooked, sequence=2, meetings=later)
    page = await visit(path, viewport={"width": NARROW_PX, "height": 800})
    await expect(page.get_by_role("heading", name="Mødet er ændret siden")).to_be_visible()
    await check(page, "overtaken")


async def test_a_parked_mail_is_attributed_without_a_mouse(visit: Opener, house: House) -> None:
    """The list, the mail, an application that is not there, its meetings, what is missing, and the answers by hand."""
    course = await booked(house)
    mail_id = await parked(house, course)
    page = await visit("/review/mail")
    await log_in_on_page(page, COORDINATOR)
    await expect(page.get_by_role("heading", name="Mails til gennemsyn")).to_be_visible()
    await check(page, "the list")
    await page.locator(f'a[href="/review/mail/{mail_id}"]').click()
    await check(page, "a mail of no known application")
    await tab_to(page, "reference")
    await page.keyboard.type("SPARK-0000-0000")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Der er ingen ansøgning med det nummer.")).to_be_visible()
    await check(page, "a wrong number")
    await page.locator("#reference").fill(course.mine.reference)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Hvis svar er det?")).to_be_visible()
    await tab_to(page, "take-it")
    await page.keyboard.press("Enter")
    await expect(page.locator("#faults")).to_be_focused()
    await check(page, "what is missing")
    await page.locator("#meeting").select_option(course.meeting.meeting_id)
    await page.locator("#person").select_option(course.leader)
    await page.locator("#answer").select_option("ACCEPTED")
    await page.locator("#take-it").click()
    # Back on the list, on which mails of other tests may stand.
    await expect(page.get_by_role("heading", name="Mails til gennemsyn")).to_be_visible()
    await expect(page.locator(f'a[href="/review/mail/{mail_id}"]')).to_have_count(0)
    await page.goto(f"/review/{course.mine.reference}/answer")
    await expect(page.get_by_role("cell", name="Jer", exact=True)).to_be_visible()
    await check(page, "answers by hand")
