"""A consultant's calendar over HTTP, on a scheduler with its real database: what it shows, to whom, and how it is made void."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, timedelta

import httpx2
import pytest
import vobject
from pydantic import SecretStr
from structlog.testing import capture_logs

from services.scheduler.feed.feed_link import FEEDS, FeedLink, FeedSigner
from services.scheduler.feed.read_feed import FEED_PAST, feed_address
from services.scheduler.feed.renew_feed import renew_feed
from services.scheduler.feed.routes import FETCHES, GUESSES, FeedDesk, feed_routes
from services.scheduler.follow_application import follow_application
from services.scheduler.save_consultant import UnknownConsultantError, save_consultant
from shared import mongo
from shared.events import EVENTS, StaffActed
from shared.health import Health
from shared.http import create_app
from shared.rate_limit import RateLimit
from shared.staff.error_answers import install_error_pages
from shared.staff.staff import Staff
from shared.vault import person_key
from tests.answering import course_of
from tests.calendar_checker import line_faults
from tests.consultant_room import the_site
from tests.embedded import Embedded
from tests.scheduler_samples import AARHUS, Office, roster_entry

KIRSTEN = Staff(account="kirsten", role="coordinator")


@dataclass
class Feeds:
    """Anne leads the course a1; Bo leads none."""

    office: Office
    http: httpx2.AsyncClient
    signer: FeedSigner

    async def path(self, consultant_id: str = "anne") -> str:
        address = await feed_address(consultant_id, signer=self.signer, means=self.office.means)
        return address.removeprefix(self.signer.public_url)

    async def read(self, consultant_id: str = "anne", **headers: str) -> httpx2.Response:
        return await self.http.get(await self.path(consultant_id), headers=headers)

    async def events(self, consultant_id: str = "anne") -> dict[str, str]:
        """Text of each event by UID."""
        answer = await self.read(consultant_id)
        assert answer.status_code == 200
        calendar = vobject.readOne(answer.text)
        return {one.uid.value: one.serialize() for one in getattr(calendar, "vevent_list", [])}


@pytest.fixture
async def feeds(stack: Embedded) -> AsyncIterator[Feeds]:
    client = mongo.connect(stack.mongodb, app_name="test")
    office = await Office(client).open()
    await save_consultant(roster_entry("anne"), means=office.means)
    await save_consultant(roster_entry("bo", municipality=AARHUS), means=office.means)
    assert await follow_application(*await office.application("a1"), means=office.means) == "handled"
    signer = FeedSigner(key=bytes([3]) * 32, programme="spark", public_url="http://test")
    app = create_app(title="test", health=Health(), staff_token=SecretStr("x" * 40))
    desk = FeedDesk(
        means=office.means,
        signer=signer,
        proxies=(),
        guesses=RateLimit(GUESSES, clock=lambda: 0.0),
        fetches=RateLimit(FETCHES, clock=lambda: 0.0),
    )
    install_error_pages(app, site=the_site(office.programme))
    app.include_router(feed_routes(desk))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://test") as http:
        yield Feeds(office, http, signer)
    client.close()


async def test_it_shows_her_meetings_as_they_are_booked(feeds: Feeds) -> None:
    """Same UIDs and instants as her invites; nobody's mail or phone, since other people's servers fetch it."""
    answer = await feeds.read()
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "private, max-age=900"
    assert line_faults(answer.content) == []
    booked = {one.uid: (one.start, one.end) for one in (await course_of(feeds.office)).sittings}
    calendar = vobject.readOne(answer.text)
    shown = {
        one.uid.value: (one.dtstart.value.astimezone(UTC), one.dtend.value.astimezone(UTC))
        for one in calendar.vevent_list
    }
    assert shown == booked
    assert "Lone Leder" in answer.text
    for secret in ("odense.example", "87 65 43 21", "samarbejde"):
        assert secret not in answer.text


async def test_a_consultant_without_courses_has_an_empty_calendar(feeds: Feeds) -> None:
    """And nothing of her colleagues' in it."""
    assert await feeds.events("bo") == {}


async def test_what_is_known_is_not_sent_again(feeds: Feeds) -> None:
    """Strong validators, lists of them and the weak spelling of RFC 9110; another one gets the whole calendar."""
    etag = (await feeds.read()).headers["etag"]
    for given in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        answer = await feeds.read(**{"If-None-Match": given})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
    assert (await feeds.read(**{"If-None-Match": '"other"'})).status_code == 200
    head = await feeds.http.head(await feeds.path())
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", etag)


async def test_a_course_that_is_withdrawn_leaves_the_calendar(feeds: Feeds) -> None:
    """Cancelled meetings are left out, and the validator is another."""
    etag = (await feeds.read()).headers["etag"]
    await follow_application(
        *await feeds.office.application("a1", state="withdrawn", sequence=3), means=feeds.office.means
    )
    assert await feeds.events() == {}
    assert (await feeds.read()).headers["etag"] != etag


async def test_meetings_of_long_ago_are_left_out(feeds: Feeds) -> None:
    """The calendar stays small however long she works."""
    last = (await course_of(feeds.office)).sittings[-1]
    feeds.office.clock.now = last.end + FEED_PAST - timedelta(minutes=1)
    assert set(await feeds.events()) == {last.uid}
    feeds.office.clock.now = last.end + FEED_PAST
    assert await feeds.events() == {}


async def test_a_new_address_makes_the_old_one_void_and_is_audited(feeds: Feeds) -> None:
    """The new one shows the same; who did it stands in the audit, without the address."""
    old, before = await feeds.path(), await feeds.events()
    await renew_feed("anne", staff=KIRSTEN, means=feeds.office.means)
    assert (await feeds.http.get(old)).status_code == 404
    assert await feeds.events() == before
    row = await feeds.office.store.consultants.find_one({"_id": "anne"})
    assert row is not None
    told = row["outbox"][-1]
    event = EVENTS[told["type"]].model_validate_json(bytes(told["body"]))
    assert isinstance(event, StaffActed)
    assert (event.staff_act.act, event.staff_act.account) == ("consultant.feed_renewed", "kirsten")
    with pytest.raises(UnknownConsultantError):
        await renew_feed("nobody", staff=KIRSTEN, means=feeds.office.means)


async def test_whatever_is_wrong_the_answer_is_the_same(feeds: Feeds) -> None:
    """Void, forged, of nobody, of somebody inactive or erased, without the file's ending: one answer, byte for byte."""
    good = await feeds.path()
    stranger = feeds.signer.address(FeedLink(consultant_id="nobody", epoch=0)).removeprefix("http://test")
    later = feeds.signer.address(FeedLink(consultant_id="anne", epoch=1)).removeprefix("http://test")
    bo = await feeds.path("bo")
    await save_consultant(roster_entry("bo", municipality=AARHUS, active=False), means=feeds.office.means)
    wrong = [stranger, later, bo, good.removesuffix(".ics"), good[:-5] + "x.ics", f"{FEEDS}/x.ics"]
    await feeds.office.vault.erase(person_key("anne"))
    answers = [await feeds.http.get(path) for path in (*wrong, good)]
    assert {(one.status_code, one.content) for one in answers} == {(404, answers[0].content)}


async def test_guessing_is_refused_after_a_while_and_fetching_too_often(feeds: Feeds) -> None:
    """Then also what is right, with the time to wait."""
    for _ in range(int(FETCHES.split("/")[0])):
        assert (await feeds.read()).status_code == 200
    answer = await feeds.read()
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "600")
    assert (await feeds.read("bo")).status_code == 200
    for _ in range(int(GUESSES.split("/")[0])):
        assert (await feeds.http.get(f"{FEEDS}/x.ics")).status_code == 404
    assert (await feeds.read("bo")).status_code == 429


async def test_nothing_of_it_is_logged(feeds: Feeds) -> None:
    """An address is as good as a password."""
    with capture_logs() as lines:
        await feeds.read()
        await feeds.http.get(f"{FEEDS}/wrong.ics")
    assert lines == []
