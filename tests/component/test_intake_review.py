"""Where a programme asks a coordinator first: what waits, admitting, declining, and who may."""

import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx2
import pytest

from services.intake.review.decision import NOTE_CHARACTERS_MAX
from shared.events import ApplicationAdmitted, ApplicationDeclined, StaffActed
from tests.embedded import Stack
from tests.factories import review_programme
from tests.intake_house import TRUSTED, House, house, new_application, read_event, settings_for

NOTE = "De har allerede et forløb hos os, se journalen."
HTML = {"Accept": "text/html"}


@pytest.fixture
async def intake(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """An intake whose programme has coordinators decide."""
    file = review_programme(tmp_path_factory.mktemp("programme"))
    async with house(settings_for(mongodb=stack.mongodb, FORLOEB_PROGRAMME=str(file))) as served:
        yield served


def staff(intake: House) -> dict[str, str]:
    return {"Authorization": f"Bearer {intake.settings.staff_token.get_secret_value()}", **HTML}


async def submitted(intake: House, *, confirmed: bool = True) -> tuple[str, str]:
    """Id and reference of a new application."""
    answer = await intake.accepted(new_application(), headers=TRUSTED if confirmed else {})
    return answer["application_id"], answer["reference"]


async def page(intake: House, path: str) -> httpx2.Response:
    return await intake.http.get(path, headers=staff(intake))


async def send(intake: House, reference: str, fields: Mapping[str, str]) -> httpx2.Response:
    """Send the form of the page with these fields and its token."""
    shown = (await page(intake, f"/review/{reference}")).text
    token = re.search(r'name="form_token" value="([^"]+)"', shown)
    given = {"form_token": token[1] if token else "", **fields}
    return await intake.http.post(f"/review/{reference}", data=given, headers=staff(intake))


DECLINED = {"outcome": "declined", "ground": "other_course", "note": NOTE}


async def test_nobody_is_admitted_without_a_decision(intake: House) -> None:
    """Not the trusted caller, and not whoever confirms: both wait, and the status says so."""
    application_id, _ = await submitted(intake)
    assert (await intake.stored(application_id))["application"]["state"] == "submitted"
    other, reference = await submitted(intake, confirmed=False)
    token = await intake.contact_token(other)
    assert reference in (await page(intake, "/review?show=unconfirmed")).text
    answer = await intake.http.post(f"/api/v1/status/{token}/confirm")
    assert answer.status_code == 200, answer.text
    assert (await intake.stored(other))["application"]["state"] == "submitted"
    assert reference in (await page(intake, "/review")).text
    assert reference not in (await page(intake, "/review?show=unconfirmed")).text


async def test_an_admission_is_one_write_with_its_event_and_its_audit(intake: House) -> None:
    """The scheduler books on ApplicationAdmitted; StaffActed names the account and the act, and no person."""
    application_id, reference = await submitted(intake)
    asked = await send(intake, reference, {"outcome": "admitted"})
    assert asked.status_code == 200
    assert (await intake.stored(application_id))["application"]["state"] == "submitted", "it was only asked back"
    answer = await send(intake, reference, {"outcome": "admitted", "confirmed": "yes"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/review/{reference}")
    told = [one for one in intake.published if one.envelope.subject == application_id]
    assert [one.envelope.type for one in told[-2:]] == [StaffActed.type, ApplicationAdmitted.type]
    assert [one.envelope.sequence for one in told[-2:]] == [1, 2]
    acted = StaffActed.model_validate_json(told[-2].body).staff_act
    assert (acted.act, acted.account, acted.service) == ("application.admitted", "program", "intake")
    shown = (await page(intake, "/review?show=decided")).text
    assert reference in shown
    assert "Imødekommet" in shown


async def test_declining_lists_the_mails_before_and_tells_the_ground_alone(intake: House) -> None:
    """The note for colleagues is sealed, shown to staff, and in no event."""
    body = new_application()
    answer = await intake.accepted(body, headers=TRUSTED)
    application_id, reference = answer["application_id"], answer["reference"]
    asked = await send(intake, reference, DECLINED)
    assert body["contacts"]["leader"]["email"] in asked.text
    assert (await send(intake, reference, {**DECLINED, "confirmed": "yes"})).status_code == 303
    event = [one for one in intake.published if one.envelope.subject == application_id][-1]
    assert event.envelope.type == ApplicationDeclined.type
    assert read_event(event.envelope, event.body).application.declined_ground == "other_course"
    assert b"journalen" not in b"".join(one.body for one in intake.published)
    stored = await intake.stored(application_id)
    assert "journalen" not in str(stored)
    shown = (await page(intake, f"/review/{reference}")).text
    assert NOTE in shown
    assert 'name="outcome"' not in shown, "there is nothing left to decide"


async def test_the_applicants_page_says_why_and_offers_nothing_more(intake: House) -> None:
    """Neither confirming nor withdrawing is left, and the ground stands there in words."""
    application_id, reference = await submitted(intake)
    await send(intake, reference, {**DECLINED, "confirmed": "yes"})
    token = await intake.contact_token(application_id)
    opened = await intake.http.get(f"/s/{token}")
    cookie = {"Cookie": opened.headers["set-cookie"].partition(";")[0]}
    shown = (await intake.http.get(f"/status/{reference}", headers=cookie)).text
    assert "Ikke imødekommet" in shown
    assert "I har allerede et forløb i gang hos os." in shown
    assert "withdraw" not in shown
    for act in ("confirm", "withdraw"):
        assert (await intake.http.post(f"/api/v1/status/{token}/{act}")).status_code == 409


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({}, "Vælg, om ansøgningen imødekommes."),
        ({"outcome": "perhaps"}, "Vælg, om ansøgningen imødekommes."),
        ({"outcome": "declined", "note": NOTE}, "Vælg den begrundelse"),
        ({"outcome": "declined", "ground": "nonsense", "note": NOTE}, "Vælg den begrundelse"),
        ({"outcome": "declined", "ground": "other_course", "note": " kort "}, "Skriv kort, hvorfor"),
        ({"outcome": "admitted", "note": "x" * (NOTE_CHARACTERS_MAX + 1)}, "Skriv højst"),
    ],
)
async def test_an_unfinished_decision_is_shown_again_with_what_is_missing(
    intake: House, fields: dict[str, str], fault: str
) -> None:
    """With 422 and a sentence at the field; nothing is decided, even if it claims to be confirmed."""
    application_id, reference = await submitted(intake)
    answer = await send(intake, reference, {**fields, "confirmed": "yes"})
    assert answer.status_code == 422
    assert fault in answer.text
    assert (await intake.stored(application_id))["application"]["state"] == "submitted"


async def test_only_what_waits_can_be_decided(intake: House) -> None:
    """Once decided it stays, the same answer again changes nothing; what nobody confirmed or was withdrawn is refused."""
    application_id, reference = await submitted(intake)
    fields = {**DECLINED, "confirmed": "yes"}
    await send(intake, reference, fields)
    before = await intake.stored(application_id)
    assert (await send(intake, reference, fields)).status_code in (200, 303)
    other = await send(intake, reference, {"outcome": "admitted", "confirmed": "yes"})
    assert other.status_code in (200, 409)
    assert (await intake.stored(application_id))["application"] == before["application"]
    unconfirmed, reference = await submitted(intake, confirmed=False)
    await send(intake, reference, {"outcome": "admitted", "confirmed": "yes"})
    assert (await intake.stored(unconfirmed))["application"]["state"] == "submitted"


async def test_an_application_that_cannot_be_read_hides_no_other(intake: House) -> None:
    """A document that was damaged, or written by a later version, is left out of the list and logged."""
    damaged, missing = await submitted(intake)
    _, reference = await submitted(intake)
    applications = intake.client["intake"]["applications"]
    await applications.update_one({"_id": damaged}, {"$set": {"application.participants": "many"}})
    shown = (await page(intake, "/review")).text
    assert reference in shown
    assert missing not in shown
    await applications.delete_one({"_id": damaged})


async def test_the_pages_are_for_coordinators(intake: House) -> None:
    """Without a session people are led to the log-in; a form without its token only shows the page again."""
    application_id, reference = await submitted(intake)
    for path in ("/review", f"/review/{reference}"):
        answer = await intake.http.get(path, headers=HTML)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/staff/login?next=/review")
    fields: dict[str, Any] = {"outcome": "admitted", "confirmed": "yes"}
    assert (await intake.http.post(f"/review/{reference}", data=fields, headers=HTML)).status_code == 303
    shown = await intake.http.post(f"/review/{reference}", data=fields, headers=staff(intake))
    assert shown.status_code == 200
    assert (await intake.stored(application_id))["application"]["state"] == "submitted"
    assert (await page(intake, "/review/SPARK-0000-0000")).status_code == 404
