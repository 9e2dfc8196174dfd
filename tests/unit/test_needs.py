"""What a machine lacks is told, or fails the run where REQUIRE says so."""

from pathlib import Path

import pytest

from tests import needs

pytest_plugins = ["pytester"]

CONFTEST = (Path(__file__).parents[1] / "conftest.py").read_text(encoding="utf-8")
NEEDS_BROWSER = """
import pytest

@pytest.mark.needs("browser")
def test_page():
    pass

def test_other():
    pass
"""


@pytest.fixture
def _no_chromium(monkeypatch: pytest.MonkeyPatch, pytester: pytest.Pytester) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.delenv("REQUIRE", raising=False)
    monkeypatch.setattr(needs, "missing", needs.missing.__wrapped__)
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(NEEDS_BROWSER)


@pytest.mark.usefixtures("_no_chromium")
def test_a_missing_need_is_skipped_and_told_at_the_end(pytester: pytest.Pytester) -> None:
    """Without REQUIRE the run passes, and its last section says what was not run and why."""
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines(["*Not run here*", "1 test: needs browser: no Chromium was found*"])


@pytest.mark.usefixtures("_no_chromium")
def test_a_missing_need_that_is_required_fails_the_run(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With REQUIRE=browser the same gap is a failure with the reason, and nothing is skipped."""
    monkeypatch.setenv("REQUIRE", "browser,kafka")
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*REQUIRE=browser: no Chromium was found*"])


@pytest.mark.usefixtures("_no_chromium")
def test_an_unknown_requirement_stops_the_run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt REQUIRE must not pass for one that is met."""
    monkeypatch.setenv("REQUIRE", "browsr")
    result = pytester.runpytest_inprocess()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*REQUIRE=browsr: it takes browser, kafka*"])
