"""An office where changes of courses wait for a minute, with a clock that stands still until a test moves it."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from services.notifier.desk import Desk
from services.notifier.message import MailContent, mail_place
from services.notifier.planned import COORDINATORS
from shared.events import CourseRebooked, CourseState
from shared.sealing import Sealed
from tests.notifier_office import Office, now
from tests.notifier_samples import application_id, course, meeting

BOOKED = Counter({"course_booked": 3, "invite": 6})
QUIET = timedelta(seconds=60)


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = now().replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Later:
    """An office where changes wait for a minute, and a course of its own for each test."""

    def __init__(self, office: Office, number: int) -> None:
        self.office, self.clock, self.of = office, Clock(), application_id(number)
        office.desk = self.desk()

    def desk(self, **changes: Any) -> Desk:
        """Of this process, or of another one on the same database."""
        fields = {name: getattr(self.office.desk, name) for name in Desk.__dataclass_fields__}
        return Desk(**fields | {"clock": self.clock, "quiet": QUIET} | changes)

    async def tell(self, state: CourseState, *, sequence: int, kind: type[Any] = CourseRebooked) -> None:
        assert await self.office.tell_event(*await self.office.event(state, sequence=sequence, kind=kind)) == "handled"

    async def told(self) -> Counter[str]:
        """How many mails of each kind were planned for this course."""
        rows = await self.office.rows.find({"application_id": self.of}).to_list(None)
        return Counter(row["kind"] for row in rows)

    async def waits(self) -> bool:
        return "settles_at" in await self.office.view_rows.find_one({"_id": self.of})

    def booked(self, *moves: int, **changes: Any) -> CourseState:
        """The course with its meetings moved so many times."""
        meetings = tuple(meeting(place, of=self.of, moves=moved) for place, moved in enumerate(moves or (0, 0)))
        return course(of=self.of, **{"meetings": meetings, **changes})


async def content_of(later: Later, key: str, kind: str) -> MailContent:
    """The newest mail of this kind to this person."""
    who = f"{later.of}-{key}" if key != COORDINATORS else key
    rows = await later.office.rows.find({"application_id": later.of, "person_id": who, "kind": kind}).to_list(None)
    newest = max(rows, key=lambda row: row["sequence"])
    sealed = Sealed.model_validate(newest["mail"])
    return await later.office.vault.unseal(sealed, MailContent, place=mail_place(newest["_id"]))


async def text_of(later: Later, key: str, kind: str) -> str:
    return " ".join((await content_of(later, key, kind)).text.split())
