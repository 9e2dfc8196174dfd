"""Meetings to come whose stored instant is no longer their wall time, under the time zone rules of today. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.scheduler.course import BookedMeeting, Course


@dataclass(frozen=True, slots=True)
class OffWall:
    """A meeting that people agreed to hold at `wall_start`, which was the instant `stored`.

    `today` is the instant that today's rules make of it; None where they skip that wall time.
    """

    course_id: str
    reference: str
    meeting_id: str
    code: str
    zone: str
    wall_start: str
    stored: datetime
    today: datetime | None

    def as_json(self) -> dict[str, Any]:
        return {
            "course": self.course_id,
            "reference": self.reference,
            "meeting": self.meeting_id,
            "code": self.code,
            "zone": self.zone,
            "wall_start": self.wall_start,
            "stored": self.stored.astimezone(UTC).isoformat(),
            "today": None if self.today is None else self.today.isoformat(),
        }


def off_wall(courses: Iterable[Course], now: datetime) -> Iterator[OffWall]:
    """In the order of the courses and their meetings; what has begun under the old rules took place."""
    for course in courses:
        for meeting in course.sittings:
            if course.state == "booked" and meeting.start > now and not agrees(meeting):
                yield OffWall(
                    course_id=course.application_id,
                    reference=course.request.reference,
                    meeting_id=meeting.meeting_id,
                    code=meeting.code,
                    zone=meeting.zone,
                    wall_start=meeting.wall_start,
                    stored=meeting.start,
                    today=_first(meeting),
                )


def agrees(meeting: BookedMeeting) -> bool:
    """Whether the instant has that wall time; of an hour that comes twice, either is right."""
    wall = datetime.fromisoformat(meeting.wall_start)
    return meeting.start.astimezone(ZoneInfo(meeting.zone)).replace(tzinfo=None) == wall


def _first(meeting: BookedMeeting) -> datetime | None:
    wall = datetime.fromisoformat(meeting.wall_start)
    instant = wall.replace(tzinfo=ZoneInfo(meeting.zone)).astimezone(UTC)
    back = instant.astimezone(ZoneInfo(meeting.zone)).replace(tzinfo=None)
    return instant if back == wall else None
