"""The what-if command: JSON out, one sentence on stderr where the file is wrong."""

import io
import json
from pathlib import Path

import pytest

from services.scheduler.match_command import EXIT_FAULTY_FILE, match_file
from tests.match_instances import consultant, instance


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
