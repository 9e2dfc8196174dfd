import pytest

from services.monitor import stream
from services.monitor.sighting import Sighting
from services.monitor.stream import CLIENT_MESSAGES_MAX, CLIENTS_MAX, Client, Hub, TooManyClientsError


def seen(number: int, *, topic: str = "forloeb.courses", reference: str | None = "SPARK-1") -> Sighting:
    return Sighting(topic=topic, partition=0, offset=number, timestamp=1, number=number, reference=reference)


async def received(client: Client) -> list[str]:
    """All that waits for this client."""
    return [client.queue.get_nowait().data for _ in range(client.queue.qsize())]  # type: ignore[union-attr]


async def test_each_client_gets_what_it_wants() -> None:
    """Filters are told apart by topic and by reference."""
    hub = Hub()
    with hub.client() as all_, hub.client(topic="forloeb.messages") as mails, hub.client(reference="SPARK-2") as one:
        hub.show(seen(1), "course of 1")
        hub.show(seen(2, topic="forloeb.messages"), "mail of 1")
        hub.show(seen(3, reference="SPARK-2"), "course of 2")
        assert await received(all_) == ["course of 1", "mail of 1", "course of 2"]
        assert await received(mails) == ["mail of 1"]
        assert await received(one) == ["course of 2"]


async def test_a_slow_client_is_let_go_and_holds_nobody_up() -> None:
    """Its queue is emptied, its stream ends; the others get everything."""
    hub = Hub()
    with hub.client() as slow, hub.client() as quick:
        for number in range(CLIENT_MESSAGES_MAX + 1):
            hub.show(seen(number), str(number))
            if number == CLIENT_MESSAGES_MAX - 1:
                assert len(await received(quick)) == CLIENT_MESSAGES_MAX
        assert [message async for message in slow.messages()] == []
        assert await received(quick) == [str(CLIENT_MESSAGES_MAX)]
        hub.show(seen(9_999), "later")
        assert slow.queue.empty()


async def test_there_is_place_for_so_many_clients_only() -> None:
    """One that leaves makes place for another."""
    hub = Hub()
    places = [hub.client() for _ in range(CLIENTS_MAX)]
    for place in places:
        place.__enter__()
    with pytest.raises(TooManyClientsError), hub.client():
        pass
    places[0].__exit__(None, None, None)
    with hub.client():
        assert hub.watched


async def test_whoever_comes_gets_the_state_of_the_moment() -> None:
    """Lag and health are there at once, the newest only."""
    hub = Hub()
    hub.tell("lag", "old")
    hub.tell("lag", "new")
    with hub.client() as client:
        assert await received(client) == ["new"]


async def test_all_streams_end_when_the_process_stops() -> None:
    """An endless answer would hold the process up."""
    hub = Hub()
    with hub.client() as client:
        hub.close()
        assert [message async for message in client.messages()] == []
    with pytest.raises(TooManyClientsError), hub.client():
        pass
    assert stream.CLIENTS._value.get() == 0
