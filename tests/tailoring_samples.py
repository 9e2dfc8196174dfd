"""Changes of a course's plan at random, as raw values of the act."""

import random
from datetime import datetime
from typing import Any

from services.scheduler.course import Course

HALL = {
    "name": "Vandrerhjemmet",
    "street": "Strandvej 1",
    "postal_code": "5500",
    "town": "Middelfart",
    "municipality": "410",
}


def tailor_act(course: Course, now: datetime, dice: random.Random) -> dict[str, Any]:
    """One or two changes, now and then of a meeting that is past or dropped by the change before."""
    codes = [one.code for one in course.sittings if one.start > now or dice.random() < 0.1] or ["opening"]
    changes = [_change(dice.choice(codes), codes, dice) for _ in range(dice.choice([1, 1, 2]))]
    return {"kind": "tailor", "changes": changes, "same_consultant": dice.random() < 0.5}


def _change(code: str, codes: list[str], dice: random.Random) -> dict[str, Any]:
    kind = dice.choice(["drop", "add", "add", "join", "minutes", "place", "gap"])
    if kind in ("drop", "join"):
        return {"change": kind, "meeting": code}
    least = dice.choice([7, 14])
    gap = {"min": least, "ideal": least + dice.randint(0, 14), "max": least + 28}
    place = dice.choice([{"at": "online"}, {"at": "place", "number": 0}, {"at": "venue", "venue": HALL}])
    minutes = dice.choice([60, 120, 180, 240])
    if kind == "add":
        what = dice.choice(["meeting", "follow_up", "planning", "workshop"])
        after = dice.choice(codes)
        return {"change": "add", "after": after, "kind": what, "minutes": minutes, "place": place, "gap": gap}
    values = {"minutes": {"minutes": minutes}, "place": {"place": place}, "gap": {"gap": gap}}[kind]
    return {"change": "alter", "meeting": code, **values}
