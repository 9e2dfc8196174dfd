"""The what-if command: JSON out, one sentence on stderr where the file is wrong."""

import io
import json
import os
import re
import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest

from services.scheduler.instance import read_instance
from services.scheduler.instance_problem import problem_of
from services.scheduler.match_command import EXIT_FAULTY_FILE, match_file
from services.scheduler.matching import match
from tests.match_instances import (
    Raw,
    consultant,
    instance,
    random_instance,
    with_booked,
    with_second,
    with_ties,
)


def run(path: Path, *, others: bool = False) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    code = match_file(path, others=others, out=out, err=err)
    return code, out.getvalue(), err.getvalue()


def test_the_winner_is_printed_as_json(tmp_path: Path) -> None:
    """All keys of the result, the others only on request."""
    file = tmp_path / "instance.json"
    file.write_text(json.dumps(instance(consultants=[consultant(id="ø1"), consultant(id="ø2")])), encoding="utf-8")
    code, out, err = run(file)
    result = json.loads(out)
    assert (code, err) == (0, "")
    assert (result["status"], result["consultant"], result["others"]) == ("found", "ø1", None)
    assert result["milliseconds"] >= 0
    assert [other["id"] for other in json.loads(run(file, others=True)[1])["others"]] == ["ø2"]


def test_nobody_found_is_an_answer(tmp_path: Path) -> None:
    """The exit code is 0, the status none."""
    file = tmp_path / "instance.json"
    file.write_text(json.dumps(instance(consultants=[])), encoding="utf-8")
    code, out, _ = run(file)
    assert (code, json.loads(out)["status"]) == (0, "none")


@pytest.mark.parametrize(("text", "start"), [("{}", "format: "), ("nonsense", "$: "), (None, "")])
def test_a_faulty_file_gives_one_sentence(tmp_path: Path, text: str | None, start: str) -> None:
    """On stderr, with another exit code than 0 and nothing on stdout."""
    file = tmp_path / "instance.json"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    code, out, err = run(file)
    assert (code, out) == (EXIT_FAULTY_FILE, "")
    assert err.startswith(start)
    assert err.count("\n") == 1


def test_a_booked_course_is_repaired(tmp_path: Path) -> None:
    """With "booked" and "now" in the file the answer is the least change, in the same form."""
    file = tmp_path / "instance.json"
    booked = {"consultant": "b", "second": None, "starts": ["2027-01-19T10:00"]}
    raw = instance(consultants=[consultant(id="a"), consultant(id="b")], booked=booked, now="2027-01-18T00:00")
    file.write_text(json.dumps(raw), encoding="utf-8")
    result = json.loads(run(file, others=True)[1])
    assert (result["consultant"], result["starts"], result["terms"]["wait"]) == ("b", ["2027-01-19T10:00"], 1)
    assert result["others"] == [{"id": "a", "status": "feasible", "cost": 1, "terms": result["terms"]}]


def test_the_same_instance_gives_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    """But for the milliseconds, whatever order sets of text have: a new course and a repair, both with a second consultant."""
    seed = next(seed for seed in count() if _is_rich(_rich(seed)))
    answers = set()
    for raw in (_rich(seed), with_booked(_rich(seed), seed, _answer(_rich(seed)))):
        file = tmp_path / "instance.json"
        file.write_text(json.dumps(raw), encoding="utf-8")
        program = (
            f"from pathlib import Path; from {match_file.__module__} import match_file; "
            f"match_file(Path({str(file)!r}), others=True)"
        )
        for hashing in ("0", "1", "271828"):
            done = subprocess.run(
                [sys.executable, "-c", program],
                env=os.environ | {"PYTHONHASHSEED": hashing},
                capture_output=True,
                check=True,
            )
            answers.add(re.sub(rb'"milliseconds": [0-9.]+', b"", done.stdout))
    assert len(answers) == 2


def _rich(seed: int) -> Raw:
    many = random_instance(seed, days=60, meetings=4, consultants=30, dense=True)
    return with_second(with_ties(many, seed), seed)


def _answer(raw: Raw) -> Raw:
    return match(problem_of(read_instance(json.dumps(raw)))).as_json(milliseconds=0)


def _is_rich(raw: Raw) -> bool:
    return bool(raw["venues"]) and _answer(raw)["second"] is not None
