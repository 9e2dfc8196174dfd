import re
import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.programme import load_programme, parse_programme
from shared.programme_faults import ProgrammeError
from shared.programme_plans import CoursePlan

SPARK_FILE = Path(__file__).parents[2] / "deploy/programme/spark.toml"
SPARK_TEXT = SPARK_FILE.read_text(encoding="utf-8")
SPARK = load_programme(SPARK_FILE)


def faults(text: str) -> dict[str, str]:
    """Return path and text of every fault that the file is refused for."""
    with pytest.raises(ProgrammeError) as refused:
        parse_programme(text, source="spark.toml")
    return {fault.path: fault.text for fault in refused.value.faults}


def changed(old: str, new: str) -> str:
    assert old in SPARK_TEXT
    return SPARK_TEXT.replace(old, new, 1)


def test_spark_is_a_valid_programme() -> None:
    """The programme that is delivered has six themes, both plans, and the periods that were decided."""
    assert [theme.code for theme in SPARK.themes] == [
        "forandringer",
        "samarbejde",
        "vold_trusler",
        "arbejdets_indhold",
        "chikane",
        "alenearbejde",
    ]
    assert set(SPARK.plans) == {"single", "joint"}
    assert (SPARK.admission, SPARK.confirm, SPARK.zone) == ("immediate", "one", "Europe/Copenhagen")
    assert SPARK.latest_start(date(2026, 11, 20)) == date(2027, 5, 22)
    assert {kind.code for kind in SPARK.committee_kinds if "joint" in kind.courses} == {
        "hovedmed",
        "forvaltningsmed",
        "centermed",
        "omraademed",
    }


def test_meeting_names_are_neutral() -> None:
    """No name of a meeting or plan holds a theme: they stand in calendars that others see."""
    names = [name for plan in SPARK.plans.values() for name in (plan.name, *(one.name for one in plan.meetings))]
    for theme in SPARK.themes:
        assert not [name for name in names if theme.da.casefold() in name.da.casefold()]


def test_the_workshops_lie_six_to_ten_weeks_apart() -> None:
    """Both gaps between the workshops together never allow less than 42 or more than 70 days."""
    plan = SPARK.plans["joint"]
    codes = [meeting.code for meeting in plan.meetings]
    between = plan.meetings[codes.index("workshop_1") + 1 : codes.index("workshop_2") + 1]
    gaps = [meeting.gap_days for meeting in between if meeting.gap_days]
    assert (sum(gap.min for gap in gaps), sum(gap.max for gap in gaps)) == (42, 70)


def test_notice_is_kept_for_meetings_and_workshops() -> None:
    """The first workshop never lies less than 42 days ahead, whatever stands before it in the plan."""
    assert SPARK.notice_days("single") == 21
    joint = SPARK.notice_days("joint")
    assert joint >= 21
    gaps = [meeting.gap_days for meeting in SPARK.plans["joint"].meetings[1:3] if meeting.gap_days]
    assert joint + sum(gap.min for gap in gaps) >= 42


def test_a_plan_that_opens_with_a_workshop_has_the_long_notice() -> None:
    """Where nothing comes before the workshop, the whole notice lies before the first meeting."""
    plan = CoursePlan.model_validate(
        {
            "name": {"da": "a", "en": "b"},
            "meetings": [
                {
                    "code": "w",
                    "kind": "workshop",
                    "name": {"da": "a", "en": "b"},
                    "minutes": 180,
                    "place": "workplace",
                    "participants": {"da": "a", "en": "b"},
                }
            ],
        }
    )
    assert plan.notice_days(first_meeting=21, first_workshop=42) == 42
    assert plan.notice_days(first_meeting=60, first_workshop=42) == 42


def test_closed_days_follow_the_programme() -> None:
    """Public holidays, fixed dates and summer weeks are closed, an ordinary Tuesday is not."""
    closed = SPARK.closed_days(date(2027, 1, 1), date(2027, 12, 31))
    assert {date(2027, 3, 26), date(2027, 6, 5), date(2027, 12, 24), date(2027, 7, 20)} <= closed
    assert date(2027, 1, 12) not in closed


def test_school_holidays_close_days_for_their_municipalities_only() -> None:
    """Week 7 in Odense, week 8 in Vesthimmerland, both for a course of both; Easter everywhere; none where nobody is asked."""
    year = date(2027, 1, 2), date(2027, 12, 31)
    week_7, week_8, easter = date(2027, 2, 17), date(2027, 2, 24), date(2027, 3, 23)
    odense = SPARK.closed_days(*year, municipalities=["461"])
    vesthimmerland = SPARK.closed_days(*year, municipalities=["820"])
    assert {week_7, easter} <= odense
    assert week_8 not in odense
    assert {week_8, easter} <= vesthimmerland
    assert week_7 not in vesthimmerland
    assert SPARK.closed_days(*year, municipalities={"461", "820"}) == odense | vesthimmerland
    assert easter in SPARK.closed_days(*year, municipalities=["766"])
    assert not {week_7, week_8, easter} & SPARK.closed_days(*year)
    assert SPARK.closed_days(date(2027, 2, 18), date(2027, 2, 18), municipalities=["461"]) == {date(2027, 2, 18)}


def test_a_programme_cannot_be_changed_at_run_time() -> None:
    """The configuration is read once and stays what it was."""
    with pytest.raises(ValidationError, match="frozen"):
        SPARK.confirm = "none"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("old", "new", "path", "text"),
    [
        ('admission = "immediate" ', 'admission = "later" ', "admission", "'immediate' or 'review'"),
        (
            "setup_minutes = 30",
            "setup_minutes = 30\nsetup_minuts = 30",
            "matching.setup_minuts",
            "mean 'setup_minutes'",
        ),
        ('admission = "immediate" ', "", "admission", "is missing: add it"),
        ("Europe/Copenhagen", "Europe/Kobenhavn", "zone", "IANA name"),
        ("spark@forloeb.example", "SPARK <spark@forloeb.example>", "sender.address", "exactly one plain mail address"),
        (
            "forloeb-koordinator@forloeb.example",
            "a@b.example, c@d.example",
            "coordinators.mail",
            "one plain mail address",
        ),
        ('code = "samarbejde"', 'code = "forandringer"', "themes[1].code", "stands twice"),
        ('code = "samarbejde"', 'code = "Samarbejde"', "themes[1].code", "pattern"),
        ("minutes = 120", "minutes = 100", "plans.single.meetings[0].minutes", "multiple of 30"),
        (
            "min = 14, ideal = 21",
            "min = 22, ideal = 21",
            "plans.single.meetings[1].gap_days.ideal",
            "between min and max",
        ),
        ("gap_days = { min = 14, ideal = 21, max = 35 }", "", "plans.single.meetings[1].gap_days", "is missing"),
        ('code = "second"', 'code = "first"', "plans.single.meetings[2].code", "stands twice"),
        ("max_days = 70", "max_days = 63", "plans.joint.spans[0]", "allow 42 to 70 days"),
        ('last = "workshop_2"', 'last = "workshop_3"', "plans.joint.spans[0].last", "names no meeting"),
        ("horizon_days = 400", "horizon_days = 300", "plans.joint.meetings", "needs 140 days"),
        ("horizon_days = 400", "horizon_days = 100", "windows.horizon_days", "must not be shorter"),
        ('"12-24"', '"24-12"', "closed.dates[1]", "MM-DD"),
        ("weeks = [28,", "weeks = [54,", "closed.weeks[0]", "less than or equal to 53"),
        (
            'municipalities = ["820"]',
            'municipalities = ["411"]',
            "closed.school_holidays[3].municipalities[0]",
            "digits",
        ),
        ("last = 2027-02-26", "last = 2028-02-26", "closed.school_holidays[3].last", "0 to 69 days after"),
        ("last = 2027-02-26", "last = 2027-02-21", "closed.school_holidays[3].last", "0 to 69 days after"),
        ('fri = [["08:00", "15:00"]]', 'fri = [["15:00", "08:00"]]', "workplace_hours.fri[0]", "must be before"),
        ('travel_hours = ["06:00"', 'travel_hours = ["6"', "matching.travel_hours[0]", "pattern"),
        ("no_sector = 15", "no_sector = -1", "matching.weights.no_sector", "greater than or equal to 0"),
        ("completed_days = 365", "", "retention.completed_days", "is missing"),
        ('privacy = { da = "https', 'privacy = { da = "http', "links.privacy.da", "pattern"),
    ],
)
def test_a_fault_names_its_field_and_what_to_do(old: str, new: str, path: str, text: str) -> None:
    """Whoever edits the file is led to the one wrong field."""
    found = faults(changed(old, new))
    assert set(found) == {path}
    assert text in found[path]


def test_a_committee_can_only_apply_for_courses_that_have_a_plan() -> None:
    """Without the joint plan, which comes last in the file, the first committee that may apply for one is named."""
    alone = SPARK_TEXT[: SPARK_TEXT.index("[plans.joint]")]
    assert faults(alone) == {"committee_kinds[3].courses[0]": "has no course plan in plans"}


def test_all_faults_are_told_at_once() -> None:
    """Two mistakes in different parts need one start to be found, not two."""
    text = changed('confirm = "one"', 'confirm = "two"').replace("load_tenth = 2", "load_tenth = 1.5")
    assert set(faults(text)) == {"confirm", "matching.weights.load_tenth"}


def test_the_message_lists_the_file_and_its_faults() -> None:
    """The text of the error is what is printed at start."""
    with pytest.raises(ProgrammeError) as refused:
        parse_programme(changed('confirm = "one"', ""), source="spark.toml")
    assert str(refused.value) == "spark.toml cannot be used:\n  - confirm: is missing: add it"


def test_a_file_that_is_no_toml_or_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """Broken syntax is told with its line, an absent file with its name."""
    assert "line 1" in faults("code = = 1")[""]
    with pytest.raises(ProgrammeError, match=r"absent.toml cannot be used:\n.*cannot be read"):
        load_programme(tmp_path / "absent.toml")


def test_choices_are_found_by_code() -> None:
    """A known code gives its words in both languages, an unknown one nothing."""
    theme = SPARK.theme("alenearbejde")
    assert theme is not None
    assert (theme.in_language("da"), theme.in_language("en")) == ("Alenearbejde", "Working alone")
    assert theme.in_language("de") == "Alenearbejde"
    assert SPARK.theme("kaffe") is None
    assert SPARK.sector("jobcenter") is not None
    assert SPARK.committee_kind("hovedmed") is not None


@given(st.sampled_from(sorted(set(SPARK_TEXT.splitlines()))))
def test_a_lost_line_is_either_harmless_or_told(line: str) -> None:
    """Without any one of its lines the file is accepted or refused with an error of ours, never with another one."""
    text = SPARK_TEXT.replace(line + "\n", "", 1)
    try:
        programme = parse_programme(text, source="spark.toml")
    except ProgrammeError as error:
        assert error.faults  # noqa: PT017 - being accepted is right as well
    else:
        assert programme.themes
    assert tomllib.loads(SPARK_TEXT)["code"] == "spark"


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        (
            'email = "dpo@forloeb.example"',
            'email = "dpo@forloeb.example, x@y.example"',
            "organisation.data_protection.email",
        ),
        ('phone = "00 00 00 00"', 'phone = "ring til os"', "organisation.phone"),
        ('url = "https://at.dk/"', 'url = "http://at.dk/"', "acute_help[2].url"),
        ("reviewed_on = 2026-11-22", 'reviewed_on = "soon"', "accessibility.reviewed_on"),
    ],
)
def test_wrong_facts_about_the_organisation_are_named(old: str, new: str, path: str) -> None:
    """They stand on public pages: a number that cannot be called, or two addresses in one, must not get there."""
    assert list(faults(changed(old, new))) == [path]


@pytest.mark.parametrize(
    ("old", "new", "path", "text"),
    [
        ("[messages.reminders]", "[messages.remindrs]", "messages.remindrs", "did you mean 'reminders'"),
        (
            'send_hours = ["08:00", "16:00"]',
            'send_hours = ["16:00", "08:00"]',
            "messages.send_hours",
            "before the second",
        ),
        (
            'send_hours = ["08:00", "16:00"]',
            'send_hours = ["08:00", "08:30"]',
            "messages.send_hours",
            "an hour at least",
        ),
        ("= [7, 1]", "= [1, 7]", "messages.reminders.working_days_before", "the earliest reminder first: [7, 1]"),
        ("= [7, 1]", "= [7, 7]", "messages.reminders.working_days_before", "twice"),
        ("= [7, 1]", "= []", "messages.reminders.working_days_before", "at least 1 item"),
        (
            '"https://forloeb.example/evaluering"',
            '"https://forloeb.example/spørgeskema"',
            "messages.evaluation.url",
            "pattern",
        ),
        ("months_after = 3", "months_after = 0", "messages.evaluation.months_after", "greater than or equal to 1"),
        ('last = "second"', 'last = "third"', "plans.single.trials[0].last", "names no meeting of this plan"),
        ('last = "second"', 'last = "opening"', "plans.single.trials[0].last", "must come after the first"),
        (
            "[[plans.single.trials]]\n",
            '[[plans.single.trials]]\nfirst = "opening"\nlast = "second"\n\n[[plans.single.trials]]\n',
            "plans.single.trials[1].last",
            "ends another trial",
        ),
        (
            'url = "https://forloeb.example/viden/kerneopgaven"',
            'url = "/viden/kerneopgaven"',
            "themes[3].materials[0].url",
            "pattern",
        ),
    ],
)
def test_wrong_settings_of_timed_mails_are_named(old: str, new: str, path: str, text: str) -> None:
    """Misspelt kinds, hours that never open, reminders in the wrong order: each is told by its path."""
    found = faults(changed(old, new))
    assert list(found) == [path]
    assert text in found[path]


def test_mails_without_a_subject_are_refused() -> None:
    """Asking about trials where no plan has any, or mailing materials that no theme has, would never send anything."""
    without_trials = re.sub(r'\[\[plans\.\w+\.trials\]\]\nfirst = "\w+"\nlast = "\w+"\n', "", SPARK_TEXT)
    assert list(faults(without_trials)) == ["messages.trial_check"]
    without_materials = re.sub(r"\[\[themes\.materials\]\]\nname = .*\nurl = .*\n", "", SPARK_TEXT)
    assert list(faults(without_materials)) == ["messages.materials"]


def test_the_delivered_organisation_is_visibly_an_example() -> None:
    """Its addresses lie under a domain that nobody can own, and its numbers cannot be called."""
    about = SPARK.organisation
    for address in (about.email, about.data_protection.email, SPARK.accessibility.email):
        assert address.endswith(".example")
    for phone in (about.phone, about.data_protection.phone, SPARK.accessibility.phone):
        assert phone.startswith("00")
