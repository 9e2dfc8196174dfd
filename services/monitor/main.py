"""Starts the monitor: it follows every topic, keeps what it sees for a while, and shows it to staff."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
import uvloop
from fastapi import FastAPI
from httpx2 import AsyncClient

from services.monitor.api import api_routes
from services.monitor.board import Board
from services.monitor.consumer import Follower
from services.monitor.lag_reader import LagReader
from services.monitor.pages import HOME, page_routes
from services.monitor.settings import MonitorSettings, read_services
from services.monitor.store import Store, create_indexes
from services.monitor.stream import Hub
from services.monitor.watch import References, Watch
from shared import crash, kafka, logs, mongo, settings
from shared.errors import DependencyDownError
from shared.health import Health
from shared.http import create_app
from shared.kafka import KafkaAddress
from shared.programme import Programme, load_programme
from shared.programme_faults import ProgrammeError
from shared.running import run_service
from shared.settings import SettingsError
from shared.staff.error_answers import install_error_pages
from shared.staff.pages import staff_pages
from shared.staff.wiring import StaffSide, build_staff
from shared.web.site import AssetsMissingError, Site
from shared.web.texts import TextsError, load_texts

SITE = Path(__file__).parent
RETRY_SECONDS = 2.0
PRUNE_SECONDS_BETWEEN = 600.0

log = structlog.get_logger(__name__)


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
    loaded = settings.load(MonitorSettings)
    try:
        programme = load_programme(loaded.programme)
    except ProgrammeError as error:
        raise SettingsError(str(error)) from None
    logs.configure(service="monitor", level=loaded.log_level)
    if loaded.crash_at:
        crash.arm(loaded.crash_at)
    uvloop.run(_serve(loaded, programme))


async def _serve(loaded: MonitorSettings, programme: Programme) -> None:
    address = KafkaAddress.of(loaded)
    client = mongo.connect(loaded.mongodb.get_secret_value(), app_name="monitor")
    store, hub = Store(client), Hub()
    references = References(store)
    watch = Watch(store=store, references=references, hub=hub, clock=_now)
    follower = Follower(address=address, see=watch.see)
    lag_reader = LagReader(address=address, kept=store, clock=_now)
    http = AsyncClient(trust_env=False)
    board = Board(
        lag_reader=lag_reader, client=http, services=read_services(loaded.monitor_services), hub=hub, clock=_now
    )
    health = Health()
    health.add_check("mongodb", lambda: mongo.ping(client))
    health.add_check("kafka", lambda: kafka.ping(address))
    health.add_stall(follower.stalled)
    health.add_hold(lambda: follower.holding)
    staff = build_staff(loaded, client=client, public_url=loaded.monitor_url, clock=_now)
    app = build_app(
        loaded, programme, staff=staff, store=store, references=references, hub=hub, board=board, health=health
    )

    async def follow() -> None:
        await _until_done(lambda: create_indexes(client))
        await follower.run()

    async def prune() -> None:
        keep = timedelta(days=loaded.monitor_keep_days)
        while True:
            await _until_done(lambda: _prune(store, keep=keep, events_max=loaded.monitor_keep_events))
            await asyncio.sleep(PRUNE_SECONDS_BETWEEN)

    await run_service(
        app=app,
        host=loaded.monitor_host,
        port=loaded.monitor_port,
        health=health,
        tasks=(follow, prune, board.tell_lag, board.tell_services),
        stops=(follower.stop, lag_reader.stop, http.aclose),
        on_stopping=hub.close,
    )
    client.close()


def build_app(
    loaded: MonitorSettings,
    programme: Programme,
    *,
    staff: StaffSide,
    store: Store,
    references: References,
    hub: Hub,
    board: Board,
    health: Health,
) -> FastAPI:
    """The HTTP side of the service.

    Raises:
        SettingsError: the look of the pages is not installed.

    """
    try:
        site = Site(programme=programme, texts=load_texts(SITE), home=SITE)
    except (AssetsMissingError, TextsError) as error:
        raise SettingsError(str(error)) from None
    app = create_app(
        title="Forløb monitor",
        health=health,
        staff_token=loaded.staff_token,
        https_only=loaded.monitor_url.startswith("https://"),
    )
    app.include_router(api_routes(store=store, references=references, hub=hub, board=board, access=staff.access))
    app.include_router(page_routes(access=staff.access))
    site.mount(app)
    install_error_pages(app, site=site)
    staff_pages(app, entrance=staff.entrance, site=site, home=HOME)
    return app


async def _prune(store: Store, *, keep: timedelta, events_max: int) -> None:
    oldest = int((_now() - keep).timestamp() * 1_000_000)
    gone = await store.prune(before_number=oldest, events_max=events_max)
    if gone:
        log.info("pruned", events=gone)


async def _until_done(work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await work()
        except DependencyDownError as error:
            log.warning("waits", dependency=str(error))
            await asyncio.sleep(RETRY_SECONDS)
        else:
            return


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
