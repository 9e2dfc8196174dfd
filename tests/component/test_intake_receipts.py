"""Addresses that nobody has confirmed are written to with moderation, and the answer never tells."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from services.intake import store
from shared.events import ApplicationWithdrawn
from shared.vault import CACHE_SECONDS
from tests.embedded import Embedded
from tests.intake_house import House, house, new_application, settings_for


@pytest.fixture
async def intake(stack: Embedded) -> AsyncIterator[House]:
    async with house(settings_for(mongodb=stack.mongodb)) as found:
        yield found


async def linked(intake: House, application_id: str) -> set[str]:
    """The contacts, by function, whom the newest event lets write to."""
    people = await intake.people(intake.events(application_id)[-1])
    return {function for function, person in people.items() if person.links}


async def withdraw(intake: House, answer: dict[str, Any]) -> None:
    path = answer["status_url"].removeprefix("http://127.0.0.1:8000")
    assert (await intake.http.post(f"{path}/withdraw")).status_code == 200


async def test_a_second_application_to_the_same_addresses_is_taken_but_writes_to_nobody(intake: House) -> None:
    """One open unconfirmed application per address; the two answers differ in nothing but their ids."""
    body = new_application()
    first, second = await intake.accepted(body), await intake.accepted(body)
    assert await linked(intake, first["application_id"]) == {"leader", "employee"}
    assert await linked(intake, second["application_id"]) == set()
    same = ("state", "state_label", "next")
    assert first.keys() == second.keys()
    assert [first[name] for name in same] == [second[name] for name in same]
    assert len(first["status_url"]) == len(second["status_url"])


async def test_only_the_address_that_is_known_is_spared(intake: House) -> None:
    """A contact whom nobody has written to gets the receipt, also in other letters than the first time."""
    body = new_application()
    await intake.accepted(body)
    leader = body["contacts"]["leader"]["email"].upper().replace("KOMMUNE.EXAMPLE", "kommune.example")
    second = await intake.accepted(new_application({"contacts.leader.email": leader}))
    assert await linked(intake, second["application_id"]) == {"employee"}


async def test_the_receipt_follows_when_the_first_application_is_confirmed(intake: House) -> None:
    """Nothing that was accepted is lost: the waiting application is told again, now with its links."""
    body = new_application()
    first, second = await intake.accepted(body), await intake.accepted(body)
    await intake.release()
    assert len(intake.events(second["application_id"])) == 1
    token = await intake.contact_token(first["application_id"])
    await intake.http.post(f"/api/v1/status/{token}/confirm")
    await intake.release()
    assert await linked(intake, second["application_id"]) == {"leader", "employee"}
    assert [one.envelope.sequence for one in intake.events(second["application_id"])] == [1, 2]
    await intake.release()
    assert len(intake.events(second["application_id"])) == 2
    token = await intake.contact_token(second["application_id"])
    answer = await intake.http.post(f"/api/v1/status/{token}/confirm")
    assert answer.json()["state"] == "admitted"


async def test_an_address_has_three_receipts_a_day_and_more_the_next(intake: House) -> None:
    """Applying and withdrawing in turn mails nobody to death."""
    body = new_application()
    written = []
    for _ in range(5):
        answer = await intake.accepted(body)
        written.append(await linked(intake, answer["application_id"]))
        await withdraw(intake, answer)
    assert written == [{"leader", "employee"}] * 3 + [set()] * 2
    intake.clock.forward(days=1)
    answer = await intake.accepted(body)
    assert await linked(intake, answer["application_id"]) == {"leader", "employee"}


async def test_withdrawing_what_nobody_confirmed_writes_to_nobody(intake: House) -> None:
    """Anybody may have typed the addresses."""
    answer = await intake.accepted()
    await withdraw(intake, answer)
    assert intake.events(answer["application_id"])[-1].envelope.type == ApplicationWithdrawn.type
    assert await linked(intake, answer["application_id"]) == set()


async def test_many_who_wait_do_not_keep_the_others_from_being_found(
    intake: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looked at in turns: here one in each round, and the first one's address stays busy."""
    monkeypatch.setattr(store, "HELD_PAGE", 1)
    await intake.client[store.DATABASE][store.HELD_RECEIPTS].delete_many({})
    busy, other = new_application(), new_application()
    await intake.accepted(busy)
    await intake.accepted(busy)
    intake.clock.forward(seconds=1)
    first, second = await intake.accepted(other), await intake.accepted(other)
    await withdraw(intake, first)
    for _ in range(2):
        intake.clock.forward(seconds=20)
        await intake.release()
    assert await linked(intake, second["application_id"]) == {"leader", "employee"}


async def test_one_that_cannot_be_opened_does_not_keep_the_others_waiting(intake: House) -> None:
    """Its key is gone without a tombstone, as in the middle of a restore."""
    body = new_application()
    first, second, third = [await intake.accepted(body) for _ in range(3)]
    people = (await intake.stored(second["application_id"]))["application"]["people"]
    await intake.client["vault"]["keys"].delete_many({"_id": {"$in": [block["key_id"] for block in people.values()]}})
    intake.clock.forward(seconds=CACHE_SECONDS)
    await withdraw(intake, first)
    await intake.release()
    assert await linked(intake, third["application_id"]) == {"leader", "employee"}


async def test_what_waits_too_long_is_not_announced_any_more(intake: House) -> None:
    """After the time for unconfirmed applications the note is dropped."""
    body = new_application()
    first, second = await intake.accepted(body), await intake.accepted(body)
    intake.clock.forward(days=intake.parts.programme.retention.unconfirmed_days + 1)
    await withdraw(intake, first)
    await intake.release()
    assert len(intake.events(second["application_id"])) == 1


class NoDeletes:
    """Held receipts that cannot be dropped just now."""

    async def delete_one(self, _query: object) -> None:
        raise AutoReconnect


async def test_a_change_counts_also_when_its_note_cannot_be_dropped(
    intake: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The applicant hears that it was done, and the others are told."""
    body = new_application()
    await intake.accepted(body)
    second = await intake.accepted(body)
    with monkeypatch.context() as patch:
        patch.setattr(intake.parts.store, "_held", NoDeletes())
        await withdraw(intake, second)
    assert intake.events(second["application_id"])[-1].envelope.type == ApplicationWithdrawn.type


async def test_one_that_cannot_be_read_does_not_keep_the_others_waiting(
    intake: House, capsys: pytest.CaptureFixture[str]
) -> None:
    """A document that no longer has the form we know is named in the log and passed over."""
    body = new_application()
    first, second, third = [await intake.accepted(body) for _ in range(3)]
    await intake.client[store.DATABASE]["applications"].update_one(
        {"_id": second["application_id"]}, {"$unset": {"application.reference": ""}}
    )
    await withdraw(intake, first)
    await intake.release()
    assert await linked(intake, third["application_id"]) == {"leader", "employee"}
    assert second["application_id"] in capsys.readouterr().out


async def test_an_address_is_free_again_when_an_application_was_never_confirmed(intake: House) -> None:
    """Its receipt was lost, or a stranger typed the address: a later application gets its own."""
    body = new_application()
    lost = await intake.accepted(body)
    store_of = intake.parts.store
    unconfirmed = timedelta(days=intake.parts.programme.retention.unconfirmed_days)
    intake.clock.forward(seconds=unconfirmed.total_seconds() - 1)
    await store_of.forget_digests(now=intake.clock(), unconfirmed_since=intake.clock() - unconfirmed)
    waiting = await intake.accepted(body)
    assert await linked(intake, waiting["application_id"]) == set()
    intake.clock.forward(seconds=1)
    await store_of.forget_digests(now=intake.clock(), unconfirmed_since=intake.clock() - unconfirmed)
    assert len((await intake.stored(lost["application_id"]))["only_once"]) == 1
    await intake.release()
    assert await linked(intake, waiting["application_id"]) == {"leader", "employee"}


async def test_digests_of_addresses_are_dropped_when_they_count_nothing_any_more(intake: House) -> None:
    """Those of an application that still waits stay: they are its place."""
    answer, waiting = await intake.accepted(), await intake.accepted()
    await withdraw(intake, answer)
    intake.clock.forward(days=3)
    now = intake.clock()
    await intake.parts.store.forget_digests(now=now, unconfirmed_since=now - timedelta(days=30))
    assert len((await intake.stored(answer["application_id"]))["only_once"]) == 1
    assert len((await intake.stored(waiting["application_id"]))["only_once"]) == 5
