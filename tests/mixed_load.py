"""One process of a mixed load on a scheduler's database: books, moves, hands over, puts back, withdraws, enters leave, answers.

Run as `python -m tests.mixed_load MONGODB NAME NUMBER THINGS`, with the master key in MIXED_LOAD_KEY; prints what came of it as JSON.
"""

import asyncio
import json
import os
import random
import sys
from collections import Counter
from dataclasses import replace
from typing import Any

import structlog

from services.scheduler.act_on_course import act_on_course
from services.scheduler.acts import Order, possible_acts
from services.scheduler.course import Course
from services.scheduler.course_change import Impossible
from services.scheduler.follow_application import follow_application
from services.scheduler.guarded_change import Done, read_before
from services.scheduler.hear import hear
from services.scheduler.mending import Mending
from services.scheduler.move_meeting import meeting_places
from services.scheduler.roster import RosterChange
from services.scheduler.save_consultant import change_consultant
from services.scheduler.waitlist import WaitingList
from shared import mongo
from shared.errors import DependencyDownError
from shared.said import CalendarAnswer
from shared.staff.staff import Staff
from tests.scheduler_samples import Office

KIRSTEN = Staff(account="kirsten", role="coordinator")
CONSULTANTS = ("c1", "c2", "c3", "c4")
ACTS = {"pin", "unpin", "exclude", "include", "move", "put_back", "try_again"}
MOVES = 0.4
"""Of the acts on booked courses."""
MANY = 80
"""Participants enough for two consultants."""


class Worker:
    """Does one thing after the other, chosen by its own dice, to whatever courses there are."""

    def __init__(self, office: Office, number: int) -> None:
        self._office, self._number = office, number
        self._dice = random.Random(number)
        self._applied = 0
        self.waiting_list, self.mending = WaitingList(), Mending()
        self.means = replace(office.means, try_waiting=self._opened, check_courses_of=self.mending.check)
        self.done: Counter[str] = Counter()

    def _opened(self) -> None:
        self.mending.wake()
        self.waiting_list.wake()

    async def run(self, things: int) -> None:
        for _ in range(things):
            kind = self._dice.choices(("apply", "act", "answer", "withdraw", "leave"), (5, 8, 4, 1, 2))[0]
            try:
                outcome = await getattr(self, f"_{kind}")()
            except DependencyDownError as error:
                outcome = f"{kind} put off: {error}"
            self.done[outcome] += 1

    async def _apply(self) -> str:
        self._applied += 1
        application_id = f"w{self._number}-{self._applied:03}"
        application = await self._office.application(application_id, participants=self._dice.choice((24, MANY)))
        return f"apply {await follow_application(*application, means=self.means)}"

    async def _act(self) -> str:
        courses = [one.course for one in await self._office.store.list_courses() if one.course.state != "cancelled"]
        if not courses:
            return "nothing to act on"
        before = await read_before(self._dice.choice(courses).application_id, means=self.means)
        kinds = sorted(possible_acts(before.course, before.now) & ACTS)
        if not kinds:
            return "nothing to act on"
        kind = "move" if "move" in kinds and self._dice.random() < MOVES else self._dice.choice(kinds)
        values: dict[str, Any] = {"kind": kind}
        if kind in ("pin", "exclude", "include"):
            values["consultant"] = self._dice.choice(CONSULTANTS)
        if kind == "move":
            meeting = self._dice.choice(before.course.sittings)
            places = meeting_places(before, meeting.meeting_id, means=self.means)
            if isinstance(places, Impossible) or not places:
                return "no place"
            values |= {"meeting": meeting.meeting_id, "start": self._dice.choice(places).start}
        order = Order.model_validate({"act": values, "reason": "Mange ting på én gang."})
        outcome = await act_on_course(before.course.application_id, order, staff=KIRSTEN, means=self.means)
        return f"{kind} {'done' if isinstance(outcome, Done) else outcome.code}"

    async def _answer(self) -> str:
        booked = await self._booked()
        if not booked:
            return "nothing to answer"
        course = self._dice.choice(booked)
        meeting = self._dice.choice(course.sittings)
        person = self._dice.choice([one for one in meeting.tokens if meeting.attends(one)])
        partstat = self._dice.choice(("ACCEPTED", "DECLINED", "DECLINED", "TENTATIVE"))
        said = CalendarAnswer(
            number=course.heard + 1,
            meeting_id=meeting.meeting_id,
            person_id=person,
            partstat=partstat,
            sequence=meeting.sequence,
            dtstamp=self.means.clock(),
            at=self.means.clock(),
        )
        await hear(course.application_id, [said], means=self.means)
        return f"answer {partstat}"

    async def _booked(self) -> list[Course]:
        return [one.course for one in await self._office.store.list_courses() if one.course.state == "booked"]

    async def _withdraw(self) -> str:
        booked = await self._booked()
        if not booked:
            return "nothing to withdraw"
        application_id = self._dice.choice(booked).application_id
        withdrawn = await self._office.application(application_id, state="withdrawn", sequence=9)
        return f"withdraw {await follow_application(*withdrawn, means=self.means)}"

    async def _leave(self) -> str:
        first = f"2027-0{self._dice.randint(1, 9)}-0{self._dice.randint(1, 9)}"
        change = RosterChange.model_validate({"leave": [{"first": first, "last": first}]})
        return f"leave {await change_consultant(self._dice.choice(CONSULTANTS), change, means=self.means)}"


async def main(mongodb: str, name: str, number: int, things: int) -> None:
    """Do so many things."""
    client = mongo.connect(mongodb, app_name="mixed-load")
    office = await Office(client, name=name, master_key=os.environ["MIXED_LOAD_KEY"]).open()
    worker = Worker(office, number)
    serving = [asyncio.create_task(one.run(worker.means)) for one in (worker.waiting_list, worker.mending)]
    await worker.run(things)
    for one in serving:
        one.cancel()
    await asyncio.gather(*serving, return_exceptions=True)
    client.close()
    print(json.dumps(worker.done))


if __name__ == "__main__":
    structlog.configure(
        processors=[structlog.processors.JSONRenderer()], logger_factory=structlog.WriteLoggerFactory(sys.stderr)
    )
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
