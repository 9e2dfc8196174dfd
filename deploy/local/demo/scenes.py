"""The answers of the demo that change something, one scene each: what is sent, and how staff see that it has happened. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from deploy.local.demo.answering import Person
from deploy.local.demo.outcome import Happening, Told
from deploy.local.demo.people import JSON, RefusedError

SUNDAY = 6


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Somebody's answer to one meeting of a course; `proposed` where it names another time. `place` is the meeting's in the course."""

    happening: Happening
    who: Person
    course: JSON
    place: int
    proposed: datetime | None = None

    @property
    def meeting(self) -> JSON:
        found: JSON = self.course["meetings"][self.place]
        return found

    def has_happened(self, courses: Mapping[str, JSON]) -> bool:
        now = courses[self.course["application_id"]]
        if self.happening == "repaired":
            return now["cause"] == "consultant_declined" and now["stall"] is None
        if self.happening == "declined":
            return any(one["meeting_id"] == self.meeting["meeting_id"] for one in now["declined_counters"])
        return bool(datetime.fromisoformat(_same(now, self.meeting)["start"]) == self.proposed)

    def told(self, courses: Mapping[str, JSON]) -> Told:
        now = courses[self.course["application_id"]]
        return Told(
            happening=self.happening,
            who=self.who.name,
            program=self.who.program,
            meeting=self.place,
            before=self.course,
            now=now,
        )


def nearest_other(places: Sequence[JSON], meeting: JSON) -> datetime:
    """The possible start that is nearest to the meeting's own. RefusedError: there is none."""
    own = datetime.fromisoformat(meeting["start"])
    others = [datetime.fromisoformat(one["instant"]) for one in places if not one["present"]]
    if not others:
        raise RefusedError("a meeting of the demo has no other possible time")
    return min(others, key=lambda one: abs(one - own))


def sunday_after(meeting: JSON) -> datetime:
    own = datetime.fromisoformat(meeting["start"])
    return own + timedelta(days=SUNDAY - own.weekday())


def _same(course: JSON, meeting: JSON) -> JSON:
    found: JSON = next(one for one in course["meetings"] if one["meeting_id"] == meeting["meeting_id"])
    return found
