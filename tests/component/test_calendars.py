"""Consultants' own calendars on a real database: set, fetched, kept as busy half hours, respected by bookings."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx2
import pytest
from pydantic import SecretStr

from services.scheduler.calendars.keep_calendars import read_next
from services.scheduler.calendars.routes import make_calendar_routes
from services.scheduler.calendars.work import CalendarWork
from services.scheduler.follow_application import follow_application
from services.scheduler.save_consultant import save_consultant
from shared import mongo
from shared.health import Health
from shared.http import create_app
from shared.staff.access import StaffAccess
from tests.calendar_feeds import calendar, event
from tests.calendar_server import CalendarServer, calendar_server
from tests.certificates import Certificates, make_certificates
from tests.embedded import Embedded
from tests.scheduler_samples import Office, roster_entry

TOKEN = "x" * 40
CALENDAR = "/api/v1/consultants/anne/calendar"
PATH = "/secret-7f3a/basic.ics"


@dataclass
class Desk:
    """A scheduler with one consultant, a client with the staff token, and the server that has her calendar."""

    office: Office
    http: httpx2.AsyncClient
    server: CalendarServer
    work: CalendarWork

    async def set(self, content: bytes, *headers: str) -> None:
        """Publish a calendar, enter its address, have it read."""
        address = self.server.serve(PATH, content, *headers)
        assert (await self.http.put(CALENDAR, json={"address": address})).status_code == 200
        assert await read_next(work=self.work)

    async def read_again(self) -> None:
        self.office.clock.forward(1 / 24)
        assert await read_next(work=self.work)

    async def state(self) -> dict[str, object]:
        found: dict[str, object] = (await self.http.get(CALENDAR)).json()
        return found

    async def book(self, application_id: str = "a1") -> list[datetime]:
        """Submit an application; the starts of its meetings, none while it waits."""
        await follow_application(*await self.office.application(application_id), means=self.office.means)
        return [meeting.start for meeting in (await self.office.course(application_id)).course.meetings]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    folder: Path = tmp_path_factory.mktemp("certificates")
    return make_certificates(folder)


@pytest.fixture
async def desk(stack: Embedded, certificates: Certificates) -> AsyncIterator[Desk]:
    client = mongo.connect(stack.mongodb, app_name="test")
    office = await Office(client).open()
    await save_consultant(roster_entry(), means=office.means)
    token = SecretStr(TOKEN)
    app = create_app(title="test", health=Health(), staff_token=token)
    async with calendar_server(certificates) as server:
        work = CalendarWork(means=office.means, outside=server.outside())
        access = StaffAccess(staff_token=token)
        app.include_router(make_calendar_routes(work=work, access=access, wake=lambda: None))
        headers = {"Authorization": f"Bearer {TOKEN}"}
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test", headers=headers) as http:
            yield Desk(office, http, server, work)
    client.close()


async def test_what_is_busy_in_her_calendar_is_not_booked(desk: Desk) -> None:
    """The course that would have begun then begins elsewhere."""
    starts = await desk.book()
    await follow_application(
        *await desk.office.application("a1", state="withdrawn", sequence=3), means=desk.office.means
    )
    day = starts[0].strftime("%Y%m%d")
    await desk.set(calendar(event(f":{day}T000000Z", f":{day}T235900Z")))
    after = await desk.book("a2")
    assert after
    assert starts[0].date() not in {start.date() for start in after}
