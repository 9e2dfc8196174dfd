"""What the scheduler makes of a decline equals the slow matcher's repair of an instance that is written here from the roster."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from services.scheduler.course import Course
from services.scheduler.follow_application import follow_application
from services.scheduler.roster import RosterEntry
from services.scheduler.save_consultant import save_consultant
from shared import mongo
from shared.reference.municipalities import load_municipalities
from shared.reference.travel import travel_minutes
from tests.answering import answer, course_of
from tests.embedded import Embedded
from tests.scheduler_samples import AARHUS, COPENHAGEN, NOW, ODENSE, Office, roster_entry
from tests.slow_matcher import solve

Raw = dict[str, Any]
Busy = list[tuple[str, str, str]]
"""Who cannot meet, "workplace" or an id, from one wall time to another."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
FIRST = "first-meeting"
COURSES = ("a1", "a2")


@pytest.fixture
async def office(stack: Embedded) -> AsyncIterator[Office]:
    client = mongo.connect(stack.mongodb, app_name="test")
    yield await Office(client).open()
    client.close()


@pytest.mark.parametrize("seed", range(4))
async def test_a_repair_is_that_of_the_slow_matcher(office: Office, seed: int) -> None:
    """Consultants and workplaces decline one meeting after the other, beside a second course that has its own."""
    rng = Random(seed)
    roster = people(rng)
    for one in roster:
        await save_consultant(one, means=office.means)
    for course_id in COURSES:
        await follow_application(*await office.application(course_id), means=office.means)
    busy: Busy = []
    for _ in range(2):
        course = await course_of(office)
        if course.state != "booked" or course.stall is not None:
            break
        meeting = rng.choice(course.sittings)
        by_workplace = rng.random() < 0.4
        who = "workplace" if by_workplace else course.consultant_id or ""
        busy.append((who, meeting.wall_start, wall(office, meeting.end)))
        expected = solve(instance(office, roster, course, busy, await others_claims(office)))
        for person in course.request.contacts if by_workplace else [who]:
            course = await answer(office, person, "DECLINED", code=meeting.code)
        if expected["status"] == "none":
            assert course.stall is not None
        else:
            assert course.stall is None
            found = (course.consultant_id, [one.wall_start for one in course.sittings])
            assert found == (expected["consultant"], expected["starts"])


def people(rng: Random) -> list[RosterEntry]:
    """Each works on one morning a week, so that the slow matcher has few starts to try, and is away for some weeks."""
    found = []
    for name in ("anne", "bo", "cam"):
        away = NOW.date() + timedelta(days=rng.randint(0, 250))
        found.append(
            roster_entry(
                name,
                municipality=rng.choice((ODENSE, AARHUS, COPENHAGEN)),
                hours={day: [["08:30", "12:30"]] for day in [rng.choice(WEEKDAYS)]},
                leave=[{"first": away, "last": away + timedelta(days=rng.randint(5, 60))}],
            )
        )
    return found


def instance(office: Office, roster: list[RosterEntry], course: Course, busy: Busy, others: Busy) -> Raw:
    """The question about the booked course, in the file format; `others` is what the other course holds."""
    programme, window, today = office.programme, course.window, NOW.date()
    planned = {one.code: one for one in programme.plans["single"].meetings}
    too_early = [today + timedelta(days=number) for number in range((window.earliest - today).days)]
    too_late = [window.latest_start + timedelta(days=number) for number in range(1, 300)]
    site = {"hours": week(programme.workplace_hours), "unavailable": of("workplace", busy)}
    meetings = []
    for number, one in enumerate(course.sittings):
        gap = planned[one.code].gap_days
        place = FIRST if number == 0 else one.place
        days = None if gap is None else gap.model_dump()
        meetings.append({"code": one.code, "minutes": one.minutes, "place": place, "gap_days": days})
    return {
        "zone": programme.zone,
        "earliest": str(today),
        "latest": str(window.latest),
        "closed_days": [str(day) for day in programme.closed_days(today, window.latest, municipalities={ODENSE})],
        "travel_hours": list(programme.matching.travel_hours),
        "setup_minutes": programme.matching.setup_minutes,
        "themes": ["samarbejde"],
        "sector": "jobcenter",
        "workplace": {**site, "preferred_hours": list(programme.matching.preferred_hours or ()), "avoid_weekdays": []},
        "venues": {FIRST: {**site, "closed_days": [str(day) for day in (*too_early, *too_late)]}},
        "meetings": meetings,
        "consultants": [
            raw(one, [*busy, *others], active=any(who == one.id for who, _, _ in others)) for one in roster
        ],
        "weights": programme.matching.weights.model_dump(),
        "booked": {
            "consultant": course.consultant_id,
            "second": None,
            "starts": [one.wall_start for one in course.sittings],
        },
        "now": wall(office, NOW),
    }


def raw(one: RosterEntry, busy: Busy, *, active: bool) -> Raw:
    home, odense = load_municipalities().get(one.municipality), load_municipalities().get(ODENSE)
    leave = [[f"{each.first}T00:00", f"{each.last}T24:00"] for each in one.leave]
    return {
        "id": one.id,
        "themes": list(one.themes),
        "sectors": list(one.sectors),
        "hours": week(one.hours),
        "unavailable": [*leave, *of(one.id, busy)],
        "travel_minutes": travel_minutes(home, odense),
        "active_courses": int(active),
        "max_courses": one.max_courses,
        "blocked": False,
    }


async def others_claims(office: Office) -> Busy:
    """Every half hour that the other course holds."""
    found = []
    for key in await office.store.claims("a2"):
        who, mark, begin = key.partition("|")
        if mark:
            instant = datetime.fromisoformat(begin)
            found.append((who, wall(office, instant), wall(office, instant + timedelta(minutes=30))))
    return found


def of(who: str, busy: Busy) -> list[list[str]]:
    return [[begin, end] for one, begin, end in busy if one == who]


def week(hours: Any) -> Raw:
    return {day: [list(each) for each in found] for day, found in hours.by_weekday().items()}


def wall(office: Office, instant: datetime) -> str:
    return f"{instant.astimezone(office.programme.tz):%Y-%m-%dT%H:%M}"
