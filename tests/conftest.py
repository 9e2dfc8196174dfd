"""For all tests: what the machine lacks is skipped aloud, or fails where REQUIRE names it; and the servers to test against.

A test says what it needs with `@pytest.mark.needs("kafka")`, or by taking the fixture that stands for it.
"""

import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import structlog

from deploy.kafka.cluster import ApacheKafka
from deploy.local.home import Home
from deploy.local.servers import MAIL_PASSWORD
from deploy.local.stack import held_stack
from tests import needs
from tests.embedded import Embedded

FIXTURE_NEEDS = {"apache_kafka": "kafka", "own_apache_kafka": "kafka", "chromium_path": "browser"}

# A property says nothing about time; a busy machine would make it fail.
hypothesis.settings.register_profile("without-deadline", deadline=None)
hypothesis.settings.load_profile("without-deadline")
# The services' own format needs a process of its own. structlog's default draws each frame with its source and variables,
# which took longer than most of the tests that break something on purpose.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.dev.set_exc_info,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", f"needs(*names): skipped where the machine lacks one of: {', '.join(needs.NEEDS)}"
    )
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # So it is for what a shell starts in the background, and for all that it starts in turn.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        needs.required()
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before any fixture starts: skip, or fail, what cannot run here."""
    names = [name for marker in item.iter_markers("needs") for name in marker.args]
    names += [FIXTURE_NEEDS[name] for name in getattr(item, "fixturenames", ()) if name in FIXTURE_NEEDS]
    for name in sorted(set(names)):
        if reason := needs.missing(name):
            if name in needs.required():
                pytest.fail(f"REQUIRE={name}: {reason}", pytrace=False)
            pytest.skip(f"needs {name}: {reason}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The last words: what was not run, and why."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ") for report in terminalreporter.stats.get("skipped", [])
    )
    if reasons:
        terminalreporter.section("Not run here")
        for reason, count in reasons.most_common():
            terminalreporter.line(f"{count} test{'s' if count > 1 else ''}: {reason}")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests and fixtures run on asyncio, as the services do."""
    return "asyncio"


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """The embedded servers (MongoDB, noida-db for Kafka, mail), shared by all tests of the run: use names of your own."""
    yield from _embedded(tmp_path_factory.mktemp("stack"))


@pytest.fixture
def own_stack(tmp_path: Path) -> Iterator[Embedded]:
    """Embedded servers for one test alone: empty, and to be maltreated; up in about two seconds."""
    yield from _embedded(tmp_path / "stack")


def _embedded(folder: Path) -> Iterator[Embedded]:
    home = Home(folder)
    with held_stack(home, say=lambda _: None, servers_only=True, patience_seconds=0) as held:
        yield Embedded.of(held, password=MAIL_PASSWORD)


@pytest.fixture(scope="session")
def apache_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApacheKafka]:
    """Real Apache Kafka, one node, shared by all tests of the run: use topics and groups of your own, and do not kill it."""
    yield from _kafka(tmp_path_factory.mktemp("kafka"))


@pytest.fixture
def own_apache_kafka(tmp_path: Path) -> Iterator[ApacheKafka]:
    """Real Apache Kafka, one node, for one test alone: `kill()` it and `start()` it again as needed; up in about six seconds."""
    yield from _kafka(tmp_path / "kafka")


def _kafka(folder: Path) -> Iterator[ApacheKafka]:
    kafka = ApacheKafka(folder)
    try:
        kafka.start()
        yield kafka
    finally:
        kafka.close()


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser to start with `tests.needs.CHROMIUM_FLAGS`."""
    path = needs.chromium_path()
    assert path, "the rule above skips this test where there is none"
    return path
