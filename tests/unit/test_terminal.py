import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.monitor.cli import Monitor, print_events, print_lag
from shared.terminal import json_text, one_line, printable

ESCAPES = "\x1b[2J\x1b]0;title\x07\x9b31m\x7f\r\u202e\u2028"


def harmless(text: str) -> bool:
    """No control character but the line feed, and no mark that turns the direction."""
    return not any(
        ord(each) < 0x20 or 0x7F <= ord(each) < 0xA0 or each in "\u202e\u2066\u2028" for each in text if each != "\n"
    )


@given(st.text())
def test_nothing_that_a_terminal_acts_on_is_left(text: str) -> None:
    """Letters stay as they are, whatever stands between them; a line stays one line."""
    assert harmless(printable(text))
    assert "\n" not in one_line(text)
    assert printable("Æble på Ærø\nnæste") == "Æble på Ærø\nnæste"


@given(st.text())
def test_json_for_programs_loses_nothing(text: str) -> None:
    """It is escaped, not replaced, so that a program reads the same text."""
    assert harmless(json_text({text: [text]}))
    assert json.loads(json_text({text: [text]}, indent=2)) == {text: [text]}


class Hostile(Monitor):
    """Answers as a monitor does, with escapes in every text that came from outside."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:1", staff_token="x")

    def get(self, path: str, **_asked: str | int | None) -> dict[str, Any]:
        if path.endswith("/lag"):
            topic = {"topic": ESCAPES, "records": 1, "oldest_seconds": 1.0}
            return {"groups": [{"group": ESCAPES, "topics": [topic]}]}
        row = dict.fromkeys(("type", "fault", "topic", "reference", "subject"), f"a{ESCAPES}\nb")
        return {"events": [row | {"facts": {"state": ESCAPES}, "sequence": 1, "timestamp": 1}], "last": 1}


@pytest.mark.parametrize("as_json", [False, True])
def test_events_and_lag_are_printed_without_escapes(*, as_json: bool) -> None:
    """Whoever can write a record must not reach the terminal of whoever watches; one event stays one line."""
    out = io.StringIO()
    with Hostile() as monitor:
        assert print_events(monitor, as_json=as_json, out=out) == 0
        assert out.getvalue().count("\n") == 1
        assert print_lag(monitor, as_json=as_json, out=out) == 0
    assert harmless(out.getvalue())
