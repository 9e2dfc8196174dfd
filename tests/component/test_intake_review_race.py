"""Two coordinators and an applicant at once: an application is decided one way, and everybody is told the same."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest

from shared.events import ApplicationAdmitted, ApplicationDeclined, ApplicationWithdrawn, StaffActed
from tests.embedded import Stack
from tests.factories import review_programme
from tests.intake_house import TRUSTED, House, house, new_application, settings_for

ROUNDS = 6
DECLINED = {"outcome": "declined", "ground": "other_course", "note": "De har allerede et forløb hos os."}
KINDS = {"admitted": ApplicationAdmitted, "declined": ApplicationDeclined, "withdrawn": ApplicationWithdrawn}


@pytest.fixture(scope="module")
async def intake(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """An intake whose programme has coordinators decide."""
    file = review_programme(tmp_path_factory.mktemp("programme"))
    async with house(settings_for(mongodb=stack.mongodb, FORLOEB_PROGRAMME=str(file))) as served:
        yield served


async def decide(intake: House, reference: str, token: str, choice: dict[str, str]) -> int:
    headers = {"Authorization": f"Bearer {intake.settings.staff_token.get_secret_value()}", "Accept": "text/html"}
    fields = {"form_token": token, "confirmed": "yes", **choice}
    return (await intake.http.post(f"/review/{reference}", data=fields, headers=headers)).status_code


async def test_of_decisions_at_once_one_counts(intake: House) -> None:
    """Clicked twice, decided both ways, and withdrawn meanwhile: one decision, one audit of it, events in one order."""
    headers = {"Authorization": f"Bearer {intake.settings.staff_token.get_secret_value()}", "Accept": "text/html"}
    for _ in range(ROUNDS):
        answer = await intake.accepted(new_application(), headers=TRUSTED)
        application_id, reference = answer["application_id"], answer["reference"]
        link = await intake.contact_token(application_id)
        shown = (await intake.http.get(f"/review/{reference}", headers=headers)).text
        found = re.search(r'name="form_token" value="([^"]+)"', shown)
        assert found
        statuses = await asyncio.gather(
            *(decide(intake, reference, found[1], choice) for choice in [DECLINED, {"outcome": "admitted"}] * 2),
            intake.http.post(f"/api/v1/status/{link}/withdraw"),
        )
        assert set(statuses[:-1]) <= {303, 409}
        document = await intake.stored(application_id)
        told = [one.envelope for one in intake.published if one.envelope.subject == application_id]
        ends = {one.id: one for one in told if one.type in [kind.type for kind in KINDS.values()]}
        last = max(ends.values(), key=lambda one: one.sequence)
        assert last.type == KINDS[document["application"]["state"]].type
        assert sorted(one.sequence for one in ends.values()) == list(range(2, 2 + len(ends)))
        decided = [one for one in ends.values() if one.type != ApplicationWithdrawn.type]
        assert len(decided) == len({one.id for one in told if one.type == StaffActed.type}) == ("decision" in document)
