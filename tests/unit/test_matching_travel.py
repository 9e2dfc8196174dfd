"""Rules of appointments, venues and travel: what is claimed around a meeting, and what it may not meet."""

from datetime import UTC, datetime

import pytest

from tests.match_answers import plan, reason, two_meetings
from tests.match_instances import WEEKDAYS, WORK_WEEK, consultant, instance, meeting, workplace

ROUND_THE_CLOCK = {day: [["00:00", "24:00"]] for day in WEEKDAYS}
ALWAYS = ["00:00", "24:00"]


def test_a_venue_brings_its_own_hours_appointments_and_closed_days() -> None:
    """They stand in for the workplace's, and its closed days are added to the programme's."""
    hall = {"hours": {"mon": [["09:00", "12:00"]]}, "unavailable": [], "closed_days": ["2027-01-18"]}
    raw = instance(workplace=workplace(hours={}), venues={"hall": hall}, meetings=[meeting(place="hall")])
    assert plan(raw).starts == ("2027-01-25T09:00",)
    assert reason(raw | {"closed_days": ["2027-01-25"]}) == ("closed", "opening")
    hall["unavailable"] = [["2027-01-25T11:30", "2027-01-25T11:35"]]
    assert reason(raw) == ("busy", "opening")


def test_travel_must_be_free_but_may_lie_outside_working_hours() -> None:
    """An appointment in the travel before the working day is in the way; working hours are not."""
    tight = {"mon": [["08:00", "11:00"]]}
    traveller = consultant(hours=tight, travel_minutes=45)
    raw = instance(latest="2027-01-18", setup_minutes=20, consultants=[traveller])
    found = plan(raw)
    assert found.starts == ("2027-01-18T08:00",)
    assert found.meetings[0].claimed_from == datetime(2027, 1, 18, 5, 30, tzinfo=UTC)
    assert found.meetings[0].claimed_until == datetime(2027, 1, 18, 11, tzinfo=UTC)
    early = [["2027-01-18T06:00", "2027-01-18T06:40"]]
    assert reason(raw | {"consultants": [traveller | {"unavailable": early}]}) == ("busy", "opening")
    just_before = [["2027-01-18T06:00", "2027-01-18T06:30"]]
    assert plan(raw | {"consultants": [traveller | {"unavailable": just_before}]}).starts == found.starts


def test_an_online_meeting_needs_no_travel() -> None:
    """Only the meeting itself is claimed, so an appointment may end when it begins."""
    tight = {"mon": [["08:00", "11:00"]]}
    busy = [["2027-01-18T06:00", "2027-01-18T08:00"], ["2027-01-18T11:00", "2027-01-18T12:00"]]
    person = consultant(hours=tight, unavailable=busy, travel_minutes=90)
    raw = instance(latest="2027-01-18", consultants=[person], meetings=[meeting(place="online")])
    assert plan(raw).terms["travel"] == 0
    assert reason(raw | {"meetings": [meeting()]}) == ("busy", "opening")


@pytest.mark.parametrize("place", ["workplace", "online"])
def test_the_workplace_s_appointments_bind_the_meeting_alone(place: str) -> None:
    """Online too; but the travel around the meeting does not matter to the workplace."""
    raw = instance(
        latest="2027-01-18",
        workplace=workplace(
            hours={"mon": [["09:00", "12:00"]]}, unavailable=[["2027-01-18T08:00", "2027-01-18T09:00"]]
        ),
        consultants=[consultant(travel_minutes=60)],
        meetings=[meeting(place=place)],
    )
    assert plan(raw).starts == ("2027-01-18T09:00",)
    raw["workplace"]["unavailable"] = [["2027-01-18T11:45", "2027-01-18T13:00"]]
    assert reason(raw) == ("busy", "opening")


def test_appointments_the_day_before_the_window_count() -> None:
    """Travel that would begin on the evening before meets an appointment there, before travel hours are judged."""
    raw = instance(
        earliest="2027-01-18",
        latest="2027-01-18",
        travel_hours=ALWAYS,
        workplace=workplace(hours={"mon": [["00:00", "03:00"]]}),
    )
    person = consultant(hours=ROUND_THE_CLOCK, travel_minutes=60)
    assert reason(raw | {"consultants": [person]}) == ("travel", "opening")
    person["unavailable"] = [["2027-01-17T22:00", "2027-01-17T23:30"]]
    assert reason(raw | {"consultants": [person]}) == ("busy", "opening")


def test_claims_stay_inside_travel_hours() -> None:
    """Two hours before 08:00 is 06:00 and allowed; half an hour more is not."""
    tight = {"mon": [["08:00", "11:00"]]}
    raw = instance(latest="2027-01-18", consultants=[consultant(hours=tight, travel_minutes=120)])
    assert plan(raw).starts == ("2027-01-18T08:00",)
    raw["consultants"] = [consultant(hours=tight, travel_minutes=121)]
    assert reason(raw) == ("travel", "opening")
    raw |= {"travel_hours": ["09:00", "20:00"], "meetings": [meeting(place="online")]}
    assert reason(raw) == ("travel", "opening")


def test_travel_depends_on_the_place() -> None:
    """Minutes by place: far from the workplace, next door to the hall."""
    hall = {"hours": WORK_WEEK, "unavailable": [], "closed_days": []}
    person = consultant(travel_minutes={"workplace": 900, "hall": 10})
    raw = instance(venues={"hall": hall}, consultants=[person], meetings=[meeting(place="hall")])
    assert plan(raw).terms["travel"] == 2
    raw["meetings"] = two_meetings(place="workplace")
    assert reason(raw) == ("travel", "opening")
