"""A state gives up summer time, and the booked courses follow the clock: on a real database, with a made-up zone file."""

import importlib.resources
import io
import json
import zoneinfo
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from prometheus_client import REGISTRY

from services.scheduler.course import BookedMeeting
from services.scheduler.follow_application import follow_application
from services.scheduler.means import Means
from services.scheduler.save_consultant import save_consultant
from services.scheduler.time_zones import tz_command
from services.scheduler.time_zones.check_time_zones import check_time_zones
from services.scheduler.time_zones.follow_clock import follow_clock
from services.scheduler.upkeep import count_overlaps, prepare
from shared import mongo
from shared.staff.staff import Staff
from tests.answering import answer, course_of
from tests.embedded import Embedded
from tests.scheduler_samples import Office, roster_entry

KIRSTEN = Staff(account="kirsten", role="coordinator")
ACROSS_MARCH = date(2027, 2, 15)


@pytest.fixture
async def office(stack: Embedded) -> AsyncIterator[Office]:
    """Anne holds one course whose meetings lie before and after the night of 28 March 2027."""
    client = mongo.connect(stack.mongodb, app_name="test")
    office = await Office(client).open()
    await save_consultant(roster_entry("anne"), means=office.means)
    event = await office.application("a1", earliest_start=ACROSS_MARCH)
    assert await follow_application(*event, means=office.means) == "handled"
    office.clock.forward(1)
    yield office
    client.close()


@pytest.fixture
def winter_for_ever(tmp_path: Path) -> Iterator[None]:
    """Europe/Copenhagen stays at UTC+1 all year, as far as this process can tell."""
    fixed = importlib.resources.files("tzdata") / "zoneinfo" / "Etc" / "GMT-1"
    (tmp_path / "Europe").mkdir()
    (tmp_path / "Europe" / "Copenhagen").write_bytes(fixed.read_bytes())
    known = zoneinfo.TZPATH
    zoneinfo.reset_tzpath([str(tmp_path)])
    zoneinfo.ZoneInfo.clear_cache()
    yield
    zoneinfo.reset_tzpath(known)
    zoneinfo.ZoneInfo.clear_cache()


async def restarted(office: Office) -> Means:
    """The scheduler after a restart, when it reads the zone's rules."""
    means = office.new_means()
    await prepare(means=means)
    return means


def summers(meetings: Sequence[BookedMeeting]) -> list[bool]:
    return [one.start > datetime(2027, 3, 28, tzinfo=UTC) for one in meetings]


async def test_nothing_is_found_while_the_rules_are_as_they_were(office: Office) -> None:
    """The gauge is 0, and there is nothing to put right."""
    assert await check_time_zones(means=office.means) == []
    assert REGISTRY.get_sample_value("forloeb_meetings_off_wall_time") == 0
    assert await follow_clock("a1", staff=KIRSTEN, means=office.means) == "unchanged"
    assert await follow_clock("none", staff=KIRSTEN, means=office.means) == "unknown"


async def booked_before(office: Office, request: pytest.FixtureRequest) -> Means:
    """Booked under the old rules; then the rules change, and the scheduler starts anew."""
    request.getfixturevalue("winter_for_ever")
    return await restarted(office)


async def test_wall_times_stay_and_instants_follow(office: Office, request: pytest.FixtureRequest) -> None:
    """SEQUENCE and DTSTAMP are raised for those meetings alone, claims follow, answers to the others stay, and people are told why."""
    await answer(office, "a1-leader", "ACCEPTED", code="first")
    before = await course_of(office)
    summer = summers(before.sittings)
    assert set(summer) == {True, False}
    means = await booked_before(office, request)
    found = await check_time_zones(means=means)
    assert [one.code for one in found] == [one.code for one, late in zip(before.sittings, summer, strict=True) if late]
    assert all(one.today == one.stored + timedelta(hours=1) for one in found)
    assert REGISTRY.get_sample_value("forloeb_meetings_off_wall_time") == len(found)

    assert await follow_clock("a1", staff=KIRSTEN, means=means) == "moved"
    after = await course_of(office)
    for old, new, late in zip(before.sittings, after.sittings, summer, strict=True):
        assert new.wall_start == old.wall_start
        assert new.start - old.start == timedelta(hours=late)
        assert new.sequence - old.sequence == late
        assert (new.dtstamp > old.dtstamp) is late
    assert len(after.answers) == len(before.answers)
    assert await check_time_zones(means=means) == []
    overlaps = await count_overlaps(means=means)
    assert (overlaps.overlapping, overlaps.unclaimed) == (0, 0)
    *_, (name, _, event) = await office.events("a1")
    assert (name, event.course.cause) == ("CourseRebooked", "clock_rules")
    assert (after.history[-1].act, after.history[-1].account) == ("course.clock_followed", "kirsten")


async def test_a_course_that_is_in_the_way_leaves_all_as_it_was(office: Office, request: pytest.FixtureRequest) -> None:
    """The other course holds the hour; nothing is half done."""
    means = await booked_before(office, request)
    before = await course_of(office)
    last = [one for one, late in zip(before.sittings, summers(before.sittings), strict=True) if late][-1]
    taken = f"anne|{last.end:%Y-%m-%dT%H:%MZ}"
    assert taken not in await office.store.claims("a1")
    await office.store.courses.insert_one({"_id": "other", "state": "waiting", "claims": [taken], "version": 1})
    claims = await office.store.claims("a1")
    assert await follow_clock("a1", staff=KIRSTEN, means=means) == "nobody"
    assert await office.store.claims("a1") == claims
    assert (await course_of(office)).meetings == before.meetings


ROW = {
    "course": "a1",
    "reference": "SPARK-K7QM-4T2X",
    "meeting": "m1",
    "code": "second",
    "zone": "Europe/Copenhagen",
    "wall_start": "2027-06-15T09:00",
    "stored": "2027-06-15T07:00:00+00:00",
    "today": "2027-06-15T08:00:00+00:00",
}


def told(monkeypatch: pytest.MonkeyPatch, report: dict[str, object], *, apply: bool, as_json: bool) -> tuple[int, str]:
    """Exit code and output of the command for what the scheduler reports."""

    def send(method: str) -> object:
        def call(url: str, **given: object) -> httpx2.Response:
            assert given["headers"] == {"Authorization": "Bearer token"}
            return httpx2.Response(200, json=report, request=httpx2.Request(method, url))

        return call

    monkeypatch.setattr(httpx2, "get", send("GET"))
    monkeypatch.setattr(httpx2, "post", send("POST"))
    out = io.StringIO()
    code = tz_command.check(scheduler="http://scheduler", staff_token="token", apply=apply, as_json=as_json, out=out)
    return code, out.getvalue()


def test_the_command_lists_differences_and_tells_by_its_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """1 where there are any, also after they could not all be put right; 0 where there are none (left)."""
    assert told(monkeypatch, {"meetings": []}, apply=False, as_json=False) == (0, "0 meetings off their wall time\n")
    code, shown = told(monkeypatch, {"meetings": [ROW]}, apply=False, as_json=False)
    assert code == 1
    assert "SPARK-K7QM-4T2X second: 2027-06-15T09:00 Europe/Copenhagen was 2027-06-15T07:00:00+00:00" in shown
    applied: dict[str, object] = {"meetings": [ROW], "courses": [{"course": "a1", "outcome": "moved"}], "left": 0}
    code, shown = told(monkeypatch, applied, apply=True, as_json=False)
    assert (code, shown.splitlines()[-1]) == (0, "1 meetings off their wall time, 0 left")
    code, shown = told(monkeypatch, applied | {"left": 1}, apply=True, as_json=True)
    assert code == 1
    assert json.loads(shown)["courses"] == [{"course": "a1", "outcome": "moved"}]
