"""The live page in a real browser: it follows, filters, needs no mouse, shuts nobody out, and asks nobody else for anything."""

import asyncio
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from playwright.async_api import Locator, Page, expect

from tests.event_story import Story, Told
from tests.monitor_process import MonitorProcess, monitored_stack, publish
from tests.page_checks import DRAWS_PICTURES, picture, violations
from tests.readyz_server import Answers, readyz_server
from tests.staff_accounts import OPERATOR, log_in_on_page

WIDTHS = (320, 768, 1280)
SEEDS = count(100)
HEALTHY = {"mongodb": "ok", "kafka": "ok"}


@pytest.fixture(scope="module")
def services() -> Answers:
    return {"intake": HEALTHY, "scheduler": HEALTHY, "notifier": {"mongodb": "ok", "kafka": "down"}}


@pytest.fixture(scope="module")
def monitor(tmp_path_factory: pytest.TempPathFactory, services: Answers) -> Iterator[MonitorProcess]:
    with readyz_server(services) as address:
        named = ",".join(f"{name}={address}/{name}" for name in (*services, "monitor"))
        with monitored_stack(tmp_path_factory.mktemp("live"), services=named) as process:
            yield process


@pytest.fixture
async def live(page: Page, monitor: MonitorProcess) -> Page:
    """The page as an operator gets it who logs in."""
    await enter(page, monitor)
    await expect(page.locator("#connection")).to_have_text("Følger med")
    return page


async def enter(page: Page, monitor: MonitorProcess) -> None:
    await page.goto(f"{monitor.address}/")
    await log_in_on_page(page, OPERATOR)


def story() -> tuple[list[Told], str]:
    teller = Story(next(SEEDS))
    reference = teller.reference()
    return list(teller.booked(application_id=teller.id(), reference=reference)), reference


def rows_of(page: Page, reference: str) -> Locator:
    return page.locator("#rows tr", has_text=reference)


async def test_a_new_event_appears_by_itself(live: Page, monitor: MonitorProcess) -> None:
    """Within seconds, newest first, with time, topic, type and reference; and the address holds no token."""
    told, reference = story()
    assert live.url == f"{monitor.address}/"
    await publish(monitor.embedded.kafka, told)
    await expect(rows_of(live, reference)).to_have_count(len(told))
    booked = rows_of(live, reference).filter(has_text="Forløb booket")
    await expect(booked).to_have_count(1)
    await expect(booked).to_contain_text("enkelt · 2 møder")
    await expect(rows_of(live, reference).first).to_contain_text("E-mail sendt")
    assert await live.evaluate("document.cookie") == "", "no script may read the staff cookie"


async def test_health_and_lag_are_shown(live: Page, monitor: MonitorProcess) -> None:
    """Each service with its state, and how far it is behind, in records and as time."""
    told, _ = story()
    await publish(monitor.embedded.kafka, told)
    intake, scheduler, notifier, own = (
        live.locator(f'[data-service="{name}"]') for name in ("intake", "scheduler", "notifier", "monitor")
    )
    await expect(intake.locator(".pill")).to_have_text("Klar")
    await expect(notifier.locator(".pill")).to_have_text("Venter på kafka")
    await expect(scheduler).to_contain_text("Ældste ubehandlede:")
    await expect(own).to_contain_text("Alt er behandlet")
    await read_all(monitor, "scheduler", "forloeb.applications")
    await expect(scheduler).to_contain_text("Alt er behandlet")


async def test_the_filter_stands_in_the_address(live: Page, monitor: MonitorProcess) -> None:
    """By reference and by topic; it can be sent to a colleague, and going back undoes it."""
    (one, reference), (other, _) = story(), story()
    await publish(monitor.embedded.kafka, [*one, *other])
    await expect(rows_of(live, reference)).to_have_count(len(one))
    await live.get_by_label("Referencenummer").fill(reference.lower())
    await live.get_by_label("Referencenummer").press("Enter")
    await expect(live.locator("#rows tr")).to_have_count(len(one))
    await live.get_by_label("Emne", exact=True).select_option("Beskeder")
    mails = [told for told in one if told.topic == "forloeb.messages"]
    await expect(live.locator("#rows tr")).to_have_count(len(mails))
    assert live.url.endswith(f"?topic=forloeb.messages&reference={reference}")

    more = Story(next(SEEDS)).mail(one[0].key, "receipt")
    stranger, _ = story()
    await publish(monitor.embedded.kafka, [*stranger, more])
    await expect(live.locator("#rows tr")).to_have_count(len(mails) + 1)
    await live.reload()
    await expect(live.locator("#rows tr")).to_have_count(len(mails) + 1)
    await expect(live.get_by_label("Emne", exact=True)).to_have_value("forloeb.messages")
    await live.go_back()
    await expect(live.locator("#rows tr")).to_have_count(len(one) + 1)
    await live.get_by_role("button", name="Vis alle").click()
    assert live.url == f"{monitor.address}/"


async def test_everything_can_be_done_with_the_keyboard(live: Page, monitor: MonitorProcess) -> None:
    """From the first Tab: filter, pause, walk through the events, look into one, and come back to where one was."""
    told, reference = story()
    await publish(monitor.embedded.kafka, told)
    await expect(rows_of(live, reference)).to_have_count(len(told))
    names = []
    for _ in range(9):
        await live.keyboard.press("Tab")
        names.append(await live.evaluate("document.activeElement.id || document.activeElement.textContent"))
        style = "getComputedStyle(document.activeElement).outlineStyle"
        assert await live.evaluate(style) != "none", f"the focus cannot be seen on {names[-1]}"
    stops = ["Spring til hændelserne", "Log ud", "topic", "reference", "Filtrér", "clear", "pause", "scroller"]
    assert names[:8] == stops
    focused = live.locator("#rows button:focus")
    await expect(focused).to_have_text("E-mail sendt")
    while "Forløb booket" not in (await focused.text_content() or ""):
        await live.keyboard.press("ArrowDown")
    await live.keyboard.press("Enter")
    details = live.get_by_role("dialog", name="Forløb booket")
    await expect(details).to_contain_text(reference)
    await expect(details.locator("pre")).to_contain_text("forseglet (person:")
    assert "nonce" not in await details.inner_text()
    await live.keyboard.press("Escape")
    await expect(focused).to_have_text("Forløb booket")
    await live.keyboard.press("Home")
    await live.keyboard.press("ArrowUp")
    await expect(live.locator("#rows tr").first.locator("button")).to_be_focused()

    await live.locator("#pause").focus()
    await live.keyboard.press("Space")
    await expect(live.locator("#connection")).to_have_text("På pause")
    later, later_reference = story()
    await publish(monitor.embedded.kafka, later)
    await expect(live.locator("#tally")).to_contain_text(f"{len(later)} nye venter")
    await expect(rows_of(live, later_reference)).to_have_count(0)
    await live.keyboard.press("Space")
    await expect(rows_of(live, later_reference)).to_have_count(len(later))


@pytest.mark.needs("node")
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nobody_is_kept_out(live: Page, monitor: MonitorProcess, scheme: Any) -> None:
    """Axe finds nothing at any width, in both colour schemes, in the list, in the details, in an empty list and at the door."""
    told, reference = story()
    await publish(monitor.embedded.kafka, told)
    await live.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    await expect(rows_of(live, reference)).to_have_count(len(told))
    await expect(live.locator("#rows tr.fresh")).to_have_count(0)
    await expect(live.locator('[data-service="notifier"] .pill')).to_have_text("Venter på kafka")
    for width in WIDTHS:
        await live.set_viewport_size({"width": width, "height": 800})
        assert await violations(live) == [], f"{width} px"
        assert await live.evaluate("document.documentElement.scrollWidth") == width, "it scrolls sideways"
    await live.set_viewport_size({"width": 320, "height": 800})
    await rows_of(live, reference).first.click()
    await expect(live.get_by_role("dialog").locator("pre")).to_contain_text("message")
    assert await violations(live) == []
    await live.goto(f"{monitor.address}/?reference=SPARK-0000-0000")
    await expect(live.locator("#empty")).to_be_visible()
    assert await violations(live) == []
    await live.context.clear_cookies()
    await live.goto(monitor.address)
    await expect(live.get_by_role("heading", name="Log ind")).to_be_visible()
    assert await violations(live) == []


async def test_new_events_are_not_read_aloud(live: Page, monitor: MonitorProcess) -> None:
    """Only the state of the connection is announced; it does not change with what passes."""
    announced = live.locator("[aria-live], [role=status], [role=log], [role=alert], output")
    await expect(announced).to_have_count(1)
    await announced.evaluate(
        "node => new MutationObserver(() => (window.spoke = true)).observe(node, {childList: true})"
    )
    told, reference = story()
    await publish(monitor.embedded.kafka, told)
    await expect(rows_of(live, reference)).to_have_count(len(told))
    assert await live.evaluate("window.spoke") is None


async def test_nothing_is_asked_of_anybody_else(page: Page, monitor: MonitorProcess) -> None:
    """Every request goes to the page's own origin, and the browser finds nothing to complain about."""
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await enter(page, monitor)
    told, reference = story()
    await publish(monitor.embedded.kafka, told)
    await expect(rows_of(page, reference)).to_have_count(len(told))
    await rows_of(page, reference).first.click()
    await expect(page.get_by_role("dialog").locator("pre")).to_contain_text("message")
    assert len(asked) > 5
    assert {url for url in asked if not url.startswith(f"{monitor.address}/")} == set()
    assert complaints == []


async def test_it_comes_back_by_itself(live: Page, monitor: MonitorProcess) -> None:
    """The page says when it has lost the monitor, and shows what it missed when it is back."""
    await asyncio.to_thread(monitor.stop)
    await expect(live.locator("#connection")).to_contain_text("Forbindelsen er væk")
    told, reference = story()
    await publish(monitor.embedded.kafka, told)
    await asyncio.to_thread(monitor.start)
    await expect(live.locator("#connection")).to_have_text("Følger med", timeout=30_000)
    await expect(rows_of(live, reference)).to_have_count(len(told))


async def test_a_lively_moment(live: Page, monitor: MonitorProcess, services: Answers) -> None:
    """Everybody is well, and the notifier has three events to go. Where pictures are drawn, the events come one by one."""
    pause_seconds = 0.3 if DRAWS_PICTURES else 0
    kafka = monitor.embedded.kafka
    services["notifier"] = HEALTHY
    teller = Story(next(SEEDS))
    await live.set_viewport_size({"width": 1280, "height": 860})
    await publish(kafka, [teller.consultant() for _ in range(2)], pause_seconds=pause_seconds)
    for kind in ("single", "joint"):
        told = teller.booked(application_id=teller.id(), reference=teller.reference(), kind=kind)
        await publish(kafka, told, pause_seconds=pause_seconds)
    waiting = teller.waiting(application_id=teller.id(), reference=teller.reference())
    await publish(kafka, waiting, pause_seconds=pause_seconds)
    for group in ("scheduler", "notifier"):
        await read_all(monitor, group, "forloeb.applications")
    await read_all(monitor, "notifier", "forloeb.courses")
    case = list(teller.booked(application_id=teller.id(), reference=teller.reference(), kind="joint"))
    await publish(kafka, [one for one in case if one.topic != "forloeb.messages"], pause_seconds=pause_seconds)
    await read_all(monitor, "scheduler", "forloeb.applications")
    await read_all(monitor, "intake", "forloeb.courses")

    for name in services:
        await expect(live.locator(f'[data-service="{name}"] .pill')).to_have_text("Klar")
    await expect(live.locator('[data-service="notifier"] .lag')).to_have_text("3venter")
    await expect(live.locator('[data-service="scheduler"] .lag')).to_have_text("0venter")
    await expect(live.locator("#rows tr.fresh")).to_have_count(0)
    await picture(live, "live-page")


async def read_all(monitor: MonitorProcess, group: str, topic: str) -> None:
    """Commit for this group that it has handled the whole topic."""
    consumer = AIOKafkaConsumer(bootstrap_servers=monitor.embedded.kafka, group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        numbers = consumer.partitions_for_topic(topic) or ()
        partitions = [TopicPartition(topic, number) for number in numbers]
        ends = await consumer.end_offsets(partitions)
        consumer.assign(partitions)
        await consumer.commit(ends)
    finally:
        await consumer.stop()
