"""The coordinators' pages on a scheduler with its real database, in the test's own process."""

import html
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import httpx2
from fastapi import FastAPI
from pydantic import SecretStr

from services.scheduler.api import FILES
from services.scheduler.coordinator.course_lists import CourseLists
from services.scheduler.coordinator.desk import PAGES, Desk
from services.scheduler.coordinator.roster_routes import consultant_routes
from services.scheduler.coordinator.routes import coordinator_routes
from services.scheduler.follow_application import follow_application
from services.scheduler.main import HOME
from services.scheduler.save_consultant import save_consultant
from shared import mongo
from shared.health import Health
from shared.http import create_app
from shared.staff.access import StaffAccess
from shared.staff.error_answers import install_error_pages
from shared.staff.sessions import OpenSession
from shared.web.site import Site
from shared.web.texts import load_texts
from tests.scheduler_samples import Office, roster_entry
from tests.staff_accounts import COORDINATOR

TOKEN = "x" * 40
HTML = {"Accept": "text/html", "Accept-Language": "da"}


@dataclass
class CoordinatorDesk:
    """A scheduler, and a browser of somebody who holds the staff token."""

    office: Office
    http: httpx2.AsyncClient
    app: FastAPI

    async def consultant(self, consultant_id: str = "anne", **changes: object) -> None:
        await save_consultant(roster_entry(consultant_id, **changes), means=self.office.means)

    async def application(self, **changes: object) -> str:
        """Id of a new application that was admitted, and sought for."""
        application_id = str(uuid4())
        changes.setdefault("reference", f"SPARK-{application_id[:4].upper()}-{application_id[4:8].upper()}")
        event, envelope = await self.office.application(application_id, **changes)  # type: ignore[arg-type]
        await follow_application(event, envelope, means=self.office.means)
        return application_id

    async def page(self, path: str, *, status: int = 200) -> str:
        """The text of a page, its characters unescaped."""
        answer = await self.http.get(f"{PAGES}{path}")
        assert answer.status_code == status, answer.text
        return html.unescape(answer.text)

    async def send(self, path: str, fields: Mapping[str, str], *, to: str = "") -> httpx2.Response:
        """Send the form of an act as its page shows it, with these fields filled in; `to` follows the page's own address."""
        shown = (await self.http.get(f"{PAGES}{path}")).text
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', shown))
        return await self.http.post(f"{PAGES}{path.partition('?')[0]}{to}", data={**hidden, **fields})

    @staticmethod
    def words(answer: httpx2.Response) -> str:
        """The text of an answer, its characters unescaped."""
        return html.unescape(answer.text)

    async def act(self, course_id: str, kind: str, **fields: str) -> httpx2.Response:
        """Through both pages of an act."""
        query = f"?meeting={fields['meeting']}" if "meeting" in fields else ""
        return await self.send(f"/courses/{course_id}/acts/{kind}{query}", {**fields, "confirmed": "yes"})


async def _find_session(token: str, *, present: bool) -> OpenSession | None:
    del token, present
    return OpenSession(account=COORDINATOR, roles=frozenset({"coordinator"}))


@asynccontextmanager
async def coordinator_desk(mongodb: str) -> AsyncIterator[CoordinatorDesk]:
    """Whoever has a cookie COOKIE, whatever it holds, is logged in as COORDINATOR."""
    client = mongo.connect(mongodb, app_name="test")
    office = await Office(client).open()
    token = SecretStr(TOKEN)
    app = create_app(title="test", health=Health(), staff_token=token, larger_bodies=FILES)
    site = Site(programme=office.programme, texts=load_texts(HOME), home=HOME, below=PAGES)
    site.mount(app)
    install_error_pages(app, site=site)
    desk = Desk(
        means=office.means,
        site=site,
        access=StaffAccess(staff_token=token, find_session=_find_session),
        lists=CourseLists(office.store.courses),
        form_key=bytes(32),
        calendar_alert_after=timedelta(hours=24),
    )
    app.include_router(coordinator_routes(desk))
    app.include_router(consultant_routes(desk))
    headers = {"Authorization": f"Bearer {TOKEN}", **HTML}
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test", headers=headers) as http:
        yield CoordinatorDesk(office, http, app)
    client.close()
