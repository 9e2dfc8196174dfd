"""Fields of the form and the model's data: there and back, rows, and the faults of each step."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.application import ApplicationForm
from services.intake.form.entries import Entries, rows_shown, saved
from services.intake.form.field_table import FIELDS, GROUPS, field_of, group_of
from services.intake.form.step_faults import application_of, faults_by_step
from services.intake.form.steps import ORDER, Step
from services.intake.form.structure import PARTS, structure_of
from shared.reference.municipalities import load_municipalities
from tests.factories import joint_application, single_application, spark
from tests.form_samples import entries_of, fields_of_step, sent_fields

TODAY = date(2026, 11, 20)
SPARK = spark()
MUNICIPALITIES = load_municipalities()
FULL_WISHES: dict[str, Any] = {
    "earliest_start": "2027-01-18",
    "wishes": {
        "avoid_weekdays": ["mon", "fri"],
        "avoid_hours": [{"weekday": "tue", "from_time": "08:00", "to_time": "10:00"}],
        "unavailable": [
            {"first_day": "2027-02-08", "last_day": "2027-02-10"},
            {"first_day": "2027-03-01", "last_day": "2027-03-01", "from_time": "12:00", "to_time": "16:00"},
        ],
        "weeks_out": ["2027-W07", "2027-W42"],
        "preferred_hours": {"from_time": "09:00", "to_time": "15:00"},
    },
}


def application(entries: Entries) -> ApplicationForm | None:
    return application_of(entries, programme=SPARK, municipalities=MUNICIPALITIES, today=TODAY)


def codes(entries: Entries) -> dict[str, str]:
    found = faults_by_step(entries, programme=SPARK, municipalities=MUNICIPALITIES, today=TODAY)
    return {one.path: one.code for faults in found.values() for one in faults}


def structure(entries: Entries) -> dict[str, Any]:
    return structure_of(entries, programme=SPARK, today=TODAY)


@pytest.mark.parametrize(
    "sample",
    [single_application(), joint_application(), single_application(FULL_WISHES), joint_application(FULL_WISHES)],
)
def test_the_form_says_the_same_as_the_endpoint(sample: dict[str, Any]) -> None:
    """The fields of an application give the application again, and nothing is wrong with any step."""
    entries = entries_of(sample)
    assert application(entries) == ApplicationForm.model_validate(sample)
    assert codes(entries) == {}


line = st.text(st.characters(categories=("L", "N", "P", "Zs")), max_size=20)


@given(
    names=st.lists(line.filter(str.strip), min_size=2, max_size=6),
    employees=line,
    themes=st.lists(st.sampled_from([theme.code for theme in SPARK.themes]), unique=True),
    challenge=st.text(max_size=50),
)
def test_texts_come_through_as_they_were_typed(
    names: list[str], employees: str, themes: list[str], challenge: str
) -> None:
    """Whatever was typed is in the data unchanged, in the order of the rows; reading it raises nothing."""
    sample = joint_application({"themes": themes, "challenge": challenge, "employees": employees})
    sample["workplaces"] = [{**sample["workplaces"][0], "name": name} for name in names]
    data = structure(entries_of(sample))
    assert [one["name"] for one in data["workplaces"]] == names
    assert (data["themes"], data["challenge"]) == (themes, challenge)
    assert str(data["employees"]) == employees or isinstance(data["employees"], int)


@given(
    st.dictionaries(
        st.sampled_from([field.pattern.replace("*", "0") for field in FIELDS]), line | st.text(), max_size=12
    )
)
def test_whatever_is_typed_each_fault_stands_at_a_field_or_group(typed: dict[str, str]) -> None:
    """So the reader can be led to it; and no text of a fault repeats what was typed."""
    for path in codes({name: (value,) for name, value in typed.items()}):
        assert field_of(path) or group_of(path), path


def test_each_field_belongs_to_the_step_that_fills_in_its_part() -> None:
    """The two tables agree."""
    for field in FIELDS:
        assert field.pattern.partition(".")[0] in PARTS[field.step]


def test_an_empty_form_lacks_each_field_that_must_be_there() -> None:
    """Each is told at its own field, and what may be left out is not."""
    found = codes({})
    must = {
        field.pattern.replace("*", "0")
        for field in FIELDS
        if not (field.optional or field.preset)
        and not field.pattern.startswith(("contacts.others", "wishes", "committees_expected"))
        and not field.pattern.endswith(".language")
    }
    assert set(found) == must
    assert found["kind"] == found["sector"] == found["workplaces.0.municipality"] == "choice"
    assert found["contacts.leader.name"] == "empty"
    assert found["themes"] == "no_theme"


@pytest.mark.parametrize("step", [step for step in ORDER if step is not Step.REVIEW])
def test_a_right_step_has_no_faults_while_the_others_are_empty(step: Step) -> None:
    """What was not reached yet must not stand in its way."""
    sample = single_application(FULL_WISHES)
    entries: dict[str, tuple[str, ...]] = {"kind": ("single",)}
    entries = saved(entries, step, fields_of_step(sample, step), "next")
    found = faults_by_step(entries, programme=SPARK, municipalities=MUNICIPALITIES, today=TODAY)
    assert step not in found


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"kind": ""}, "kind", "choice"),
        ({"kind": "network"}, "kind", "choice"),
        ({"committee.kind": "hovedmed"}, "committee.kind", "committee_not_for_kind"),
        ({"committee.kind": "bestyrelse"}, "committee.kind", "committee_unknown"),
        ({"committee.name": "x" * 121}, "committee.name", "too_long"),
        ({"workplaces.0.name": " "}, "workplaces.0.name", "empty"),
        ({"workplaces.0.postal_code": "410"}, "workplaces.0.postal_code", "postal_code"),
        ({"workplaces.0.municipality": "411"}, "workplaces.0.municipality", "municipality_unknown"),
        ({"sector": "rumfart"}, "sector", "sector_unknown"),
        ({"employees": "mange"}, "employees", "number"),
        ({"employees": "0"}, "employees", "too_low"),
        ({"employees": "9" * 30}, "employees", "too_high"),
        ({"participants": "200"}, "participants", "more_participants_than_employees"),
        ({"contacts.leader.name": ""}, "contacts.leader.name", "empty"),
        ({"contacts.leader.name": "A"}, "contacts.leader.name", "too_short"),
        ({"contacts.leader.email": "anne@"}, "contacts.leader.email", "email"),
        ({"contacts.leader.phone": "123"}, "contacts.leader.phone", "phone"),
        ({"contacts.leader.language": "sv"}, "contacts.leader.language", "choice"),
        ({"contacts.employee_representative.role": ""}, "contacts.employee_representative.role", "choice"),
        (
            {"contacts.employee_representative.email": "anne.holm@ringsted.example"},
            "contacts.employee_representative.email",
            "same_address",
        ),
        ({"themes": ["kaffe"]}, "themes", "theme_unknown"),
        ({"challenge": "kort"}, "challenge", "too_short"),
        ({"challenge": ""}, "challenge", "empty"),
        ({"challenge": "Hun hedder 010190-1234 i systemet"}, "challenge", "cpr"),
        ({"desired_change": "x" * 2001}, "desired_change", "too_long"),
        ({"earliest_start": "2027-06-07"}, "earliest_start", "start_too_late"),
        ({"earliest_start": "snart"}, "earliest_start", "written_date"),
        ({"wishes.avoid_weekdays": ["mon", "tue", "wed", "thu", "fri"]}, "wishes.avoid_weekdays", "no_weekday_left"),
        ({"wishes.avoid_weekdays": ["lør"]}, "wishes.avoid_weekdays", "choice"),
        ({"wishes.preferred_hours.to_time": "9"}, "wishes.preferred_hours.to_time", "end_before_start"),
        ({"wishes.preferred_hours.to_time": ""}, "wishes.preferred_hours.to_time", "written_clock"),
        ({"wishes.unavailable": [{"first_day": "31-02-2027"}]}, "wishes.unavailable.0.first_day", "written_date"),
        ({"wishes.unavailable": [{"last_day": "1-2-2027"}]}, "wishes.unavailable.0.first_day", "written_date"),
        (
            {"wishes.unavailable": [{"first_day": "1-2-2027", "from_time": "12"}]},
            "wishes.unavailable.0.to_time",
            "times_in_pairs",
        ),
        ({"wishes.avoid_hours": [{"weekday": "mon"}]}, "wishes.avoid_hours.0.from_time", "written_clock"),
        (
            {"wishes.avoid_hours": [{"weekday": "", "from_time": "8", "to_time": "9"}]},
            "wishes.avoid_hours.0.weekday",
            "choice",
        ),
        (
            {
                "wishes.avoid_hours": [
                    {"weekday": d, "from_time": "0", "to_time": "24"} for d in ("mon", "tue", "wed", "thu", "fri")
                ]
            },
            "wishes.avoid_hours",
            "no_room_left",
        ),
        ({"agreed": False}, "agreed", "not_agreed"),
        ({"evaluation": False}, "evaluation", "no_evaluation"),
        ({"privacy_read": False}, "privacy_read", "privacy_not_read"),
    ],
)
def test_a_wrong_field_is_told_at_the_field(changes: dict[str, Any], path: str, code: str) -> None:
    """By the same rules as the endpoint's, in words for a form."""
    assert codes(entries_of(single_application(changes)))[path] == code


def test_what_breaks_a_rule_is_told_together_with_what_has_a_wrong_form() -> None:
    """One round of corrections, not two; but nothing that hangs on what is wrong anyway."""
    changes = {"kind": "", "committee.kind": "hovedmed", "sector": "rumfart", "employees": "mange", "themes": ["kaffe"]}
    assert codes(entries_of(single_application({**changes, "challenge": "kort"}))) == {
        "kind": "choice",
        "sector": "sector_unknown",
        "employees": "number",
        "themes": "theme_unknown",
        "challenge": "too_short",
    }


def test_weeks_that_cannot_be_read_are_told_at_their_one_field() -> None:
    """The model would point to an item of a list."""
    entries = {**entries_of(single_application()), "wishes.weeks_out": ("uge syv",)}
    assert codes(entries) == {"wishes.weeks_out": "week_numbers"}


def test_what_belongs_to_the_other_kind_of_course_is_kept_but_not_sent() -> None:
    """Who changes from a joint course to one workplace is asked to remove the others, and not for committees."""
    entries = {**entries_of(joint_application()), "kind": ("single",), "committee.kind": ("trio",)}
    assert codes(entries) == {"workplaces": "one_workplace"}
    assert "committees_expected" not in structure(entries)


def test_more_municipalities_than_a_course_may_have_are_told_at_the_workplaces() -> None:
    """The field of the model is not on the page."""
    sample = joint_application()
    some = [one.code for one in MUNICIPALITIES][:21]
    sample["workplaces"] = [{**sample["workplaces"][0], "name": f"Sted {code}", "municipality": code} for code in some]
    assert codes(entries_of(sample)) == {"workplaces": "too_many"}


def test_a_workplace_that_is_there_twice_is_told_at_the_second_one() -> None:
    """With a number, and a link to the row that may go."""
    sample = joint_application()
    sample["workplaces"] = [sample["workplaces"][0]] * 2
    sample["municipalities"] = [sample["workplaces"][0]["municipality"]]
    assert codes(entries_of(sample)) == {"workplaces.1.name": "listed_twice"}


def test_a_row_is_added_blank_and_leaves_again_unless_it_was_filled_in() -> None:
    """It is there for the next page only, and is never a fault."""
    sample = joint_application()
    own = fields_of_step(sample, Step.WORKPLACES)
    group = group_of("workplaces")
    assert group
    before = entries_of(sample)
    more = saved(before, Step.WORKPLACES, own, "add-workplaces")
    assert rows_shown(more, group) == 3
    assert codes(more) == {}
    assert rows_shown(saved(more, Step.WORKPLACES, own, "next"), group) == 2


def test_the_row_that_was_named_is_removed_though_a_blank_one_comes_before_it() -> None:
    """Rows are named as the page showed them."""
    own = [("contacts.others.0.name", ""), ("contacts.others.1.name", "Else"), ("contacts.others.2.name", "Ib")]
    after = saved({}, Step.CONTACTS, own, "remove-contacts.others-1")
    assert after == {"contacts.others.0.name": ("Ib",)}


@pytest.mark.parametrize("number", ["9" * 5000, "", "x", "-1", "7"])
def test_a_row_that_is_not_there_is_not_removed(number: str) -> None:
    """The button's value is what a browser sends, whatever our page said."""
    own = [("contacts.others.0.name", "Else")]
    assert saved({}, Step.CONTACTS, own, f"remove-contacts.others-{number}") == {"contacts.others.0.name": ("Else",)}


def test_no_more_rows_than_the_model_takes() -> None:
    """Neither added nor sent by hand."""
    for group in GROUPS:
        many = [(f"{group.prefix}.{row}.from_time", "9") for row in range(99)]
        many += [(f"{group.prefix}.{row}.name", "A") for row in range(99)]
        entries = saved({}, group.step, many, f"add-{group.prefix}")
        assert rows_shown(entries, group) == group.rows_max


def test_a_step_changes_its_own_fields_only() -> None:
    """Also where a request holds those of other steps, and unknown ones; a box that was unticked is gone."""
    before = entries_of(single_application())
    sent = [("challenge", "Ny tekst"), ("kind", "joint"), ("state", "admitted"), ("themes.$ne", "x")]
    after = saved(before, Step.MATTER, sent, "next")
    assert after == {name: values for name, values in before.items() if name not in ("themes", "desired_change")} | {
        "challenge": ("Ny tekst",)
    }


def test_of_a_field_with_one_value_the_first_counts() -> None:
    """A second one comes from no page of ours."""
    assert saved({}, Step.MATTER, [("challenge", "en"), ("challenge", "to")], "next") == {"challenge": ("en",)}


def test_samples_fill_in_every_part_of_the_model() -> None:
    """The helper that makes fields of JSON loses none, so the tests above see them all."""
    names = {name for name, _ in sent_fields(joint_application(FULL_WISHES))}
    assert {"kind", "workplaces.1.town", "contacts.others.0.role", "wishes.weeks_out", "privacy_read"} <= names
