import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.intake.application import ApplicationForm
from services.intake.application_examples import JOINT, SINGLE
from services.intake.fault_texts import TEXTS
from services.intake.faults import FieldFault, fault, faults_from
from services.intake.field_types import free_text, one_line
from tests.factories import changed, joint_application, joint_form, single_application, single_form

CANARY = "Kanariefugl"


def refused(form: Any) -> dict[str, str]:
    """Return path and code of every fault that the form's shape is refused for, sent as JSON."""
    return {one.path: one.code for one in faults(json.dumps(form))}


def faults(body: str | bytes) -> list[FieldFault]:
    with pytest.raises(ValidationError) as error:
        ApplicationForm.model_validate_json(body)
    return faults_from(error.value)


@pytest.mark.parametrize("sample", [SINGLE, JOINT])
def test_the_documented_examples_are_valid(sample: dict[str, Any]) -> None:
    """Whoever copies an example from the documentation gets a form that is understood, as JSON or as Python values."""
    assert ApplicationForm.model_validate_json(json.dumps(sample)) == ApplicationForm.model_validate(sample)


def test_a_form_survives_being_stored() -> None:
    """What is read back from its own JSON is the same form: cleaning twice changes nothing."""
    form = joint_form({"earliest_start": "2027-02-01", "wishes.weeks_out": ["2027-W07"]})
    assert ApplicationForm.model_validate_json(form.model_dump_json()) == form


def test_texts_are_cleaned() -> None:
    """Spaces around and double spaces inside go, letters are composed, phone numbers and addresses get one form."""
    form = single_form(
        {
            "contacts.leader.name": "  Anne\u00a0 A\u030agaard ",
            "contacts.leader.email": " Anne.Holm@RINGSTED.example ",
            "contacts.leader.phone": "(45) 76 26 00",
            "contacts.employee_representative.phone": "0045 57626002",
            "challenge": "  Første linje\r\n\tanden linje  ",
            "workplaces.0.name": "Job\u200bcenter",
        }
    )
    leader = form.contacts.leader
    assert (leader.name, leader.email, leader.phone) == ("Anne Ågaard", "Anne.Holm@ringsted.example", "+4545762600")
    assert form.contacts.employee_representative.phone == "+4557626002"
    assert form.challenge == "Første linje\n anden linje"
    assert form.workplaces[0].name == "Jobcenter"


@pytest.mark.parametrize("clean", [one_line, free_text])
def test_what_is_far_too_long_is_not_even_cleaned(clean: Callable[[str], object]) -> None:
    """Sorting the accents of one long heap takes the square of its length, and the field refuses it anyway."""
    heap = "a" + "\u0315\u0327" * 10_000
    assert clean(heap) is heap


def test_accents_typed_apart_do_not_make_a_text_too_long() -> None:
    """What is counted are the letters that are left when they are put together."""
    form = single_form({"challenge": "a\u030a" * 2000})
    assert form.challenge == "å" * 2000


def test_an_international_domain_is_kept_as_mail_servers_take_it() -> None:
    """A domain with Danish letters becomes its ASCII form."""
    form = single_form({"contacts.leader.email": "anne@københavn.example"})
    assert form.contacts.leader.email == "anne@xn--kbenhavn-54a.example"


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("kind", "network", "choice"),
        ("kind", None, "choice"),
        ("committee", "trio", "object"),
        ("municipalities", [], "too_few"),
        ("municipalities", "329", "list"),
        ("municipalities", ["329"] * 21, "too_many"),
        ("employees", 0, "too_low"),
        ("employees", 50_001, "too_high"),
        ("employees", "140", "number"),
        ("employees", True, "number"),
        ("employees", 140.5, "number"),
        ("participants", 1, "too_low"),
        ("committees_expected", 0, "too_low"),
        ("themes", [], "too_few"),
        ("challenge", "kort", "too_short"),
        ("challenge", "x" * 2001, "too_long"),
        ("challenge", "x" * 60_000, "too_long"),
        ("contacts.leader.name", "x" * 60_000, "too_long"),
        ("contacts.leader.email", "x" * 60_000, "too_long"),
        ("contacts.leader.phone", "1" * 60_000, "too_long"),
        ("challenge", "linje\x00linje linje", "control_characters"),
        ("challenge", 17, "text"),
        ("agreed", "on", "yes_or_no"),
        ("agreed", 1, "yes_or_no"),
        ("earliest_start", "18-01-2027", "date"),
        ("earliest_start", "2027-02-29", "date"),
        ("earliest_start", 1_800_000_000, "date"),
        ("earliest_start", "9999-12-31", "date"),
        ("contacts.leader.name", "   ", "too_short"),
        ("contacts.leader.name", "Anne\nHolm", "control_characters"),
        ("contacts.leader.name", "Anne\r\nBcc: x@y.example", "control_characters"),
        ("contacts.leader.title", "", "empty"),
        ("contacts.leader.language", "de", "choice"),
        ("contacts.leader.phone", "1234567", "phone"),
        ("contacts.leader.phone", "4512345678", "phone"),
        ("contacts.leader.phone", "+0012345678", "phone"),
        ("contacts.leader.phone", "ring til os", "phone"),
        ("contacts.leader.phone", "", "empty"),
        ("contacts.leader.role", "leader", "unknown"),
        ("contacts.employee_representative.role", "boss", "choice"),
        ("workplaces.0.postal_code", "DK-4100", "postal_code"),
        ("workplaces.0.street", "x" * 121, "too_long"),
        ("wishes.avoid_weekdays", ["fredag"], "item"),
        ("wishes.weeks_out", ["7"], "item"),
        ("wishes.preferred_hours", {"from_time": "24:00", "to_time": "24:00"}, "from_time"),
    ],
)
def test_a_wrong_field_is_refused_with_its_path(path: str, value: Any, code: str) -> None:
    """Each wrong value is told by the field where it stands and a code for what is wrong with it."""
    found = refused(single_application({path: value}))
    inner = {
        "unknown": {path.rpartition(".")[0]: "unknown_field"},
        "item": {f"{path}.0": "choice" if "weekdays" in path else "iso_week"},
        "from_time": {f"{path}.from_time": "clock"},
    }
    assert found == inner.get(code, {path: code})


@pytest.mark.parametrize(
    "address",
    [
        "anne",
        "anne@",
        "anne@ringsted",
        "anne@ringsted.example, bo@ringsted.example",
        "Anne <anne@ringsted.example>",
        '"anne holm"@ringsted.example',
        "anne@[127.0.0.1]",
        "anne@localhost",
        "ånne@ringsted.example",
        "Ａ@ringsted.example",
        "anne@ringsted.example\u2028x",
        f"{'a' * 65}@ringsted.example",
    ],
)
def test_only_one_plain_address_is_taken(address: str) -> None:
    """Lists, names, quoted and non-ASCII local parts and hosts without a dot are refused before any mail is written."""
    (code,) = refused(single_application({"contacts.leader.email": address})).values()
    assert code in {"email", "control_characters"}


TEXT_PATHS = [
    "committee.kind",
    "committee.name",
    "municipalities.0",
    "workplaces.0.name",
    "workplaces.0.street",
    "workplaces.0.postal_code",
    "workplaces.0.town",
    "workplaces.0.municipality",
    "sector",
    "contacts.leader.name",
    "contacts.leader.title",
    "contacts.leader.email",
    "contacts.leader.phone",
    "contacts.employee_representative.name",
    "contacts.employee_representative.title",
    "contacts.employee_representative.email",
    "contacts.employee_representative.phone",
    "themes.0",
    "challenge",
    "desired_change",
    "earliest_start",
]


@pytest.mark.parametrize("path", TEXT_PATHS)
@pytest.mark.parametrize("number", ["120185-1234", "1201851234", "120185 1234"])
def test_a_cpr_number_in_any_field_is_refused_with_an_explanation(path: str, number: str) -> None:
    """Wherever a CPR number is typed, the applicant learns why it must go, in both languages."""
    body = json.dumps(single_application({path: f"{number}"}))
    (found,) = faults(body)
    assert (found.path, found.code) == (path, "cpr")
    assert "CPR" in found.da
    assert "CPR" in found.en
    assert number not in repr(found)


def test_the_fields_that_are_missing_are_all_named() -> None:
    """An empty form is answered with every required field."""
    required = {name for name, field in ApplicationForm.model_fields.items() if field.is_required()}
    assert refused({}) == dict.fromkeys(required, "missing")


@pytest.mark.parametrize("body", [b"", b"{", b"[1,", b'{"kind": "\xff"}', b'{"kind": "\\ud800"}', b"[" * 10_000])
def test_what_is_no_json_is_told_once(body: bytes) -> None:
    """Broken JSON, broken UTF-8, a lone surrogate and endless nesting give one fault for the whole form."""
    (found,) = faults(body)
    assert (found.path, found.code, found.pointer) == ("", "json", "#")


@pytest.mark.parametrize("body", [b"[]", b"null", b"17", b'"tekst"'])
def test_json_that_is_no_object_is_refused(body: bytes) -> None:
    """The form is a group of fields and nothing else."""
    (found,) = faults(body)
    assert found.path == ""
    assert found.code == "object"


def test_the_pointer_follows_rfc_6901() -> None:
    """The same place is named for programs as a JSON Pointer."""
    assert fault("contacts.others.0.email", "email").pointer == "#/contacts/others/0/email"


def test_every_text_names_the_same_gaps_in_both_languages() -> None:
    """All texts end as sentences, and Danish and English tell the same numbers."""
    for danish, english in TEXTS.values():
        assert danish.endswith(".")
        assert english.endswith(".")
        assert danish.count("{") == english.count("{")


def places(part: Any, path: str = "") -> list[str]:
    """Return the dotted path of every value in a form."""
    inner = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    return [path] * bool(path) + [place for key, value in inner for place in places(value, f"{path}.{key}".lstrip("."))]


@given(
    st.sampled_from(places(JOINT)),
    st.sampled_from(
        [
            CANARY + "\x07",
            CANARY * 400,
            [CANARY],
            {CANARY: CANARY},
            [{CANARY: 1}],
            {"name": CANARY, CANARY: 1},
            f"{CANARY}@x",
            f"{CANARY} 120185-1234",
            None,
            -1.5,
        ]
    ),
)
def test_no_fault_repeats_what_was_typed(path: str, value: Any) -> None:
    """Whatever is put wherever, neither values nor the names of unknown fields come back."""
    body = json.dumps(joint_application({path: value, CANARY: CANARY}))
    with pytest.raises(ValidationError) as error:
        ApplicationForm.model_validate_json(body)
    found = faults_from(error.value)
    assert found
    assert CANARY not in repr(found)
    assert all(one.da and one.en for one in found)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda s: st.lists(s) | st.dictionaries(st.text(), s)
    )
)
def test_any_json_is_answered_with_faults(data: Any) -> None:
    """No JSON whatever makes the reading of a form fail in another way than by faults with texts."""
    with pytest.raises(ValidationError) as error:
        ApplicationForm.model_validate(data)
    assert faults_from(error.value)


def test_a_moment_is_no_day() -> None:
    """A date with a clock time is refused where a day is asked for."""
    with pytest.raises(ValidationError):
        ApplicationForm.model_validate(changed(SINGLE, {"earliest_start": datetime(2027, 2, 1, tzinfo=UTC)}))
    assert single_form({"earliest_start": date(2027, 2, 1)}).earliest_start == date(2027, 2, 1)


def test_wishes_are_told_as_wall_intervals() -> None:
    """Whole days, parts of days and whole weeks become intervals whose end is not included."""
    form = single_form(
        {
            "wishes.unavailable": [
                {"first_day": "2027-02-08", "last_day": "2027-02-10"},
                {"first_day": "2027-02-12", "last_day": "2027-02-12", "from_time": "12:00", "to_time": "16:00"},
                {"first_day": "2027-02-13", "last_day": "2027-02-13", "from_time": "12:00", "to_time": "24:00"},
            ],
            "wishes.weeks_out": ["2026-W53"],
        }
    )
    assert form.wishes.unavailable_intervals() == (
        ("2027-02-08T00:00", "2027-02-11T00:00"),
        ("2027-02-12T12:00", "2027-02-12T16:00"),
        ("2027-02-13T12:00", "2027-02-14T00:00"),
        ("2026-12-28T00:00", "2027-01-04T00:00"),
    )


def test_people_are_listed_with_their_place_in_the_form() -> None:
    """The leader comes first, then the employee representative, then the others."""
    paths = [path for path, _ in joint_form().people()]
    assert paths == ["contacts.leader", "contacts.employee_representative", "contacts.others.0"]
