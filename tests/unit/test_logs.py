"""Each case runs in a process of its own: logging is configured for a whole process."""

import json
import subprocess
import sys
import textwrap

import pytest

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
