"""Every address of every service with whoever may open it, read from the applications as they are run."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from services.intake.main import build_app as build_intake
from services.intake.main import build_parts
from services.intake.settings import IntakeSettings
from services.monitor.board import Board
from services.monitor.main import build_app as build_monitor
from services.monitor.settings import MonitorSettings
from services.monitor.store import Store
from services.monitor.stream import Hub
from services.monitor.watch import References
from services.notifier.settings import NotifierSettings
from services.notifier.staff.wiring import Publish
from services.notifier.staff.wiring import build_app as build_notifier
from services.scheduler.calendars.keep_calendars import CalendarKeeper
from services.scheduler.calendars.work import CalendarWork
from services.scheduler.main import build_app as build_scheduler
from services.scheduler.settings import SchedulerSettings
from shared import mongo
from shared.health import Health
from shared.programme import load_programme
from shared.settings import load
from shared.staff.access import StaffAccess
from shared.staff.wiring import StaffSide, build_staff
from tests.intake_house import settings_for
from tests.notifier_office import Office as Mailroom
from tests.scheduler_samples import Office
from tests.staff_accounts import write_staff_file
from tests.staff_stores import Clock

GUARDS = {
    StaffAccess.coordinator: "coordinator",
    StaffAccess.operator: "operator",
    StaffAccess.program: "program",
}
FILES = "files"
STREAM_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class Address:
    """`audience` is the guard that stands before it, "files" for folders of files that tell nothing, else None."""

    service: str
    method: str
    path: str
    audience: str | None


@dataclass(frozen=True, kw_only=True)
class Services:
    apps: Mapping[str, FastAPI]
    staff: StaffSide
    token: str
    hub: Hub

    def addresses(self) -> list[Address]:
        return [address for name, app in self.apps.items() for address in _addresses(name, app)]


class StillBoard:
    """A monitor's board on which nothing happens."""

    async def lag(self) -> dict[str, Any]:
        return {"groups": []}

    async def services(self) -> dict[str, Any]:
        return {"services": []}


def _addresses(service: str, app: FastAPI) -> Iterator[Address]:
    for route in iter_route_contexts(app.routes):
        path = route.path or ""
        if isinstance(route.original_route, Mount):
            yield Address(service=service, method="GET", path=path, audience=FILES)
            continue
        dependant = getattr(route, "dependant", None)
        guards = sorted(_guards(dependant)) if dependant is not None else []
        assert len(guards) <= 1, f"{path} has several guards: {guards}"
        for method in sorted(route.methods or ()):
            yield Address(service=service, method=method, path=path, audience=guards[0] if guards else None)


def _guards(dependant: Dependant) -> set[str]:
    own = {GUARDS[function] for function in (getattr(dependant.call, "__func__", None),) if function in GUARDS}
    return own.union(*(_guards(part) for part in dependant.dependencies))


@asynccontextmanager
async def all_services(mongodb: str, folder: Path) -> AsyncIterator[Services]:
    """The four applications on one database, built as each service builds its own; nothing of them listens."""
    file = write_staff_file(folder / "accounts")
    environment = settings_for(mongodb=mongodb, FORLOEB_STAFF_FILE=str(file))
    intake, scheduler, monitor = (
        load(kind, environment) for kind in (IntakeSettings, SchedulerSettings, MonitorSettings)
    )
    client, clock = mongo.connect(mongodb, app_name="test-routes"), Clock()
    clock.on(days=365 * 70)
    programme = load_programme(intake.programme)
    staff = build_staff(intake, client=client, public_url="", clock=clock)
    office = await Office(client).open()
    store, hub = Store(client), Hub()
    mailroom = Mailroom(mongodb)
    parts = build_parts(intake, programme, client=client, wake=lambda _: None, clock=clock)
    apps = {
        "intake": build_intake(parts, settings=intake, health=Health()),
        "scheduler": build_scheduler(
            scheduler,
            means=office.means,
            calendars=CalendarKeeper(CalendarWork(means=office.means, publish=lambda _: None)),
            staff=staff,
            health=Health(),
        ),
        "monitor": build_monitor(
            monitor,
            programme,
            staff=staff,
            store=store,
            references=References(store),
            hub=hub,
            board=cast("Board", StillBoard()),
            health=Health(),
        ),
        "notifier": build_notifier(
            load(NotifierSettings, environment),
            desk=mailroom.desk,
            suppressions=mailroom.suppressions,
            database=client["notifier"],
            staff=staff,
            publish=Publish(message=lambda _: None, view=lambda _: None, suppression=lambda _: None),
            health=Health(),
        ),
    }
    yield Services(apps=apps, staff=staff, token=intake.staff_token.get_secret_value(), hub=hub)
    mailroom.client.close()
    client.close()


async def status_of(app: FastAPI, method: str, path: str, headers: Mapping[str, str]) -> int:
    """What an address answers; of a stream that does not end, only how it begins."""
    begun: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    received = False

    async def receive() -> dict[str, Any]:
        nonlocal received
        if received:
            await asyncio.Event().wait()
        received = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            begun.set_result(message["status"])

    rows = [(name.lower().encode(), value.encode()) for name, value in {"host": "staff.example", **headers}.items()]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": rows,
        "client": ("192.0.2.9", 50_000),
        "server": ("staff.example", 80),
    }
    answering = asyncio.create_task(app(scope, receive, send))
    await asyncio.wait({answering, begun}, return_when=asyncio.FIRST_COMPLETED)
    await asyncio.wait({answering}, timeout=STREAM_SECONDS)
    answering.cancel()
    await asyncio.gather(answering, return_exceptions=True)
    return await begun
