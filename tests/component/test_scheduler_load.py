"""The load by month on a real database: recorded as it comes, kept when courses end, shown to staff and as a metric."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from prometheus_client import REGISTRY
from pydantic import SecretStr

from services.scheduler.api import make_routes
from services.scheduler.complete import complete_due
from services.scheduler.course import Course
from services.scheduler.follow_application import follow_application
from services.scheduler.loads.record import TooManyMonthsError, record_loads, report_load
from services.scheduler.roster import RosterChange
from services.scheduler.save_consultant import change_consultant, save_consultant
from shared import mongo
from shared.health import Health
from shared.http import create_app
from shared.staff.access import StaffAccess
from tests.embedded import Embedded
from tests.scheduler_samples import Office, roster_entry

TOKEN = "x" * 40


@pytest.fixture
async def office(stack: Embedded) -> AsyncIterator[Office]:
    client = mongo.connect(stack.mongodb, app_name="test")
    office = await Office(client).open()
    await save_consultant(roster_entry(), means=office.means)
    yield office
    client.close()


async def booked(office: Office, application_id: str) -> Course:
    event, envelope = await office.application(application_id)
    assert await follow_application(event, envelope, means=office.means) == "handled"
    return (await office.course(application_id)).course


async def claimed_minutes(office: Office, first: str = "2026-11", last: str = "2028-06") -> dict[str, int]:
    report = await report_load(first, last, means=office.means)
    return {one.month: load.claimed_minutes for one in report for load in one.loads if load.claimed_minutes}


async def test_months_stay_known_after_a_course_is_completed(office: Office) -> None:
    """Its claims are gone then; recorded month by month, the hours are those that were claimed."""
    course = await booked(office, "a1")
    planned = await claimed_minutes(office)
    assert sum(planned.values()) > sum(one.minutes for one in course.meetings), "travel and setting up count too"
    for month in sorted({one.start.strftime("%Y-%m") for one in course.meetings}):
        office.clock.now = next(one.start for one in course.meetings if one.start.strftime("%Y-%m") == month)
        assert await record_loads(means=office.means) > 0
        assert await record_loads(means=office.means) == 0, "doing it again changes nothing"
    office.clock.now = course.meetings[-1].end
    office.clock.forward(days=1)
    assert await complete_due(means=office.means) == 1
    assert await office.store.held() == {}
    assert await claimed_minutes(office) == planned
    await change_consultant("anne", RosterChange(active=False), means=office.means)
    office.clock.forward(days=40)
    await record_loads(means=office.means)
    assert await claimed_minutes(office) == planned
    rows = await office.store.loads.loads.find({"month": {"$lte": "2027-03"}}).to_list(None)
    assert rows
    assert "a1" not in str(rows), "courses are not told apart once a month has ended"


async def test_a_course_that_is_called_off_gives_back_what_was_to_come(office: Office) -> None:
    """The meeting that was held stays counted, the later ones do not."""
    course = await booked(office, "a1")
    planned = await claimed_minutes(office)
    office.clock.now = course.meetings[0].end
    office.clock.forward(days=1)
    await record_loads(means=office.means)
    event, envelope = await office.application("a1", state="withdrawn", sequence=3)
    assert await follow_application(event, envelope, means=office.means) == "handled"
    await record_loads(means=office.means)
    left = await claimed_minutes(office)
    first = course.meetings[0].start.strftime("%Y-%m")
    assert left.keys() == {first}
    assert 0 < left[first] <= planned[first]


async def test_an_ended_month_is_recorded_late_where_a_course_still_holds_it_and_not_twice(office: Office) -> None:
    """Nobody recorded for months: what goes on still knows its hours, and once ended they stay as they are."""
    course = await booked(office, "a1")
    planned = await claimed_minutes(office)
    office.clock.now = course.meetings[-1].start
    await record_loads(means=office.means)
    assert await record_loads(means=office.means) == 0
    assert await claimed_minutes(office) == planned


async def test_staff_see_load_and_fairness_and_a_gauge_shows_it(office: Office) -> None:
    """Two consultants, one with all of this month's hours: the index is a half."""
    await save_consultant(roster_entry("bo"), means=office.means)
    course = await booked(office, "a1")
    assert course.consultant_id == "anne"
    office.clock.now = course.meetings[0].start
    await record_loads(means=office.means)
    assert REGISTRY.get_sample_value("forloeb_load_fairness") == pytest.approx(0.5)
    app = create_app(title="test", health=Health(), staff_token=SecretStr(TOKEN))
    app.include_router(make_routes(means=office.means, access=StaffAccess(staff_token=SecretStr(TOKEN))))
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as http:
        assert (await http.get("/api/v1/load")).status_code == 401
        http.headers["Authorization"] = f"Bearer {TOKEN}"
        shown = (await http.get("/api/v1/load")).json()["months"]
        assert len(shown) == 13
        [month] = [one for one in shown if one["month"] == course.meetings[0].start.strftime("%Y-%m")]
        assert month["fairness"] == 0.5
        anne, bo = month["consultants"]
        assert (anne["id"], anne["courses"], bo["courses"], bo["claimed_hours"]) == ("anne", 1, 0, 0)
        assert anne["ratio"] == pytest.approx(anne["claimed_hours"] / anne["available_hours"], abs=1e-4)
        for query in ("first=2027-13", "first=soon", "first=2027-05&last=2027-04", "first=2020-01&last=2027-04"):
            assert (await http.get(f"/api/v1/load?{query}")).status_code == 422
    with pytest.raises(TooManyMonthsError):
        await report_load("2027-02", "2027-01", means=office.means)
