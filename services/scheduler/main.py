"""Starts the scheduler: it follows applications, books their courses on the roster's free time, and serves staff's API."""

import asyncio
import contextlib
import os
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import uvloop
from fastapi import FastAPI

from services.scheduler.api import FILES, make_routes
from services.scheduler.calendars.keep_calendars import CalendarKeeper
from services.scheduler.calendars.routes import make_calendar_routes
from services.scheduler.calendars.work import CalendarWork
from services.scheduler.consultant_page.link import PLAN_LINK, PlanSigner
from services.scheduler.consultant_page.routes import install as install_plan_pages
from services.scheduler.consultant_page.wiring import build_room
from services.scheduler.consumer import make_consumer
from services.scheduler.coordinator.course_lists import CourseLists
from services.scheduler.coordinator.desk import COORDINATOR_FORM, PAGES, Desk
from services.scheduler.coordinator.roster_routes import consultant_routes
from services.scheduler.coordinator.routes import coordinator_routes
from services.scheduler.feed.routes import feed_routes
from services.scheduler.feed.wiring import build_feeds
from services.scheduler.means import Means
from services.scheduler.mending import Mending
from services.scheduler.roster_calendar import RosterCalendar
from services.scheduler.settings import SchedulerSettings
from services.scheduler.store import DATABASE, Store
from services.scheduler.upkeep import keep_up, prepare, until_done
from services.scheduler.waitlist import WaitingList
from services.scheduler.workplace_hash import BLOCKED_WORKPLACE
from shared import crash, kafka, logs, mongo, settings
from shared.address_token import REPLY_ADDRESS
from shared.consuming import Consumer
from shared.health import Health
from shared.http import create_app
from shared.kafka import KafkaAddress, Publisher
from shared.mongo import Client
from shared.programme import Programme, load_programme
from shared.programme_faults import ProgrammeError
from shared.reference.municipalities import load_municipalities
from shared.relay import Relay
from shared.running import run_service
from shared.settings import SettingsError
from shared.signing import purpose_key
from shared.staff.error_answers import install_error_pages
from shared.staff.pages import staff_pages
from shared.staff.wiring import StaffSide, build_staff
from shared.vault import MasterKey, Vault
from shared.web.site import AssetsMissingError, Site
from shared.web.texts import TextsError, load_texts

DRAIN_SECONDS = 5.0
HOME = Path(__file__).parent


def main() -> None:
    """Serve until stopped; exit code 2 for wrong settings."""
    try:
        run()
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201 - before logging is set up, for whoever starts the service
        sys.exit(2)


def run() -> None:
    """Serve until stopped.

    Raises:
        SettingsError: the settings, or the programme that they name, are wrong.

    """
    loaded = settings.load(SchedulerSettings)
    try:
        programme = load_programme(loaded.programme)
    except ProgrammeError as error:
        raise SettingsError(str(error)) from None
    logs.configure(service="scheduler", level=loaded.log_level)
    if loaded.crash_at:
        crash.arm(loaded.crash_at)
    uvloop.run(_serve(loaded, programme))


async def _serve(loaded: SchedulerSettings, programme: Programme) -> None:
    address = KafkaAddress.of(loaded)
    client = mongo.connect(loaded.mongodb.get_secret_value(), app_name="scheduler")
    store = Store(client[DATABASE])
    publisher = Publisher(address, client_id="scheduler")
    relays = [
        Relay(collection=collection, sender=publisher, clock=_now)
        for collection in (store.courses, store.consultants, store.calendars.calendars)
    ]
    waiting_list, mending = WaitingList(), Mending()
    means = _means(loaded, programme, client, store, relays, waiting_list, mending)
    consumer = make_consumer(address=address, dead_letters=publisher, means=means)
    health = _health(client, address, consumer)
    calendars = _calendars(loaded, means, relays)
    staff = build_staff(loaded, client=client, public_url=loaded.public_url, clock=_now)
    app = build_app(loaded, means=means, calendars=calendars, staff=staff, health=health)
    prepared = asyncio.Event()

    async def get_ready() -> None:
        await until_done(partial(prepare, means=means), name="prepare")
        prepared.set()
        await keep_up(means=means)

    async def consume() -> None:
        await prepared.wait()
        await consumer.run()

    async def try_waiting() -> None:
        await prepared.wait()
        await waiting_list.run(means)

    async def mend() -> None:
        await prepared.wait()
        await mending.run(means)

    async def read_calendars() -> None:
        await prepared.wait()
        await calendars.run()

    async def drain() -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                await asyncio.gather(*(relay.drain() for relay in relays))

    await run_service(
        app=app,
        host=loaded.scheduler_host,
        port=loaded.scheduler_port,
        health=health,
        tasks=(get_ready, consume, try_waiting, mend, read_calendars, *(relay.run for relay in relays)),
        stops=(consumer.stop, drain, publisher.stop),
    )
    client.close()


def build_app(
    loaded: SchedulerSettings, *, means: Means, calendars: CalendarKeeper, staff: StaffSide, health: Health
) -> FastAPI:
    """The HTTP side of the service.

    Raises:
        SettingsError: the look of the pages is not installed.

    """
    try:
        site = Site(programme=means.programme, texts=load_texts(HOME), home=HOME, below=PAGES)
    except (AssetsMissingError, TextsError) as error:
        raise SettingsError(str(error)) from None
    app = create_app(
        title="Forløb scheduler",
        health=health,
        staff_token=loaded.staff_token,
        larger_bodies=FILES,
        https_only=loaded.public_url.startswith("https://"),
    )
    site.mount(app)
    install_error_pages(app, site=site)
    staff_pages(app, entrance=staff.entrance, site=site, home=PAGES)
    app.include_router(make_routes(means=means, access=staff.access))
    desk = Desk(
        means=means,
        site=site,
        access=staff.access,
        lists=CourseLists(means.store.courses),
        form_key=purpose_key(loaded.link_secret, COORDINATOR_FORM),
        calendar_alert_after=calendars.work.alert_after,
    )
    app.include_router(coordinator_routes(desk))
    app.include_router(consultant_routes(desk))
    install_plan_pages(app, build_room(loaded, means=means, site=site))
    app.include_router(feed_routes(build_feeds(loaded, means=means)))
    app.include_router(make_calendar_routes(work=calendars.work, access=staff.access, wake=calendars.wake))
    return app


def _means(
    loaded: SchedulerSettings,
    programme: Programme,
    client: Client,
    store: Store,
    relays: list[Relay],
    waiting_list: WaitingList,
    mending: Mending,
) -> Means:
    courses, consultants, _ = relays

    def opened() -> None:
        mending.wake()
        waiting_list.wake()

    return Means(
        store=store,
        vault=Vault(
            keys=client["vault"]["keys"], master_key=MasterKey(loaded.master_key.get_secret_value()), clock=_now
        ),
        programme=programme,
        municipalities=load_municipalities(),
        calendar=RosterCalendar(
            zone=programme.tz,
            horizon_days=programme.windows.horizon_days,
            today=_now().astimezone(programme.tz).date(),
        ),
        clock=_now,
        random=os.urandom,
        reply_key=purpose_key(loaded.link_secret, REPLY_ADDRESS),
        workplace_key=purpose_key(loaded.link_secret, BLOCKED_WORKPLACE),
        plan_signer=PlanSigner(
            key=purpose_key(loaded.link_secret, PLAN_LINK),
            programme=programme.code,
            public_url=loaded.scheduler_public_url or loaded.public_url,
        ),
        publish_course=courses.wake,
        publish_consultant=consultants.wake,
        try_waiting=opened,
        check_courses_of=mending.check,
    )


def _calendars(loaded: SchedulerSettings, means: Means, relays: list[Relay]) -> CalendarKeeper:
    *_, of_calendars = relays
    return CalendarKeeper(
        CalendarWork(
            means=means,
            publish=of_calendars.wake,
            every=timedelta(minutes=loaded.scheduler_calendar_minutes),
            alert_after=timedelta(hours=loaded.scheduler_calendar_alert_hours),
        )
    )


def _health(client: Client, address: KafkaAddress, consumer: Consumer) -> Health:
    health = Health()
    health.add_check("mongodb", lambda: mongo.ping(client))
    health.add_check("kafka", lambda: kafka.ping(address))
    health.add_stall(consumer.stalled)
    health.add_hold(lambda: consumer.holding)
    consumer.consult(health.unwell)
    return health


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
