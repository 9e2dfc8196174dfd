"""`forloeb apply`: one application however often it has to try, and a refusal that says which fields."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.intake.apply_command import EXIT_NOT_SENT, EXIT_REFUSED, apply_file

ACCEPTED = {"reference": "SPARK-1", "state_label": "Received", "next": "We write.", "page_url": "http://x/s/t"}


class Server:
    """Stands in for the network: gives these answers one after another, and remembers what it was asked."""

    def __init__(self, *answers: httpx2.Response | Exception) -> None:
        self.answers = list(answers)
        self.headers: list[dict[str, str]] = []

    def post(self, _url: str, *, headers: dict[str, str], **_rest: Any) -> httpx2.Response:
        self.headers.append(headers)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def send(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str, Server]]:
    file = tmp_path / "application.json"
    file.write_text("{}", encoding="utf-8")

    def run(*answers: httpx2.Response | Exception, **options: Any) -> tuple[int, str, Server]:
        server, out = Server(*answers), io.StringIO()
        monkeypatch.setattr(httpx2, "post", server.post)
        code = apply_file(file, intake="http://127.0.0.1:1", out=out, sleep=lambda _: None, **options)
        return code, out.getvalue(), server

    return run


def test_an_accepted_application_shows_reference_and_link(send: Callable[..., Any]) -> None:
    """What one needs to go on: the reference, what happens next, and the page."""
    code, printed, server = send(httpx2.Response(202, json=ACCEPTED))
    assert code == 0
    assert "SPARK-1: Received" in printed
    assert "http://x/s/t" in printed
    assert "Authorization" not in server.headers[0]


def test_all_tries_carry_one_key(send: Callable[..., Any]) -> None:
    """A lost connection and a "not now" are tried again under the same Idempotency-Key, so nothing is sent in twice."""
    answers = (httpx2.ConnectError("away"), httpx2.Response(503, json={}), httpx2.Response(202, json=ACCEPTED))
    code, _, server = send(*answers, token="t" * 40)
    assert code == 0
    assert len({headers["Idempotency-Key"] for headers in server.headers}) == 1
    assert server.headers[0]["Authorization"] == "Bearer " + "t" * 40


def test_a_refusal_names_the_fields(send: Callable[..., Any], capsys: pytest.CaptureFixture[str]) -> None:
    """Each wrong field on a line of its own, on standard error; with --json the whole answer is printed."""
    refusal = {"title": "Some fields are wrong", "errors": [{"field": "themes", "text": "Choose one."}]}
    code, printed, _ = send(httpx2.Response(422, json=refusal))
    assert (code, printed) == (EXIT_REFUSED, "")
    assert "themes: Choose one." in capsys.readouterr().err
    code, printed, _ = send(httpx2.Response(422, json=refusal), as_json=True)
    assert (code, json.loads(printed)) == (EXIT_REFUSED, refusal)


def test_nobody_there_is_told_in_one_sentence(send: Callable[..., Any], capsys: pytest.CaptureFixture[str]) -> None:
    """After the last try: which address gave no answer."""
    code, _, server = send(*[httpx2.ConnectError("away")] * 4)
    assert code == EXIT_NOT_SENT
    assert len(server.headers) == 4
    assert "http://127.0.0.1:1 gave no answer" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """No traceback for a slip in the name."""
    assert apply_file(tmp_path / "none.json", intake="http://127.0.0.1:1") == EXIT_NOT_SENT
    assert "No such file" in capsys.readouterr().err
