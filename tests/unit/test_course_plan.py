"""When a course may lie, and how an application becomes the matcher's question."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.scheduler.course import Request, Window
from services.scheduler.course_plan import question_of, window_for
from services.scheduler.matching import match
from services.scheduler.outcome import Infeasible, Plan
from services.scheduler.roster import RosterEntry
from services.scheduler.roster_calendar import RosterCalendar
from shared.events import AvoidedHours, Matter, UnavailablePeriod, Wishes
from shared.programme import Programme
from shared.reference.municipalities import load_municipalities
from tests.factories import spark
from tests.scheduler_samples import COPENHAGEN, ODENSE, matter_of, request_of, roster_entry

SPARK = spark()
TODAY = date(2026, 11, 20)


def plan_for(
    request: Request,
    *roster: RosterEntry,
    today: date = TODAY,
    municipality: str = ODENSE,
    matter: Matter | None = None,
    programme: Programme = SPARK,
) -> tuple[Plan | None, list[str]]:
    """The winner, and the rules that ruled the others out."""
    calendar = RosterCalendar(zone=SPARK.tz, horizon_days=SPARK.windows.horizon_days, today=today)
    for entry in roster or (roster_entry(),):
        calendar.put(entry.id, entry.facts(workplace_key=bytes(32)))
    question = question_of(
        request,
        window_for(request, programme),
        matter or matter_of(municipality=municipality),
        calendar=calendar,
        programme=programme,
        municipalities=load_municipalities(),
        workplace_key=bytes(32),
        today=today,
    )
    result = match(question, others=True)
    return result.winner, [one.rule for one in result.others or () if isinstance(one, Infeasible)]


def test_a_single_course_has_three_weeks_notice_and_half_a_year() -> None:
    """21 days to the first meeting, 183 for its last possible day, 400 to the end of it all."""
    assert window_for(request_of(), SPARK) == Window(
        earliest=date(2026, 12, 11), latest_start=date(2027, 5, 22), latest=date(2027, 12, 25)
    )


def test_a_joint_course_keeps_six_weeks_to_its_first_workshop() -> None:
    """The first meeting waits for as long as the workshop's notice asks for, the shortest gaps counted in."""
    window = window_for(request_of(kind="joint"), SPARK)
    assert window.earliest == TODAY + timedelta(days=max(21, 42 - 7 - 14))


def test_the_day_of_the_application_is_the_local_one() -> None:
    """Half past eleven in the evening in UTC is the next day in Denmark."""
    late = request_of(submitted_at=datetime(2026, 11, 20, 23, 30, tzinfo=UTC))
    assert window_for(late, SPARK).earliest == date(2026, 12, 12)


def test_the_applicants_own_first_day_counts_when_it_is_later() -> None:
    """Notice is the least; whoever wants to start in March starts in March."""
    request = request_of(earliest_start=date(2027, 3, 1))
    plan, _ = plan_for(request)
    assert plan is not None
    assert plan.meetings[0].day >= date(2027, 3, 1)


def test_who_has_waited_still_gets_the_full_notice() -> None:
    """Asked again in February, the first meeting is three weeks ahead of then."""
    plan, _ = plan_for(request_of(), today=date(2027, 2, 1))
    assert plan is not None
    assert plan.meetings[0].day >= date(2027, 2, 22)


def test_after_the_last_day_for_a_start_nobody_is_asked() -> None:
    """The rule is the window, for everybody."""
    plan, rules = plan_for(request_of(), today=date(2027, 5, 10))
    assert (plan, rules) == (None, ["window"])


def test_the_first_meeting_never_lies_after_the_last_day_for_a_start() -> None:
    """Although the horizon is longer: who is away until then is no help, while later meetings may lie there."""
    away = roster_entry(leave=[{"first": TODAY, "last": date(2027, 5, 22)}])
    plan, rules = plan_for(request_of(), away)
    assert plan is None
    assert rules == ["busy"]
    back = roster_entry(leave=[{"first": TODAY, "last": date(2027, 5, 19)}])
    plan, _ = plan_for(request_of(), back)
    assert plan is not None
    assert plan.meetings[0].day <= date(2027, 5, 22) < plan.meetings[1].day


def test_wishes_are_kept() -> None:
    """No meeting in a period that is out; weekdays to avoid are avoided where that costs little."""
    wishes = Wishes(
        avoid_weekdays=("mon", "tue"),
        unavailable=(UnavailablePeriod(start="2026-12-01T00:00", end="2027-02-01T24:00"),),
        preferred_hours=("12:00", "15:00"),
    )
    plan, _ = plan_for(request_of(wishes=wishes))
    assert plan is not None
    for meeting in plan.meetings:
        assert meeting.day > date(2027, 2, 1)
        assert meeting.day.weekday() > 1
        assert meeting.wall[11:] >= "12:00"


def test_no_meeting_lies_in_hours_when_the_workplace_cannot_meet() -> None:
    """Out every week, on that weekday only; half hours that are touched are gone as well."""
    mornings = tuple(
        AvoidedHours(weekday=day, from_time="00:00", to_time="11:45") for day in ("mon", "tue", "wed", "thu", "fri")
    )
    plan, _ = plan_for(request_of(wishes=Wishes(avoid_hours=mornings)))
    assert plan is not None
    assert all(meeting.wall[11:] >= "12:00" for meeting in plan.meetings)


def test_no_meeting_lies_in_the_closed_weeks() -> None:
    """Weeks 28 to 31, public holidays and Christmas Eve stay free, whatever it costs."""
    plan, _ = plan_for(request_of(kind="joint", earliest_start=date(2027, 4, 1)))
    assert plan is not None
    for meeting in plan.meetings:
        assert meeting.day.isocalendar().week not in SPARK.closed.weeks
        assert not SPARK.closed_days(meeting.day, meeting.day)


def test_no_meeting_lies_in_the_school_holidays_of_any_municipality_of_the_course() -> None:
    """A joint course of Odense (week 7) and Vesthimmerland (week 8) has its first meeting after both."""
    wishes = Wishes(unavailable=(UnavailablePeriod(start="2026-12-01T00:00", end="2027-02-14T24:00"),))
    alone, _ = plan_for(request_of(wishes=wishes))
    both, _ = plan_for(request_of(wishes=wishes, municipalities=(ODENSE, "820")))
    assert alone is not None
    assert both is not None
    assert alone.meetings[0].day == date(2027, 2, 22)
    assert both.meetings[0].day == date(2027, 3, 1)
    for meeting in both.meetings:
        assert meeting.day not in SPARK.closed.school_holidays_of({ODENSE, "820"})


@pytest.mark.parametrize("changed", [date(2027, 3, 28), date(2027, 10, 31)])
def test_a_period_of_hours_begins_and_ends_with_local_days_around_a_clock_change(changed: date) -> None:
    """The Friday before a change has the one week, the Monday after it the other; wall times stay what they are."""
    friday, monday = changed - timedelta(days=2), changed + timedelta(days=1)
    mornings = {"fri": [["08:00", "12:00"]], "mon": [["08:00", "12:00"]], "wed": [["08:00", "16:00"]]}
    afternoons = {"first": str(changed), "hours": {"mon": [["12:00", "16:00"]], "wed": [["08:00", "16:00"]]}}
    calendar = RosterCalendar(zone=SPARK.tz, horizon_days=400, today=TODAY)
    calendar.put("anne", roster_entry(hours=mornings, hours_by_period=[afternoons]).facts())
    question = question_of(
        request_of(),
        Window(earliest=friday, latest_start=friday, latest=monday),
        matter_of(),
        calendar=calendar,
        programme=SPARK,
        municipalities=load_municipalities(),
        workplace_key=bytes(32),
        today=TODAY,
    )
    starts = question.consultants[0].hours.starts(4)
    days = [starts >> day * 48 & (1 << 48) - 1 for day in range(4)]
    assert days == [0b11111 << 16, 0, 0, 0b11111 << 24]


def test_travel_is_claimed_around_meetings_at_the_workplace() -> None:
    """From Odense to Copenhagen: well over an hour each way, and half an hour to set up."""
    request = request_of(municipalities=(COPENHAGEN,))
    plan, _ = plan_for(request, municipality=COPENHAGEN)
    assert plan is not None
    for meeting in plan.meetings:
        before, after = meeting.starts_at - meeting.claimed_from, meeting.claimed_until - meeting.ends_at
        if meeting.place == "online":
            assert (before, after) == (timedelta(0), timedelta(0))
        else:
            assert before > after > timedelta(hours=1)


def test_a_blocked_municipality_is_a_conflict_of_interest() -> None:
    """She is ruled out for it, and counted under that rule."""
    assert plan_for(request_of(), roster_entry(blocked_municipalities=[ODENSE])) == (None, ["blocked"])


@pytest.mark.parametrize(
    ("name", "postal_code", "blocked"),
    [
        ("Jobcentret", "5000", True),
        ("JOB-CENTRET ", "5000", True),
        ("Jobcentret", "5230", False),
        ("Jobcentret Syd", "5000", False),
    ],
)
def test_a_blocked_workplace_is_a_conflict_of_interest(name: str, postal_code: str, *, blocked: bool) -> None:
    """The same name at the same postal code, however it is written; another one of that name elsewhere is not."""
    entry = roster_entry(blocked_workplaces=[{"name": name, "postal_code": postal_code}])
    plan, rules = plan_for(request_of(), entry)
    assert (plan is None) == blocked
    assert rules == (["blocked"] if blocked else [])


def test_hours_of_a_period_count_in_it_and_the_ordinary_ones_outside() -> None:
    """Away on all days but Wednesday mornings until Easter: the first meetings lie there, later ones again on any day."""
    mornings = {"first": "2026-12-01", "last": "2027-03-20", "hours": {"wed": [["08:00", "12:00"]]}}
    plan, _ = plan_for(request_of(), roster_entry(hours_by_period=[mornings]))
    assert plan is not None
    within = [one for one in plan.meetings if one.day <= date(2027, 3, 20)]
    assert len(within) >= 2
    assert all(one.day.weekday() == 2 and one.wall[11:] <= "10:00" for one in within)
    nothing = {"first": "2026-12-01", "hours": {}}
    assert plan_for(request_of(), roster_entry(hours_by_period=[nothing])) == (None, ["hours"])


def test_a_consultants_own_minutes_replace_those_of_the_table() -> None:
    """To the municipality that they name and to no other, in claims and in cost."""
    table, _ = plan_for(request_of(municipalities=(COPENHAGEN,)), municipality=COPENHAGEN)
    overridden = roster_entry(travel_overrides={COPENHAGEN: 20})
    own, _ = plan_for(request_of(municipalities=(COPENHAGEN,)), overridden, municipality=COPENHAGEN)
    at_home, _ = plan_for(request_of(), overridden)
    as_ever, _ = plan_for(request_of(), roster_entry())
    assert table is not None
    assert own is not None
    assert own.terms["travel"] < table.terms["travel"]
    first = own.meetings[0]
    assert first.starts_at - first.claimed_from == timedelta(minutes=60), (
        "20 minutes and half an hour to set up, in half hours"
    )
    assert at_home == as_ever


def test_who_is_not_active_is_not_asked() -> None:
    """Neither a winner nor a reason."""
    assert plan_for(request_of(), roster_entry(active=False)) == (None, [])


def joint_plan(**hosts: int | str) -> Programme:
    """SPARK with a joint course whose meetings, by code, have these hosts."""
    joint = SPARK.plans["joint"]
    meetings = [one.model_copy(update={"host": hosts.get(one.code, 1)}) for one in joint.meetings]
    plan = joint.model_copy(update={"meetings": tuple(meetings)})
    return SPARK.model_copy(update={"plans": {**SPARK.plans, "joint": plan}})


def joint_matter(*municipalities: str) -> Matter:
    places = tuple(matter_of(municipality=one).workplaces[0] for one in municipalities)
    return Matter(themes=("samarbejde",), workplaces=places)


def test_each_meeting_of_a_joint_course_has_the_way_to_its_own_host() -> None:
    """From Odense: half an hour to set up at home, and more than an hour on top to the workshop in Copenhagen."""
    programme = joint_plan(workshop_1=1, workshop_2=2)
    request = request_of(kind="joint", municipalities=(ODENSE, COPENHAGEN))
    plan, _ = plan_for(request, programme=programme, matter=joint_matter(ODENSE, COPENHAGEN))
    assert plan is not None
    before = {one.code: one.starts_at - one.claimed_from for one in plan.meetings}
    assert before["planning_1"] == before["workshop_1"] <= timedelta(hours=1)
    assert before["workshop_2"] >= timedelta(hours=2)
    assert {before[code] for code in ("planning_2", "planning_3", "planning_4", "follow_up")} == {timedelta(0)}


def test_a_consultant_is_blocked_by_any_host() -> None:
    """A conflict of interest with the second workplace's municipality rules her out, although the first is no matter."""
    request = request_of(kind="joint", municipalities=(ODENSE,))
    roster = roster_entry(blocked_municipalities=[COPENHAGEN])
    assert plan_for(request, roster, matter=joint_matter(ODENSE, COPENHAGEN)) == (None, ["blocked"])


def test_a_first_meeting_online_never_lies_after_the_last_day_for_a_start_either() -> None:
    """Who is away until then cannot begin, wherever the meeting is; and nobody travels to it."""
    joint = SPARK.plans["joint"]
    online = joint.meetings[0].model_copy(update={"place": "online"})
    plan = joint.model_copy(update={"meetings": (online, *joint.meetings[1:])})
    programme = SPARK.model_copy(update={"plans": {**SPARK.plans, "joint": plan}})
    request = request_of(kind="joint")
    away = roster_entry(leave=[{"first": TODAY, "last": date(2027, 5, 22)}])
    assert plan_for(request, away, programme=programme) == (None, ["busy"])
    found, _ = plan_for(request, programme=programme)
    assert found is not None
    assert found.meetings[0].starts_at == found.meetings[0].claimed_from
