"""What puts a booked course in doubt, what it goes on holding then, and which half hours a refusal takes out of a search."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.scheduler.answers import known_answer, outdated, still_answered, taken_in, with_answer
from services.scheduler.conflicts import Near, doubts
from services.scheduler.course import BookedMeeting, Course, RefusedTime, Uninvited, Window
from services.scheduler.grains import capacity_key, claim_key, grains_between
from services.scheduler.overlaps import find_overlaps
from services.scheduler.refusals import WORKPLACE, refuses, refusing, taken_back, to_come
from services.scheduler.roster import Leave, RosterFacts
from services.scheduler.stall import in_doubt, kept_claims, not_reclaimed, resolved, stalled, unheld
from shared.said import CalendarAnswer
from shared.words import Words
from tests.scheduler_samples import NOW, ODENSE, WEEK, request_of

NEAR = Near(municipalities={ODENSE})
FIRST = datetime(2027, 2, 2, 8, 0, tzinfo=UTC)


def meeting(
    code: str, start: datetime, *, people: tuple[str, ...] = ("a", "b", "anne"), minutes: int = 180
) -> BookedMeeting:
    return BookedMeeting(
        meeting_id=f"m-{code}",
        code=code,
        place="workplace",
        minutes=minutes,
        start=start,
        wall_start=f"{start.astimezone(ZoneInfo('Europe/Copenhagen')):%Y-%m-%dT%H:%M}",
        zone="Europe/Copenhagen",
        uid=f"m-{code}@spark.example",
        sequence=1,
        dtstamp=NOW,
        status="confirmed",
        name=Words(da=code, en=code),
        tokens=dict.fromkeys(people, "00" * 10),
    )


ONE, TWO = meeting("one", FIRST), meeting("two", FIRST + timedelta(days=28))


def course(*meetings: BookedMeeting, **changes: object) -> Course:
    values = {
        "application_id": "a1",
        "request": request_of(),
        "window": Window(earliest=date(2027, 1, 1), latest_start=date(2027, 5, 1), latest=date(2027, 12, 1)),
        "state": "booked",
        "consultant_id": "anne",
        "decided_at": NOW,
        "meetings": meetings or (ONE, TWO),
    }
    return Course.model_validate(values | changes)


def facts(**changes: object) -> RosterFacts:
    values = {"municipality": ODENSE, "hours": WEEK, "themes": ("samarbejde",), "max_courses": 8}
    return RosterFacts.model_validate(values | changes)


def found(
    one: Course, roster: dict[str, RosterFacts | None] | None = None, now: datetime = NOW
) -> list[tuple[str, str, str]]:
    known = {"anne": facts()} if roster is None else roster
    return [(doubt.meeting.code, doubt.who, doubt.cause) for doubt in doubts(one, known, near=NEAR, now=now)]


def claims(one: Course) -> list[str]:
    """An hour before and after each meeting, and a place."""
    hour = timedelta(hours=1)
    grains = [grain for each in one.sittings for grain in grains_between(each.start - hour, each.end + hour)]
    return [*(claim_key("anne", grain) for grain in grains), capacity_key("anne", 0)]


def test_a_course_that_is_well_has_no_doubts() -> None:
    """And neither has one that is not booked."""
    assert found(course()) == []
    assert found(course(state="waiting"), {}) == []


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"active": False}, "dropped_out"),
        ({"blocked_municipalities": (ODENSE,)}, "dropped_out"),
        ({"leave": (Leave(first=date(2027, 1, 1), last=date(2027, 4, 1)),)}, "leave"),
    ],
)
def test_the_roster_puts_all_that_is_to_come_in_doubt(changes: dict[str, object], cause: str) -> None:
    """What has begun is never in doubt."""
    assert found(course(), {"anne": facts(**changes)}) == [("one", "anne", cause), ("two", "anne", cause)]
    assert found(course(), {"anne": facts(**changes)}, now=FIRST) == [("two", "anne", cause)]


def test_who_is_in_the_roster_no_more_is_gone() -> None:
    """With an entry that says so, or with none."""
    assert (
        found(course(), {})
        == found(course(), {"anne": None})
        == [
            ("one", "anne", "dropped_out"),
            ("two", "anne", "dropped_out"),
        ]
    )


def test_leave_counts_on_the_local_day_of_the_meeting() -> None:
    """Half past midnight in Denmark is still yesterday in UTC."""
    early = meeting("early", datetime(2027, 2, 1, 23, 30, tzinfo=UTC))
    day = Leave(first=date(2027, 2, 2), last=date(2027, 2, 2))
    assert found(course(early), {"anne": facts(leave=(day,))}) == [("early", "anne", "leave")]


def test_a_refused_time_counts_for_whoever_refused_it() -> None:
    """The workplace's for everybody; a touch at the end is none."""
    hers = RefusedTime(who="anne", start=FIRST, end=FIRST + timedelta(minutes=30))
    theirs = RefusedTime(who=WORKPLACE, start=TWO.start, end=TWO.end)
    after = RefusedTime(who="anne", start=ONE.end, end=ONE.end + timedelta(hours=1))
    assert found(course(refused=(hers,))) == [("one", "anne", "consultant_declined")]
    assert found(course(refused=(theirs,))) == [("two", "anne", "contacts_declined")]
    assert found(course(refused=(after, hers.model_copy(update={"who": "bo"})))) == []


def test_who_was_taken_off_a_meeting_puts_it_in_no_doubt() -> None:
    """Bo held it before; where she is now does not matter."""
    before = meeting("one", FIRST, people=("a", "b", "anne", "bo"))
    handed_over = before.model_copy(update={"uninvited": {"bo": Uninvited(at=NOW, start=FIRST)}})
    assert found(course(handed_over), {"anne": facts(), "bo": None}) == []


def test_refusals_are_noted_once_taken_back_and_forgotten_when_they_are_over() -> None:
    """By whom they were made, and for the time of the meeting alone."""
    refused = refusing((), "anne", ONE)
    assert refusing(refused, "anne", ONE) == refused
    both = refusing(refusing(refused, WORKPLACE, ONE), "anne", TWO)
    assert [(one.who, one.start) for one in taken_back(both, "anne", ONE)] == [(WORKPLACE, FIRST), ("anne", TWO.start)]
    assert [one.start for one in to_come(both, ONE.end)] == [TWO.start]
    assert not refuses(to_come(both, ONE.end), WORKPLACE, ONE)


def test_what_stalls_is_kept_until_it_changes() -> None:
    """The same doubts again make the very same course; `since` is that of the beginning."""
    known = {"anne": facts(leave=(Leave(first=date(2027, 2, 2), last=date(2027, 2, 2)),))}
    doubtful = doubts(course(), known, near=NEAR, now=NOW)
    waits = stalled(course(), doubtful, cause="leave", now=NOW)
    assert waits.stall is not None
    assert (waits.stall.meetings, waits.stall.since) == (("m-one",), NOW)
    assert stalled(waits, doubtful, cause="leave", now=NOW + timedelta(days=1)) is waits
    more = stalled(waits, doubts(course(), {}, near=NEAR, now=NOW), cause="dropped_out", now=NOW + timedelta(days=1))
    assert more.stall is not None
    assert (more.stall.meetings, more.stall.since) == (("m-one", "m-two"), NOW)


def test_what_is_in_doubt_is_let_go_and_all_else_kept() -> None:
    """The way there and back with it; her place stays."""
    booked = course()
    doubtful = doubts(
        course(), {"anne": facts(leave=(Leave(first=date(2027, 2, 2), last=date(2027, 2, 2)),))}, near=NEAR, now=NOW
    )
    held = kept_claims(claims(booked), doubtful)
    assert held == {"anne": claims(course(TWO))}
    waits = stalled(booked, doubtful, cause="leave", now=NOW)
    again = not_reclaimed({"anne": claims(booked)}, held["anne"], in_doubt(waits, NOW))
    assert again == held


def test_meetings_in_doubt_count_as_neither_unclaimed_nor_overlapping() -> None:
    """Another course may hold their half hours by now."""
    stall = {"since": NOW, "cause": "leave", "meetings": ("m-one",)}
    waits = course(stall=stall)
    other = course(meeting("other", FIRST, people=("a", "b", "anne")), application_id="a2")
    others = [key for key in claims(other) if "|" in key] + [capacity_key("anne", 1)]
    counted = find_overlaps([(waits, claims(course(TWO))), (other, others)])
    assert (counted.overlapping, counted.unclaimed) == (0, 0)
    assert find_overlaps([(course(), claims(course(TWO)))]).unclaimed == ONE.minutes // 30


def test_a_meeting_that_began_in_doubt_stays_unheld() -> None:
    """After the stall is over, too; one that was cleared before it began does not."""
    waits = course(stall={"since": NOW, "cause": "leave", "meetings": ("m-one", "m-two")})
    over = resolved(waits, now=FIRST)
    assert (over.stall, over.lapsed, unheld(over)) == (None, ("m-one",), {"m-one"})
    partly = resolved(waits, now=NOW, but=("m-two",))
    assert partly.stall is not None
    assert (partly.stall.meetings, partly.lapsed) == (("m-two",), ())


def test_answers_are_kept_by_person_and_meeting_in_their_order() -> None:
    """A SEQUENCE that was never given out counts as the meeting's own."""
    said = CalendarAnswer(
        number=1, meeting_id="m-one", person_id="a", partstat="ACCEPTED", sequence=99, dtstamp=NOW, at=NOW
    )
    known = taken_in(said, ONE)
    assert known.sequence == ONE.sequence
    answers = with_answer(with_answer((), known), known.model_copy(update={"person_id": "b"}))
    assert known_answer(answers, "m-one", "a") == known
    assert known_answer(answers, "m-two", "a") is None
    assert not outdated(known, known)
    assert outdated(known.model_copy(update={"sequence": 0, "dtstamp": NOW + timedelta(days=1)}), known)
    assert outdated(known.model_copy(update={"dtstamp": NOW - timedelta(seconds=1)}), known)
    assert still_answered(answers, (ONE, TWO), (ONE, TWO)) == answers
    assert still_answered(answers, (ONE,), (ONE.model_copy(update={"sequence": 2}),)) == ()
    assert still_answered(answers, (ONE,), (ONE.model_copy(update={"status": "cancelled"}),)) == ()
