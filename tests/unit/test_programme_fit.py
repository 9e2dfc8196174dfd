"""Plans that can never be held are refused with their field; periods in which none can begin are told."""

import io
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.doctor.check_plans import check_plans
from services.doctor.programme_command import check_file
from shared.events import CourseKind
from shared.programme import Programme, parse_programme
from shared.programme_faults import ProgrammeError
from shared.programme_fit import Period, periods_without_course, periods_without_start
from shared.programme_meetings import GapDays, PlannedMeeting, hosts_of
from tests.factories import SPARK_FILE, spark

SPARK = spark()
UNSCHOOLED = SPARK.model_copy(update={"closed": SPARK.closed.model_copy(update={"school_holidays": ()})})
"""Without the school holidays, which are other ones each year."""
TEXT = SPARK_FILE.read_text(encoding="utf-8")
TODAY = date(2026, 11, 22)
EVERY_WEEK = f"weeks = {list(range(1, 54))}"


def faults(*changes: tuple[str, str]) -> dict[str, str]:
    """Path and text of every fault of SPARK's file with these changes."""
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    with pytest.raises(ProgrammeError) as refused:
        parse_programme(text, source="spark.toml")
    return {fault.path: fault.text for fault in refused.value.faults}


def with_gaps(*gaps: tuple[int, int], programme: Programme = UNSCHOOLED) -> Programme:
    """SPARK with a plan of one meeting more than there are gaps, unchecked."""
    first, *_ = programme.plans["single"].meetings
    later = [
        first.model_copy(update={"code": f"m{number}", "gap_days": GapDays(min=least, ideal=least, max=most)})
        for number, (least, most) in enumerate(gaps)
    ]
    plan = programme.plans["single"].model_copy(update={"meetings": (first, *later), "formats": ()})
    return programme.model_copy(update={"plans": {"single": plan}})


@pytest.mark.parametrize(
    ("changes", "path", "text"),
    [
        (
            [('["08:00", "16:00"]', '["09:00", "12:00"]')] * 4 + [('["08:00", "15:00"]', '["08:00", "12:00"]')],
            "plans.single.meetings[3].minutes",
            "longer than every interval of workplace_hours",
        ),
        (
            [('travel_hours = ["06:00", "20:00"]', 'travel_hours = ["10:00", "16:00"]')],
            "plans.single.meetings[3].minutes",
            "within matching.travel_hours, setting up included",
        ),
        (
            [("weeks = [28, 29, 30, 31]", EVERY_WEEK)],
            "plans.single.meetings[0]",
            "every day with hours for it is closed",
        ),
        (
            # Every other week is closed, and the next meeting would always have to be in one of those.
            [
                ("weeks = [28, 29, 30, 31]", f"weeks = {list(range(2, 53, 2))}"),
                ("gap_days = { min = 14, ideal = 21, max = 35 }", "gap_days = { min = 7, ideal = 7, max = 7 }"),
            ],
            "plans.single.meetings[1].gap_days",
            "all days within the gap are closed",
        ),
        (
            [("gap_days = { min = 42, ideal = 56, max = 84 }", "gap_days = { min = 365, ideal = 365, max = 365 }")],
            "plans.single.meetings",
            "a course that starts late has 217 to the horizon",
        ),
    ],
)
def test_a_plan_that_can_never_be_held_is_refused_at_its_field(
    changes: list[tuple[str, str]], path: str, text: str
) -> None:
    """Whoever writes the file reads why before an applicant waits in vain."""
    found = faults(*changes)
    assert set(found) == {path}
    assert text in found[path]


@pytest.mark.parametrize(
    ("old", "new", "path", "text"),
    [
        (
            'formats = ["one_day"]',
            'formats = ["one_dag"]',
            "plans.single.meetings[3].formats[0]",
            "no format of this plan",
        ),
        ('code = "one_day"', 'code = "two_meetings"', "plans.single.formats[1].code", "stands twice"),
        (
            'minutes = 60\nplace = "online"',
            'minutes = 60\nplace = "online"\nhost = 2',
            "plans.single.meetings[4].host",
            "left out",
        ),
        ('host = "turn"', "host = 0", "plans.joint.meetings[2].host", "1 to 40"),
    ],
)
def test_formats_and_hosts_fit_together(old: str, new: str, path: str, text: str) -> None:
    """A meeting names known formats, each format has its own code, and nobody is host of a meeting online."""
    found = faults((old, new))
    assert set(found) == {path}
    assert text in found[path]


def test_each_format_has_its_own_chain_of_meetings() -> None:
    """A format in which nothing comes before the second meeting has no gap there: the file must say so."""
    found = faults(('code = "opening"\n', 'code = "opening"\nformats = ["one_day"]\n'))
    assert list(found) == ["plans.single.meetings[1].gap_days"]
    assert [one.code for one in SPARK.plans["single"].meetings_of("one_day")] == ["opening", "day", "follow_up"]
    assert SPARK.plans["single"].meetings_of("gone") == SPARK.plans["single"].meetings_of("two_meetings")


def test_hosts_take_turns_or_have_their_number() -> None:
    """Where the application has fewer workplaces than the plan names, the first is host."""
    meeting = SPARK.plans["joint"].meetings[0]

    def hosted(host: object) -> PlannedMeeting:
        return meeting.model_copy(update={"host": host})

    meetings = [hosted("turn"), hosted(2), hosted("turn"), hosted(3), hosted("turn")]
    assert hosts_of(meetings, 2) == (0, 1, 1, 0, 0)
    assert hosts_of(meetings, 1) == (0, 0, 0, 0, 0)
    assert hosts_of(meetings, 3) == (0, 1, 1, 2, 2)


def test_a_gap_that_is_shorter_than_the_summer_is_told_and_not_refused() -> None:
    """A second meeting a week or two after the first: who would begin up to two weeks before the closed weeks cannot."""
    found = periods_without_start(with_gaps((7, 14)), "single", None, first=TODAY, days=400, least_days=21)
    # The closed weeks of 2027 are 12 July to 8 August; a course of Friday 2 July could go on a week later.
    assert found == [Period(date(2027, 7, 3), date(2027, 8, 8))]
    assert found[0].days == 37


@given(
    gaps=st.lists(
        st.tuples(st.integers(1, 60), st.integers(0, 30)).map(lambda one: (one[0], one[0] + one[1])), max_size=3
    ),
    first=st.dates(date(2026, 1, 1), date(2029, 1, 1)),
)
def test_starts_are_those_from_which_a_walk_over_the_calendar_comes_to_the_end(
    gaps: list[tuple[int, int]], first: date
) -> None:
    """Compared with a plain search, day by day, that knows no bitmaps."""
    programme = with_gaps(*gaps)
    days = 60
    told = periods_without_start(programme, "single", None, first=first, days=days, least_days=1)
    dead = {one.first + timedelta(days=offset) for one in told for offset in range(one.days)}
    closed = programme.closed_days(first, first + timedelta(days=500))
    longest = programme.windows.horizon_days - programme.notice_days("single")

    def open_on(day: date) -> bool:
        return day.weekday() < 5 and day not in closed

    for offset in range(days):
        start = first + timedelta(days=offset)
        reached = {start} if open_on(start) else set()
        for least, most in gaps:
            after = {day + timedelta(days=gap) for day in reached for gap in range(least, most + 1)}
            reached = {day for day in after if open_on(day) and (day - start).days <= longest}
        assert (start in dead) == (not reached)


def test_applications_that_come_in_vain_are_told_with_what_to_do() -> None:
    """With one month for the first meeting, nobody who applies before the summer can begin before it is over."""
    windows = SPARK.windows.model_copy(update={"first_meeting_within_days": 28})
    narrow = UNSCHOOLED.model_copy(update={"windows": windows})
    found = periods_without_course(narrow, "single", "one_day", first=TODAY, days=365)
    # Who applies then has 21 to 28 days later: all in the closed weeks, or on days from which the next meeting would be
    # (28 June to 2 July: five weeks on, the last that its gap allows, is still before 9 August).
    assert found == [Period(date(2027, 6, 5), date(2027, 6, 6)), Period(date(2027, 6, 19), date(2027, 7, 11))]
    wrong = [one for one in check_plans(narrow, TODAY) if one.state == "wrong"]
    assert (
        "single, one_day: no course is possible for applications of 5 June 2027 to 6 June 2027; 19 June 2027 to 11 July 2027"
        in wrong[1].text
    )
    assert wrong[0].advice.startswith("Widen gap_days")


@pytest.mark.parametrize(("kind", "code"), [("single", "two_meetings"), ("single", "one_day"), ("joint", None)])
def test_whoever_applies_to_spark_can_get_a_course(kind: CourseKind, code: str | None) -> None:
    """On no day of the next years does an application come in vain for want of open days."""
    assert periods_without_course(SPARK, kind, code, first=TODAY, days=731) == []


def test_the_command_tells_faults_and_when_courses_can_begin(tmp_path: Path) -> None:
    """A good file: its plans, exit code 0. A bad one: each fault with its path, exit code 1."""
    out = io.StringIO()
    assert check_file(SPARK_FILE, today=TODAY, out=out) == 0
    assert "plans: joint: can begin all year, but for 3 July 2027 to 8 August 2027" in out.getvalue()
    bad = tmp_path / "p.toml"
    bad.write_text(TEXT.replace("weeks = [28, 29, 30, 31]", EVERY_WEEK), encoding="utf-8")
    out = io.StringIO()
    assert check_file(bad, today=TODAY, as_json=True, out=out) == 1
    (row,) = json.loads(out.getvalue())
    assert row["state"] == "wrong"
    assert row["text"].startswith("plans.single.meetings[0]: ")
