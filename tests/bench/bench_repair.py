"""Milliseconds to repair one booked course out of a thousand after its consultant said no: the decision alone, and the whole change.

A roster over the whole country holds them on a real database. Each of `DECLINES` courses loses its consultant at one meeting to
come. The decision is the question, the search and the plan of the write; the change is all of `hear`: read, decided, written
under version and claims, with its event. The baseline beside it reads the same document and writes it back under its version, bare.
The decision computes in one thread and waits for nothing: its time is that of the processor, which is that of the clock where nothing
else runs. The other two are told by the clock.
"""

import asyncio
import gc
import statistics
import time
from collections.abc import Sequence
from random import Random
from typing import Any

import structlog

from services.scheduler.answer import plan_answer
from services.scheduler.course import Course
from services.scheduler.follow_application import follow_application
from services.scheduler.guarded_change import read_before
from services.scheduler.hear import hear
from services.scheduler.leisure import Leisure
from services.scheduler.save_consultant import save_consultant
from services.scheduler.store import course_fields
from shared import mongo
from shared.outbox import change
from shared.reference.municipalities import load_municipalities
from shared.said import CalendarAnswer
from tests.bench.system import percentile, running_system
from tests.scheduler_samples import Office, matter_of, roster_entry

COURSES, CONSULTANTS, DECLINES = 1000, 100, 200
PLACES = 12
P99_MS_MAX = 50.0
"""What a decision may take; the ratio is that of the measured 99th percentile to it."""


def measure() -> dict[str, Any]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    with running_system() as system:
        return asyncio.run(_measure(system.mongodb))


async def _measure(mongodb: str) -> dict[str, Any]:
    client = mongo.connect(mongodb, app_name="bench")
    office = await Office(client, leisure=_no_leisure()).open()
    rng = Random(0)
    booked = await _book(office, rng)
    decision: list[float] = []
    whole: list[float] = []
    bare: list[float] = []
    outcomes: dict[str, int] = {}
    gc.collect()
    for course_id in rng.sample(booked, DECLINES):
        bare.append(await _written_back(office, course_id))
        said = _decline((await office.course(course_id)).course, rng)
        before = await read_before(course_id, means=office.means)
        begun = time.thread_time()
        planned = plan_answer(before, said, means=office.means)
        decision.append((time.thread_time() - begun) * 1000)
        begun = time.perf_counter()
        await hear(course_id, [said], means=office.means)
        whole.append((time.perf_counter() - begun) * 1000)
        name = "none" if planned.kind is None else planned.kind.__name__
        outcomes[name] = outcomes.get(name, 0) + 1
    client.close()
    return {
        "ratio": round(percentile(decision, 0.99) / P99_MS_MAX, 3),
        "goal": 1,
        "better": "lower",
        "figures": {
            "booked_courses": len(booked),
            "consultants": CONSULTANTS,
            "declines": outcomes,
            "decision_ms": _spread(decision),
            "whole_change_ms": _spread(whole),
            "bare_guarded_write_ms": _spread(bare),
            "whole_change_to_bare_write": round(statistics.median(whole) / statistics.median(bare), 2),
        },
    }


def _no_leisure() -> Leisure:
    """What would have changed a booking is not what is measured here: no time is left for it, and none passes."""
    leisure = Leisure(lambda: 0.0)
    leisure.spend(1.0)
    return leisure


async def _book(office: Office, rng: Random) -> list[str]:
    """Courses all over the country, each booked by the scheduler itself."""
    towns = [one.code for one in load_municipalities()]
    anybody = roster_entry("k", max_courses=PLACES)
    for number in range(CONSULTANTS):
        entry = anybody.model_copy(update={"id": f"k{number:03}", "municipality": rng.choice(towns)})
        await save_consultant(entry, means=office.means)
    booked = []
    for number in range(COURSES):
        town = rng.choice(towns)
        application = await office.application(f"b{number:04}", municipality=town, matter=matter_of(municipality=town))
        await follow_application(*application, means=office.means)
        if (await office.course(f"b{number:04}")).course.state == "booked":
            booked.append(f"b{number:04}")
    return booked


def _decline(course: Course, rng: Random) -> CalendarAnswer:
    meeting = rng.choice(course.sittings)
    return CalendarAnswer(
        number=course.heard + 1,
        meeting_id=meeting.meeting_id,
        person_id=course.consultant_id or "",
        partstat="DECLINED",
        sequence=meeting.sequence,
        dtstamp=course.decided_at,
        at=course.decided_at,
    )


async def _written_back(office: Office, course_id: str) -> float:
    """Milliseconds to read a document and write all of its fields under its version, with neither decision nor event."""
    begun = time.perf_counter()
    stored, claims = await office.course(course_id), await office.store.claims(course_id)
    fields = course_fields(stored.course, seen=stored.seen, claims=claims)
    written = await office.store.change_course(course_id, stored.version, change(now=office.clock(), fields=fields))
    if written is None:
        raise AssertionError("nobody else writes here")
    return (time.perf_counter() - begun) * 1000


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {name: round(percentile(values, share), 2) for name, share in (("p50", 0.5), ("p99", 0.99), ("max", 1.0))}
