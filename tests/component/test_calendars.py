"""Consultants' own calendars on a real database: set, fetched, kept as busy half hours, respected by bookings."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from prometheus_client import REGISTRY, generate_latest
from pydantic import SecretStr
from structlog.testing import capture_logs

from services.scheduler.calendars import read_apart
from services.scheduler.calendars.busy import NOTHING_BUSY
from services.scheduler.calendars.fetch import CALENDAR_BYTES_MAX
from services.scheduler.calendars.keep_calendars import LEASE, CalendarKeeper, read_next, show_ages
from services.scheduler.calendars.read_apart import Asked, Read
from services.scheduler.calendars.read_calendar import read_calendar
from services.scheduler.calendars.reader import answer
from services.scheduler.calendars.routes import make_calendar_routes
from services.scheduler.calendars.work import CalendarWork
from services.scheduler.follow_application import follow_application
from services.scheduler.save_consultant import save_consultant
from services.scheduler.upkeep import refresh
from services.scheduler.waitlist import retry_waiting
from shared import mongo
from shared.events import StaffActed
from shared.health import Health
from shared.http import create_app
from shared.staff.access import StaffAccess
from shared.vault import person_key
from tests.calendar_feeds import at, calendar, event
from tests.calendar_server import HOST, CalendarServer, calendar_server
from tests.canary import Canaries
from tests.certificates import Certificates, make_certificates
from tests.embedded import Embedded
from tests.polling import until
from tests.scheduler_samples import NOW, Office, roster_entry

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


async def read_here(content: bytes, asked: Asked) -> Read:
    """As the reader does it, without the process around it: most of these tests are not about that."""
    return Read.model_validate(answer(json.loads(asked.line()), content))


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
        work = CalendarWork(
            means=office.means, publish=office.published.append, outside=server.outside(), read=read_here
        )
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


async def test_the_address_goes_in_and_never_comes_out(desk: Desk) -> None:
    """Staff see since when there is one, how old what was read is, and counts."""
    assert (await desk.http.get(CALENDAR)).status_code == 404
    await desk.set(calendar(at("20270104", "0900", "1100"), at("20270105", "0900", "1000", uid="two")))
    state = await desk.state()
    assert state == {
        "consultant": "anne",
        "state": "ok",
        "reason": None,
        "set_at": NOW.isoformat(),
        "good_at": NOW.isoformat(),
        "age_seconds": 0,
        "failing_since": None,
        "changed_much_at": None,
        "events": 2,
        "occurrences": 2,
        "unreadable": 0,
        "busy_half_hours": 6,
    }
    assert (await desk.http.get("/api/v1/calendars")).json() == {"calendars": [state]}
    assert (await desk.http.delete(CALENDAR)).status_code == 204
    assert (await desk.http.delete(CALENDAR)).status_code == 404
    assert (await desk.http.get("/api/v1/calendars")).json() == {"calendars": []}


async def test_each_change_by_staff_is_told_and_nothing_else(desk: Desk) -> None:
    """Numbered one after the other, without the address; reading and asking again change nothing that staff did."""
    await desk.set(calendar())
    await desk.http.put(CALENDAR, json={"address": f"https://{HOST}{PATH}"})
    await desk.http.delete(CALENDAR)
    await desk.set(calendar())
    row = await desk.office.store.calendars.calendars.find_one({"_id": "anne"})
    assert row is not None
    acts = [StaffActed.model_validate_json(bytes(one["body"])).staff_act for one in row["outbox"]]
    assert [(one.act, one.account, one.aggregate_id) for one in acts] == [
        ("calendar.entered", "program", "anne"),
        ("calendar.removed", "program", "anne"),
        ("calendar.entered", "program", "anne"),
    ]
    assert [one["sequence"] for one in row["outbox"]] == [1, 2, 3]
    assert {one["subject"] for one in row["outbox"]} == {"anne/calendar"}
    assert [one.document_id for one in desk.office.published].count("anne") == 1 + 3


async def test_only_staff_see_or_change_calendars(desk: Desk) -> None:
    """As all of the roster."""
    for method, path in (("GET", CALENDAR), ("PUT", CALENDAR), ("DELETE", CALENDAR), ("GET", "/api/v1/calendars")):
        answer = await desk.http.request(method, path, headers={"Authorization": ""}, content=b"{}")
        assert answer.status_code == 401


@pytest.mark.parametrize(
    "sent",
    [
        {"address": "http://hemmelig.example/a.ics"},
        {"address": "https://hemmelig:hemmelig@other.example/"},
        {"address": "https://127.0.0.1/hemmelig"},
        {"address": "https://other.example/" + "hemmelig" * 400},
        {"address": 5},
        {"address": "https://other.example/a.ics", "hemmelig": 1},
        {},
    ],
)
async def test_a_wrong_address_is_refused_and_not_repeated(desk: Desk, sent: dict[str, object]) -> None:
    """Nothing is kept of it either."""
    answer = await desk.http.put(CALENDAR, json=sent)
    assert answer.status_code == 422
    assert "hemmelig" not in answer.text
    assert (await desk.http.get(CALENDAR)).status_code == 404


async def test_nobody_gets_a_calendar_who_is_not_in_the_roster(desk: Desk) -> None:
    """Nor who was erased."""
    sent = {"address": "https://other.example/a.ics"}
    assert (await desk.http.put("/api/v1/consultants/nobody/calendar", json=sent)).status_code == 404
    await desk.office.vault.erase(person_key("anne"))
    assert (await desk.http.put(CALENDAR, json=sent)).status_code == 404


async def test_whoever_is_erased_loses_her_calendar(desk: Desk) -> None:
    """The address cannot be opened any more, and what was busy is forgotten with the next round."""
    await desk.set(calendar(at("20270104", "0900", "1100")))
    await desk.office.vault.erase(person_key("anne"))
    await desk.read_again()
    assert (await desk.http.get(CALENDAR)).status_code == 404
    assert desk.office.means.calendar.busy_of("anne") == NOTHING_BUSY


async def test_a_calendar_that_fails_keeps_its_last_good_state(desk: Desk) -> None:
    """It is told since when and why, by a code; and it is as before once it can be read again."""
    good, first = calendar(at("20270104", "0900", "1100")), (NOW + timedelta(hours=1)).isoformat()
    await desk.set(good)
    busy = desk.office.means.calendar.busy_of("anne")
    for content, headers, status, reason in (
        (b"", (), "404 Not Found", "not-found"),
        (b"", (), "503 Away", "answered-wrongly"),
        (b"", ("Location: https://127.0.0.1/",), "302 Found", "not-reachable"),
        (b"<html>Log ind</html>", (), "200 OK", "not-a-calendar"),
        (good[:-20], (), "200 OK", "not-a-calendar"),
        (calendar(at("20270104", "0900", "1000", "RRULE:FREQ=SECONDLY")), (), "200 OK", "too-complex"),
        (calendar(at("20270104", "0900", "1000", "RRULE:FREQ=DAILY;BYMINUTE=1,2")), (), "200 OK", "too-complex"),
        (bytes(CALENDAR_BYTES_MAX + 1), (), "200 OK", "too-large"),
    ):
        desk.server.serve(PATH, content, *headers, status=status)
        await desk.read_again()
        state = await desk.state()
        assert (state["state"], state["reason"], state["busy_half_hours"]) == ("failing", reason, 4)
        assert (state["failing_since"], state["good_at"]) == (first, NOW.isoformat())
    assert desk.office.means.calendar.busy_of("anne") == busy == await desk.office.store.calendars.busy_of("anne")
    desk.server.serve(PATH, good)
    await desk.read_again()
    state = await desk.state()
    assert (state["state"], state["reason"], state["failing_since"]) == ("ok", None, None)


async def test_a_reader_that_overruns_leaves_the_last_good_state(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the process around it: one that takes more time than it may."""
    monkeypatch.setattr(read_apart, "READER", ("-c", "while True: pass"))
    monkeypatch.setattr(read_apart, "READ_SECONDS_MAX", 0.5)
    await desk.set(calendar(at("20270104", "0900", "1100")))
    apart = CalendarWork(means=desk.office.means, publish=desk.work.publish, outside=desk.work.outside)
    desk.office.clock.forward(1 / 24)
    assert await read_next(work=apart)
    state = await desk.state()
    assert (state["state"], state["reason"], state["busy_half_hours"]) == ("failing", "overran", 4)


async def test_a_calendar_that_was_not_read_for_long_is_told_as_stale(desk: Desk) -> None:
    """By its state, by metrics without anybody's name, and by an error in the log."""
    await desk.set(calendar(at("20270104", "0900", "1100")))
    desk.server.serve(PATH, b"", status="404 Not Found")
    await desk.read_again()
    desk.office.clock.forward(1)
    with capture_logs() as lines:
        await desk.read_again()
    assert (await desk.state())["state"] == "stale"
    assert lines == [{"event": "calendar-not-read", "log_level": "error", "consultant": "anne", "reason": "not-found"}]
    await show_ages(work=desk.work)
    values = [REGISTRY.get_sample_value(f"forloeb_{name}") for name in ("calendars_failing", "calendars_stale")]
    assert values == [1, 1]
    assert REGISTRY.get_sample_value("forloeb_calendar_age_seconds") == (await desk.state())["age_seconds"] == 26 * 3600


async def test_an_unchanged_calendar_is_not_read_again_that_day(desk: Desk) -> None:
    """The day after, the whole is wanted once more: the horizon has moved."""
    content = calendar(at("20270104", "0900", "1100"))
    await desk.set(content, 'ETag: "1"')
    desk.server.serve(PATH, b"", status="304 Not Modified")
    await desk.read_again()
    assert (await desk.state())["good_at"] == (NOW + timedelta(hours=1)).isoformat()
    assert 'If-None-Match: "1"' in desk.server.heads[-1]
    desk.office.clock.forward(1)
    desk.server.serve(PATH, content)
    await desk.read_again()
    assert "If-None-Match" not in desk.server.heads[-1]
    assert (await desk.state())["state"] == "ok"


async def test_a_great_change_is_flagged_and_applies(desk: Desk) -> None:
    """So that a coordinator can ask her; the first reading is no change."""
    await desk.set(calendar(at("20270104", "0900", "1100")))
    assert (await desk.state())["changed_much_at"] is None
    desk.server.serve(PATH, calendar())
    with capture_logs() as lines:
        await desk.read_again()
    state = await desk.state()
    assert (state["changed_much_at"], state["busy_half_hours"]) == ((NOW + timedelta(hours=1)).isoformat(), 0)
    assert {"event": "calendar-changed-much", "log_level": "warning", "consultant": "anne"} in lines


async def test_no_calendar_frees_or_breaks_what_a_course_holds(desk: Desk) -> None:
    """Her calendar says busy on top of the meetings, then nothing at all: the claims stand, and so does the course."""
    starts = await desk.book()
    held = (await desk.office.store.held("anne"))["anne"]["a1"]
    day = starts[0].strftime("%Y%m%d")
    for content in (calendar(event(f":{day}T000000Z", f":{day}T235900Z")), calendar()):
        await desk.set(content)
        assert (await desk.office.store.held("anne"))["anne"]["a1"] == held
        assert (await desk.office.course("a1")).course.state == "booked"
        assert not set(starts) & set(await desk.book(f"a{len(desk.server.asked) + 1}"))


async def test_our_own_invites_are_not_counted_twice(desk: Desk) -> None:
    """They are known by their UIDs; what only looks like one of ours is an appointment like any other."""
    await desk.book()
    meetings = (await desk.office.course("a1")).course.meetings
    ours = [
        event(f":{one.start:%Y%m%dT%H%M%SZ}", f":{one.start + timedelta(hours=3):%Y%m%dT%H%M%SZ}", uid=one.uid)
        for one in meetings
    ]
    await desk.set(calendar(*ours))
    assert (await desk.state())["busy_half_hours"] == 0
    domain = desk.office.programme.sender.domain
    desk.server.serve(PATH, calendar(*ours, at("20270104", "0900", "1100", uid=f"elsewhere@{domain}")))
    await desk.read_again()
    assert (await desk.state())["busy_half_hours"] == 4


async def test_time_that_becomes_free_wakes_the_waiting_list(desk: Desk) -> None:
    """And time that is taken does not."""
    await desk.set(calendar(event(";VALUE=DATE:20261120", ";VALUE=DATE:20281231")))
    assert await desk.book() == []
    woken = desk.office.woken
    await desk.read_again()
    assert desk.office.woken == woken
    desk.server.serve(PATH, calendar())
    await desk.read_again()
    assert desk.office.woken == woken + 1
    assert await retry_waiting(means=desk.office.means) == 1


async def test_removing_a_calendar_gives_its_time_back(desk: Desk) -> None:
    """In this process at once, in the others with their next refresh, which wakes the waiting list there."""
    await desk.set(calendar(event(";VALUE=DATE:20261120", ";VALUE=DATE:20281231")))
    other = desk.office.new_means()
    await refresh(means=other)
    assert await desk.book() == []
    woken = desk.office.woken
    await desk.http.delete(CALENDAR)
    assert desk.office.woken == woken + 1
    await refresh(means=other)
    assert desk.office.woken == woken + 2
    assert await retry_waiting(means=other) == 1


async def test_a_booking_sees_what_another_process_has_read(desk: Desk) -> None:
    """At the write her busy times are read again, although this process has not refreshed its picture."""
    other = desk.office.new_means()
    await refresh(means=other)
    await desk.set(calendar(event(";VALUE=DATE:20261120", ";VALUE=DATE:20270215")))
    await follow_application(*await desk.office.application("a1"), means=other)
    starts = [meeting.start for meeting in (await desk.office.course("a1")).course.meetings]
    assert starts
    assert min(starts) > datetime(2027, 2, 14, tzinfo=UTC)


async def test_two_processes_do_not_read_one_calendar_at_once(desk: Desk) -> None:
    """Whoever takes it holds it for a while; when that is over, the next one may."""
    await desk.http.put(CALENDAR, json={"address": desk.server.serve(PATH, calendar())})
    calendars, now = desk.office.store.calendars, desk.office.clock()
    first = await calendars.take_due(now, until=now + LEASE, lease="first")
    assert first is not None
    assert await calendars.take_due(now, until=now + LEASE, lease="second") is None
    second = await calendars.take_due(now + LEASE, until=now + 2 * LEASE, lease="second")
    assert second is not None
    assert not await calendars.save("anne", "first", {"events": 1})
    assert await calendars.save("anne", "second", {"events": 2})


async def test_what_was_read_from_an_old_address_counts_no_more(desk: Desk) -> None:
    """The address was replaced while its calendar was being read."""
    await desk.http.put(
        CALENDAR, json={"address": desk.server.serve("/old.ics", calendar(at("20270104", "0900", "1100")))}
    )
    now = desk.office.clock()
    source = await desk.office.store.calendars.take_due(now, until=now + LEASE, lease="first")
    assert source is not None
    await desk.http.put(CALENDAR, json={"address": desk.server.serve(PATH, calendar())})
    await read_calendar(source, work=desk.work)
    assert (await desk.state())["state"] == "new"
    assert desk.office.means.calendar.busy_of("anne") == NOTHING_BUSY
    assert await read_next(work=desk.work)
    assert (await desk.state())["state"] == "ok"


async def test_the_same_address_again_has_it_read_at_once(desk: Desk) -> None:
    """What is known of it stays."""
    await desk.set(calendar(at("20270104", "0900", "1100")))
    assert not await read_next(work=desk.work)
    answer = await desk.http.put(CALENDAR, json={"address": f"https://{HOST}{PATH}"})
    assert answer.json()["outcome"] == "unchanged"
    assert (await desk.state())["state"] == "ok"
    assert await read_next(work=desk.work)


async def test_readings_are_spread_over_time(desk: Desk) -> None:
    """Each comes due after the time that is set, a tenth more or less."""
    await desk.set(calendar())
    row = await desk.office.store.calendars.calendars.find_one({"_id": "anne"})
    assert row is not None
    assert timedelta(minutes=27) <= row["due_at"] - NOW <= timedelta(minutes=33)


async def test_the_address_is_in_nothing_that_is_kept_told_or_counted(desk: Desk) -> None:
    """Nor are titles, guests or what the server said; in the database it is sealed."""
    canaries = Canaries(["secret-7f3a", HOST, "Hemmeligt møde", "gaest@kanari.example"])
    guest = "ATTENDEE;CN=Gæst:mailto:gaest@kanari.example"
    with capture_logs() as lines:
        await desk.set(calendar(at("20270104", "0900", "1100", "SUMMARY:Hemmeligt møde", guest)), f'ETag: "{PATH}"')
        desk.server.serve(PATH, b"Hemmeligt m\xc3\xb8de", f"Location: https://{HOST}/secret-7f3a", status="302 Found")
        await desk.read_again()
        desk.server.answers[PATH] = b"secret-7f3a"
        await desk.read_again()
    assert len(lines) == 3
    row = await desk.office.store.calendars.calendars.find_one({"_id": "anne"})
    consultants = await desk.office.store.consultants.find({}).to_list(None)
    told = [lines, row, consultants, (await desk.http.get(CALENDAR)).text, generate_latest()]
    assert [canaries.found_in(repr(one).encode()) for one in told] == [[]] * len(told)
    assert canaries.found_in(repr(desk.server.asked).encode()) == ["secret-7f3a"]


async def test_calendars_are_read_by_themselves(desk: Desk) -> None:
    """As soon as one is entered, and again when it is due; a database that is away for a moment is waited for."""
    keeper = CalendarKeeper(CalendarWork(means=desk.office.means, publish=desk.work.publish, outside=desk.work.outside))
    task = asyncio.create_task(keeper.run())
    try:
        await desk.http.put(
            CALENDAR, json={"address": desk.server.serve(PATH, calendar(at("20270104", "0900", "1100")))}
        )
        keeper.wake()
        await until(lambda: desk.office.means.calendar.busy_of("anne").count() == 4, what="the calendar is read")
        desk.server.serve(PATH, calendar())
        desk.office.clock.forward(1 / 24)
        keeper.wake()
        await until(lambda: desk.office.means.calendar.busy_of("anne").count() == 0, what="it is read again")
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
