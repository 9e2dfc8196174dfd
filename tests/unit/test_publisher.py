import asyncio
from typing import Any

import pytest
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    LeaderNotAvailableError,
    MessageSizeTooLargeError,
    OutOfOrderSequenceNumber,
    ProducerClosed,
    UnknownProducerId,
)

from shared import kafka as module
from shared.errors import DependencyDownError
from shared.kafka import KafkaAddress, Publisher
from tests.polling import until

pytestmark = pytest.mark.anyio


class Producer:
    """In the place of aiokafka's: answers of its class are given, or kept back, one after the other."""

    made: list["Producer"] = []  # noqa: RUF012 - reset by the fixture
    start_errors: list[Exception] = []  # noqa: RUF012 - same
    arguments: dict[str, Any] = {}  # noqa: RUF012 - same

    def __init__(self, **arguments: Any) -> None:
        type(self).arguments = arguments
        self.made.append(self)
        self.started = False
        self.stopped = False
        self.hangs_at_stop = False
        self.sent: list[asyncio.Future[None]] = []
        self._sender = self
        self.client = self

    async def start(self) -> None:
        if self.start_errors:
            raise self.start_errors.pop(0)
        self.started = True

    async def send(self, _topic: str, **_record: Any) -> "asyncio.Future[None]":
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.sent.append(future)
        return future

    async def stop(self) -> None:
        if self.hangs_at_stop:
            await asyncio.Event().wait()
        self.stopped = True

    async def close(self) -> None:
        self.stopped = True


@pytest.fixture(autouse=True)
def producers(monkeypatch: pytest.MonkeyPatch) -> list[Producer]:
    Producer.made, Producer.start_errors = [], []
    monkeypatch.setattr(module, "AIOKafkaProducer", Producer)
    monkeypatch.setattr(module, "STOP_SECONDS", 0.02)
    return Producer.made


def publisher() -> Publisher:
    return Publisher(KafkaAddress(bootstrap_servers="a:1,b:2"), client_id="x")


def sending(through: Publisher) -> "asyncio.Task[None]":
    return asyncio.create_task(through.send(topic="t", key=b"k", value=b"v", headers=[]))


async def test_a_record_is_sent_when_the_broker_says_so(producers: list[Producer]) -> None:
    """Not before; and with the settings that make it hold."""
    task = sending(publisher())
    await until(lambda: producers and producers[0].sent, what="it is on its way")
    assert not task.done()
    producers[0].sent[0].set_result(None)
    await task
    assert (Producer.arguments["acks"], Producer.arguments["enable_idempotence"]) == ("all", True)
    assert Producer.arguments["bootstrap_servers"] == ["a:1", "b:2"]


FATAL = [OutOfOrderSequenceNumber(), UnknownProducerId(), ProducerClosed(), KafkaTimeoutError(), KafkaError()]


@pytest.mark.parametrize("error", FATAL, ids=lambda error: type(error).__name__)
async def test_a_producer_that_is_done_for_is_replaced(error: KafkaError, producers: list[Producer]) -> None:
    """The old one is stopped; the next send works through a new one."""
    through = publisher()
    task = sending(through)
    await until(lambda: producers and producers[0].sent, what="it is on its way")
    producers[0].sent[0].set_exception(error)
    with pytest.raises(DependencyDownError):
        await task
    assert producers[0].stopped
    task = sending(through)
    await until(lambda: len(producers) == 2 and producers[1].sent, what="the next one is on its way")
    producers[1].sent[0].set_result(None)
    await task


async def test_those_who_wait_for_the_old_producer_are_let_go(producers: list[Producer]) -> None:
    """Its other answers may never come; all of them are told to send again, and only one new producer is made."""
    through = publisher()
    tasks = [sending(through) for _ in range(4)]
    await until(lambda: producers and len(producers[0].sent) == 4, what="all are on their way")
    producers[0].hangs_at_stop = True
    producers[0].sent[1].set_exception(OutOfOrderSequenceNumber())
    results = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 5)
    assert all(isinstance(result, DependencyDownError) for result in results)
    assert producers[0].stopped, "also where its flush never ends"
    again = [sending(through) for _ in range(4)]
    await until(lambda: len(producers) == 2 and len(producers[1].sent) == 4, what="all go through one new producer")
    for future in producers[1].sent:
        future.set_result(None)
    await asyncio.gather(*again)
    assert len(producers) == 2


async def test_a_passing_trouble_keeps_the_producer(producers: list[Producer]) -> None:
    """A leader that is being chosen is no reason to begin anew."""
    through = publisher()
    task = sending(through)
    await until(lambda: producers and producers[0].sent, what="it is on its way")
    producers[0].sent[0].set_exception(LeaderNotAvailableError())
    with pytest.raises(DependencyDownError):
        await task
    task = sending(through)
    await until(lambda: len(producers[0].sent) == 2, what="the same producer is used")
    producers[0].sent[1].set_result(None)
    await task


@pytest.mark.parametrize("error", [KafkaConnectionError("x"), OSError("no route")])
async def test_no_broker_at_the_start_is_an_outage(error: Exception, producers: list[Producer]) -> None:
    """What was begun is closed, and the next send tries again."""
    through = publisher()
    Producer.start_errors = [error]
    with pytest.raises(DependencyDownError):
        await sending(through)
    assert producers[0].stopped
    task = sending(through)
    await until(lambda: len(producers) == 2 and producers[1].sent, what="a new one is tried")
    producers[1].sent[0].set_result(None)
    await task


async def test_a_record_that_is_too_large_is_no_outage(producers: list[Producer]) -> None:
    """It can never be sent; the caller has to know."""
    task = sending(publisher())
    await until(lambda: producers and producers[0].sent, what="it is on its way")
    producers[0].sent[0].set_exception(MessageSizeTooLargeError())
    with pytest.raises(MessageSizeTooLargeError):
        await task
    assert not producers[0].stopped


async def test_after_the_stop_nothing_connects_again(producers: list[Producer]) -> None:
    """A relay that is still at work must not open a connection that nobody closes."""
    through = publisher()
    waiting = sending(through)
    await until(lambda: producers and producers[0].sent, what="one is on its way")
    await through.stop()
    assert producers[0].stopped
    for task in (waiting, sending(through)):
        with pytest.raises(DependencyDownError):
            await task
    assert len(producers) == 1
    await publisher().stop()
