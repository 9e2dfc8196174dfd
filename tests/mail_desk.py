"""Staff's pages about mails on a notifier with its real database, in the test's own process."""

import html
import os
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx2
from fastapi import FastAPI
from pydantic import SecretStr

from services.notifier.decide import Patience
from services.notifier.staff.api import api_routes
from services.notifier.staff.desk import API, PAGES, StaffDesk
from services.notifier.staff.message_lists import MessageLists, ViewFacts
from services.notifier.staff.routes import staff_routes
from services.notifier.staff.wiring import HOME
from services.notifier.stored_message import StoredMessage
from services.notifier.timed.due import planned_of
from services.notifier.timed.timed_mail import TimedMail
from shared.events import StaffActed
from shared.health import Health
from shared.http import create_app
from shared.outbox import Waiting
from shared.staff.access import StaffAccess
from shared.staff.error_answers import install_error_pages
from shared.staff.sessions import OpenSession
from shared.web.site import Site
from shared.web.texts import load_texts
from tests.embedded import Embedded
from tests.notifier_office import Office, now
from tests.notifier_samples import application, course
from tests.scripted_smtp import ScriptedSmtp
from tests.staff_accounts import COORDINATOR

TOKEN = "x" * 40
HTML = {"Accept": "text/html", "Accept-Language": "da"}
RETURN_PATH = f"bounce+{'a' * 52}@forloeb.example"
LATER = Patience(retry_seconds=(3600.0,), give_up_after=timedelta(days=5))
REASON = "Aftalt i telefonen med lederen."


@dataclass
class MailDesk:
    """A notifier, and a browser of somebody who holds the staff token. `ahead`: how far its clock is ahead of the machine's."""

    office: Office
    http: httpx2.AsyncClient
    app: FastAPI
    published: list[Waiting]
    ahead: timedelta = field(default_factory=timedelta)

    def clock(self) -> datetime:
        return now() + self.ahead

    async def page(self, path: str = "", *, status: int = 200) -> str:
        """The text of a page, its characters unescaped."""
        answer = await self.http.get(f"{PAGES}{path}")
        assert answer.status_code == status, answer.text
        return html.unescape(answer.text)

    async def act(self, path: str, **fields: str) -> httpx2.Response:
        """Through the form of an act and the question that it asks; the last answer."""
        address = f"{PAGES}{path}"
        question = await self.http.post(address, data={**_hidden((await self.http.get(address)).text), **fields})
        if "confirmed" not in _hidden(question.text):
            return question
        return await self.http.post(address, data=_hidden(question.text))

    async def told(self, path: str, **order: object) -> httpx2.Response:
        """What a program is answered; with an order, to a change."""
        address = f"{API}{path}"
        return await (self.http.post(address, json=order) if order else self.http.get(address))

    async def message(self, kind: str, person: str = "leader", *, of: str = "a001") -> StoredMessage:
        """The newest message of a kind to somebody."""
        found = await self.office.messages.of_application(of)
        return [one for one in found if (one.kind, one.person_id) == (kind, f"{of}-{person}")][-1]

    async def planned(self, *, of: str = "a001") -> tuple[TimedMail, ...]:
        view = await self.office.desk.views.read(of)
        return planned_of(view, self.office.desk.programme, self.clock())

    def acts(self) -> list[str]:
        """The codes of what staff did, as it goes out."""
        events = [StaffActed.model_validate_json(event.body) for item in self.published for event in item.events]
        return [event.staff_act.act for event in events]


def _hidden(page: str) -> Mapping[str, str]:
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found}


async def _find_session(token: str, *, present: bool) -> OpenSession | None:
    del token, present
    return OpenSession(account=COORDINATOR, roles=frozenset({"coordinator"}))


@asynccontextmanager
async def mail_desk(stack: Embedded) -> AsyncIterator[MailDesk]:
    """Whoever has a cookie of the log-in, whatever it holds, is logged in as COORDINATOR."""
    office = Office(stack.mongodb)
    await office.messages.ensure_indexes()
    await office.desk.views.ensure_indexes()
    await office.suppressions.ensure_indexes()
    token, programme = SecretStr(TOKEN), office.desk.programme
    app = create_app(title="test", health=Health(), staff_token=token)
    site = Site(programme=programme, texts=load_texts(HOME), home=HOME, below=PAGES)
    site.mount(app)
    install_error_pages(app, site=site)
    headers = {"Authorization": f"Bearer {TOKEN}", **HTML}
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test", headers=headers) as http:
        opened = MailDesk(office, http, app, [])
        lists = MessageLists(office.rows)
        await lists.ensure_indexes()
        desk = StaffDesk(
            site=site,
            access=StaffAccess(staff_token=token, find_session=_find_session),
            messages=office.messages,
            lists=lists,
            view_facts=ViewFacts(office.view_rows),
            views=office.desk.views,
            suppressions=office.suppressions,
            vault=office.vault,
            programme=programme,
            clock=opened.clock,
            random=os.urandom,
            wake=office.desk.wake,
            publish_message=opened.published.append,
            publish_suppression=opened.published.append,
            publish_view=opened.published.append,
            form_key=bytes(32),
            address_key=office.desk.address_key,
        )
        app.include_router(staff_routes(desk))
        app.include_router(api_routes(desk))
        yield opened
    office.client.close()


async def some_mails(desk: MailDesk) -> None:
    """One application's mails were sent; of another both contacts' addresses take none; a third one's have to wait; a fourth's do."""
    office = desk.office
    await office.tell(application("admitted"), sequence=1)
    await office.tell(course(), sequence=1)
    async with ScriptedSmtp() as server, office.sending(server.port):
        await office.until_states("accepted")
    await office.tell(application("submitted", of="a002", reference="SPARK-2222-2222"), sequence=1)
    refusing = {"RCPT": f"550 5.1.1 Ingen postkasse, skriv til {RETURN_PATH}"}
    async with ScriptedSmtp(refusing) as server, office.sending(server.port):
        await office.until_states("accepted", "failed")
    await office.tell(course("waiting", of="a003", reference="SPARK-3333-3333"), sequence=1)
    putting_off = {"RCPT": "451 4.2.0 Kom igen senere"}
    async with ScriptedSmtp(putting_off) as server, office.sending(server.port, patience=LATER):
        await office.until_states("accepted", "failed", "deferred")
    await office.tell(course("waiting", of="a004", reference="SPARK-4444-4444"), sequence=1)
