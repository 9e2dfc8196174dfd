from collections import Counter
from datetime import date, timedelta

from hypothesis import given, settings

from services.notifier.timed.hours import in_hours
from services.notifier.timed.timed_mails import months_later, rules_of, timed_mails
from shared.events import CourseState
from shared.working_days import is_working_day
from tests.timed_courses import (
    CONSULTANT,
    EMPLOYEE,
    EVERYBODY,
    LEADER,
    PROGRAMME,
    SECOND,
    SINGLE,
    at,
    course_of,
    courses,
    declined,
    in_doubt,
    meeting_at,
    wall,
)

MEETINGS = tuple(
    meeting_at(start, code)
    for start, code in zip(
        ("2027-01-12T09:00", "2027-02-02T12:30", "2027-03-16T09:00", "2027-05-18T13:00"), SINGLE, strict=True
    )
)
COURSE = course_of(*MEETINGS)


def dues(state: CourseState, kind: str, person_id: str = LEADER) -> list[str]:
    """When this person's mails of a kind are due, as wall times."""
    return [wall(one.due_at) for one in timed_mails(state, PROGRAMME) if (one.kind, one.person_id) == (kind, person_id)]


def test_a_course_gives_each_person_the_mails_of_her_part() -> None:
    """Contacts get what is theirs to do, the consultant her briefing, everybody the reminders."""
    found = Counter((one.kind, one.person_id) for one in timed_mails(COURSE, PROGRAMME))
    theirs = {"homework": 1, "materials": 1, "trial_check": 1, "evaluation": 2, "reminder": 8}
    assert found == Counter(
        {(kind, who): number for who in (LEADER, EMPLOYEE) for kind, number in theirs.items()}
        | {("briefing", CONSULTANT): 1, ("reminder", CONSULTANT): 8}
    )


def test_each_kind_is_due_when_the_programme_says() -> None:
    """Ten, five, seven and one working days before, half-way, one working day and three months after; at eight in the morning."""
    assert dues(COURSE, "homework") == ["2026-12-23T08:00"]
    assert dues(COURSE, "briefing", CONSULTANT) == ["2026-12-23T08:00"]
    assert dues(COURSE, "materials") == ["2027-01-05T08:00"]
    assert dues(COURSE, "reminder")[:2] == ["2026-12-30T08:00", "2027-01-11T08:00"]
    assert dues(COURSE, "trial_check") == ["2027-02-23T08:00"]
    assert dues(COURSE, "evaluation") == ["2027-05-19T08:00", "2027-08-18T08:00"]


def test_each_mail_ends_when_it_helps_nobody_any_more() -> None:
    """A reminder when the next is due, the last one when the meeting begins; what takes time the evening before."""
    until = {
        (one.kind, one.offset): wall(one.useful_until)
        for one in timed_mails(course_of(MEETINGS[0]), PROGRAMME)
        if one.person_id in (LEADER, CONSULTANT)
    }
    assert until == {
        ("homework", ""): "2027-01-11T16:00",
        ("materials", ""): "2027-01-11T16:00",
        ("briefing", ""): "2027-01-12T09:00",
        ("reminder", "7"): "2027-01-11T08:00",
        ("reminder", "1"): "2027-01-12T09:00",
        ("evaluation", ""): "2027-01-27T16:00",
        ("evaluation", "later"): "2027-05-12T16:00",
    }


def test_eight_in_the_morning_is_so_in_summer_and_in_winter() -> None:
    """Over the change of the clocks on Easter Sunday 2027 the wall time stays, and the instant moves."""
    state = course_of(meeting_at("2027-03-31T09:00"))
    first, last = (
        one.due_at for one in timed_mails(state, PROGRAMME) if (one.kind, one.person_id) == ("reminder", LEADER)
    )
    assert (wall(first), wall(last)) == ("2027-03-17T08:00", "2027-03-30T08:00")
    assert (first.hour, last.hour) == (7, 6)


def test_whoever_declined_this_version_of_a_meeting_is_not_reminded_of_it() -> None:
    """An answer to an older version is none to this one."""
    first = MEETINGS[0].model_copy(update={"sequence": 1})
    state = course_of(first, answers=(declined(first, LEADER, sequence=1), declined(first, EMPLOYEE, sequence=0)))
    assert not dues(state, "reminder", LEADER)
    assert len(dues(state, "reminder", EMPLOYEE)) == 2


def test_what_is_in_doubt_reminds_nobody() -> None:
    """No mail tells a date that may not hold; the other meetings remind as ever."""
    state = course_of(*MEETINGS, stall=in_doubt(MEETINGS[0], MEETINGS[2]))
    mails = timed_mails(state, PROGRAMME)
    assert {one.meeting_id for one in mails if one.kind == "reminder"} == {
        MEETINGS[1].meeting_id,
        MEETINGS[3].meeting_id,
    }
    assert {one.kind for one in mails} == {"reminder", "evaluation"}


def test_a_tailored_course_without_both_meetings_of_a_trial_is_not_asked_about_it() -> None:
    """Nor one whose two meetings lie too close together."""
    assert not dues(course_of(*MEETINGS[:2], MEETINGS[3]), "trial_check")
    soon = meeting_at("2027-02-12T09:00", "second")
    assert not dues(course_of(*MEETINGS[:2], soon), "trial_check")


def test_the_second_consultant_is_briefed_before_her_own_first_meeting() -> None:
    """She does not take part in the opening, so ten working days before the next one."""
    hers = MEETINGS[1].model_copy(update={"attendees": (*EVERYBODY, SECOND)})
    state = course_of(MEETINGS[0], hers, second_id=SECOND)
    assert dues(state, "briefing", SECOND) == ["2027-01-19T08:00"]
    assert dues(state, "reminder", SECOND) == ["2027-01-22T08:00", "2027-02-01T08:00"]


def test_a_course_that_was_booked_long_ago_reminds_everybody() -> None:
    """Its meetings do not say who is asked to them."""
    state = course_of(MEETINGS[0].model_copy(update={"attendees": ()}))
    assert all(len(dues(state, "reminder", one)) == 2 for one in EVERYBODY)


def test_homework_needs_something_to_do() -> None:
    """Where the first meeting that is left has no preparation in the programme, nobody is told to prepare."""
    opening = MEETINGS[0].model_copy(update={"status": "cancelled"})
    assert not dues(course_of(opening, *MEETINGS[1:]), "homework")


def test_a_completed_course_asks_how_it_was_and_no_more() -> None:
    """A cancelled one, and one on the waiting list, ask nothing at all."""
    assert {one.kind for one in timed_mails(course_of(*MEETINGS, state="completed"), PROGRAMME)} == {"evaluation"}
    assert not timed_mails(course_of(*MEETINGS, state="cancelled"), PROGRAMME)
    assert not timed_mails(course_of(*MEETINGS, state="waiting"), PROGRAMME)
    called_off = (one.model_copy(update={"status": "cancelled"}) for one in MEETINGS)
    assert not timed_mails(course_of(*called_off), PROGRAMME)


def test_a_meeting_at_another_time_or_anew_gives_other_mails() -> None:
    """Its time is in the key that staff use, its version in the message: so what was moved reminds anew, and once."""
    moved = MEETINGS[0].model_copy(update={"start": at("2027-01-14T09:00"), "sequence": 1})
    elsewhere = MEETINGS[0].model_copy(update={"sequence": 1})
    old, new, same = (
        {one.key for one in timed_mails(course_of(one), PROGRAMME)} for one in (MEETINGS[0], moved, elsewhere)
    )
    assert not old & new
    assert old == same
    ids = [
        {mail.message("a001", sequence=3).message_id for mail in timed_mails(course_of(one), PROGRAMME)}
        for one in (MEETINGS[0], moved, elsewhere)
    ]
    assert not ids[0] & ids[1]
    assert not ids[0] & ids[2]


def test_months_are_those_of_the_calendar() -> None:
    """A month without such a day ends on its last one."""
    assert months_later(date(2027, 11, 30), 3) == date(2028, 2, 29)
    assert months_later(date(2026, 12, 15), 12) == date(2027, 12, 15)
    assert months_later(date(2027, 5, 18), 3) == date(2027, 8, 18)


@given(courses())
@settings(max_examples=60)
def test_whatever_the_course_its_mails_are_due_in_hours_while_they_help(state: CourseState) -> None:
    """On working days at the opening, before they are of no use, each once, and only of meetings that are on."""
    mails = timed_mails(state, PROGRAMME)
    confirmed = {one.meeting_id: one for one in state.meetings if one.status == "confirmed"}
    doubtful = set(state.stall.meetings) if state.stall else set()
    assert len({one.key for one in mails}) == len(mails)
    assert len({one.message("a001", sequence=1).message_id for one in mails}) == len(mails)
    for one in mails:
        meeting = confirmed[one.meeting_id]
        assert one.meeting_id not in doubtful
        assert one.rule in rules_of(PROGRAMME)
        assert in_hours(one.due_at, PROGRAMME)
        assert wall(one.due_at).endswith("08:00")
        assert one.due_at < one.useful_until
        if one.kind == "evaluation":
            assert one.due_at > meeting.start
            assert meeting.start == max(other.start for other in confirmed.values())
        else:
            assert state.state == "booked"
            assert one.useful_until <= meeting.start
        if one.kind == "reminder":
            day = one.due_at.astimezone(PROGRAMME.tz).date()
            on = meeting.start.astimezone(PROGRAMME.tz).date()
            between = (day + timedelta(days=number) for number in range((on - day).days))
            assert sum(is_working_day(each, PROGRAMME) for each in between) == int(one.offset)
            assert not any(
                (answer.person_id, answer.meeting_id, answer.sequence)
                == (one.person_id, one.meeting_id, meeting.sequence)
                for answer in state.answers
            )
