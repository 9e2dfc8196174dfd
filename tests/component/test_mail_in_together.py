"""What is said about one application at the same moment is one write and one event, and each of it is said once."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.intake.say_together import AT_ONCE_MAX, Saying, SayTogether
from shared.events import ApplicationState
from shared.said import CalendarAnswer
from tests.answer_samples import Booked, booked, declined
from tests.embedded import Embedded
from tests.intake_house import House, house, read_event, settings_for


@pytest.fixture(scope="module")
async def intake(stack: Embedded) -> AsyncIterator[House]:
    async with house(settings_for(mongodb=stack.mongodb)) as found:
        yield found


def together(intake: House) -> SayTogether:
    parts = intake.parts
    return SayTogether(
        store=parts.store, vault=parts.vault, signer=parts.signer, programme=parts.programme, clock=intake.clock
    )


def saying(intake: House, course: Booked, source: str) -> Saying:
    return Saying(make=lambda number: declined(intake, course, number=number), source=source)


def said(intake: House, course: Booked) -> list[int]:
    """The numbers that the last event tells."""
    event = intake.events(course.mine.id)[-1]
    return [one.number for one in read_event(event.envelope, event.body).application.said]


async def test_said_at_once_it_is_one_event(intake: House) -> None:
    """Ten answers, numbered in the order in which they were given."""
    course = await booked(intake)
    before, all_of_it = len(intake.events(course.mine.id)), together(intake)
    numbers = await asyncio.gather(
        *(all_of_it.say(course.mine.id, saying(intake, course, f"mail-{n}")) for n in range(10))
    )
    assert numbers == list(range(1, 11))
    assert len(intake.events(course.mine.id)) == before + 1
    assert said(intake, course) == numbers


async def test_no_event_tells_so_much_that_the_next_one_could_not_heal_its_loss(intake: House) -> None:
    """Many at once are several events; each tells what the one before told, too."""
    course = await booked(intake)
    before, all_of_it = len(intake.events(course.mine.id)), together(intake)
    count = AT_ONCE_MAX * 2 + 1
    await asyncio.gather(*(all_of_it.say(course.mine.id, saying(intake, course, f"mail-{n}")) for n in range(count)))
    assert len(intake.events(course.mine.id)) == before + 3
    assert said(intake, course) == list(range(2, count + 1))


async def test_a_source_says_nothing_twice(intake: House) -> None:
    """Neither in one write nor in a later one."""
    course = await booked(intake)
    all_of_it = together(intake)
    numbers = [
        *await asyncio.gather(*(all_of_it.say(course.mine.id, saying(intake, course, "mail")) for _ in range(3))),
        await all_of_it.say(course.mine.id, saying(intake, course, "mail")),
    ]
    assert numbers == [1, 1, 1, 1]
    assert said(intake, course) == [1]


async def test_what_is_refused_keeps_nothing_else_from_being_said(intake: House) -> None:
    """It is asked of the state with what is said before it in the same write."""
    course = await booked(intake)

    def refuse(state: ApplicationState) -> None:
        if any(isinstance(one, CalendarAnswer) for one in state.said):
            raise ZeroDivisionError

    all_of_it = together(intake)
    outcomes = await asyncio.gather(
        all_of_it.say(course.mine.id, saying(intake, course, "first")),
        all_of_it.say(course.mine.id, Saying(make=saying(intake, course, "").make, source="second", refuse=refuse)),
        all_of_it.say(course.mine.id, saying(intake, course, "third")),
        return_exceptions=True,
    )
    assert outcomes[0] == 1
    assert isinstance(outcomes[1], ZeroDivisionError)
    assert outcomes[2] == 2


async def test_two_processes_at_once_lose_nothing(intake: House) -> None:
    """The guard of the write keeps them apart."""
    course = await booked(intake)
    processes = [together(intake) for _ in range(4)]
    numbers = await asyncio.gather(
        *(
            process.say(course.mine.id, saying(intake, course, f"mail-{index}-{n}"))
            for index, process in enumerate(processes)
            for n in range(5)
        )
    )
    assert sorted(number or 0 for number in numbers) == list(range(1, 21))


async def test_about_nothing_nothing_is_said(intake: House) -> None:
    """An application that is not there."""
    course = await booked(intake)
    assert await together(intake).say("nowhere", saying(intake, course, "mail")) is None
