"""The waiting list is fair: whatever comes in what order, nobody who waits is passed over by a younger application."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable
from contextlib import suppress
from dataclasses import replace

import pytest

from services.scheduler.act_on_course import act_on_course
from services.scheduler.acts import Order
from services.scheduler.follow_application import follow_application
from services.scheduler.means import Means
from services.scheduler.roster import RosterChange
from services.scheduler.save_consultant import change_consultant, save_consultant
from services.scheduler.waitlist import WaitingList
from shared import mongo
from shared.staff.staff import Staff
from tests.embedded import Embedded
from tests.polling import until
from tests.scheduler_samples import Office, roster_entry

KIRSTEN = Staff(account="kirsten", role="coordinator")
STEPS = 14


class House:
    """A scheduler whose waiting list runs; applications are alike, so that the number of places alone decides."""

    def __init__(self, office: Office, means: Means) -> None:
        self.office, self.means = office, means
        self.applications: list[str] = []
        self.places = 0

    async def state(self) -> dict[str, str]:
        """State by application, the oldest first."""
        stored = {one.course.application_id: one.course for one in await self.office.store.list_courses()}
        return {one: "held" if stored[one].held else stored[one].state for one in self.applications if one in stored}

    async def settled(self) -> None:
        """Every opening was offered to everybody who waits."""
        calendar = self.means.calendar
        await until(lambda: calendar.offered == calendar.openings, what="everybody who waits was tried")

    async def apply(self) -> None:
        application_id = f"a{len(self.applications):02}"
        application = await self.office.application(application_id)
        self.applications.append(application_id)
        assert await follow_application(*application, means=self.means) == "handled"

    async def open_place(self) -> None:
        self.places += 1
        await save_consultant(roster_entry(f"c{self.places:02}", max_courses=1), means=self.means)

    async def close_places(self) -> None:
        await change_consultant("c01", RosterChange(active=False), means=self.means)

    async def reopen(self) -> None:
        await change_consultant("c01", RosterChange(active=True), means=self.means)

    async def withdraw(self, application_id: str) -> None:
        withdrawn = await self.office.application(application_id, state="withdrawn", sequence=3)
        assert await follow_application(*withdrawn, means=self.means) == "handled"

    async def act(self, application_id: str, kind: str) -> None:
        order = Order.model_validate({"act": {"kind": kind}, "reason": "Efter samtale med arbejdspladsen."})
        await act_on_course(application_id, order, staff=KIRSTEN, means=self.means)


@pytest.fixture
async def house(stack: Embedded) -> AsyncIterator[House]:
    client = mongo.connect(stack.mongodb, app_name="test")
    office = await Office(client).open()
    waiting_list = WaitingList()
    means = replace(office.means, try_waiting=waiting_list.wake)
    running = asyncio.create_task(waiting_list.run(means))
    yield House(office, means)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    client.close()


@pytest.mark.parametrize("seed", [1, 2])
async def test_nobody_who_waits_is_passed_over_by_a_younger_one(house: House, seed: int) -> None:
    """Places open while applications come in, are withdrawn and put back: who is booked was always the oldest who waited."""
    dice = random.Random(seed)
    for _ in range(STEPS):
        before = await house.state()
        events = steps(house, before, dice)
        if dice.random() < 0.5:
            await asyncio.gather(*events)
        else:
            for event in events:
                await event
        await house.settled()
        after = await house.state()
        waiting = [one for one, state in after.items() if state == "waiting"]
        newly_booked = [one for one, state in after.items() if state == "booked" and before.get(one) != "booked"]
        passed_over = [
            (old, young) for old in waiting for young in newly_booked if old < young and before.get(old) == "waiting"
        ]
        assert passed_over == []
        free = house.places - sum(state == "booked" for state in after.values())
        assert not waiting or free <= 1, "a place is free (but for the one that may be closed), and somebody waits"
        house.office.clock.forward(1 / 1440)


def steps(house: House, state: dict[str, str], dice: random.Random) -> list[Awaitable[None]]:
    """What happens at once, or one right after the other; what comes in last."""
    booked = [one for one, its in state.items() if its == "booked"]
    held = [one for one, its in state.items() if its == "held"]
    chosen: list[Awaitable[None]] = []
    match dice.choice(["open", "withdraw", "put_back", "try_again", "close", "reopen"]):
        case "open":
            chosen.append(house.open_place())
        case "withdraw" if booked:
            chosen.append(house.withdraw(dice.choice(booked)))
        case "put_back" if booked:
            chosen.append(house.act(dice.choice(booked), "put_back"))
        case "try_again" if held:
            chosen.append(house.act(dice.choice(held), "try_again"))
        case "close" if house.places:
            chosen.append(house.close_places())
        case "reopen" if house.places:
            chosen.append(house.reopen())
    return [*chosen, house.apply()] if dice.random() < 0.7 else chosen


async def test_a_new_application_comes_after_those_who_wait_for_the_same_place(house: House) -> None:
    """The place opens and the new one comes in before the list has had its turn: it lets the older one go first."""
    await house.apply()
    await house.settled()
    await house.open_place()
    assert house.means.calendar.offered < house.means.calendar.openings
    await house.apply()
    assert await house.state() == {"a00": "booked", "a01": "waiting"}
