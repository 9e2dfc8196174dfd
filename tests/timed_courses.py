"""Courses at any dates, for mails that go out at their time: whole random ones, and single ones made to measure."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from services.notifier.course_view import View
from services.notifier.timed.due import look_at, programme_mark, settled_at, with_course
from shared.course_facts import KnownAnswer, Stall
from shared.events import CourseState, Meeting
from shared.programme import Programme
from tests.factories import spark
from tests.notifier_samples import course

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
PROGRAMME = spark()
MARK = programme_mark(PROGRAMME)
SINGLE = ("opening", "first", "second", "follow_up")
OF = "a001"
LEADER, EMPLOYEE, CONSULTANT, SECOND = (f"{OF}-{key}" for key in ("leader", "employee", "consultant", "second"))
EVERYBODY = (LEADER, EMPLOYEE, CONSULTANT)


def at(wall: str) -> datetime:
    """An instant from the wall time in Copenhagen, "2027-01-12T09:00"."""
    return datetime.fromisoformat(wall).replace(tzinfo=COPENHAGEN).astimezone(UTC)


def wall(instant: datetime) -> str:
    return f"{instant.astimezone(COPENHAGEN):%Y-%m-%dT%H:%M}"


def meeting_at(start: str, code: str = "opening", **changes: Any) -> Meeting:
    """A meeting of two hours, known by its code."""
    fields: dict[str, Any] = {
        "meeting_id": f"{OF}-{code}",
        "code": code,
        "place": "workplace",
        "minutes": 120,
        "start": at(start),
        "wall_start": start,
        "zone": "Europe/Copenhagen",
        "uid": f"{OF}-{code}@forloeb.example",
        "sequence": 0,
        "dtstamp": at("2026-11-20T10:00"),
        "status": "confirmed",
        "attendees": EVERYBODY,
    }
    return Meeting(**fields | changes)


def course_of(*meetings: Meeting, **changes: Any) -> CourseState:
    return course(of=OF, meetings=meetings, **changes)


def declined(meeting: Meeting, person_id: str, *, sequence: int = 0) -> KnownAnswer:
    stamp = at("2026-11-21T10:00")
    return KnownAnswer(
        meeting_id=meeting.meeting_id,
        person_id=person_id,
        partstat="DECLINED",
        sequence=sequence,
        dtstamp=stamp,
        at=stamp,
    )


def in_doubt(*meetings: Meeting) -> Stall:
    return Stall(since=at("2026-11-21T10:00"), cause="staff", meetings=tuple(one.meeting_id for one in meetings))


def view_of(state: CourseState, *, known_at: str, programme: Programme = PROGRAMME) -> View:
    """What the notifier keeps of a course that it heard of then."""
    return with_news(View(application_id=OF), state, at(known_at), programme)


def with_news(view: View, state: CourseState, now: datetime, programme: Programme = PROGRAMME) -> View:
    timed = with_course(view, state, programme, programme_mark(programme), now)
    return view.model_copy(update={"course": state, "timed": timed, "timed_at": look_at(timed, now)})


def swept(view: View, now: datetime, programme: Programme = PROGRAMME) -> View:
    """As the sweep leaves it."""
    timed = settled_at(view, programme, programme_mark(programme), now)
    return view.model_copy(update={"timed": timed, "timed_at": look_at(timed, now)})


@st.composite
def courses(draw: st.DrawFn) -> CourseState:
    """Courses of one to four meetings in 2026 to 2028, some of them cancelled, in doubt, declined, or on odd days."""
    codes: Sequence[str] = draw(
        st.sampled_from((SINGLE, SINGLE[:1], ("opening", "day", "follow_up"), ("second", "own")))
    )
    day = date(2026, 11, 23) + timedelta(days=draw(st.integers(0, 700)))
    meetings = []
    for code in codes:
        hour, minute = draw(st.sampled_from(((8, 0), (9, 0), (12, 30), (15, 30))))
        meetings.append(
            meeting_at(
                f"{day.isoformat()}T{hour:02}:{minute:02}",
                code,
                sequence=draw(st.integers(0, 2)),
                status=draw(st.sampled_from(("confirmed", "confirmed", "confirmed", "cancelled"))),
                attendees=draw(st.sampled_from(((), EVERYBODY, (*EVERYBODY, SECOND), EVERYBODY[:1]))),
            )
        )
        day += timedelta(days=draw(st.integers(1, 60)))
    in_question = draw(st.lists(st.sampled_from(meetings), max_size=1))
    answers = [
        declined(one, draw(st.sampled_from(EVERYBODY)), sequence=draw(st.integers(0, one.sequence)))
        for one in draw(st.lists(st.sampled_from(meetings), max_size=2))
    ]
    return course_of(
        *meetings,
        state=draw(st.sampled_from(("booked", "booked", "booked", "completed", "cancelled"))),
        second_id=draw(st.sampled_from((None, SECOND))),
        stall=in_doubt(*in_question) if in_question else None,
        answers=tuple(answers),
    )
