"""New links: who gets them, what becomes of the old ones, and how little a stranger learns."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.intake.status.new_link import ANSWER_SECONDS
from shared.events import LinkIssued
from shared.vault import application_key, person_key
from tests.browsing import Applied, Browser, applied
from tests.embedded import Embedded
from tests.intake_house import TRUSTED, House, house, new_application, settings_for

CONFIRM = "/api/v1/status/{}/confirm"


@pytest.fixture
async def intake(stack: Embedded) -> AsyncIterator[House]:
    async with house(settings_for(mongodb=stack.mongodb)) as found:
        yield found


async def ask(intake: House, reference: str, *, path: str = "/nyt-link") -> str:
    """What somebody sees who asks for a new link for this number."""
    browser = Browser(intake)
    await browser.open(path)
    text = await browser.press(path.rpartition("/")[2], reference=reference)
    assert [one.status_code for one in browser.page.history] == [303]
    assert browser.page.status_code == 200
    return text


async def links_of(intake: House, application_id: str) -> list[dict[str, str]]:
    """The links by function in each LinkIssued of an application."""
    events = [one for one in intake.events(application_id) if one.envelope.type == LinkIssued.type]
    found = []
    for event in events:
        people = await intake.people(event)
        found.append({name: one.links["status"] for name, one in people.items() if one.links})
    return found


async def confirmed(intake: House, **changes: Any) -> Applied:
    mine = await applied(intake, **changes)
    assert (await intake.http.post(CONFIRM.format(mine.token))).status_code == 200
    return mine


async def test_new_links_go_to_the_contacts_and_the_old_ones_lead_nowhere(intake: House) -> None:
    """Also the cookies that the old ones were exchanged for; typed in any spelling of the number."""
    mine = await confirmed(intake)
    old = Browser(intake)
    await old.open(f"/s/{mine.token}")
    await ask(intake, f" {mine.reference.lower().replace('-', ' ')} ")
    [links] = await links_of(intake, mine.id)
    assert links.keys() == {"leader", "employee"}
    assert len({mine.token, *links.values()}) == 3
    for path in (f"/s/{mine.token}", mine.page, f"/api/v1/status/{mine.token}"):
        await old.open(path)
        assert old.page.status_code == 404
    new = await Browser(intake).open(f"/s/{links['leader'].rpartition('/')[2]}")
    assert mine.reference in new


async def test_later_events_carry_the_new_links(intake: House) -> None:
    """Whoever mails something after that mails a link that works."""
    mine = await applied(intake)
    await ask(intake, mine.reference)
    [links] = await links_of(intake, mine.id)
    token = links["employee"].rpartition("/")[2]
    assert (await intake.http.post(CONFIRM.format(token))).status_code == 200
    people = await intake.people(intake.events(mine.id)[-1])
    assert {name: one.links["status"] for name, one in people.items()} == links


async def test_whoever_asks_learns_nothing(intake: House) -> None:
    """The same page for a number that is there, that is not, that cannot be, and that was withdrawn."""
    mine, gone = await confirmed(intake), await confirmed(intake)
    await intake.http.post(f"/api/v1/status/{gone.token}/withdraw")
    typed = (mine.reference, gone.reference, "SPARK-2222-222H", "nonsense", "", "x" * 5000, "<b>&\x00")
    assert len({await ask(intake, one) for one in typed}) == 1
    assert "Look in your mail" in await ask(intake, mine.reference, path="/en/new-link")


async def test_how_long_the_answer_takes_tells_nothing_either(intake: House) -> None:
    """An unknown number is answered no sooner than a known one: neither comes before a time that is enough for both."""
    mine = await confirmed(intake)
    browser = Browser(intake)
    for typed in (mine.reference, "SPARK-2222-222H", "nonsense"):
        await browser.open("/nyt-link")
        began = time.monotonic()
        await browser.press("nyt-link", reference=typed)
        assert time.monotonic() - began >= ANSWER_SECONDS


async def test_at_most_three_a_day(intake: House) -> None:
    """The fourth changes nothing, so the newest links stay good; the next day there are new ones."""
    mine = await confirmed(intake)
    for _ in range(3):
        await ask(intake, mine.reference)
    before = await intake.stored(mine.id)
    await ask(intake, mine.reference)
    assert await intake.stored(mine.id) == before
    intake.clock.forward(days=1)
    await ask(intake, mine.reference)
    assert len(await links_of(intake, mine.id)) == 4


async def test_unconfirmed_addresses_get_three_mails_a_day_in_all(intake: House) -> None:
    """The receipt is one of them; when nobody may be written to, the links that are out stay good."""
    mine = await applied(intake)
    for _ in range(2):
        await ask(intake, mine.reference)
    links = await links_of(intake, mine.id)
    assert [set(one) for one in links] == [{"leader", "employee"}] * 2
    before = await intake.stored(mine.id)
    await ask(intake, mine.reference)
    assert await intake.stored(mine.id) == before
    assert mine.reference in await Browser(intake).open(f"/s/{links[-1]['leader'].rpartition('/')[2]}")


async def test_a_contact_who_was_never_written_to_gets_no_new_link(intake: House) -> None:
    """Their address waits for another application; the receipt with the link comes when it has room."""
    first = new_application()
    leader = first["contacts"]["leader"]["email"]
    await intake.accepted(first)
    mine = await applied(intake, "employee", **{"contacts.leader.email": leader})
    await ask(intake, mine.reference)
    [links] = await links_of(intake, mine.id)
    assert links.keys() == {"employee"}


async def test_a_trusted_callers_contacts_are_written_to(intake: House) -> None:
    """They have nothing to confirm. The link of whoever sent the application is void as well."""
    answer = await intake.accepted(headers=TRUSTED)
    await ask(intake, answer["reference"])
    [links] = await links_of(intake, answer["application_id"])
    assert links.keys() == {"leader", "employee"}
    assert (await intake.http.get(answer["status_url"])).status_code == 404


async def test_an_erased_application_and_one_that_is_long_over_get_none(intake: House) -> None:
    """Whoever asks sees the page that everybody sees."""
    erased, over = await confirmed(intake), await confirmed(intake)
    await intake.parts.vault.erase(application_key(erased.id))
    await ask(intake, erased.reference)
    await intake.http.post(f"/api/v1/status/{over.token}/withdraw")
    intake.clock.forward(days=intake.parts.programme.retention.status_link_days)
    await ask(intake, over.reference)
    assert await links_of(intake, erased.id) == await links_of(intake, over.id) == []


async def test_a_form_that_is_not_ours_sends_nothing(intake: House) -> None:
    """Without a token of ours, with one that is too old, or from a page of somebody else."""
    mine = await confirmed(intake)
    browser = Browser(intake)
    await browser.open("/nyt-link")
    await browser.press("nyt-link", reference=mine.reference, form_token="")
    assert browser.page.url.path == "/nyt-link"
    intake.clock.forward(hours=5)
    await browser.open("/nyt-link")
    page = browser.page
    intake.clock.forward(hours=5)
    browser.page = page
    await browser.press("nyt-link", reference=mine.reference)
    assert browser.page.url.path == "/nyt-link"
    for header in ({"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = await intake.http.post("/nyt-link", data={"reference": mine.reference}, headers=header)
        assert answer.status_code == 403
    assert await links_of(intake, mine.id) == []


async def test_asking_too_often_is_refused_for_a_while(stack: Embedded) -> None:
    """Right numbers and wrong ones count alike."""
    async with house(settings_for(mongodb=stack.mongodb, FORLOEB_INTAKE_BAD_LINK_LIMIT="2/minute")) as intake:
        mine = await confirmed(intake)
        for one in (mine.reference, "SPARK-2222-222H"):
            await ask(intake, one)
        browser = Browser(intake)
        await browser.open("/nyt-link")
        await browser.press("nyt-link", reference=mine.reference)
        assert browser.page.status_code == 429


async def test_changes_at_the_same_time_are_all_kept(intake: House) -> None:
    """Two contacts confirm while a third person asks for new links: the events follow each other without a gap."""
    mine = await applied(intake)
    colleague = await intake.contact_token(mine.id, "employee")
    await asyncio.gather(
        intake.http.post(CONFIRM.format(mine.token)),
        ask(intake, mine.reference),
        intake.http.post(CONFIRM.format(colleague)),
    )
    stored = await intake.stored(mine.id)
    assert stored["epoch"] == 2
    numbers = [one.envelope.sequence for one in intake.events(mine.id)]
    assert numbers == list(range(1, stored["event_sequence"] + 1))
    people = await intake.people(intake.events(mine.id)[-1])
    token = people["leader"].links["status"].rpartition("/")[2]
    assert mine.reference in await Browser(intake).open(f"/s/{token}")


async def test_an_erased_contact_is_left_out_of_new_links(intake: House) -> None:
    """And cannot choose a language any more; the others go on."""
    mine = await confirmed(intake)
    browser = Browser(intake)
    await browser.open(f"/s/{mine.token}")
    leader = (await intake.stored(mine.id))["application"]["contacts"][0]
    await intake.parts.vault.erase(person_key(leader))
    await browser.press("language")
    assert browser.page.status_code == 404
    await ask(intake, mine.reference)
    [links] = await links_of(intake, mine.id)
    assert links.keys() == {"employee"}
