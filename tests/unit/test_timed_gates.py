from datetime import datetime, timedelta

import pytest

from services.notifier.course_view import TimedChange, View
from services.notifier.gates import Gate, Later, Objection, Stop
from services.notifier.message import LeasedMessage
from services.notifier.planned import COORDINATORS
from services.notifier.timed.due import due_of
from services.notifier.timed.gates import AFTER_OTHERS, day_gate, hours_gate, still_due_gate
from services.notifier.timed.timed_mails import timed_mails
from shared.events import CourseState, Meeting
from tests.notifier_memory import MemoryDays, MemoryViews
from tests.notifier_samples import application, leased
from tests.timed_courses import LEADER, OF, PROGRAMME, at, course_of, in_doubt, meeting_at, swept, view_of, with_news

OPENING = meeting_at("2027-01-12T09:00")
BOOKED = course_of(OPENING)
REMINDER = next(one for one in timed_mails(BOOKED, PROGRAMME) if (one.kind, one.person_id) == ("reminder", LEADER))
PLACES = PROGRAMME.messages.per_person_per_day_max


def reminder(number: int = 0, **changes: object) -> LeasedMessage:
    """The leader's reminder, or another one of these."""
    message_id = REMINDER.message(OF, sequence=1).message_id if not number else f"reminder-{number}"
    fields = {"message_id": message_id, "kind": "reminder", "timed": True, "useful_until": REMINDER.useful_until}
    return leased(**fields | {"addressee": "digest", "application_id": OF, "about": REMINDER.about} | changes)


def explaining(number: int, **changes: object) -> LeasedMessage:
    return leased(number, kind="course_changed", addressee="digest", **changes)


def changed_view(state: CourseState) -> View:
    return view_of(state, known_at="2026-11-20T10:00")


def gate_of(views: MemoryViews, now: str = "2026-12-30T09:00") -> Gate:
    return still_due_gate(views=views, programme=PROGRAMME, clock=lambda: at(now))


@pytest.mark.parametrize(
    ("view", "objection"),
    [
        (changed_view(BOOKED), None),
        (changed_view(course_of(OPENING, meeting_at("2027-02-02T09:00", "first"))), None),
        (changed_view(course_of(OPENING.model_copy(update={"start": at("2027-01-13T09:00")}))), "not_so_any_more"),
        (changed_view(course_of(OPENING.model_copy(update={"sequence": 1}))), "not_so_any_more"),
        (changed_view(course_of(OPENING.model_copy(update={"status": "cancelled"}))), "not_so_any_more"),
        (changed_view(course_of(OPENING, stall=in_doubt(OPENING))), "not_so_any_more"),
        (changed_view(course_of(OPENING, state="cancelled")), "not_so_any_more"),
        (changed_view(BOOKED).model_copy(update={"application": application("withdrawn")}), "not_so_any_more"),
        (View(application_id=OF), "not_so_any_more"),
    ],
)
async def test_a_reminder_is_only_sent_while_the_course_gives_it(view: View, objection: str | None) -> None:
    """What was written an hour ago may be wrong by now: moved, somewhere else, cancelled, in doubt."""
    views = MemoryViews()
    views.views[OF] = view
    found = await gate_of(views)(reminder())
    assert found == (Stop(objection) if objection else None)


@pytest.mark.parametrize(
    ("meeting", "owed"),
    [
        (OPENING.model_copy(update={"sequence": 2, "minutes": 60}), True),
        (OPENING.model_copy(update={"sequence": 2, "start": at("2027-01-13T09:00")}), False),
        (OPENING.model_copy(update={"sequence": 2, "attendees": OPENING.attendees[1:]}), False),
    ],
)
async def test_a_reminder_that_waits_while_its_meeting_changes_is_written_anew(meeting: Meeting, *, owed: bool) -> None:
    """At the same time, say for another hour of it or with another consultant: nobody is left without, nor told what was."""
    views, now = MemoryViews(), at("2026-12-30T08:00")
    done = swept(view_of(BOOKED, known_at="2026-11-20T10:00"), now)
    views.views[OF] = with_news(done, course_of(meeting), at("2026-12-30T08:30"))
    assert await gate_of(views)(reminder()) == Stop("not_so_any_more")
    due = [one for one in due_of(views.views[OF], PROGRAMME, at("2026-12-30T09:00")) if one.person_id == LEADER]
    assert [(one.kind, one.version) for one in due] == ([("reminder", 2)] if owed else [])
    assert (views.views[OF].timed_at == at("2026-12-30T09:00")) == owed
    if owed:
        views.views[OF] = swept(views.views[OF], at("2026-12-30T09:00"))
        assert await gate_of(views)(reminder(message_id=due[0].message(OF, sequence=2).message_id)) is None


async def test_what_staff_stopped_meanwhile_is_not_sent() -> None:
    """Though it was written already; what they send again themselves is."""
    views, view = MemoryViews(), changed_view(BOOKED)
    assert view.timed is not None
    change = TimedChange(stop=True, by="anne", at=at("2026-12-30T08:00"))
    views.views[OF] = view.model_copy(
        update={"timed": view.timed.model_copy(update={"changes": {REMINDER.key: change}})}
    )
    gate = gate_of(views)
    assert await gate(reminder()) == Stop("stopped_by_staff")
    assert await gate(reminder(resend_of="older")) is None
    assert await gate(leased()) is None


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2027-01-04T08:00", None),
        ("2027-01-04T15:59", None),
        ("2027-01-04T16:00", "2027-01-05T08:00"),
        ("2027-01-04T07:59", "2027-01-04T08:00"),
        ("2027-01-02T12:00", "2027-01-04T08:00"),  # a Saturday
        ("2026-12-31T12:00", "2027-01-04T08:00"),  # closed
        ("2027-01-08T18:00", "too_late"),  # the next one is due on Monday at eight
    ],
)
async def test_a_timed_mail_waits_for_the_hours_if_it_still_helps_then(now: str, until: str | None) -> None:
    """On working days from eight to four; all other mails go at any hour."""
    gate = hours_gate(programme=PROGRAMME, clock=lambda: at(now))
    expected: Objection | None = None
    if until == "too_late":
        expected = Stop("too_late")
    elif until:
        expected = Later(at(until) + AFTER_OTHERS, "outside_hours")
    assert await gate(reminder()) == expected
    assert await gate(explaining(1)) is None
    assert await gate(reminder(resend_of="older")) is None


class Desk:
    """A day gate with a clock that a test sets."""

    def __init__(self, now: str) -> None:
        self.now: datetime = at(now)
        self.days = MemoryDays()
        self._gate = day_gate(days=self.days, programme=PROGRAMME, clock=lambda: self.now)

    async def ask(self, message: LeasedMessage) -> Objection | None:
        return await self._gate(message)


async def test_explaining_mails_beyond_the_day_wait_for_the_next_morning() -> None:
    """Also for that of a Saturday: what happened is told on any day."""
    desk = Desk("2027-01-08T12:00")
    assert [await desk.ask(explaining(number)) for number in range(PLACES)] == [None] * PLACES
    assert await desk.ask(explaining(PLACES)) == Later(at("2027-01-09T08:00"), "day_is_full")
    desk.now = at("2027-01-09T08:00")
    assert await desk.ask(explaining(PLACES)) is None


async def test_the_same_mail_counts_once_however_often_it_is_tried() -> None:
    """A retry does not take a second place, not even on a full day."""
    desk = Desk("2027-01-08T12:00")
    for number in range(PLACES):
        assert await desk.ask(explaining(number)) is None
    assert await desk.ask(explaining(0)) is None


async def test_timed_mails_leave_the_last_place_of_a_day_to_explaining_ones() -> None:
    """And wait for the next working day, a minute after what else waited for it."""
    desk = Desk("2027-01-05T12:00")
    for number in range(1, PLACES):
        assert await desk.ask(reminder(number)) is None
    assert await desk.ask(reminder(PLACES)) == Later(at("2027-01-06T08:01"), "day_is_full")
    assert await desk.ask(explaining(1)) is None
    assert isinstance(await desk.ask(explaining(2)), Later)


async def test_a_reminder_that_cannot_wait_takes_the_last_place() -> None:
    """Tomorrow would be too late; on a day that is full it is dropped, never sent after its meeting."""
    desk = Desk("2027-01-08T12:00")
    urgent = at("2027-01-11T08:00")
    for number in range(1, PLACES + 1):
        assert await desk.ask(reminder(number, useful_until=urgent)) is None
    assert await desk.ask(reminder(PLACES + 1, useful_until=urgent)) == Stop("too_late")


async def test_what_somebody_waits_for_counts_and_is_never_put_off() -> None:
    """Nor is what staff send again, what calendars read, what goes to the coordinators, and what has no digest."""
    desk = Desk("2027-01-05T12:00")
    for number in range(PLACES + 2):
        assert await desk.ask(leased(number, kind="new_link", addressee="digest")) is None
    assert isinstance(await desk.ask(explaining(51)), Later)
    assert await desk.ask(explaining(52, resend_of="older")) is None
    assert await desk.ask(leased(3, kind="invite", addressee="digest")) is None
    assert await desk.ask(explaining(54, person_id=COORDINATORS)) is None
    assert await desk.ask(leased(5, kind="course_changed")) is None


async def test_a_day_begins_at_midnight_of_the_programme() -> None:
    """A minute after 23.59 in Copenhagen there is room again, though it is still the same day by UTC."""
    desk = Desk("2027-01-05T23:59")
    for number in range(PLACES):
        await desk.ask(explaining(number))
    assert isinstance(await desk.ask(explaining(PLACES)), Later)
    desk.now += timedelta(minutes=1)
    assert await desk.ask(explaining(PLACES)) is None
