"""Reading a roster: a bad line is told with its number and reason, and spoils no other."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scheduler.roster import RosterFacts
from services.scheduler.roster_file import Format, RosterFileError, RosterLine, read_roster
from shared.reference.municipalities import load_municipalities
from tests.factories import spark
from tests.scheduler_samples import roster_entry

SPARK = spark()
MUNICIPALITIES = load_municipalities()
HEADER = "id,name,mail,municipality,mon,tue,leave,themes,sectors,max_courses,active"
ANNE = "anne,Anne And,anne@k.example,Odense,08:00-12:00 12:30-16:00,,2027-02-08..2027-02-12,chikane samarbejde,,5,"


def read(text: str | bytes, form: Format = "csv") -> list[RosterLine]:
    content = text if isinstance(text, bytes) else text.encode()
    return read_roster(content, form=form, programme=SPARK, municipalities=MUNICIPALITIES)


def fields(line: RosterLine) -> set[str]:
    return {fault.field for fault in line.faults}


def test_a_csv_line_becomes_a_consultant() -> None:
    """Hours by weekday, leave as a span, municipality by name, codes apart."""
    [line] = read(f"{HEADER}\n{ANNE}\n")
    assert (line.number, line.consultant_id, line.faults) == (2, "anne", ())
    assert line.entry is not None
    facts = line.entry.facts()
    assert facts.municipality == "461"
    assert facts.hours.mon == (("08:00", "12:00"), ("12:30", "16:00"))
    assert (str(facts.leave[0].first), str(facts.leave[0].last)) == ("2027-02-08", "2027-02-12")
    assert facts.themes == ("chikane", "samarbejde")
    assert (facts.max_courses, facts.active) == (5, True)


def test_danish_spreadsheets_write_semicolons_and_a_byte_order_mark() -> None:
    """Both are read as they come; ja and nej are understood."""
    text = HEADER.replace(",", ";") + "\r\n" + ANNE.replace(",", ";") + "nej\r\n"
    [line] = read(b"\xef\xbb\xbf" + text.encode())
    assert line.entry is not None
    assert line.entry.active is False


def test_a_bad_line_is_told_with_its_number_and_the_others_stay_good() -> None:
    """Each fault names its field; nothing that was typed is repeated."""
    bad = "Bo Bog,,bo@@k.example,Atlantis,08.00-16.00,,,hemmelig,,many,"
    lines = read("\n".join((HEADER, ANNE, bad, ANNE.replace("anne,", "carl,", 1))))
    assert [(line.number, line.entry is not None) for line in lines] == [(2, True), (3, False), (4, True)]
    assert {"id", "name", "mail", "max_courses"} <= fields(lines[1])
    for typed in ("Bo Bog", "bo@@", "Atlantis", "hemmelig", "many", "08.00"):
        assert typed not in str(lines[1].faults)


def test_what_is_wrong_is_told_in_words_of_people() -> None:
    """No pattern and no type of a programming language."""
    cells = "K-01,,a@b.dk,Odense,chikane,many,2027-02-30,8-16"
    (line,) = read(f"id,name,mail,municipality,themes,max_courses,leave,mon\n{cells}".encode())
    told = {fault.field: fault.reason for fault in line.faults}
    assert told["name"] == "is missing"
    assert told["max_courses"] == "must be a whole number"
    assert told["leave.0.first"] == "is no date such as 2027-02-28"
    assert told["id"] == told["hours.mon.0.0"] == "is not written as it must be: docs/roster.md shows how"


def test_codes_that_the_programme_does_not_have_are_told_with_those_it_has() -> None:
    """Themes, sectors and municipalities are checked against programme and country."""
    [line] = read(f"{HEADER}\n{ANNE.replace('Odense', 'Atlantis').replace('chikane', 'glaede')}")
    assert fields(line) == {"municipality", "themes"}
    assert line.entry is None
    assert "vold_trusler" in str(line.faults)


def test_who_stands_twice_is_faulty_the_second_time() -> None:
    """The first one counts."""
    first, second = read(f"{HEADER}\n{ANNE}\n{ANNE}")
    assert first.entry is not None
    assert (second.entry, fields(second)) == (None, {"id"})


def test_nobody_without_working_hours_is_taken() -> None:
    """She could never be matched, which is surely a slip."""
    [line] = read(f"{HEADER}\n{ANNE.replace('08:00-12:00 12:30-16:00', '')}")
    assert fields(line) == {"hours"}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\xff\xfe", "UTF-8"),
        (HEADER.encode("utf-16"), "UTF-8"),
        (b"\n" + b"x" * 200_000, "name the columns"),
        (b"x" * 200_000, "no readable CSV"),
        (b"anne,Anne And,anne@k.example", "name the columns"),
        (b"id,id,name,mail,municipality,themes,max_courses\n", "twice"),
    ],
)
def test_a_file_that_is_no_roster_is_refused_whole(content: bytes, says: str) -> None:
    """With a sentence that says what to do, and without what stands in it."""
    with pytest.raises(RosterFileError, match=says) as refused:
        read(content)
    assert "Anne" not in str(refused.value)


@pytest.mark.parametrize("content", ["no json", "42", '{"people": []}', "[" * 100_000])
def test_json_that_is_no_list_of_consultants_is_refused(content: str) -> None:
    """A list, or an object with the list."""
    with pytest.raises(RosterFileError):
        read(content, "json")


def test_json_is_read_in_both_shapes() -> None:
    """A bare list, or under `consultants`; an entry that is no object is a fault of its own."""
    row = roster_entry().model_dump(mode="json")
    assert [line.entry for line in read(json.dumps([row]), "json")] == [roster_entry()]
    first, second = read(json.dumps({"consultants": ["x", row]}), "json")
    assert (first.number, fields(first)) == (1, {"entry"})
    assert second.entry == roster_entry()


def test_unknown_fields_of_json_are_faults() -> None:
    """A misspelt name must not silently be left out."""
    [line] = read(json.dumps([roster_entry().model_dump(mode="json") | {"max_course": 3}]), "json")
    assert fields(line) == {"max_course"}


EXTRA = ",hours_by_period,travel_overrides,blocked_workplaces"


def test_hours_by_period_travel_and_blocked_workplaces_are_read_from_cells() -> None:
    """Periods with their weeks after them, in the order of time; minutes by municipality; postal code before the name."""
    cells = (
        "2027-08-01.. mon=09:00-12:00 mon=12:30-15:00 2027-02-01..2027-04-30 Tue=08:00-12:00,"
        "Bornholm=75 | Aarhus Kommune = 80,5000 Jobcentret Nord | 8000 Plejehjemmet; Syd"
    )
    [line] = read(f"{HEADER}{EXTRA}\n{ANNE},{cells}")
    assert line.faults == ()
    assert line.entry is not None
    spring, autumn = line.entry.hours_by_period
    assert (str(spring.first), str(spring.last), spring.hours.tue) == (
        "2027-02-01",
        "2027-04-30",
        (("08:00", "12:00"),),
    )
    assert (str(autumn.first), autumn.last) == ("2027-08-01", None)
    assert autumn.hours.mon == (("09:00", "12:00"), ("12:30", "15:00"))
    assert line.entry.travel_overrides == {"400": 75, "751": 80}
    assert line.entry.blocked_workplaces is not None
    assert [(one.postal_code, one.name) for one in line.entry.blocked_workplaces] == [
        ("5000", "Jobcentret Nord"),
        ("8000", "Plejehjemmet; Syd"),
    ]


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        ("2027-02-01..2027-04-30 2027-04-30.. mon=08:00-12:00,,", "hours_by_period"),
        ("2027-04-30..2027-02-01,,", "hours_by_period.0"),
        ("mon=08:00-12:00,,", "hours_by_period.0.first"),
        ("2027-02-01.. mon=12:00-08:00,,", "hours_by_period.0.hours.mon.0"),
        (",Odense=soon,", "travel_overrides"),
        (",Odense=-5,", "travel_overrides"),
        (",Odense=2000,", "travel_overrides"),
        (",Atlantis=20,", "travel_overrides"),
        (",Odense=20|Odense=30,", "travel_overrides"),
        (",Odense=20|461=30,", "travel_overrides"),
        (",,Jobcentret 5000", "blocked_workplaces.0.postal_code"),
        (",,5000", "blocked_workplaces.0.name"),
    ],
)
def test_what_is_wrong_in_the_longer_cells_is_told_by_field(cells: str, field: str) -> None:
    """Without repeating what was written."""
    [line] = read(f"{HEADER}{EXTRA}\n{ANNE},{cells}")
    assert field in fields(line)
    for typed in ("Atlantis", "soon", "Jobcentret"):
        assert typed not in str(line.faults)


def test_blocked_workplaces_are_kept_where_the_column_is_left_out_and_lifted_where_it_is_empty() -> None:
    """Nobody can read them back, so leaving them out must not lose them."""
    known = ("0" * 32,)
    [left_out] = read(f"{HEADER}\n{ANNE}")
    [empty] = read(f"{HEADER},blocked_workplaces\n{ANNE},")
    assert left_out.entry is not None
    assert empty.entry is not None
    assert left_out.entry.facts(known=known).blocked_workplaces == known
    assert empty.entry.facts(known=known).blocked_workplaces == ()


def test_a_blocked_workplace_is_never_kept_without_a_key() -> None:
    """A hash under no key could be guessed by trying names."""
    entry = roster_entry(blocked_workplaces=[{"name": "Jobcentret", "postal_code": "5000"}])
    with pytest.raises(ValueError, match="no key"):
        entry.facts()
    one, other = (entry.facts(workplace_key=key).blocked_workplaces for key in (b"one", b"other"))
    assert one != other
    assert "jobcentret" not in str(one).lower()


def test_consultants_stored_before_these_fields_stay_readable() -> None:
    """New facts have defaults."""
    stored = roster_entry().facts().model_dump(mode="json")
    for name in ("hours_by_period", "travel_overrides", "blocked_workplaces"):
        del stored[name]
    assert RosterFacts.model_validate(stored) == roster_entry().facts()


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    """Whatever is sent is read or refused."""
    for text in (content, HEADER.encode() + b"\n" + content):
        try:
            read(text)
        except RosterFileError:
            continue
