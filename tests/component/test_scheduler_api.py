"""The staff API of the scheduler on a real database: the roster in and out, courses by ids, the count of overlaps."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx2
import pytest
from pydantic import SecretStr

from services.scheduler.api import FILES, make_routes
from services.scheduler.follow_application import follow_application
from shared import mongo
from shared.health import Health
from shared.http import create_app
from shared.staff.access import StaffAccess
from tests.embedded import Embedded
from tests.scheduler_samples import Office, roster_entry

TOKEN = "x" * 40
CONSULTANTS = "/api/v1/consultants"


@dataclass
class Desk:
    """A scheduler, and a client of its API that holds the staff token."""

    office: Office
    http: httpx2.AsyncClient

    async def events(self, consultant_id: str) -> list[str]:
        """Of the consultant; before each stands who did it."""
        row = await self.office.store.consultants.find_one({"_id": consultant_id})
        assert row is not None
        kinds = [one["type"].split(".")[2] for one in row["outbox"]]
        assert kinds[0::2] == ["StaffActed"] * (len(kinds) // 2)
        assert [one["sequence"] for one in row["outbox"][0::2]] == [one["sequence"] for one in row["outbox"][1::2]]
        return kinds[1::2]


@pytest.fixture
async def desk(stack: Embedded) -> AsyncIterator[Desk]:
    client = mongo.connect(stack.mongodb, app_name="test")
    office = await Office(client).open()
    token = SecretStr(TOKEN)
    app = create_app(title="test", health=Health(), staff_token=token, larger_bodies=FILES)
    app.include_router(make_routes(means=office.means, access=StaffAccess(staff_token=token)))
    headers = {"Authorization": f"Bearer {TOKEN}"}
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test", headers=headers) as http:
        yield Desk(office, http)
    client.close()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", CONSULTANTS),
        ("POST", CONSULTANTS),
        ("GET", f"{CONSULTANTS}/anne"),
        ("PUT", f"{CONSULTANTS}/anne"),
        ("PATCH", f"{CONSULTANTS}/anne"),
        ("POST", f"{CONSULTANTS}/import"),
        ("GET", "/api/v1/courses"),
        ("GET", "/api/v1/courses/a1"),
        ("GET", "/api/v1/overlaps"),
    ],
)
async def test_only_staff_come_in(desk: Desk, method: str, path: str) -> None:
    """Without the token every address answers 401, whatever is sent."""
    for authorization in ("", "Bearer wrong"):
        answer = await desk.http.request(method, path, headers={"Authorization": authorization}, content=b"{}")
        assert answer.status_code == 401


async def test_a_consultant_is_added_changed_and_left_as_she_is(desk: Desk) -> None:
    """Each real change is told by one event; writing the same again is none."""
    entry = roster_entry().model_dump(mode="json")
    for sent, outcome in ((entry, "added"), (entry, "unchanged"), (entry | {"phone": "11 22 33 44"}, "changed")):
        answer = await desk.http.put(f"{CONSULTANTS}/anne", json=sent)
        assert answer.json() == {"id": "anne", "outcome": outcome}
    assert await desk.events("anne") == ["ConsultantRegistered", "ConsultantChanged"]
    del entry["blocked_workplaces"]
    shown = entry | {"phone": "11 22 33 44", "blocked_workplaces_count": 0}
    assert (await desk.http.get(f"{CONSULTANTS}/anne")).json() == shown
    assert [one["id"] for one in (await desk.http.get(CONSULTANTS)).json()["consultants"]] == ["anne"]


async def test_leave_and_activity_change_without_the_rest(desk: Desk) -> None:
    """What is left out stays; nobody is changed who does not exist."""
    await desk.http.post(CONSULTANTS, json=roster_entry().model_dump(mode="json"))
    leave = [{"first": "2027-02-08", "last": "2027-02-12"}]
    assert (await desk.http.patch(f"{CONSULTANTS}/anne", json={"leave": leave})).json()["outcome"] == "changed"
    assert (await desk.http.patch(f"{CONSULTANTS}/anne", json={"active": False})).json()["outcome"] == "changed"
    shown = (await desk.http.get(f"{CONSULTANTS}/anne")).json()
    assert (shown["leave"], shown["active"], shown["name"]) == (leave, False, roster_entry().name)
    assert (await desk.http.patch(f"{CONSULTANTS}/nobody", json={"active": True})).status_code == 404
    assert (await desk.http.patch(f"{CONSULTANTS}/anne", json={"name": "x"})).status_code == 422


async def test_blocked_workplaces_are_shown_as_a_count_and_survive_being_written_back(desk: Desk) -> None:
    """Stored under a key, never in clear, neither in the document nor in what waits to be published."""
    places = [{"name": "Plejehjemmet Solsiden", "postal_code": "5000"}, {"name": "Jobcentret", "postal_code": "8000"}]
    entry = roster_entry(blocked_workplaces=places).model_dump(mode="json")
    assert (await desk.http.put(f"{CONSULTANTS}/anne", json=entry)).json()["outcome"] == "added"
    shown = (await desk.http.get(f"{CONSULTANTS}/anne")).json()
    assert shown["blocked_workplaces_count"] == 2
    document = str(await desk.office.store.consultants.find_one({"_id": "anne"}))
    for clear in ("Solsiden", "solsiden", "Jobcentret", "jobcentret"):
        assert clear not in document + str(shown)
    assert (await desk.http.put(f"{CONSULTANTS}/anne", json=shown)).json()["outcome"] == "unchanged"
    lifted = shown | {"blocked_workplaces": []}
    assert (await desk.http.put(f"{CONSULTANTS}/anne", json=lifted)).json()["outcome"] == "changed"
    assert (await desk.http.get(f"{CONSULTANTS}/anne")).json()["blocked_workplaces_count"] == 0


async def test_part_time_for_a_while_and_a_lower_limit_change_without_the_rest(desk: Desk) -> None:
    """Two periods that share a day are refused, and change nothing."""
    await desk.http.put(f"{CONSULTANTS}/anne", json=roster_entry().model_dump(mode="json"))
    mornings = {"first": "2027-02-01", "last": "2027-04-30", "hours": {"tue": [["08:00", "12:00"]]}}
    given = {"hours_by_period": [mornings], "max_courses": 2}
    assert (await desk.http.patch(f"{CONSULTANTS}/anne", json=given)).json()["outcome"] == "changed"
    twice = {"hours_by_period": [mornings, mornings | {"first": "2027-04-30", "last": None}]}
    assert (await desk.http.patch(f"{CONSULTANTS}/anne", json=twice)).status_code == 422
    shown = (await desk.http.get(f"{CONSULTANTS}/anne")).json()
    assert shown["max_courses"] == 2
    [period] = shown["hours_by_period"]
    assert (period["first"], period["last"], period["hours"]["tue"]) == (
        "2027-02-01",
        "2027-04-30",
        [["08:00", "12:00"]],
    )
    assert shown["leave"] == []


async def test_faults_name_the_field_and_repeat_nothing(desk: Desk) -> None:
    """Of the model, and of programme and country."""
    entry = roster_entry().model_dump(mode="json")
    for change, field in (({"mail": "hemmelig@@x"}, "mail"), ({"themes": ["hemmelig"]}, "themes")):
        answer = await desk.http.put(f"{CONSULTANTS}/anne", json=entry | change)
        assert answer.status_code == 422
        assert field in answer.json()["errors"][0]["field"]
        assert "hemmelig" not in answer.text
    assert (await desk.http.put(f"{CONSULTANTS}/bo", json=entry)).status_code == 422


async def test_a_file_is_taken_in_line_by_line(desk: Desk) -> None:
    """Good lines are in although others are bad; the same file again changes nothing."""
    rows = [roster_entry(name).model_dump(mode="json") for name in ("anne", "bo")]
    rows.insert(1, roster_entry("carl").model_dump(mode="json") | {"max_courses": 0})
    first, again = [(await desk.http.post(f"{CONSULTANTS}/import", content=json.dumps(rows))).json() for _ in range(2)]
    assert [(line["line"], line["id"], line["outcome"]) for line in first["lines"]] == [
        (1, "anne", "added"),
        (2, "carl", "faulty"),
        (3, "bo", "added"),
    ]
    assert first["lines"][1]["faults"][0]["field"] == "max_courses"
    assert {name: again[name] for name in ("added", "changed", "unchanged", "faulty")} == {
        "added": 0,
        "changed": 0,
        "unchanged": 2,
        "faulty": 1,
    }
    assert await desk.events("anne") == ["ConsultantRegistered"]
    csv = "id,name,mail,municipality,mon,themes,max_courses\ndan,Dan,dan@k.example,Aarhus,08:00-16:00,chikane,3\n"
    answer = await desk.http.post(f"{CONSULTANTS}/import", content=csv, headers={"Content-Type": "text/csv"})
    assert answer.json()["added"] == 1
    refused = await desk.http.post(f"{CONSULTANTS}/import", content="no json")
    assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")


async def test_an_erased_consultant_shows_no_name_and_never_comes_back(desk: Desk) -> None:
    """Her facts stay for the courses that she led; the id is used up."""
    entry = roster_entry().model_dump(mode="json")
    await desk.http.put(f"{CONSULTANTS}/anne", json=entry)
    await desk.office.vault.erase("person:anne")
    shown = (await desk.http.get(f"{CONSULTANTS}/anne")).json()
    assert shown["erased"] is True
    assert not {"name", "mail", "phone"} & shown.keys()
    assert (await desk.http.put(f"{CONSULTANTS}/anne", json=entry)).status_code == 410
    report = (await desk.http.post(f"{CONSULTANTS}/import", content=json.dumps([entry]))).json()
    assert report["lines"][0]["outcome"] == "faulty"


async def test_courses_are_shown_by_ids_only(desk: Desk) -> None:
    """Reference, state, consultant's id, meetings and reasons; no name, no place, no theme."""
    await desk.http.post(CONSULTANTS, json=roster_entry(max_courses=1).model_dump(mode="json"))
    for application_id in ("a1", "a2"):
        await follow_application(*await desk.office.application(application_id), means=desk.office.means)
    answer = await desk.http.get("/api/v1/courses")
    courses = {one["application_id"]: one for one in answer.json()["courses"]}
    assert (courses["a1"]["state"], courses["a1"]["consultant"]) == ("booked", "anne")
    assert [one["code"] for one in courses["a1"]["meetings"]] == ["opening", "first", "second", "follow_up"]
    assert (courses["a2"]["state"], courses["a2"]["reasons"]) == ("waiting", {"capacity": 1})
    for secret in ("Lone", "Jobcentret", "samarbejde", "token", "@odense"):
        assert secret not in answer.text
    assert (await desk.http.get("/api/v1/courses/a1")).json() == courses["a1"]
    assert (await desk.http.get("/api/v1/courses/unknown")).status_code == 404
    overlaps = (await desk.http.get("/api/v1/overlaps")).json()
    assert (overlaps["courses"], overlaps["overlapping"], overlaps["unclaimed"]) == (1, 0, 0)
    metrics = (await desk.http.get("/metrics")).text
    assert "forloeb_overlapping_claims 0.0" in metrics
