from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notifier.course_view import Timed, View
from services.notifier.timed.change import NotPossibleError, move_timed, stop_timed
from services.notifier.timed.due import due_of, planned_of, programme_mark
from services.notifier.timed.timed_mails import timed_mails
from shared.course_facts import Stall
from shared.events import CourseState
from shared.programme import Programme
from shared.programme_messages import BeforeFirst, Reminders
from tests.notifier_memory import MemoryViews
from tests.timed_courses import (
    LEADER,
    MARK,
    OF,
    PROGRAMME,
    at,
    course_of,
    courses,
    declined,
    in_doubt,
    meeting_at,
    swept,
    view_of,
    wall,
    with_news,
)

OPENING = meeting_at("2027-01-12T09:00")
BOOKED = course_of(OPENING)


def kinds(view: View, now: str, programme: Programme = PROGRAMME) -> set[str]:
    """What the leader would be sent now: kind and offset."""
    return {f"{one.kind}{one.offset}" for one in due_of(view, programme, at(now)) if one.person_id == LEADER}


def with_messages(**changes: object) -> Programme:
    return PROGRAMME.model_copy(update={"messages": PROGRAMME.messages.model_copy(update=changes)})


def test_a_course_that_is_booked_late_sends_nothing_stale() -> None:
    """Booked three working days ahead: only what is still to come goes out, when it is due."""
    view = view_of(BOOKED, known_at="2027-01-07T10:00")
    assert view.timed_at == at("2027-01-11T08:00")
    assert not kinds(view, "2027-01-07T10:00")
    assert not kinds(view, "2027-01-11T07:59")
    assert kinds(view, "2027-01-11T08:00") == {"reminder1"}


def test_a_meeting_that_moved_reminds_at_its_new_time() -> None:
    """Also where it had reminded before; at the old time nobody hears anything."""
    view = swept(view_of(BOOKED, known_at="2026-11-20T10:00"), at("2026-12-30T09:00"))
    moved = OPENING.model_copy(update={"start": at("2027-02-09T09:00"), "sequence": 1})
    view = with_news(view, course_of(moved), at("2027-01-08T10:00"))
    assert not kinds(view, "2027-01-11T08:00")
    assert kinds(swept(view, at("2027-01-28T12:00")), "2027-01-29T08:00") == {"reminder7"}


def test_what_an_outage_kept_is_sent_as_long_as_it_helps() -> None:
    """Three days late the seven-day reminder still goes out; when the next one is due it is too late for it."""
    view = view_of(BOOKED, known_at="2026-12-23T12:00")
    assert kinds(view, "2027-01-04T10:00") == {"reminder7"}
    assert kinds(view, "2027-01-11T09:00") == {"reminder1", "materials"}
    assert not kinds(view, "2027-01-12T09:00")


def test_what_was_due_before_a_change_that_leaves_it_stays_owed() -> None:
    """After an outage the news may come first: what it does not touch goes out, what it moved does not."""
    second = meeting_at("2027-01-13T09:00", "first")
    view = view_of(course_of(OPENING, second), known_at="2026-12-23T12:00")
    moved = second.model_copy(update={"start": at("2027-01-15T09:00"), "sequence": 1})
    view = with_news(view, course_of(OPENING, moved), at("2027-01-05T07:00"))
    assert view.timed_at == at("2027-01-05T07:00")
    due = [one for one in due_of(view, PROGRAMME, at("2027-01-05T07:00")) if one.person_id == LEADER]
    assert [(one.kind, one.meeting_id) for one in due] == [("reminder", OPENING.meeting_id)]


def test_once_sent_nothing_is_due_again() -> None:
    """Whatever the course says again, answers, doubt that comes and goes, or the very same."""
    now = at("2026-12-30T08:00")
    view = swept(view_of(BOOKED, known_at="2026-11-20T10:00"), now)
    doubtful = course_of(OPENING, stall=in_doubt(OPENING))
    for state in (BOOKED, course_of(OPENING, answers=(declined(OPENING, LEADER),)), doubtful, BOOKED):
        view = with_news(view, state, now)
        assert not due_of(view, PROGRAMME, now)


def test_what_was_held_back_by_doubt_goes_out_once_the_doubt_is_over() -> None:
    """As long as it helps, and only if the meeting stays where it was; what had gone out before is not sent again."""
    now = at("2026-12-29T12:00")
    view = swept(view_of(BOOKED, known_at="2026-11-20T10:00"), now)
    stall = Stall(since=now, cause="staff", meetings=(OPENING.meeting_id,))
    view = with_news(view, course_of(OPENING, stall=stall), now)
    view = swept(view, at("2027-01-05T12:00"))
    other = OPENING.model_copy(update={"sequence": 1, "minutes": 60})
    moved = other.model_copy(update={"start": at("2027-01-13T09:00")})
    for meeting, sent in ((OPENING, {"reminder7", "materials"}), (other, {"reminder7", "materials"}), (moved, set())):
        assert kinds(with_news(view, course_of(meeting), at("2027-01-05T13:00")), "2027-01-05T13:00") == sent
    assert kinds(with_news(view, BOOKED, at("2027-01-11T09:00")), "2027-01-11T09:00") == {"reminder1", "materials"}


def test_when_the_rest_of_a_course_is_called_off_it_is_asked_how_it_was() -> None:
    """The last meeting that was held is only then known to be the last one."""
    second = meeting_at("2027-03-02T09:00", "first")
    view = swept(view_of(course_of(OPENING, second), known_at="2026-11-20T10:00"), at("2027-01-12T12:00"))
    off = second.model_copy(update={"status": "cancelled", "sequence": 1})
    assert kinds(with_news(view, course_of(OPENING, off), at("2027-01-19T12:00")), "2027-01-19T12:00") == {"evaluation"}
    assert not kinds(with_news(view, course_of(OPENING, off), at("2027-02-19T12:00")), "2027-02-19T12:00")


def test_a_rule_that_is_new_sends_nothing_that_was_due_before_anybody_knew_it() -> None:
    """Not even in an outage during which the programme was changed; what the old rules owed goes out."""
    old = with_messages(reminders=Reminders(working_days_before=(7, 1)), homework=None)
    view = view_of(BOOKED, known_at="2026-12-22T12:00", programme=old)
    assert kinds(view, "2026-12-30T12:00", PROGRAMME) == {"reminder7"}
    renewed = swept(view, at("2026-12-30T12:00"), PROGRAMME)
    assert kinds(renewed, "2027-01-05T08:00") == {"materials"}
    assert not kinds(renewed, "2027-01-04T08:00")


def test_an_older_document_sends_what_is_due_from_now_on() -> None:
    """Courses that were booked under an older release have no such fields yet."""
    view = View(application_id=OF, course=BOOKED)
    assert not due_of(view, PROGRAMME, at("2026-12-30T12:00"))
    assert kinds(swept(view, at("2026-12-30T12:00")), "2027-01-11T08:00") == {"materials", "reminder1"}


def test_settings_that_matter_are_marked_and_others_are_not() -> None:
    """A changed hour is worked out anew; another sender's name is not."""
    assert programme_mark(with_messages(homework=BeforeFirst(working_days_before=9))) != MARK
    assert programme_mark(PROGRAMME.model_copy(update={"zone": "Europe/London"})) != MARK
    named = PROGRAMME.sender.model_copy(update={"display_name": "Other"})
    assert programme_mark(PROGRAMME.model_copy(update={"sender": named})) == MARK


@given(courses(), st.lists(st.integers(1, 24 * 90), min_size=1, max_size=12), st.integers(0, 11))
@settings(max_examples=40)
def test_however_often_anybody_looks_each_mail_is_due_once(state: CourseState, hours: list[int], news_at: int) -> None:
    """Sweeps at any times, with news that change nothing in between, find what one look each hour would, if it still helps."""
    now = at("2026-11-21T10:30")
    view, found = with_news(View(application_id=OF), state, now), []
    for number, step in enumerate(hours):
        before, now = now, now + timedelta(hours=step)
        if number == news_at:
            view = with_news(view, state, now)
        due = due_of(view, PROGRAMME, now)
        assert not due or (view.timed_at is not None and view.timed_at <= now)
        expected = {one.key for one in timed_mails(state, PROGRAMME) if before < one.due_at <= now < one.useful_until}
        assert {one.key for one in due} == expected
        found += [one.key for one in due]
        view = swept(view, now)
        left = {one.key for one in timed_mails(state, PROGRAMME) if one.due_at > now}
        assert {one.key for one in planned_of(view, PROGRAMME, now)} == left
    assert len(found) == len(set(found))


async def test_staff_stop_a_mail_and_let_it_go_again() -> None:
    """Only that one person's; it is shown among what is planned, and is not due."""
    views, now = stored(BOOKED, "2026-11-20T10:00"), at("2026-12-28T12:00")
    key = next(one.key for one in timed_mails(BOOKED, PROGRAMME) if one.kind == "reminder" and one.person_id == LEADER)
    stopped = await stop_timed(OF, key, by="anne", views=views, programme=PROGRAMME, now=now)
    assert (stopped.key, stopped.stopped) == (key, True)
    due = due_of(swept(await views.read(OF), now), PROGRAMME, at("2026-12-30T08:00"))
    assert LEADER not in {one.person_id for one in due}
    assert len(due) == 2
    again = await stop_timed(OF, key, stop=False, by="anne", views=views, programme=PROGRAMME, now=now)
    assert not again.stopped
    assert kinds(await views.read(OF), "2026-12-30T08:00") >= {"reminder7"}


async def test_staff_move_a_mail_within_the_hours_while_it_helps() -> None:
    """Then it is due at that time; what cannot be is refused with a word."""
    views, now = stored(BOOKED, "2026-12-28T10:00"), at("2026-12-28T12:00")
    key = next(one.key for one in timed_mails(BOOKED, PROGRAMME) if one.kind == "reminder" and one.person_id == LEADER)

    async def move(to: str) -> str:
        moved = await move_timed(OF, key, at(to), by="anne", views=views, programme=PROGRAMME, now=now)
        assert moved.moved_from == at("2026-12-30T08:00")
        return wall(moved.due_at)

    for wrong, why in (
        ("2026-12-28T11:00", "past"),
        ("2027-01-11T08:00", "too_late"),
        ("2027-01-05T16:00", "outside_hours"),
        ("2027-01-09T10:00", "outside_hours"),
    ):
        with pytest.raises(NotPossibleError) as refused:
            await move(wrong)
        assert refused.value.why == why
    assert await move("2027-01-05T10:30") == "2027-01-05T10:30"
    view = swept(await views.read(OF), at("2027-01-05T09:00"))
    assert view.timed_at == at("2027-01-05T10:30")
    assert kinds(view, "2027-01-05T10:30") == {"reminder7"}
    assert await move("2026-12-29T09:00") == "2026-12-29T09:00"
    assert (await views.read(OF)).timed_at == at("2026-12-29T09:00")


async def test_what_staff_stopped_is_another_mail_once_its_meeting_moved() -> None:
    """What they decided holds as long as the meeting is at that time, also if it was in doubt in between."""
    views, now = stored(BOOKED, "2026-11-20T10:00"), at("2026-12-28T12:00")
    for mail in timed_mails(BOOKED, PROGRAMME):
        if mail.due_at > now and mail.kind == "reminder":
            await stop_timed(OF, mail.key, by="anne", views=views, programme=PROGRAMME, now=now)
    view = await views.read(OF)
    for state in (course_of(OPENING, stall=in_doubt(OPENING)), BOOKED):
        view = with_news(view, state, now)
    assert kinds(view, "2026-12-30T08:00") == {"homework"}
    later = OPENING.model_copy(update={"start": at("2027-01-13T09:00"), "sequence": 1})
    view = with_news(view, course_of(later), now)
    assert view.timed is not None
    assert not view.timed.changes
    assert kinds(view, "2027-01-04T08:00") == {"reminder7"}


async def test_what_went_out_can_be_neither_stopped_nor_moved() -> None:
    """Nor what the course does not give."""
    views = stored(BOOKED, "2026-11-20T10:00")
    await views.advance(swept(await views.read(OF), at("2026-12-30T09:00")), before=await views.read(OF))
    gone = next(one.key for one in timed_mails(BOOKED, PROGRAMME) if one.kind == "reminder")
    for key in (gone, "reminder:other"):
        with pytest.raises(NotPossibleError, match="not_planned"):
            await stop_timed(OF, key, by="anne", views=views, programme=PROGRAMME, now=at("2026-12-30T09:00"))


def stored(state: CourseState, known_at: str) -> MemoryViews:
    views = MemoryViews()
    views.views[OF] = view_of(state, known_at=known_at).model_copy(update={"version": 1})
    return views


def test_nothing_to_come_is_nothing_to_look_for() -> None:
    """A cancelled course leaves the index of the sweep."""
    view = with_news(
        view_of(BOOKED, known_at="2026-11-20T10:00"), course_of(OPENING, state="cancelled"), at("2026-12-01T10:00")
    )
    assert view.timed_at is None
    assert view.timed == Timed(rules=view.timed.rules if view.timed else (), programme=MARK)
