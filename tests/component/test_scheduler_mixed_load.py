"""Several processes book, move, hand over, put back and withdraw at once: no consultant's half hour is ever held twice."""

import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from services.scheduler.follow_application import follow_application
from services.scheduler.mend_courses import check_courses
from services.scheduler.save_consultant import save_consultant
from services.scheduler.upkeep import count_overlaps
from shared import mongo
from shared.mongo import Document
from tests.embedded import Embedded
from tests.mixed_load import CONSULTANTS, MANY
from tests.scheduler_samples import Office, roster_entry

PROCESSES = 3
THINGS = 20
"""Done by each process."""
PLACES = 5


async def test_under_mixed_load_nothing_is_held_twice_and_nothing_is_unclaimed(stack: Embedded) -> None:
    """Counted here from the stored documents, in another way than the scheduler's gauge, which must be 0 as well."""
    client = mongo.connect(stack.mongodb, app_name="test")
    office = await Office(client).open()
    for who in CONSULTANTS:
        await save_consultant(roster_entry(who, max_courses=PLACES), means=office.means)
    await follow_application(*await office.application("large", participants=MANY), means=office.means)
    assert (await office.course("large")).course.second_id, "seconds are held, too"
    environment = {**os.environ, "MIXED_LOAD_KEY": office.master_key}
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.mixed_load", stack.mongodb, office.name, str(number), str(THINGS)),
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        for number in range(PROCESSES)
    ]
    printed = await asyncio.gather(*(one.communicate() for one in processes))
    assert [one.returncode for one in processes] == [0] * PROCESSES
    done: Counter[str] = Counter()
    for stdout, _ in printed:
        done.update(json.loads(stdout))
    assert done["apply handled"], done
    assert done["answer DECLINED"], done
    # How often the others succeed depends on who comes first.
    others = ("move done", "pin done", "withdraw handled", "put_back done", "leave changed")
    assert sum(bool(done[kind]) for kind in others) >= len(others) - 2, done

    courses = await office.store.courses.find({}).to_list(None)
    assert twice(key for one in courses for key in one.get("claims", ())) == []
    assert twice(half_hour for one in courses for half_hour in told(one)) == []
    # At the end all that is in doubt is known to be: by the loops of the processes, or by this last look.
    await check_courses(means=office.means)
    courses = await office.store.courses.find({}).to_list(None)
    assert any(one["heard"] for one in courses)
    for one in courses:
        if one["state"] == "booked":
            assert told(one) <= set(one["claims"]), "each half hour of a meeting is its own course's"
        else:
            assert "claims" not in one
    leading = Counter(
        who for one in courses for who in (one["consultant_id"], one["second_id"]) if one["state"] == "booked"
    )
    assert max(leading[who] for who in CONSULTANTS) <= PLACES
    found = await count_overlaps(means=office.means)
    assert (found.overlapping, found.unclaimed) == (0, 0)
    client.close()


def told(course: Document) -> set[str]:
    """Every half hour in which a consultant was told to be at a meeting of this course that is in no doubt."""
    if course["state"] != "booked":
        return set()
    half_hours = set()
    in_doubt = (course["stall"] or {"meetings": []})["meetings"]
    for meeting in course["meetings"]:
        if meeting["meeting_id"] in in_doubt:
            continue
        consultants = set(meeting["tokens"]) - set(meeting["uninvited"]) - set(course["request"]["contacts"])
        start = datetime.fromisoformat(meeting["start"]).astimezone(UTC)
        if meeting["status"] == "confirmed":
            assert consultants
            for number in range(meeting["minutes"] // 30):
                at = start + timedelta(minutes=30 * number)
                half_hours |= {f"{who}|{at:%Y-%m-%dT%H:%MZ}" for who in consultants}
    return half_hours


def twice(keys: Iterable[str]) -> list[str]:
    return [key for key, count in Counter(keys).items() if count > 1]
