import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from shared import guard as module
from shared.dead_letters import dead_letter_headers
from shared.envelope import RECORD_BYTES_MAX, Envelope, Headers, to_headers
from shared.errors import DependencyDownError, RecordFaultError
from shared.events import ApplicationSubmitted, CourseBooked, Event
from shared.guard import Guard, Handler
from shared.sealing import SealBrokenError
from tests.event_samples import SAMPLES, envelope_of
from tests.polling import until

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 24, 12, 0, 1, tzinfo=UTC)
BODY = SAMPLES[CourseBooked].model_dump_json().encode()
GOOD_HEADERS: list[tuple[str, bytes | None]] = list(to_headers(envelope_of(CourseBooked)))


@dataclass
class Record:
    """As aiokafka hands them out."""

    headers: list[tuple[str, bytes | None]] = field(default_factory=lambda: list(GOOD_HEADERS))
    value: bytes | None = BODY
    key: bytes | None = b"application-1"
    topic: str = "forloeb.courses"
    partition: int = 3
    offset: int = 41
    timestamp: int = 1_795_521_600_000


@dataclass
class DeadLetters:
    """Takes what is sent; each entry of `failures` is raised once first."""

    failures: list[Exception] = field(default_factory=list)
    sent: list[tuple[str, bytes | None, bytes | None, Headers]] = field(default_factory=list)
    gate: asyncio.Event | None = None

    async def send(self, *, topic: str, key: bytes | None, value: bytes | None, headers: Headers) -> None:
        if self.gate:
            await self.gate.wait()
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append((topic, key, value, headers))

    def header(self, name: str) -> str:
        assert len(self.sent) == 1, f"one dead letter was expected, not {len(self.sent)}"
        return dict(self.sent[0][3])[name].decode()


def failing(*errors: BaseException | None) -> tuple[Handler, list[int]]:
    """A handler that raises these, one at each call, and None means that it succeeds; with its number of calls."""
    calls = [0]

    async def handler(_event: Event, _envelope: Envelope) -> str:
        calls[0] += 1
        error = errors[min(calls[0], len(errors)) - 1]
        if error is not None:
            raise error
        return "handled"

    return handler, calls


def guarding(handler: Handler, letters: DeadLetters, *, kind: type[Event] = CourseBooked) -> Guard:
    return Guard(
        group="scheduler",
        handlers={kind: handler},
        dead_letters=letters,
        clock=lambda: NOW,
        try_pauses_seconds=(0.001, 0.001, 0.001),
    )


def never() -> bool:
    return False


async def see_through(guard: Guard, record: Record, *, abandoned: Callable[[], bool] = never) -> bool:
    async with asyncio.timeout(10):
        return await guard.see_through(record, abandoned=abandoned)


async def test_a_good_record_reaches_its_handler_once_with_event_and_envelope() -> None:
    """The handler gets the parsed event, not bytes."""
    got: list[tuple[Event, Envelope]] = []

    async def handler(event: Event, envelope: Envelope) -> str:
        got.append((event, envelope))
        return "handled"

    letters = DeadLetters()
    assert await see_through(guarding(handler, letters), Record())
    assert got == [(SAMPLES[CourseBooked], envelope_of(CourseBooked))]
    assert letters.sent == []


WRONG_RECORDS = {
    "a junk body": (Record(value=b"\x00\xffjunk"), "body-invalid"),
    "JSON of another shape": (Record(value=b'{"course": []}'), "body-invalid"),
    "a tombstone": (Record(value=None), "body-missing"),
    "an oversized body": (Record(value=b'"' + b"x" * RECORD_BYTES_MAX + b'"'), "body-oversized"),
    "no headers": (Record(headers=[]), "header-ce_specversion"),
    "null headers": (Record(headers=[(name, None) for name, _ in GOOD_HEADERS]), "header-ce_specversion"),
    "an undecodable header": (Record(headers=[*GOOD_HEADERS, ("ce_id", b"\xff\xfe")]), "header-ce_id"),
    "a missing header": (Record(headers=[row for row in GOOD_HEADERS if row[0] != "ce_time"]), "header-ce_time"),
    "another topic": (Record(topic="forloeb.applications"), "wrong-topic"),
    "a tombstone without a key": (Record(headers=[], value=None, key=None), "header-ce_specversion"),
}


@pytest.mark.parametrize(("record", "reason"), WRONG_RECORDS.values(), ids=WRONG_RECORDS.keys())
async def test_what_is_wrong_with_the_record_itself_is_dead_lettered_at_once(record: Record, reason: str) -> None:
    """No handler is asked and nothing is tried again: it cannot get better."""
    handler, calls = failing(None)
    letters = DeadLetters()
    assert await see_through(guarding(handler, letters), record)
    assert letters.header("x-dlq-reason") == reason
    assert letters.header("x-dlq-attempts") == "1"
    assert calls == [0]


async def test_a_dead_letter_holds_the_untouched_record_and_where_it_came_from() -> None:
    """Key, value and headers as they were; null headers cannot be sent, so their places are listed."""
    record = Record(value=b"junk", headers=[*GOOD_HEADERS, ("x-null", None), ("x-bytes", b"\xff")])
    letters = DeadLetters()
    await see_through(guarding(failing(None)[0], letters), record)
    topic, key, value, headers = letters.sent[0]
    assert (topic, key, value) == ("forloeb.dead-letters", b"application-1", b"junk")
    assert headers[: len(GOOD_HEADERS) + 2] == [*GOOD_HEADERS, ("x-null", b""), ("x-bytes", b"\xff")]
    ours = {name: text.decode() for name, text in headers[len(GOOD_HEADERS) + 2 :]}
    assert ours == {
        "x-dlq-reason": "body-invalid",
        "x-dlq-topic": "forloeb.courses",
        "x-dlq-partition": "3",
        "x-dlq-offset": "41",
        "x-dlq-timestamp": "1795521600000",
        "x-dlq-group": "scheduler",
        "x-dlq-attempts": "1",
        "x-dlq-first-failed-at": NOW.isoformat(),
        "x-dlq-null-headers": str(len(GOOD_HEADERS)),
        "x-dlq-null-value": "",
    }


async def test_a_record_without_key_and_value_can_be_dead_lettered() -> None:
    """The producer refuses such a record, so its value becomes empty and a header says that it was null."""
    letters = DeadLetters()
    await see_through(guarding(failing(None)[0], letters), Record(headers=[], value=None, key=None))
    assert letters.sent[0][1:3] == (None, b"")
    assert letters.header("x-dlq-null-value") == "1"


def test_a_reason_is_cut_to_its_limit() -> None:
    """A class name of any length fits."""
    headers = dead_letter_headers(Record(), reason="e" * 500, group="g", attempts=1, first_failed_at=NOW)
    assert dict(headers)["x-dlq-reason"] == b"e" * 80


@pytest.mark.parametrize(
    ("error", "reason", "tries"),
    [
        (ValueError("canary"), "error-ValueError", 4),
        (asyncio.CancelledError(), "stray-cancellation", 4),
        (ExceptionGroup("canary", [ValueError("canary")]), "error-ExceptionGroup", 4),
        (TimeoutError(), "error-TimeoutError", 4),
        (RecordFaultError("reference-unknown"), "reference-unknown", 1),
        (SealBrokenError("person:1"), "seal-broken", 1),
    ],
)
async def test_a_handler_that_always_fails_leads_to_a_dead_letter(
    error: BaseException, reason: str, tries: int
) -> None:
    """After four tries, or at once where the handler says that the record is at fault; texts of errors are told nowhere."""
    handler, calls = failing(error)
    letters = DeadLetters()
    with capture_logs() as logs:
        assert await see_through(guarding(handler, letters), Record())
    assert letters.header("x-dlq-reason") == reason
    assert letters.header("x-dlq-attempts") == str(tries)
    assert calls == [tries]
    assert "canary" not in repr(logs) + repr(letters.sent)


async def test_a_failure_that_passes_is_tried_again_and_leaves_no_trace() -> None:
    """Three failures and a success are a success."""
    handler, calls = failing(ValueError(), asyncio.CancelledError(), TimeoutError(), None)
    letters = DeadLetters()
    assert await see_through(guarding(handler, letters), Record())
    assert (calls, letters.sent) == ([4], [])


async def test_a_hanging_handler_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """A handler is bounded in time; a hang is a failure as any other."""
    monkeypatch.setattr(module, "HANDLER_SECONDS_MAX", 0.01)

    async def handler(_event: Event, _envelope: Envelope) -> str:
        await asyncio.Event().wait()
        raise AssertionError

    letters = DeadLetters()
    assert await see_through(guarding(handler, letters), Record())
    assert letters.header("x-dlq-reason") == "error-TimeoutError"


async def test_a_hang_while_a_dependency_is_unwell_is_not_the_records_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow database cuts handlers off, too: the record is held, uses up no try, and is handled when all is well."""
    monkeypatch.setattr(module, "HANDLER_SECONDS_MAX", 0.01)
    monkeypatch.setattr(module, "HOLD_SECONDS_MIN", 0.001)
    asked, well_after = 0, 7

    async def handler(_event: Event, _envelope: Envelope) -> str:
        if asked < well_after:
            await asyncio.Event().wait()
        return "handled"

    async def unwell() -> str | None:
        nonlocal asked
        asked += 1
        return "mongodb"

    letters = DeadLetters()
    guard = guarding(handler, letters)
    guard.unwell = unwell
    assert await see_through(guard, Record())
    assert (asked, letters.sent, guard.holding) == (well_after, [], None)


async def test_a_dependency_that_is_down_is_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often it fails, nothing is dead-lettered and no try is used up; the wait is shown and then over."""
    monkeypatch.setattr(module, "HOLD_SECONDS_MAX", 0.001)
    handler, calls = failing(*[DependencyDownError("database")] * 200, ValueError(), None)
    letters = DeadLetters()
    guard = guarding(handler, letters)
    assert guard.holding is None
    task = asyncio.create_task(see_through(guard, Record()))
    await until(lambda: guard.holding, what="the guard holds", seconds=5)
    assert guard.holding == "database"
    assert REGISTRY.get_sample_value("forloeb_holding", {"group": "scheduler"}) == 1
    assert await task
    assert (calls, letters.sent, guard.holding) == ([202], [], None)
    assert REGISTRY.get_sample_value("forloeb_holding", {"group": "scheduler"}) == 0


async def test_a_hold_ends_when_the_record_is_somebody_elses() -> None:
    """A rebalance does not have to wait until the database is back."""
    handler, _ = failing(DependencyDownError("database"))
    guard = guarding(handler, DeadLetters())
    gone = False
    task = asyncio.create_task(see_through(guard, Record(), abandoned=lambda: gone))
    await until(lambda: guard.holding, what="the guard holds", seconds=5)
    gone = True
    guard.disturb.set()
    assert await task is False
    assert guard.holding is None


async def test_a_disturbance_that_concerns_others_does_not_spin(monkeypatch: pytest.MonkeyPatch) -> None:
    """While `disturb` is set and this record stays ours, the waits get short but do not vanish."""
    monkeypatch.setattr(module, "HOLD_SECONDS_MIN", 0.01)
    handler, calls = failing(*[DependencyDownError("database")] * 5, None)
    guard = guarding(handler, DeadLetters())
    guard.disturb.set()
    begun = asyncio.get_running_loop().time()
    assert await see_through(guard, Record())
    assert asyncio.get_running_loop().time() - begun >= 0.045
    assert calls == [6]


async def test_a_try_in_hand_is_finished_even_if_the_partition_is_taken_meanwhile() -> None:
    """The effect is there, so the record counts as done; only no new try is begun."""
    gone = False

    async def handler(_event: Event, _envelope: Envelope) -> str:
        nonlocal gone
        gone = True
        return "handled"

    assert await see_through(guarding(handler, DeadLetters()), Record(), abandoned=lambda: gone)

    async def failing_handler(_event: Event, _envelope: Envelope) -> str:
        raise ValueError

    letters = DeadLetters()
    assert await see_through(guarding(failing_handler, letters), Record(), abandoned=lambda: gone) is False
    assert letters.sent == []


async def test_a_dead_letter_waits_for_the_broker_and_is_sent_once() -> None:
    """While the broker is away the same one waits: each new try would add a copy when it is back."""
    letters = DeadLetters(gate=asyncio.Event())
    guard = guarding(failing(None)[0], letters)
    task = asyncio.create_task(see_through(guard, Record(value=b"junk")))
    await until(lambda: guard.holding, what="the guard holds", seconds=5)
    assert guard.holding == "kafka"
    assert letters.gate is not None
    letters.gate.set()
    assert await task
    assert len(letters.sent) == 1


async def test_a_waiting_dead_letter_does_not_hold_up_a_stop() -> None:
    """Whoever gets the record next sends it."""
    letters = DeadLetters(gate=asyncio.Event())
    stopping = False
    guard = guarding(failing(None)[0], letters)
    task = asyncio.create_task(see_through(guard, Record(value=b"junk"), abandoned=lambda: stopping))
    await asyncio.sleep(0)
    stopping = True
    assert await task is False
    assert letters.sent == []


@pytest.mark.parametrize("failure", [DependencyDownError("kafka"), AssertionError("whatever"), ValueError()])
async def test_a_dead_letter_that_fails_is_tried_until_it_is_there(
    failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With pauses, whatever the failure is: the record may neither be lost nor spin."""
    monkeypatch.setattr(module, "HOLD_SECONDS_MAX", 0.001)
    letters = DeadLetters(failures=[failure] * 9)
    assert await see_through(guarding(failing(None)[0], letters), Record(value=b"junk"))
    assert letters.header("x-dlq-reason") == "body-invalid"
    assert letters.header("x-dlq-attempts") == "1"


async def test_a_real_cancellation_goes_through() -> None:
    """The process ends; the record is not done and nothing is dead-lettered."""
    begun = asyncio.Event()

    async def handler(_event: Event, _envelope: Envelope) -> str:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    letters = DeadLetters()
    task = asyncio.create_task(see_through(guarding(handler, letters), Record()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert letters.sent == []


@pytest.mark.parametrize("kind", ["dk.forloeb.CourseDreamt.v1", "dk.forloeb.CourseCancelled.v1"])
async def test_types_without_a_handler_are_passed_over(kind: str) -> None:
    """Of a newer producer, or of no use here: done, whatever their body is."""
    headers: list[tuple[str, bytes | None]] = [*GOOD_HEADERS, ("ce_type", kind.encode())]
    letters = DeadLetters()
    handler, calls = failing(None)
    assert await see_through(guarding(handler, letters), Record(headers=headers, value=b"junk"))
    assert (calls, letters.sent) == ([0], [])


async def test_each_try_is_a_sign_of_life() -> None:
    """The watchdog must not take a handler that fails slowly for a hang."""
    guard = guarding(failing(None)[0], DeadLetters(), kind=ApplicationSubmitted)
    guard.last_sign = 0.0
    await see_through(guard, Record())
    assert guard.last_sign > 0
