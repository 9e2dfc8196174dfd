"""What people say about their meetings is put into the application once for each source, numbered without gaps, and told."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from services.intake.say import say
from shared.events import ApplicationState, InvitationAnswered
from shared.request_errors import TooManyError
from shared.said import SAID_KEPT_MAX, CalendarAnswer, Said
from shared.vault import application_key
from tests.browsing import Applied, Browser, applied
from tests.embedded import Embedded
from tests.intake_house import House, house, read_event, settings_for

SAYERS = 20


@pytest.fixture(scope="module")
async def intake(stack: Embedded) -> AsyncIterator[House]:
    async with house(settings_for(mongodb=stack.mongodb)) as found:
        yield found


async def admitted(intake: House) -> Applied:
    mine = await applied(intake)
    browser = Browser(intake)
    await browser.open(f"/s/{mine.token}")
    await browser.press("confirm")
    return mine


def accepted(intake: House) -> Callable[[int], Said]:
    """An answer of the number that it is given."""
    return lambda number: CalendarAnswer(
        number=number,
        meeting_id="meeting-opening",
        person_id="person",
        partstat="ACCEPTED",
        sequence=0,
        dtstamp=intake.clock(),
        at=intake.clock(),
    )


async def said(intake: House, mine: Applied, source: str, **options: Any) -> int | None:
    parts = intake.parts
    return await say(
        mine.id,
        accepted(intake),
        kind=InvitationAnswered,
        source=source,
        store=parts.store,
        vault=parts.vault,
        signer=parts.signer,
        programme=parts.programme,
        now=intake.clock(),
        **options,
    )


async def state_of(intake: House, mine: Applied) -> ApplicationState:
    application = await intake.parts.store.application(mine.id)
    assert application is not None
    return application.state


async def test_what_is_said_is_told_with_its_number(intake: House) -> None:
    """The event carries the whole application with it, people with their links, and the next thing has the next number."""
    mine = await admitted(intake)
    assert [await said(intake, mine, "mail-1"), await said(intake, mine, "mail-2")] == [1, 2]
    last = intake.events(mine.id)[-1]
    told = read_event(last.envelope, last.body)
    assert isinstance(told, InvitationAnswered)
    assert [one.number for one in told.application.said] == [1, 2]
    assert told.application.said_count == 2
    assert (await intake.people(last))["leader"].links["status"]


async def test_a_source_says_nothing_twice(intake: House) -> None:
    """A mail that is taken in again after a crash has the number of the first time, and nothing new is told."""
    mine = await admitted(intake)
    assert [await said(intake, mine, source) for source in ("mail", "other", "mail")] == [1, 2, 1]
    assert (await state_of(intake, mine)).said_count == 2
    assert len([one for one in intake.events(mine.id) if one.envelope.type == InvitationAnswered.type]) == 2


async def test_twenty_who_speak_at_once_are_all_heard(intake: House) -> None:
    """Each has a number of its own, in the order in which they stand in the application."""
    mine = await admitted(intake)
    numbers = await asyncio.gather(*(said(intake, mine, f"mail-{each}") for each in range(SAYERS)))
    assert sorted(one for one in numbers if one) == list(range(1, SAYERS + 1))
    assert [one.number for one in (await state_of(intake, mine)).said] == list(range(1, SAYERS + 1))


async def test_the_same_mail_taken_in_by_many_at_once_says_it_once(intake: House) -> None:
    """Several processes may hold the same mail."""
    mine = await admitted(intake)
    numbers = await asyncio.gather(*(said(intake, mine, "mail") for _ in range(SAYERS)))
    assert set(numbers) == {1}
    assert (await state_of(intake, mine)).said_count == 1


async def test_the_newest_are_kept(intake: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """An application does not grow with every mail; the numbers go on."""
    mine = await admitted(intake)
    monkeypatch.setattr("services.intake.say.SAID_KEPT_MAX", 3)
    assert SAID_KEPT_MAX > 3
    for each in range(5):
        await said(intake, mine, f"mail-{each}")
    state = await state_of(intake, mine)
    assert [one.number for one in state.said] == [3, 4, 5]
    assert state.said_count == 5


async def test_a_withdrawn_application_is_told_nothing(intake: House) -> None:
    """Nor one that is not there, that waits, or that was erased: no number, and no event."""
    mine = await admitted(intake)
    browser = Browser(intake)
    await browser.open(f"/s/{mine.token}")
    await browser.open(f"{mine.page}/withdraw")
    await browser.press("withdraw")
    erased = await admitted(intake)
    await intake.parts.vault.erase(application_key(erased.id))
    waiting = await applied(intake)
    nowhere = Applied("00000000-0000-7000-8000-000000000000", "", "")
    before = len(intake.published)
    assert [await said(intake, one, "mail") for one in (mine, waiting, nowhere)] == [None] * 3
    assert len(intake.published) == before


async def test_who_is_refused_is_not_heard(intake: House) -> None:
    """The rule is asked within the guarded change; what was said before stays said."""
    mine = await admitted(intake)
    await said(intake, mine, "mail")

    def refuse(state: ApplicationState) -> None:
        if state.said_count:
            raise TooManyError(60)

    with pytest.raises(TooManyError):
        await said(intake, mine, "other", refuse=refuse)
    assert await said(intake, mine, "mail", refuse=refuse) == 1
