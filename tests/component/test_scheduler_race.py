"""Two hundred writers want the same consultants at the same times: nothing is ever held twice, nobody is forgotten."""

import asyncio
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace

from services.scheduler.follow_application import follow_application
from services.scheduler.grains import claim_key, grains_between
from services.scheduler.means import Means
from services.scheduler.save_consultant import save_consultant
from services.scheduler.store import Store
from services.scheduler.upkeep import count_overlaps, refresh
from services.scheduler.waitlist import retry_waiting
from shared import mongo
from shared.envelope import Envelope
from shared.errors import DependencyDownError
from shared.events import ApplicationEvent
from shared.programme import Programme
from tests.embedded import Embedded
from tests.factories import spark
from tests.scheduler_samples import Office, roster_entry

CLIENTS = 8
TRIES_MAX = 50


async def test_two_hundred_writers_never_share_a_half_hour(stack: Embedded) -> None:
    """Two places for two hundred, who all begin with the same plan: one wins each, the others go on or wait."""
    assert await _race(stack, writers=200, consultants=2, places_each=1) == {"booked": 2, "waiting": 198}


async def test_losers_take_the_next_best(stack: Embedded) -> None:
    """With places enough everybody ends with a course of her own, at times that nobody else has."""
    assert await _race(stack, writers=16, consultants=2, places_each=8) == {"booked": 16}


async def _race(stack: Embedded, *, writers: int, consultants: int, places_each: int) -> Counter[str]:
    """Let all writers book at once, each with the same stale picture; check that nothing is held twice."""
    with ExitStack() as closing:
        clients = [mongo.connect(stack.mongodb, app_name="race") for _ in range(CLIENTS)]
        for client in clients:
            closing.callback(client.close)
        office = await Office(clients[0], programme=_short_courses()).open()
        for number in range(consultants):
            await save_consultant(roster_entry(f"c{number}", max_courses=places_each), means=office.means)
        applications = [await office.application(f"a{number:03}") for number in range(writers)]
        stores = [Store(client[office.name]) for client in clients]
        everybody = [replace(office.new_means(), store=stores[number % CLIENTS]) for number in range(writers)]
        for means in everybody:
            await refresh(means=means)
            # As every process does when it starts; nobody waits yet.
            await retry_waiting(means=means)
        outcomes = await asyncio.gather(
            *(_until_decided(one, means) for one, means in zip(applications, everybody, strict=True))
        )
        assert Counter(outcomes) == {"handled": writers}
        await _assert_nothing_is_shared(office)
        return Counter(stored.course.state for stored in await office.store.list_courses())


def _short_courses() -> Programme:
    """Two meetings instead of four: as much to fight about, and less to write."""
    programme = spark()
    plan = programme.plans["single"]
    short = plan.model_copy(update={"meetings": plan.meetings[:2]})
    return programme.model_copy(update={"plans": {"single": short}})


async def _assert_nothing_is_shared(office: Office) -> None:
    courses = [stored.course for stored in await office.store.list_courses()]
    # Counted here from the told times alone, not through the scheduler's own check.
    met = Counter(
        claim_key(course.consultant_id or "", grain)
        for course in courses
        for meeting in course.meetings
        for grain in grains_between(meeting.start, meeting.end)
    )
    held = Counter(key for of_one in (await office.store.held()).values() for keys in of_one.values() for key in keys)
    assert max(met.values()) == 1
    assert max(held.values()) == 1
    assert met.keys() <= held.keys()
    found = await count_overlaps(means=office.means)
    assert (found.overlapping, found.unclaimed) == (0, 0)


async def _until_decided(application: tuple[ApplicationEvent, Envelope], means: Means) -> str:
    """As the consumer does: what lost too many races is tried again."""
    for _ in range(TRIES_MAX):
        try:
            return await follow_application(*application, means=means)
        except DependencyDownError:
            continue
    return "never decided"
