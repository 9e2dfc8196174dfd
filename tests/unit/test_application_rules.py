from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.application import ApplicationForm
from services.intake.application_rules import check
from services.intake.faults import FieldFault
from shared.programme import Programme
from shared.reference.municipalities import load_municipalities
from tests.factories import SPARK_FILE, joint_application, joint_form, single_application, single_form, spark

TODAY = date(2026, 11, 20)
SPARK = spark()
MUNICIPALITIES = load_municipalities()


def broken(form: ApplicationForm, programme: Programme = SPARK) -> list[FieldFault]:
    return check(form, programme=programme, municipalities=MUNICIPALITIES, today=TODAY)


def codes(form: ApplicationForm) -> dict[str, str]:
    return {one.path: one.code for one in broken(form)}


def lunch_on(*weekdays: str) -> list[dict[str, str]]:
    """Hours out that leave no stretch of three hours on a day."""
    return [{"weekday": day, "from_time": "10:15", "to_time": "13:15"} for day in weekdays]


def test_valid_applications_break_no_rule() -> None:
    """Both examples may be sent, on whatever day."""
    assert broken(single_form()) == []
    assert broken(joint_form()) == []


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"format": "one_hour"}, "format", "format_not_offered"),
        ({"committee.kind": "elevraad"}, "committee.kind", "committee_unknown"),
        ({"committee.kind": "hovedmed"}, "committee.kind", "committee_not_for_kind"),
        ({"committees_expected": 3}, "committees_expected", "committees_expected_only_joint"),
        ({"municipalities": ["329", "411"]}, "municipalities.1", "municipality_unknown"),
        ({"municipalities": ["329", "329"]}, "municipalities.1", "listed_twice"),
        ({"municipalities": ["329", "340"]}, "municipalities.1", "municipality_without_workplace"),
        ({"workplaces.0.municipality": "0329"}, "workplaces.0.municipality", "municipality_unknown"),
        ({"workplaces.0.municipality": "340"}, "workplaces.0.municipality", "municipality_not_listed"),
        ({"sector": "rumfart"}, "sector", "sector_unknown"),
        ({"themes": ["samarbejde", "kaffe"]}, "themes.1", "theme_unknown"),
        ({"themes": ["samarbejde", "samarbejde"]}, "themes.1", "listed_twice"),
        ({"employees": 5}, "participants", "more_participants_than_employees"),
        ({"earliest_start": "2026-11-19"}, "earliest_start", "start_in_the_past"),
        ({"earliest_start": "2027-05-23"}, "earliest_start", "start_too_late"),
        (
            {"contacts.employee_representative.email": "ANNE.Holm@Ringsted.example"},
            "contacts.employee_representative.email",
            "same_address",
        ),
        (
            {"contacts.employee_representative.name": "anne  HOLM"},
            "contacts.employee_representative.name",
            "same_person",
        ),
        ({"agreed": False}, "agreed", "not_agreed"),
        ({"evaluation": False}, "evaluation", "no_evaluation"),
        ({"privacy_read": False}, "privacy_read", "privacy_not_read"),
        ({"wishes.avoid_weekdays": ["mon", "tue", "wed", "thu", "fri"]}, "wishes.avoid_weekdays", "no_weekday_left"),
        ({"wishes.avoid_weekdays": ["mon", "mon"]}, "wishes.avoid_weekdays.1", "listed_twice"),
        (
            {"wishes.avoid_hours": [{"weekday": "mon", "from_time": "10:00", "to_time": "10:00"}]},
            "wishes.avoid_hours.0.to_time",
            "end_before_start",
        ),
        ({"wishes.avoid_hours": lunch_on("mon", "tue", "wed", "thu", "fri")}, "wishes.avoid_hours", "no_room_left"),
        ({"wishes.weeks_out": ["2027-W07", "2027-W07"]}, "wishes.weeks_out.1", "listed_twice"),
        (
            {"wishes.preferred_hours": {"from_time": "09:00", "to_time": "09:00"}},
            "wishes.preferred_hours.to_time",
            "end_before_start",
        ),
    ],
)
def test_a_broken_rule_is_told_at_its_field(changes: dict[str, Any], path: str, code: str) -> None:
    """Each rule names the field that the applicant must change."""
    assert codes(single_form(changes))[path] == code


def test_hours_out_are_right_while_one_weekday_has_room_for_the_longest_meeting() -> None:
    """Four days broken up in the middle, and a Friday as it is, leave room for three hours."""
    assert codes(single_form({"wishes.avoid_hours": lunch_on("mon", "tue", "wed", "thu")})) == {}


@pytest.mark.parametrize(
    ("period", "path", "code"),
    [
        ({"first_day": "2027-02-09", "last_day": "2027-02-08"}, "last_day", "end_before_start"),
        (
            {"first_day": "2027-02-09", "last_day": "2027-02-09", "from_time": "12:00", "to_time": "12:00"},
            "to_time",
            "end_before_start",
        ),
        ({"first_day": "2027-02-09", "last_day": "2027-02-09", "from_time": "12:00"}, "to_time", "times_in_pairs"),
        ({"first_day": "2027-02-09", "last_day": "2027-02-09", "to_time": "12:00"}, "from_time", "times_in_pairs"),
    ],
)
def test_an_unavailable_period_must_make_sense(period: dict[str, str], path: str, code: str) -> None:
    """A period ends after it begins, and has both clock times or none."""
    assert codes(single_form({"wishes.unavailable": [period]})) == {f"wishes.unavailable.0.{path}": code}


def test_a_joint_course_needs_several_workplaces_and_a_number_of_committees() -> None:
    """One workplace alone applies for a course of its own."""
    sample = joint_application({"committees_expected": None})
    sample["workplaces"] = sample["workplaces"][:1]
    assert codes(ApplicationForm.model_validate(sample)) == {
        "workplaces": "several_workplaces",
        "committees_expected": "committees_expected_missing",
    }


def test_a_single_course_is_for_one_workplace_in_one_municipality() -> None:
    """Several workplaces or municipalities are sent towards the joint course."""
    sample = single_application({"municipalities": ["329", "340"]})
    sample["workplaces"].append({**sample["workplaces"][0], "name": "Jobcenter Sorø", "municipality": "340"})
    assert codes(ApplicationForm.model_validate(sample)) == {
        "municipalities": "one_municipality",
        "workplaces": "one_workplace",
    }


def test_the_same_workplace_twice_is_told() -> None:
    """A workplace that stands twice does not make a joint course."""
    sample = joint_application()
    sample["workplaces"] = [sample["workplaces"][0], {**sample["workplaces"][0], "name": "PLEJECENTER  Fjorden"}]
    assert codes(ApplicationForm.model_validate(sample)) == {"workplaces.1": "listed_twice"}


def test_a_committee_of_a_joint_course_cannot_be_a_trio() -> None:
    """A joint course is applied for by a committee above the single workplace."""
    assert codes(joint_form({"committee.kind": "trio"})) == {"committee.kind": "committee_not_for_kind"}


def test_a_joint_course_is_held_in_one_way_only() -> None:
    """SPARK's plan offers no choice there."""
    assert codes(joint_form({"format": "one_day"})) == {"format": "format_not_offered"}


def test_the_hours_that_are_left_must_do_for_the_way_that_was_chosen() -> None:
    """Four hours a day are enough for two meetings of three hours, and not for a whole day."""
    mornings = [
        {"weekday": day, "from_time": "00:00", "to_time": "12:00"} for day in ("mon", "tue", "wed", "thu", "fri")
    ]
    assert codes(single_form({"wishes.avoid_hours": mornings, "format": "two_meetings"})) == {}
    (found,) = broken(single_form({"wishes.avoid_hours": mornings, "format": "one_day"}))
    assert (found.path, found.code) == ("wishes.avoid_hours", "no_room_left")
    assert "6 timer" in found.da


def test_all_contacts_need_their_own_address() -> None:
    """Every person has invites of their own, so nobody shares an address, the other contacts included."""
    changes = {"contacts.others.0.email": "Charlotte.Ravn@aabenraa.example"}
    assert codes(joint_form(changes)) == {"contacts.others.0.email": "same_address"}


def test_a_programme_without_joint_courses_refuses_them() -> None:
    """What may be applied for is the programme's choice."""
    joint_only = [kind for kind in SPARK.committee_kinds if kind.courses == ("joint",)]
    remaining = tuple(kind for kind in SPARK.committee_kinds if kind not in joint_only)
    smaller = SPARK.model_copy(update={"plans": {"single": SPARK.plans["single"]}, "committee_kinds": remaining})
    found = {one.path: one.code for one in broken(joint_form(), smaller)}
    assert found == {"kind": "kind_not_offered", "committee.kind": "committee_unknown"}


def test_the_latest_start_is_named_in_both_languages() -> None:
    """The applicant reads the last possible day, not only that the day is wrong."""
    (found,) = broken(single_form({"earliest_start": "2027-06-01"}))
    assert "senest den 22. maj 2027" in found.da
    assert "by 22 May 2027" in found.en
    assert found.text("da") == found.da
    assert found.text("en") == found.en


@given(st.integers(min_value=-400, max_value=400))
def test_a_start_is_possible_from_today_for_half_a_year(days: int) -> None:
    """Exactly the days from today to the programme's limit may be wished for."""
    form = single_form({"earliest_start": (TODAY + timedelta(days=days)).isoformat()})
    assert (broken(form) == []) == (0 <= days <= SPARK.windows.first_meeting_within_days)


def test_the_sample_programme_file_is_where_tests_look() -> None:
    """The factories read the delivered programme, not a copy."""
    assert SPARK_FILE.is_file()
