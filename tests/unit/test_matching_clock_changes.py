"""The matcher around the two clock changes of a year."""

from datetime import timedelta

import pytest

from tests.match_answers import gap, plan, reason, two_meetings
from tests.match_instances import WEEKDAYS, consultant, instance, meeting, workplace

ROUND_THE_CLOCK = {day: [["00:00", "24:00"]] for day in WEEKDAYS}
ALWAYS = ["00:00", "24:00"]


@pytest.mark.parametrize("day", ["2027-03-28", "2027-10-31"])
def test_no_meeting_touches_a_skipped_or_repeated_hour(day: str) -> None:
    """Up to 02:00 and from 03:00 there is room, over it there is none."""
    raw = instance(
        earliest=day,
        latest=day,
        travel_hours=ALWAYS,
        workplace=workplace(hours={"sun": [["00:00", "05:00"]]}),
        consultants=[consultant(hours=ROUND_THE_CLOCK)],
        meetings=[meeting(minutes=120)],
    )
    assert plan(raw).starts == (f"{day}T00:00",)
    raw["workplace"]["unavailable"] = [[f"{day}T00:00", f"{day}T00:30"]]
    assert plan(raw).starts == (f"{day}T03:00",)
    assert reason(raw | {"meetings": [meeting(minutes=180)]}) == ("hours", "opening")


@pytest.mark.parametrize("day", ["2027-03-28", "2027-10-31"])
def test_no_claim_touches_a_skipped_or_repeated_hour(day: str) -> None:
    """The meeting is at 03:30, its travel would begin at 02:30: ruled out by travel."""
    raw = instance(
        earliest=day,
        latest=day,
        travel_hours=ALWAYS,
        workplace=workplace(hours={"sun": [["03:30", "05:30"]]}),
        consultants=[consultant(hours=ROUND_THE_CLOCK, travel_minutes=30)],
        meetings=[meeting(minutes=120)],
    )
    assert plan(raw).meetings[0].claimed_from.minute == 0
    raw["consultants"][0]["travel_minutes"] = 60
    assert reason(raw) == ("travel", "opening")


def test_instants_follow_the_zone_in_winter_and_summer() -> None:
    """The same wall time is an hour apart in UTC on the two sides of the change."""
    raw = instance(
        earliest="2027-03-22",
        latest="2027-03-29",
        consultants=[consultant(hours={"mon": [["09:00", "12:00"]]})],
        meetings=two_meetings(gap_days=gap(7, 7, 7)),
    )
    found = plan(raw)
    assert found.starts == ("2027-03-22T09:00", "2027-03-29T09:00")
    assert [one.starts_at.hour for one in found.meetings] == [8, 7]
    assert {one.ends_at - one.starts_at for one in found.meetings} == {timedelta(hours=3)}
