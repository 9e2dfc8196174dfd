"""`forloeb match FILE --why-not [ID]`: what alone would have made the others win, beside the answer."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from services.cli import app
from services.scheduler.match_command import EVERYBODY, EXIT_FAULTY_FILE, match_file
from tests.match_instances import Raw, consultant, instance

BUSY_FIRST_DAYS = [["2027-01-18T08:00", "2027-01-20T12:00"]]


def asked(tmp_path: Path, raw: Raw, why_not_of: str | None) -> tuple[int, Any, str]:
    path = tmp_path / "instance.json"
    path.write_text(json.dumps(raw))
    out, err = StringIO(), StringIO()
    code = match_file(path, why_not_of=why_not_of, out=out, err=err)
    return code, json.loads(out.getvalue() or "null"), err.getvalue()


def two() -> Raw:
    """Bo is chosen on the third day, since Anna is busy until noon of it, and dearer later."""
    anna = consultant(id="anna", unavailable=BUSY_FIRST_DAYS, sectors=[])
    return instance(consultants=[consultant(id="bo", unavailable=BUSY_FIRST_DAYS), anna], weights=WEIGHTS)


WEIGHTS = instance()["weights"] | {"wait_day": 20}


def test_why_not_stands_beside_the_answer(tmp_path: Path) -> None:
    """The shortest stretch is that of one meeting on the first day: two days earlier is worth more than the sector."""
    code, answer, _ = asked(tmp_path, two(), EVERYBODY)
    assert (code, answer["consultant"], answer["starts"]) == (0, "bo", ["2027-01-20T12:00"])
    assert answer["others"] is None
    [anna] = answer["why_not"]
    assert (anna["id"], anna["near"], anna["difference"], anna["first"]) == ("anna", None, {"no_sector": 15}, "freed")
    assert anna["changes"]["freed"] == {"start": "2027-01-18T08:00", "end": "2027-01-18T11:00", "minutes": 180}
    assert anna["words"]["da"][1] == "Hvis anna var fri 18. januar kl. 8.00–11.00, var valget faldet på anna"
    assert anna["words"]["en"][0] == "could have held the course, but costs 15 more (does not know the sector +15)"


def test_the_winner_has_no_why_not(tmp_path: Path) -> None:
    """Asked of the one who was chosen, there is nothing to say."""
    assert asked(tmp_path, two(), "bo")[1]["why_not"] == []
    assert [one["id"] for one in asked(tmp_path, two(), "anna")[1]["why_not"]] == ["anna"]


def test_nobody_by_that_name_is_a_fault(tmp_path: Path) -> None:
    """As with every fault of a file: one sentence, nothing printed."""
    assert asked(tmp_path, two(), "clara") == (EXIT_FAULTY_FILE, None, "consultants: Nobody here has the id clara.\n")


def test_a_repair_has_no_why_not(tmp_path: Path) -> None:
    """What would have made somebody win is asked of new courses."""
    booked = {"consultant": "bo", "second": None, "starts": ["2027-01-20T12:00"]}
    code, _, err = asked(tmp_path, two() | {"booked": booked, "now": "2027-01-18T00:00"}, EVERYBODY)
    assert (code, err) == (EXIT_FAULTY_FILE, "booked: Why not is asked of new courses only.\n")


def test_without_the_option_nothing_is_added(tmp_path: Path) -> None:
    """The answer of the file format stays what it is."""
    assert "why_not" not in asked(tmp_path, two(), None)[1]


@pytest.mark.parametrize(
    ("arguments", "names"), [(["--why-not"], ["anna"]), (["--why-not", "anna"], ["anna"]), (["--why-not", "bo"], [])]
)
def test_the_command_takes_one_consultant_or_all(tmp_path: Path, arguments: list[str], names: list[str]) -> None:
    """The id after the option is optional."""
    path = tmp_path / "instance.json"
    path.write_text(json.dumps(two()))
    ran = CliRunner().invoke(app, ["match", str(path), *arguments])
    assert ran.exit_code == 0
    assert [one["id"] for one in json.loads(ran.stdout)["why_not"]] == names


def test_a_consultant_without_the_option_is_a_fault(tmp_path: Path) -> None:
    """A name that would be ignored is refused."""
    assert CliRunner().invoke(app, ["match", str(tmp_path / "any.json"), "anna"]).exit_code == EXIT_FAULTY_FILE
