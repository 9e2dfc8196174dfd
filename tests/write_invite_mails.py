"""Writes the calendar mails of each kind that the notifier sends for one fixed course: python -m tests.write_invite_mails."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.scheduler.course import TurnedDown
from shared.course_facts import PossibleStart
from tests.course_story import LEADER, NOW, Sent, Story

FOLDER = Path(__file__).parent / "samples" / "invite_mails"
TIMES = {
    "winter": datetime(2027, 1, 12, 8, 0, tzinfo=UTC),
    "summer": datetime(2027, 6, 15, 8, 0, tzinfo=UTC),
    "spring_change": datetime(2027, 3, 28, 1, 30, tzinfo=UTC),
    "autumn_change": datetime(2027, 10, 31, 0, 30, tzinfo=UTC),
    "in_2040": datetime(2040, 6, 15, 8, 0, tzinfo=UTC),
}
"""Instants; no meeting is ever held in the night of a clock change, but what is written of one must be right."""

SAID = {
    "request": ("REQUEST", 0, "CONFIRMED"),
    "text_change": ("REQUEST", 0, "CONFIRMED"),
    "place_change": ("REQUEST", 1, "CONFIRMED"),
    "time_change": ("REQUEST", 2, "CONFIRMED"),
    "decline_counter": ("DECLINECOUNTER", 2, None),
    "uninvited": ("CANCEL", 3, None),
    "cancelled": ("CANCEL", 4, "CANCELLED"),
}
"""Method, SEQUENCE and STATUS of each kind of mail."""


def mails_of(start: datetime) -> dict[str, Sent]:
    """One mail of each kind about a meeting that was booked for this instant, in the order in which they were sent."""
    story = Story({"a": start})
    found = {"request": _to(story, LEADER)}
    story.now += timedelta(minutes=5)
    story.reword("anne", name="Anne Ågård; født Ø, ph.d.")
    found["text_change"] = _to(story, LEADER)
    story.now += timedelta(minutes=5)
    story.places["a"] = "online"
    story.change()
    found["place_change"] = _to(story, LEADER)
    story.now += timedelta(minutes=5)
    story.starts["a"] = start + timedelta(days=1, hours=1)
    story.change()
    found["time_change"] = _to(story, LEADER)
    story.now += timedelta(minutes=5)
    story.course = story.course.model_copy(update={"declined_counters": (_turned_down(story),)})
    found["decline_counter"] = _to(story, LEADER)
    story.now += timedelta(minutes=5)
    story.consultant = "bo"
    story.change()
    found["uninvited"] = _to(story, "anne")
    story.now += timedelta(minutes=5)
    story.cancel()
    found["cancelled"] = _to(story, LEADER)
    return found


def told_start(kind: str, start: datetime) -> datetime:
    """Whoever is taken off sees the time that she knew, which is the newest one that she was told."""
    return start if kind in ("request", "text_change", "place_change") else start + timedelta(days=1, hours=1)


def _to(story: Story, person_id: str) -> Sent:
    (sent,) = (one for one in story.deliver() if one.person_id == person_id)
    return sent


def _turned_down(story: Story) -> TurnedDown:
    (meeting,) = story.course.sittings
    moments = [
        PossibleStart(start=meeting.start + timedelta(days=days), wall_start=f"2027-01-{12 + days}T09:00")
        for days in (7, 8)
    ]
    return TurnedDown(
        number=1,
        meeting_id=meeting.meeting_id,
        person_id=LEADER,
        proposed=moments[0],
        starts=(moments[1],),
        by="rules",
        at=NOW,
        sequence=meeting.sequence,
        dtstamp=meeting.dtstamp,
        start=meeting.start,
        minutes=meeting.minutes,
    )


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for when, start in TIMES.items():
        for kind, sent in mails_of(start).items():
            (FOLDER / f"{kind}_{when}.eml").write_bytes(sent.eml)


if __name__ == "__main__":
    main()
