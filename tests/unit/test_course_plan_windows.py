"""Whatever is asked for, what is planned keeps windows, gaps, closed days and ways: checked by plain date arithmetic."""

from datetime import UTC, date, datetime, timedelta
from math import ceil

from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduler.course_plan import question_of, window_for
from services.scheduler.matching import match
from services.scheduler.outcome import PlacedMeeting
from services.scheduler.roster_calendar import RosterCalendar
from shared.events import CourseKind, Matter
from shared.reference.municipalities import load_municipalities
from shared.reference.travel import travel_minutes
from tests.factories import spark
from tests.scheduler_samples import AARHUS, COPENHAGEN, ODENSE, matter_of, request_of, roster_entry

SPARK = spark()
MUNICIPALITIES = load_municipalities()
PLACES = (ODENSE, AARHUS, COPENHAGEN, "400", "820")
HALF_HOUR = timedelta(minutes=30)
FIRST, LAST = date(2026, 6, 1), date(2028, 1, 1)

WAYS: st.SearchStrategy[tuple[CourseKind, str | None]] = st.sampled_from(
    [("single", "two_meetings"), ("single", "one_day"), ("single", None), ("joint", None)]
)


def half_hours(minutes: int) -> timedelta:
    return HALF_HOUR * ceil(minutes / 30)


@settings(max_examples=25)
@given(
    way=WAYS,
    places=st.lists(st.sampled_from(PLACES), min_size=1, max_size=4),
    home=st.sampled_from(PLACES),
    applied_on=st.dates(FIRST, LAST),
    wished_after=st.integers(0, 150),
    waited=st.integers(0, 150),
)
def test_every_window_gap_closed_day_and_way_is_kept(
    way: tuple[CourseKind, str | None], places: list[str], home: str, applied_on: date, wished_after: int, waited: int
) -> None:
    """For all formats, hosts in several municipalities, and applications that waited; the rules are written out here."""
    kind, code = way
    places = places if kind == "joint" else places[:1]
    today = applied_on + timedelta(days=waited)
    wished = applied_on + timedelta(days=wished_after)
    request = request_of(
        kind=kind,
        format=code,
        municipalities=tuple(dict.fromkeys(places)),
        earliest_start=wished,
        submitted_at=datetime(applied_on.year, applied_on.month, applied_on.day, 12, tzinfo=UTC),
    )
    calendar = RosterCalendar(zone=SPARK.tz, horizon_days=SPARK.windows.horizon_days, today=today)
    calendar.put("anne", roster_entry(municipality=home).facts())
    question = question_of(
        request,
        window_for(request, SPARK),
        Matter(themes=("samarbejde",), workplaces=tuple(matter_of(municipality=one).workplaces[0] for one in places)),
        calendar=calendar,
        programme=SPARK,
        municipalities=MUNICIPALITIES,
        workplace_key=bytes(32),
        today=today,
    )
    plan = match(question).winner
    if plan is None:
        assert today > applied_on, "who applies today is always placed"
        return
    _check_days(plan.meetings, way, applied_on=applied_on, wished=wished, today=today, places=places)
    _check_claims(plan.meetings, home, places)


def _check_days(
    placed: tuple[PlacedMeeting, ...],
    way: tuple[CourseKind, str | None],
    *,
    applied_on: date,
    wished: date,
    today: date,
    places: list[str],
) -> None:
    kind, code = way
    wanted = [one for one in SPARK.plans[kind].meetings if not one.formats or (code or "two_meetings") in one.formats]
    assert [one.code for one in placed] == [one.code for one in wanted]
    days = {one.code: one.day for one in placed}
    first = placed[0].day
    assert first >= max(wished, today + timedelta(days=21), applied_on + timedelta(days=21))
    assert first <= applied_on + timedelta(days=183)
    assert placed[-1].day <= applied_on + timedelta(days=400)
    if kind == "joint":
        assert days["workshop_1"] - today >= timedelta(days=42)
        assert timedelta(days=42) <= days["workshop_2"] - days["workshop_1"] <= timedelta(days=70)
        assert timedelta(days=77) <= days["follow_up"] - days["workshop_2"] <= timedelta(days=105)
    for before, one, planned in zip(placed, placed[1:], wanted[1:], strict=False):
        assert planned.gap_days
        assert planned.gap_days.min <= (one.day - before.day).days <= planned.gap_days.max
    for one in placed:
        assert one.day.weekday() < 5
        assert one.day.isocalendar().week not in (28, 29, 30, 31)
        assert (one.day.month, one.day.day) not in ((6, 5), (12, 24), (12, 31))
        for holiday in SPARK.closed.school_holidays:
            if "all" in holiday.municipalities or set(places) & set(holiday.municipalities):
                assert not holiday.first <= one.day <= holiday.last


def _check_claims(placed: tuple[PlacedMeeting, ...], home: str, places: list[str]) -> None:
    """From the consultant's town to the host's and back, setting up included; nothing around a meeting online."""
    hosts = {"workshop_2": places[1] if len(places) > 1 else places[0]}
    online = {"follow_up", "planning_2", "planning_3", "planning_4"}
    for one in placed:
        before, after = one.starts_at - one.claimed_from, one.claimed_until - one.ends_at
        if one.code in online:
            assert before == after == timedelta(0)
            continue
        host = hosts.get(one.code, places[0])
        way = travel_minutes(MUNICIPALITIES.get(home), MUNICIPALITIES.get(host))
        assert (before, after) == (half_hours(way + 30), half_hours(way))
