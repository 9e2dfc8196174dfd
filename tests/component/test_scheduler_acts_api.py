"""Acts of staff as JSON: the same use cases as the pages', with places and previews, and refusals with a code."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from services.scheduler.api import make_routes
from services.scheduler.follow_application import follow_application
from services.scheduler.save_consultant import save_consultant
from shared import mongo
from shared.health import Health
from shared.http import create_app
from shared.staff.access import StaffAccess
from tests.embedded import Embedded
from tests.scheduler_samples import AARHUS, Office, roster_entry

TOKEN = "x" * 40
COURSE = "/api/v1/courses/a1"
REASON = "Aftalt med arbejdspladsen i telefonen."


@dataclass
class Desk:
    """A scheduler with one booked course, and a client of its API that holds the staff token."""

    office: Office
    http: httpx2.AsyncClient

    async def act(self, kind: str, **values: Any) -> httpx2.Response:
        return await self.http.post(f"{COURSE}/acts", json={"act": {"kind": kind, **values}, "reason": REASON})


@pytest.fixture
async def desk(stack: Embedded) -> AsyncIterator[Desk]:
    client = mongo.connect(stack.mongodb, app_name="test")
    office = await Office(client).open()
    await save_consultant(roster_entry("anne"), means=office.means)
    await save_consultant(roster_entry("bo", municipality=AARHUS), means=office.means)
    await follow_application(*await office.application("a1"), means=office.means)
    token = SecretStr(TOKEN)
    app = create_app(title="test", health=Health(), staff_token=token)
    app.include_router(make_routes(means=office.means, access=StaffAccess(staff_token=token)))
    headers = {"Authorization": f"Bearer {TOKEN}"}
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test", headers=headers) as http:
        yield Desk(office, http)
    client.close()


async def test_a_program_moves_a_meeting_to_one_of_its_places(desk: Desk) -> None:
    """Places, preview, act: each names the version that it was about; the history says that a program did it."""
    shown = (await desk.http.get(COURSE)).json()
    meeting = shown["meetings"][2]
    offered = (await desk.http.get(f"{COURSE}/meetings/{meeting['meeting_id']}/places")).json()
    assert offered["version"] == shown["version"]
    place = next(one for one in offered["places"] if not one["present"])
    act = {"kind": "move", "meeting": meeting["meeting_id"], "start": place["start"]}
    preview = (await desk.http.post(f"{COURSE}/acts/preview", json={"act": act})).json()
    assert {mail["kind"] for mail in preview["mails"]} == {"course_changed", "invite"}
    assert {mail["becomes"] for mail in preview["mails"]} == {None, place["start"]}
    body = {"act": act, "reason": REASON, "version": preview["version"]}
    answer = await desk.http.post(f"{COURSE}/acts", json=body)
    assert answer.status_code == 200
    course = answer.json()["course"]
    assert course["meetings"][2]["wall_start"] == place["start"]
    [entry] = course["history"]
    assert (entry["account"], entry["act"]) == ("program", "course.meeting_moved")
    assert REASON not in answer.text
    again = await desk.http.post(f"{COURSE}/acts", json=body)
    assert (again.status_code, again.json()["code"]) == (409, "stale")


async def test_what_cannot_be_done_is_a_conflict_with_its_code(desk: Desk) -> None:
    """And with what the matcher says of whom it asked."""
    await save_consultant(roster_entry("cam", themes=["chikane"]), means=desk.office.means)
    answer = await desk.act("pin", consultant="cam")
    assert (answer.status_code, answer.json()["code"]) == (409, "nobody")
    assert answer.json()["verdicts"] == [
        {"id": "cam", "status": "infeasible", "rule": "themes", "detail": ["samarbejde"]}
    ]
    asked = {"act": {"kind": "try_again"}}
    assert (await desk.http.post(f"{COURSE}/acts/preview", json=asked)).json()["code"] == "state"
    assert (await desk.http.get(f"{COURSE}/meetings/none/places")).json()["code"] == "meeting"
    assert (await desk.http.post("/api/v1/courses/none/acts/preview", json=asked)).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"act": {"kind": "cancel"}},
        {"act": {"kind": "cancel"}, "reason": "kort"},
        {"act": {"kind": "forget"}, "reason": REASON},
        {"act": {"kind": "pin", "consultant": "anne|2027"}, "reason": REASON},
        {"act": {"kind": "move", "meeting": "m", "start": "tomorrow"}, "reason": REASON},
        {"act": {"kind": "cancel", "quickly": True}, "reason": REASON},
    ],
)
async def test_what_is_not_well_written_is_refused(desk: Desk, body: dict[str, Any]) -> None:
    """422, and nothing is done."""
    assert (await desk.http.post(f"{COURSE}/acts", json=body)).status_code == 422
    assert (await desk.http.get(COURSE)).json()["history"] == []


async def test_only_staff_may_act(desk: Desk) -> None:
    """Without the token every address answers 401."""
    for method, path in (
        ("GET", f"{COURSE}/meetings/m/places"),
        ("POST", f"{COURSE}/acts/preview"),
        ("POST", f"{COURSE}/acts"),
    ):
        answer = await desk.http.request(method, path, headers={"Authorization": ""}, json={})
        assert answer.status_code == 401


async def test_a_program_tailors_a_course(desk: Desk) -> None:
    """The mails that were previewed are named in the act; what a rule forbids has its code, what is no change is refused unread."""
    act = {"kind": "tailor", "changes": [{"change": "join", "meeting": "first"}]}
    preview = (await desk.http.post(f"{COURSE}/acts/preview", json={"act": act})).json()
    assert {mail["kind"] for mail in preview["mails"]} == {"course_changed", "invite", "cancellation"}
    order = {"act": act, "reason": REASON}
    done = await desk.http.post(f"{COURSE}/acts", json={**order, "mails": preview["digest"]})
    assert done.status_code == 200
    assert [one["code"] for one in done.json()["course"]["meetings"] if one["status"] == "confirmed"] == [
        "opening",
        "first",
        "follow_up",
    ]
    again = await desk.http.post(f"{COURSE}/acts", json=order)
    assert (again.status_code, again.json()["code"]) == (409, "tailor_join")
    assert (await desk.act("tailor", changes=[])).status_code == 422
