"""Each case runs in a process of its own: logging is configured for a whole process."""

import ast
import json
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared import logs

CANARY = "kanariefugl@kommune.example"
BEGIN = f"""
import asyncio, logging, threading, gc, warnings
import structlog
from shared import logs
logs.configure(service="intake")
log = structlog.get_logger("somewhere")
CANARY = {CANARY!r}
def fails(typed=CANARY):
    local = typed * 2
    raise ValueError(f"cannot read {{typed}}")
"""

CASES = {
    "an exception logged by us": """
        try: fails()
        except ValueError: log.exception("went-wrong", application_id="a1")
    """,
    "an exception handed over": """
        try: fails()
        except ValueError as error: log.error("went-wrong", application_id="a1", exc_info=error)
    """,
    "an exception with a cause and a note": """
        try:
            try: fails()
            except ValueError as error:
                error.add_note(CANARY)
                raise RuntimeError(CANARY) from error
        except RuntimeError: log.exception("went-wrong", application_id="a1")
    """,
    "an exception group": """
        try: raise ExceptionGroup(CANARY, [ValueError(CANARY)])
        except ExceptionGroup: log.exception("went-wrong", application_id="a1")
    """,
    "a library's logger": """
        try: fails()
        except ValueError: logging.getLogger("uvicorn.error").exception("went-wrong\\n" + CANARY)
    """,
    "a task whose exception nobody awaits": """
        async def main():
            async def task(): fails()
            running = asyncio.create_task(task())
            await asyncio.sleep(0.01)
            del running
            gc.collect()
        asyncio.run(main())
    """,
    "an exception in a callback of the loop": """
        async def main():
            asyncio.get_running_loop().call_soon(fails, CANARY)
            await asyncio.sleep(0.01)
        asyncio.run(main())
    """,
    "an exception that ends the process": """
        fails()
    """,
    "an exception that ends a thread": """
        thread = threading.Thread(target=fails); thread.start(); thread.join()
    """,
    "an exception in a finalizer": """
        class Holder:
            def __del__(self): fails()
        Holder()
        gc.collect()
    """,
    "an exception as a value, and another object": """
        class Person:
            def __repr__(self): return CANARY
        log.error("went-wrong", error=ValueError(CANARY), person=Person(), exception="")
    """,
    "a validation error": """
        from pydantic import BaseModel
        class Form(BaseModel): age: int
        try: Form.model_validate_json('{"age": "' + CANARY + '"}')
        except ValueError: log.exception("went-wrong", application_id="a1")
    """,
}

PROJECT = Path(__file__).resolve().parents[2]
LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "log"}


def run(code: str) -> list[str]:
    program = BEGIN + textwrap.dedent(code)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)
    assert done.stdout == ""
    return done.stderr.splitlines()


@pytest.mark.parametrize("code", CASES.values(), ids=CASES.keys())
def test_no_text_of_an_exception_and_no_local_variable_is_logged(code: str) -> None:
    """A canary that stands in the exception's text, its locals, notes and causes is nowhere in the output."""
    lines = run(code)
    assert lines, "something was logged"
    assert not [line for line in lines if "kanariefugl" in line]
    rows = [json.loads(line) for line in lines]
    assert all(row["service"] == "intake" for row in rows)
    assert any("exception" in row for row in rows), "the type of the exception is told"


def test_the_places_of_an_exception_are_told_without_paths() -> None:
    """File, line and function are enough to find it."""
    (line,) = run("try: fails()\nexcept ValueError: log.exception('went-wrong', application_id='a1')")
    row = json.loads(line)
    assert (row["event"], row["exception"], row["application_id"], row["level"]) == (
        "went-wrong",
        "ValueError",
        "a1",
        "error",
    )
    assert [place.split(" ")[1] for place in row["places"]] == ["<module>", "fails"]
    assert not any("/" in place for place in row["places"])


def test_chatty_libraries_are_quiet_and_levels_hold() -> None:
    """Below the level nothing is written, and what libraries tell at info is not ours."""
    lines = run("log.debug('no')\nlogging.getLogger('aiokafka').info('no')\nlog.info('yes')")
    assert [json.loads(line)["event"] for line in lines] == ["yes"]


def test_at_debug_level_libraries_still_tell_warnings_only() -> None:
    """At debug they would write down what passes through them: documents, records, addresses."""
    code = """
        logs.configure(service="intake", level="debug")
        for name in ("pymongo.command", "aiokafka.conn", "motor", "some.library"):
            logging.getLogger(name).debug(CANARY)
            logging.getLogger(name).info(CANARY)
        structlog.get_logger("ours").debug("yes")
    """
    assert [json.loads(line)["event"] for line in run(code)] == ["yes"]


def test_a_field_that_nobody_has_thought_about_is_told_without_its_value() -> None:
    """Known names are listed; a new one is a decision, not an accident."""
    (line,) = run("log.info('went', application_id='a1', name=CANARY, theme='chikane', note='x')")
    row = json.loads(line)
    assert (row["application_id"], row["name"], row["theme"], row["note"]) == ("a1", *[logs.HIDDEN] * 3)


def test_addresses_are_hidden_wherever_they_stand_and_ids_of_mails_are_not() -> None:
    """In a known field, in an event of ours, in what a library warns of; a Message-ID of ours has an @ too."""
    ours = "<0197a3c2-7f1e-7b55-8f2e-0b6a1c9d4e10@forloeb.example>"
    code = f"""
        log.warning(CANARY, reason=CANARY, message_id={ours!r})
        logging.getLogger("aiokafka").warning("cannot write to %s", CANARY)
    """
    first, second = (json.loads(line) for line in run(code))
    assert (first["event"], first["reason"], first["message_id"]) == (logs.HIDDEN, logs.HIDDEN, ours)
    assert second["event"] == f"cannot write to {logs.HIDDEN}"


def test_a_warning_of_python_is_told_without_its_text() -> None:
    """Those of pydantic quote the value that did not fit."""
    (line,) = run("warnings.simplefilter('always')\nwarnings.warn(CANARY)")
    row = json.loads(line)
    assert (row["event"], row["category"]) == ("python-warning", "UserWarning")


def test_every_field_that_our_own_code_logs_is_known() -> None:
    """Else it would be hidden where it is needed most."""
    unknown = {
        f"{file.relative_to(PROJECT)}: {name}"
        for folder in ("services", "shared", "deploy")
        for file in (PROJECT / folder).rglob("*.py")
        for name in _logged_fields(ast.parse(file.read_text(encoding="utf-8")))
        if name not in logs.FIELDS
    }
    assert unknown == set()


def _logged_fields(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="log"), attr=level)) if level in LEVELS:
                yield from (keyword.arg for keyword in node.keywords if keyword.arg and keyword.arg != "exc_info")
