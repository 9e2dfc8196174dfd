"""What of offers and proposals outlives a change of a course: pure, so the corners are tried here."""

from datetime import UTC, datetime, timedelta

from services.scheduler.course import BookedMeeting, Course, TurnedDown, Window
from services.scheduler.standing import (
    CHOICE_ON_ITS_WAY,
    DECLINED_COUNTERS_KEPT,
    DECLINED_COUNTERS_MAX,
    OFFER_HELD,
    releases_at,
    settled,
    still_kept,
    waits_for_staff,
    with_offered,
    without_offered,
)
from shared.course_facts import Offer, PossibleStart, Stall
from shared.said import CounterProposal
from shared.words import Words
from tests.scheduler_samples import request_of

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
KEY = "anne|2026-12-20T09:00Z"


def meeting(**changes: object) -> BookedMeeting:
    """A meeting thirty days from now."""
    start = NOW + timedelta(days=30)
    values = {
        "meeting_id": "m1",
        "code": "first",
        "place": "online",
        "minutes": 60,
        "start": start,
        "wall_start": f"{start:%Y-%m-%dT%H:%M}",
        "zone": "UTC",
        "uid": "m1@forloeb.example",
        "sequence": 3,
        "dtstamp": NOW,
        "status": "confirmed",
        "name": Words(da="møde", en="meeting"),
        "tokens": {"anne": "00", "a": "01"},
    }
    return BookedMeeting.model_validate(values | changes)


def course(**changes: object) -> Course:
    """A booked course that offers other dates, and in which a proposal waits."""
    day = NOW.date()
    values = {
        "application_id": "a1",
        "request": request_of(),
        "window": Window(earliest=day, latest_start=day, latest=day),
        "state": "booked",
        "consultant_id": "anne",
        "meetings": (meeting(),),
        "decided_at": NOW,
        "offer": Offer(
            number=1,
            meeting_id="m1",
            person_id="-",
            starts=(PossibleStart(start=NOW + timedelta(days=31), wall_start="2026-12-21T09:00"),),
            at=NOW,
            until=NOW + OFFER_HELD,
        ),
        "offered": (KEY,),
        "open_counters": (proposal(),),
    }
    return Course.model_validate(values | changes)


def proposal(**changes: object) -> CounterProposal:
    values = {"number": 2, "meeting_id": "m1", "person_id": "a", "start": NOW, "sequence": 3, "dtstamp": NOW, "at": NOW}
    return CounterProposal.model_validate(values | changes)


def turned_down(number: int, at: datetime) -> TurnedDown:
    possible = PossibleStart(start=NOW, wall_start="2026-11-20T10:00")
    return TurnedDown(
        number=number,
        meeting_id="m1",
        person_id="a",
        proposed=possible,
        at=at,
        sequence=3,
        dtstamp=NOW,
        start=NOW,
        minutes=60,
    )


def test_what_touches_no_meeting_leaves_everything_standing() -> None:
    """The same object, so nothing is written anew."""
    after = course(pinned="anne")
    assert settled(course(), after, now=NOW) is after


def test_an_offer_goes_with_the_meetings_that_it_was_made_beside() -> None:
    """Another time, other people, another consultant: the offered times are times beside what is no longer there."""
    for changed in (
        course(meetings=(meeting(sequence=4),)),
        course(consultant_id="bo"),
        course(meetings=(meeting(status="cancelled"),)),
        course(state="waiting"),
    ):
        after = settled(course(), changed, now=NOW)
        assert (after.offer, after.offered) == (None, ())


def test_a_fresh_offer_stands_although_the_meetings_have_changed() -> None:
    """It was made with them."""
    changed = course(meetings=(meeting(sequence=4),))
    assert changed.offer is not None
    fresh = changed.model_copy(update={"offer": changed.offer.model_copy(update={"number": 9})})
    assert settled(course(), fresh, now=NOW).offer == fresh.offer


def test_an_offer_is_held_a_moment_longer_than_was_told() -> None:
    """Who chooses in the last second gets what she chose."""
    over = NOW + OFFER_HELD + CHOICE_ON_ITS_WAY
    assert releases_at(course()) == over
    assert settled(course(), course(), now=over - timedelta(seconds=1)).offer is not None
    assert settled(course(), course(), now=over).offer is None


def test_a_proposal_waits_while_its_meeting_is_as_it_was() -> None:
    """After that it would be about another time."""
    assert settled(course(), course(), now=NOW).open_counters == (proposal(),)
    for changed in (course(meetings=(meeting(sequence=4),)), course(meetings=()), course(state="cancelled")):
        assert settled(course(), changed, now=NOW).open_counters == ()
    assert settled(course(), course(), now=NOW + timedelta(days=31)).open_counters == ()


def test_answers_to_proposals_are_kept_for_thirty_days_and_only_the_newest() -> None:
    """A calendar program that proposes without end does not make the course grow."""
    many = [turned_down(number, NOW) for number in range(DECLINED_COUNTERS_MAX + 5)]
    assert still_kept(many, now=NOW) == tuple(many[5:])
    assert still_kept([turned_down(1, NOW - DECLINED_COUNTERS_KEPT)], now=NOW) == ()


def test_claims_of_an_offer_are_told_apart_and_put_together_again() -> None:
    """Nothing twice; a consultant who holds nothing else is there, too."""
    held = {"anne": ["anne|2026-12-01T09:00Z", "anne#0"]}
    both = with_offered(held, course())
    assert both == {"anne": [*held["anne"], KEY]}
    assert without_offered(both["anne"], course()) == held["anne"]
    assert with_offered({}, course()) == {"anne": [KEY]}
    assert held == {"anne": ["anne|2026-12-01T09:00Z", "anne#0"]}, "what came in is left alone"


def test_only_booked_courses_wait_for_staff_with_something() -> None:
    """A stall, or a proposal."""
    stall = Stall(since=NOW, cause="leave", meetings=("m1",))
    assert waits_for_staff(course(stall=stall)) == ["stalled", "counter"]
    assert waits_for_staff(course(open_counters=())) == []
    assert waits_for_staff(course(state="cancelled", stall=stall)) == []
