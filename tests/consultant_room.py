"""The consultants' pages on a scheduler with its real database, in the test's own process, with a browser of one of them."""

import html
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from uuid import uuid4

import httpx2
from fastapi import FastAPI
from pydantic import SecretStr

from services.scheduler.consultant_page.link import PAGES, PlanSigner
from services.scheduler.consultant_page.room import CHANGES, GUESSES, ConsultantRoom
from services.scheduler.consultant_page.routes import install
from services.scheduler.feed.feed_link import FeedSigner
from services.scheduler.follow_application import follow_application
from services.scheduler.main import HOME
from services.scheduler.save_consultant import save_consultant
from shared import mongo
from shared.health import Health
from shared.http import create_app
from shared.programme import Programme
from shared.rate_limit import RateLimit
from shared.staff.error_answers import install_error_pages
from shared.web.site import Site
from shared.web.texts import Texts, load_texts
from tests.scheduler_samples import AARHUS, Office, roster_entry

HTML = {"Accept": "text/html", "Accept-Language": "da"}


@dataclass
class PlanRoom:
    """A scheduler, a course that Anne leads and whose opening meeting was this morning, and a browser without any cookie."""

    office: Office
    http: httpx2.AsyncClient
    app: FastAPI
    course_id: str

    async def link(self, consultant_id: str = "anne") -> str:
        """The path of the link in her newest mail."""
        person = (await self.office.opened_people(self.course_id))[consultant_id]
        return person.links["plan"].removeprefix(self.office.means.plan_signer.public_url)

    @property
    def page(self) -> str:
        return f"{PAGES}/plan/{self.course_id}"

    async def enter(self) -> None:
        """Open the link, as she does from her mail."""
        answer = await self.http.get(await self.link())
        assert (answer.status_code, answer.headers["location"]) == (303, self.page)

    async def read(self, path: str = "", *, status: int = 200) -> str:
        """The text of a page below hers, its characters unescaped."""
        answer = await self.http.get(f"{self.page}{path}")
        assert answer.status_code == status, answer.text
        return html.unescape(answer.text)

    async def send(self, fields: Mapping[str, str]) -> httpx2.Response:
        """Send the form as its page shows it, with these fields filled in."""
        shown = (await self.http.get(f"{self.page}/tailor")).text
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', shown))
        return await self.http.post(f"{self.page}/tailor", data={**hidden, **fields})


@asynccontextmanager
async def plan_room(mongodb: str, *, public_url: str = "http://test") -> AsyncIterator[PlanRoom]:
    """With Anne and Bo in the roster."""
    client = mongo.connect(mongodb, app_name="test")
    office = await Office(client, public_url=public_url).open()
    await save_consultant(roster_entry("anne"), means=office.means)
    await save_consultant(roster_entry("bo", municipality=AARHUS), means=office.means)
    course_id = str(uuid4())
    await follow_application(*await office.application(course_id, reference="SPARK-K7QM-4T2X"), means=office.means)
    office.clock.now = (await office.course(course_id)).course.sittings[0].end + timedelta(hours=3)
    app = create_app(title="test", health=Health(), staff_token=SecretStr("x" * 40))
    site = the_site(office.programme)
    install_error_pages(app, site=site)
    install(app, room_of(office, site))
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url=public_url, headers=HTML) as http:
        yield PlanRoom(office, http, app, course_id)
    client.close()


@cache
def _texts() -> Texts:
    return load_texts(HOME)


def the_site(programme: Programme) -> Site:
    """The look of the pages; texts are read once for all tests."""
    return Site(programme=programme, texts=_texts(), home=HOME, below=PAGES)


def room_of(office: Office, site: Site) -> ConsultantRoom:
    signer: PlanSigner = office.means.plan_signer
    return ConsultantRoom(
        means=office.means,
        site=site,
        signer=signer,
        feeds=FeedSigner(key=bytes([3]) * 32, programme=signer.programme, public_url=signer.public_url),
        session_key=bytes([1]) * 32,
        form_key=bytes([2]) * 32,
        proxies=(),
        guesses=RateLimit(GUESSES, clock=lambda: 0.0),
        changes=RateLimit(CHANGES, clock=lambda: 0.0),
    )
