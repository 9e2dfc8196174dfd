"""A contact's new address: who may give it and when, what becomes of links and mails, what staff can do, and what is kept."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import orjson
import pytest
from structlog.testing import capture_logs

from services.intake import blocks
from services.intake.message_view import MessageView
from services.intake.new_address.refusals import PER_DAY_MAX, WORDS
from shared.events import ApplicationAdmitted, ContactChanged, CourseBooked, StaffActed
from shared.vault import person_key
from tests.browsing import Applied, Browser, applied
from tests.canary import Canaries
from tests.embedded import Embedded
from tests.factories import review_programme
from tests.intake_house import TRUSTED, House, house, new_application, settings_for
from tests.told_courses import meetings_after, told

CONFIRM = "/api/v1/status/{}/confirm"
REASON = "Lederen ringede og gav os adressen."


@pytest.fixture(scope="module")
async def intake(stack: Embedded) -> AsyncIterator[House]:
    async with house(settings_for(mongodb=stack.mongodb)) as found:
        yield found


def fresh(name: str = "ny") -> str:
    """An address that no other test knows; of letters only, since ten digits by chance could look like a CPR number."""
    return f"{name}.{uuid4().hex.translate(str.maketrans('0123456789', 'ghijklmnop'))}@kommune.example"


async def contacts(intake: House, mine: Applied) -> tuple[str, str]:
    """The ids of leader and employee."""
    leader, employee = (await intake.stored(mine.id))["application"]["contacts"]
    return leader, employee


async def came_back(intake: House, mine: Applied, person_id: str) -> None:
    """The notifier says that a mail to this person came back, and that the address takes none."""
    now = intake.clock()
    view = MessageView(
        message_id=str(uuid4()),
        application_id=mine.id,
        sequence=2,
        person_id=person_id,
        kind="receipt",
        state="bounced",
        created_at=now,
        decided_at=now,
        reason="no_such_recipient",
        undeliverable=True,
    )
    await intake.parts.store.put_message(view)


async def confirmed(intake: House) -> Applied:
    mine = await applied(intake)
    assert (await intake.http.post(CONFIRM.format(mine.token))).status_code == 200
    return mine


async def at_page(intake: House, mine: Applied, function: str = "employee") -> Browser:
    """This contact's browser at the status page."""
    browser = Browser(intake)
    await browser.open(f"/s/{await intake.contact_token(mine.id, function)}")
    return browser


async def mail_of(intake: House, mine: Applied, person_id: str) -> str:
    application = await intake.parts.store.application(mine.id)
    assert application
    return (await blocks.open_person(intake.parts.vault, application.state, person_id)).mail


async def newest(intake: House, mine: Applied) -> dict[str, Any]:
    """The newest event of the application: its type, and the people in it by function."""
    event = intake.events(mine.id)[-1]
    return {"type": event.envelope.type, **await intake.people(event)}


async def test_the_other_contact_gives_a_new_address_where_mails_come_back(intake: House) -> None:
    """The notice names the person and never the old address; one event tells the new one with a new link for her alone."""
    mine = await confirmed(intake)
    leader, _ = await contacts(intake, mine)
    old = await mail_of(intake, mine, leader)
    before = await newest(intake, mine)
    her_browser = await at_page(intake, mine, "leader")
    await came_back(intake, mine, leader)
    browser = await at_page(intake, mine)
    page = browser.page.text
    assert "Vi kan ikke få mails frem til" in page
    assert old not in page
    address = fresh()
    page = await browser.press(leader, mail=f" {address} ")
    assert (browser.page.url.path, browser.page.status_code) == (mine.page, 200)
    assert "Vi kan ikke få mails frem til" not in page
    assert "af en anden kontaktperson" in page
    after = await newest(intake, mine)
    assert after["type"] == ContactChanged.type
    assert after["leader"].mail == address
    assert after["employee"] == before["employee"], "the other one's link stays good"
    assert after["leader"].links["status"] != before["leader"].links["status"]
    for path in (f"/s/{mine.token}", f"/api/v1/status/{mine.token}"):
        assert (await intake.http.get(path)).status_code == 404
    await her_browser.open(mine.page)
    assert her_browser.page.status_code == 404, "the cookie goes with its link"
    token = after["leader"].links["status"].rpartition("/")[2]
    assert address in await Browser(intake).open(f"/s/{token}")
    stored = str(await intake.stored(mine.id))
    assert address not in stored
    assert old not in stored


async def test_nobody_gives_another_one_an_address_while_mails_arrive(intake: House) -> None:
    """No form is shown, one that was shown earlier is refused, and neither whoever sent the application in may."""
    answer = await intake.accepted(new_application())
    mine = Applied(answer["application_id"], answer["reference"], await intake.contact_token(answer["application_id"]))
    leader, employee = await contacts(intake, mine)
    await came_back(intake, mine, leader)
    late = await at_page(intake, mine)
    sender = Browser(intake)
    page = await sender.open(answer["page_url"].removeprefix(intake.parts.signer.public_url))
    assert "via linkene i deres egne mails" in page
    assert leader not in page
    await sender.open(f"{mine.page}/address/{leader}")
    assert sender.page.url.path == mine.page
    arrived = MessageView(
        message_id=str(uuid4()),
        application_id=mine.id,
        sequence=1,
        person_id=leader,
        kind="receipt",
        state="accepted",
        decided_at=intake.clock() + timedelta(seconds=1),
    )
    await intake.parts.store.put_message(arrived)
    await late.press(leader, mail=fresh())
    assert late.page.status_code == 409
    browser = await at_page(intake, mine)
    assert "Vi kan ikke få mails frem" not in browser.page.text
    await browser.open(f"{mine.page}/address/{leader}")
    assert browser.page.url.path == mine.page
    for path in ("nobody", f"{employee}x"):
        answer_to = await browser.http.post(f"{mine.page}/address/{path}", data={"form_token": "", "mail": fresh()})
        assert answer_to.status_code == 404
    assert (await newest(intake, mine))["type"] != ContactChanged.type


async def test_a_contact_changes_the_own_address_and_has_to_open_the_new_link(intake: House) -> None:
    """The page is closed: what is new must be somebody's mailbox before anything more can be done with it."""
    mine = await applied(intake)
    leader, _ = await contacts(intake, mine)
    browser = await at_page(intake, mine, "leader")
    await browser.open(f"{mine.page}/address/{leader}")
    assert await mail_of(intake, mine, leader) in browser.page.text
    address = fresh()
    page = await browser.press(leader, mail=address)
    assert browser.page.url.path == "/ny-adresse"
    assert "Se i jeres mail" in page
    assert not [name for name in browser.http.cookies if "status" in name]
    await browser.open(mine.page)
    assert browser.page.status_code == 404
    assert (await intake.http.post(CONFIRM.format(mine.token))).status_code == 404, "nor does the old link confirm"
    found = await newest(intake, mine)
    token = found["leader"].links["status"].rpartition("/")[2]
    assert (await intake.http.post(CONFIRM.format(token))).status_code == 200
    assert (await newest(intake, mine))["type"] == ApplicationAdmitted.type


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "empty"),
        ("anne", "email"),
        ("a@kommune.example, b@kommune.example", "email"),
        ("OLD", "unchanged"),
        ("OTHER", "taken"),
    ],
)
async def test_what_cannot_be_used_is_shown_again_with_what_is_wrong(intake: House, typed: str, why: Any) -> None:
    """With 422 and a sentence at the field; nothing is changed, and nothing of it stands in the log."""
    mine = await applied(intake)
    leader, employee = await contacts(intake, mine)
    known = {"OLD": await mail_of(intake, mine, leader), "OTHER": await mail_of(intake, mine, employee)}
    browser = await at_page(intake, mine, "leader")
    await browser.open(f"{mine.page}/address/{leader}")
    before = await intake.stored(mine.id)
    with capture_logs() as logs:
        page = await browser.press(leader, mail=known.get(typed, typed).upper())
    assert browser.page.status_code == 422
    assert WORDS[why].da in page
    assert await intake.stored(mine.id) == before
    assert logs == []


async def test_an_address_is_changed_a_few_times_a_day_at_most(intake: House) -> None:
    """By contacts; staff still can, and so can the contacts the day after."""
    mine = await confirmed(intake)
    leader, _ = await contacts(intake, mine)
    for number in range(PER_DAY_MAX + 1):
        await came_back(intake, mine, leader)
        browser = await at_page(intake, mine)
        page = await browser.press(leader, mail=fresh())
        assert browser.page.status_code == (200 if number < PER_DAY_MAX else 422)
        intake.clock.forward(minutes=1)
    assert WORDS["too_often"].da in page
    assert (await by_program(intake, mine.id, leader, fresh())).status_code == 204
    intake.clock.forward(days=1)
    await came_back(intake, mine, leader)
    browser = await at_page(intake, mine)
    await browser.press(leader, mail=fresh())
    assert browser.page.status_code == 200


async def test_an_unconfirmed_new_address_gets_its_receipt_within_the_days_limit(intake: House) -> None:
    """It takes a place of its own; an address with mail enough for today waits for the next one, and nobody is told so."""
    mine = await applied(intake)
    leader, _ = await contacts(intake, mine)
    old_entries = set((await intake.parts.store.application(mine.id)).addresses)  # type: ignore[union-attr]
    await came_back(intake, mine, leader)
    browser = await at_page(intake, mine)
    await browser.press(leader, mail=fresh())
    application = await intake.parts.store.application(mine.id)
    assert application
    assert len({one for one in application.addresses if one.endswith("|open")}) == 2
    assert len(old_entries - set(application.addresses)) == 1, "the old one waits for nothing"
    assert "status" in (await newest(intake, mine))["leader"].links
    busy = new_application()
    intake.clock.forward(minutes=1)
    await intake.accepted(busy)
    await came_back(intake, mine, leader)
    browser = await at_page(intake, mine)
    await browser.press(leader, mail=busy["contacts"]["leader"]["email"])
    assert browser.page.status_code == 200, "the answer does not tell that we know it"
    found = await newest(intake, mine)
    assert (found["type"], "status" in found["leader"].links) == (ContactChanged.type, False)
    assert (await intake.stored(mine.id))["unmailed"] == [leader]
    assert await intake.client["intake"]["held_receipts"].find_one({"_id": mine.id})
    assert (await intake.http.post(CONFIRM.format(await intake.contact_token(mine.id, "employee")))).status_code == 200
    assert "status" in (await newest(intake, mine))["leader"].links


async def test_who_confirmed_from_the_old_address_has_not_confirmed_the_new_one(
    stack: Embedded, tmp_path: Path
) -> None:
    """Before a course is sought the new address is unconfirmed, and the application waits for somebody's confirmation again."""
    settings = settings_for(mongodb=stack.mongodb, FORLOEB_PROGRAMME=str(review_programme(tmp_path)))
    async with house(settings) as intake:
        mine, busy = await confirmed(intake), new_application()
        leader, employee = await contacts(intake, mine)
        other = await intake.accepted(busy)
        await came_back(intake, mine, leader)
        browser = await at_page(intake, mine)
        await browser.press(leader, mail=busy["contacts"]["leader"]["email"])
        assert (await intake.stored(mine.id))["application"]["confirmed_by"] == []
        await browser.press("confirm")
        stored = await intake.stored(mine.id)
        assert stored["application"]["confirmed_by"] == [employee]
        assert stored["unmailed"] == [leader], "whoever waits for the first mail is not forgotten"
        withdrawn = await intake.contact_token(other["application_id"])
        assert (await intake.http.post(f"/api/v1/status/{withdrawn}/withdraw")).status_code == 200
        held = intake.client["intake"]["held_receipts"]
        assert await held.find_one({"_id": mine.id})
        assert await intake.release() >= 1
        assert await held.find_one({"_id": mine.id}) is None
        assert "status" in (await newest(intake, mine))["leader"].links


async def test_of_two_changes_at_once_one_counts(intake: House) -> None:
    """The other contact's and the person's own: the history tells of one, the other is told that it is too late."""
    mine = await confirmed(intake)
    leader, _ = await contacts(intake, mine)
    await came_back(intake, mine, leader)
    other, own = await at_page(intake, mine), await at_page(intake, mine, "leader")
    addresses = [fresh(), fresh()]
    await asyncio.gather(
        *(browser.press(leader, mail=mail) for browser, mail in zip((other, own), addresses, strict=True))
    )
    assert min(other.page.status_code, own.page.status_code) == 200
    assert {other.page.status_code, own.page.status_code} & {404, 409}
    stored = await intake.stored(mine.id)
    assert len(stored["changed_addresses"]["history"]) == 1
    assert await mail_of(intake, mine, leader) in addresses


async def test_a_change_while_links_are_issued_leaves_one_good_link_each(intake: House) -> None:
    """Whichever comes first, the last event carries the links that work, and older ones do not."""
    mine = await confirmed(intake)
    leader, _ = await contacts(intake, mine)
    asking = Browser(intake)
    await asking.open("/nyt-link")
    address = fresh()
    results = await asyncio.gather(
        by_program(intake, mine.id, leader, address), asking.press("nyt-link", reference=mine.reference)
    )
    assert results[0].status_code == 204
    numbers = [one.envelope.sequence for one in intake.events(mine.id)]
    assert numbers == list(range(1, (await intake.stored(mine.id))["event_sequence"] + 1))
    found = await newest(intake, mine)
    assert found["leader"].mail == address
    for function in ("leader", "employee"):
        token = found[function].links["status"].rpartition("/")[2]
        assert mine.reference in await Browser(intake).open(f"/s/{token}")
    assert (await intake.http.get(f"/s/{mine.token}")).status_code == 404


async def test_an_erased_or_ended_application_has_no_address_to_change(intake: House) -> None:
    """The person erased is no contact any more; after a withdrawal nothing more is sent."""
    mine = await confirmed(intake)
    leader, employee = await contacts(intake, mine)
    await came_back(intake, mine, leader)
    browser = await at_page(intake, mine)
    await intake.parts.vault.erase(person_key(leader))
    await browser.press(leader, mail=fresh())
    assert browser.page.status_code == 404
    assert (await by_program(intake, mine.id, leader, fresh())).status_code == 404
    await browser.open(mine.page)
    assert "Ret adressen" in browser.page.text
    token = await intake.contact_token(mine.id, "employee")
    assert (await intake.http.post(f"/api/v1/status/{token}/withdraw")).status_code == 200
    assert "Ret adressen" not in await browser.open(mine.page)
    assert (await by_program(intake, mine.id, employee, fresh())).status_code == 409


async def test_forms_that_are_not_ours_change_nothing(intake: House) -> None:
    """Of another page, of another person's form, without a token."""
    mine = await applied(intake)
    leader, employee = await contacts(intake, mine)
    browser = await at_page(intake, mine, "leader")
    await browser.open(f"{mine.page}/address/{leader}")
    token = re.search(r'name="form_token" value="([^"]+)"', browser.page.text)
    assert token
    fields = {"form_token": token[1], "mail": fresh()}
    foreign = await browser.http.post(
        f"{mine.page}/address/{leader}", data=fields, headers={"Origin": "https://elsewhere.example"}
    )
    assert foreign.status_code == 403
    assert (await browser.http.post(f"{mine.page}/address/{employee}", data=fields)).status_code == 404
    assert (await browser.http.post(f"{mine.page}/address/{leader}", data={"mail": fresh()})).status_code == 404
    assert (await newest(intake, mine))["type"] != ContactChanged.type


def staff(intake: House) -> dict[str, str]:
    return {"Authorization": f"Bearer {intake.settings.staff_token.get_secret_value()}", "Accept": "text/html"}


async def by_program(
    intake: House, application_id: str, person_id: str, mail: str, *, reason: str = REASON
) -> httpx2.Response:
    return await intake.http.post(
        f"/api/v1/applications/{application_id}/contacts/{person_id}/address",
        content=orjson.dumps({"mail": mail, "reason": reason}),
        headers={"Authorization": staff(intake)["Authorization"], "Content-Type": "application/json"},
    )


async def send(intake: House, path: str, **fields: str) -> httpx2.Response:
    """Send the form of a page of staff."""
    shown = (await intake.http.get(path, headers=staff(intake))).text
    token = re.search(r'name="form_token" value="([^"]+)"', shown)
    assert token
    return await intake.http.post(path, data={"form_token": token[1], **fields}, headers=staff(intake))


async def test_staff_see_the_mails_that_go_out_before_they_change_an_address(intake: House) -> None:
    """Then one write with its event and its audit; the reason is sealed, and shown to staff alone."""
    mine = await confirmed(intake)
    leader, _ = await contacts(intake, mine)
    await told(intake, mine, CourseBooked, sequence=1, meetings=meetings_after(intake.clock(), (30, 51, 72, 142)))
    await came_back(intake, mine, leader)
    old = await mail_of(intake, mine, leader)
    application = await intake.http.get(f"/review/{mine.reference}", headers=staff(intake))
    list_path = f"/review/applications/{mine.id}/contacts"
    assert list_path in application.text
    listed = (await intake.http.get(list_path, headers=staff(intake))).text
    assert old in listed
    assert listed.count("Mails kommer retur") == 1
    path = f"{list_path}/{leader}/address"
    assert path in listed
    address = fresh()
    wrong = await send(intake, path, mail=old, reason="kort", confirmed="yes")
    assert wrong.status_code == 422
    assert WORDS["unchanged"].da in wrong.text
    assert "Skriv kort, hvorfor" in wrong.text
    asked = await send(intake, path, mail=address, reason=REASON)
    assert asked.status_code == 200
    assert asked.text.count("Mødeindkaldelse: ") == 4
    assert "Besked om jeres forløb" in asked.text
    assert "Nyt link til statussiden" in asked.text
    assert "Kvittering" not in asked.text
    assert await mail_of(intake, mine, leader) == old, "it was only asked back"
    done = await send(intake, path, mail=address, reason=REASON, confirmed="yes")
    assert (done.status_code, done.headers["location"]) == (303, list_path)
    told_of = [one for one in intake.published if one.envelope.subject == mine.id][-2:]
    assert [one.envelope.type for one in told_of] == [StaffActed.type, ContactChanged.type]
    acted = StaffActed.model_validate_json(told_of[0].body).staff_act
    assert (acted.act, acted.account) == ("contact.address-changed", "program")
    assert await mail_of(intake, mine, leader) == address
    listed = (await intake.http.get(list_path, headers=staff(intake))).text
    assert address in listed
    assert REASON in listed
    assert "Mails kommer retur" not in listed
    assert REASON not in str(await intake.stored(mine.id))
    again = await send(intake, path, mail=address, reason=REASON, confirmed="yes")
    assert again.status_code == 422
    assert WORDS["unchanged"].da in again.text


async def test_programs_are_told_what_is_wrong_by_field_and_code(intake: House) -> None:
    """Never with what they sent; an unknown application or person is nowhere."""
    mine = await confirmed(intake)
    leader, employee = await contacts(intake, mine)
    taken = await by_program(intake, mine.id, leader, await mail_of(intake, mine, employee))
    assert taken.status_code == 422
    assert [(one["field"], one["code"]) for one in taken.json()["errors"]] == [("mail", "taken")]
    short = await by_program(intake, mine.id, leader, fresh(), reason="kort")
    assert (short.status_code, "kort" in short.text) == (422, False)
    for application_id, person_id in ((mine.id, "nobody"), ("nowhere", leader)):
        assert (await by_program(intake, application_id, person_id, fresh())).status_code == 404
    trusted = await intake.accepted(headers=TRUSTED)
    mine = Applied(trusted["application_id"], trusted["reference"], "")
    assert (await by_program(intake, mine.id, (await contacts(intake, mine))[0], fresh())).status_code == 204


async def test_no_address_and_no_reason_stands_in_a_log_or_in_the_clear_part_of_an_event(intake: House) -> None:
    """Neither the old one nor the new one, in no form, whoever changes it."""
    mine = await confirmed(intake)
    leader, _ = await contacts(intake, mine)
    words = ["kanarigammel", "kanariny", "kanarigrund"]
    with capture_logs() as logs:
        assert (await by_program(intake, mine.id, leader, fresh("kanarigammel"))).status_code == 204
        intake.clock.forward(minutes=1)
        await came_back(intake, mine, leader)
        browser = await at_page(intake, mine)
        await browser.press(leader, mail=fresh("kanariny"))
        assert browser.page.status_code == 200
        answer = await by_program(intake, mine.id, leader, fresh("kanariny"), reason="Kanarigrund til ændringen")
        assert answer.status_code == 204
    changes = [one for one in logs if one["event"] == "contact-address-changed"]
    assert [one["role"] for one in changes] == ["staff", "contact", "staff"]
    written = [repr(logs).encode(), *(one.body + repr(one.envelope).encode() for one in intake.events(mine.id))]
    written.append(repr(await intake.stored(mine.id)).encode())
    assert [Canaries(words).found_in(one) for one in written] == [[]] * len(written)
