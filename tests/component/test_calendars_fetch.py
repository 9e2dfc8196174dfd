"""Fetching calendars from a TLS server on this machine that plays the internet: where it goes, and what it takes."""

import asyncio
import gzip
import ssl
import zlib
from collections.abc import AsyncIterator

import httpcore2
import pytest

from services.scheduler.calendars import fetch as fetching
from services.scheduler.calendars.faults import CalendarFault
from services.scheduler.calendars.fetch import CALENDAR_BYTES_MAX, Fetched, Validators, fetch_calendar
from services.scheduler.calendars.outside_addresses import Address
from services.scheduler.calendars.pinned_network import Outside, resolve_by_system
from tests.calendar_feeds import calendar
from tests.calendar_server import HOST, PUBLIC, CalendarServer, calendar_server
from tests.certificates import Certificates, make_certificates

FEED = calendar()
ADDRESS = f"https://{HOST}/a.ics"
MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
async def server(certificates: Certificates) -> AsyncIterator[CalendarServer]:
    async with calendar_server(certificates) as found:
        found.serve("/a.ics", FEED)
        yield found


async def get(server: CalendarServer, address: str = ADDRESS, known: Validators | None = None) -> Fetched | None:
    return await fetch_calendar(address, known or Validators(), outside=server.outside())


async def fault(server: CalendarServer, address: str = ADDRESS) -> str:
    with pytest.raises(CalendarFault) as raised:
        await get(server, address)
    return raised.value.reason


async def test_a_calendar_is_fetched_by_the_address_that_was_checked(server: CalendarServer) -> None:
    """The connection goes to the address; name and certificate are those of the host."""
    found = await get(server)
    assert found is not None
    assert (found.content, server.dialled) == (FEED, [PUBLIC])
    assert f"host: {HOST}" in server.heads[0].lower()


async def test_nothing_is_sent_that_could_be_a_secret(server: CalendarServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither cookie nor user, and no proxy is asked, whatever the environment says."""
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server.serve("/b.ics", b"", "Location: /a.ics", "Set-Cookie: seen=1", status="302 Found")
    assert await get(server, f"https://{HOST}/b.ics")
    for head in server.heads:
        names = {line.partition(":")[0].lower() for line in head.split("\r\n")[1:] if line}
        assert names <= {"host", "accept", "accept-encoding", "user-agent"}


@pytest.mark.parametrize(
    "answers",
    [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        f"{PUBLIC} 127.0.0.1",
        f"{PUBLIC} fe80::1%eth0",
        " ".join([PUBLIC] * 21),
    ],
)
async def test_one_address_within_refuses_the_name(server: CalendarServer, answers: str) -> None:
    """No connection at all, and the same word as for a name that there is not."""
    server.names[HOST] = [answers]
    assert await fault(server) == "not-reachable"
    assert (server.dialled, server.asked) == ([], [])
    assert await fault(server, "https://nowhere.example/") == "not-reachable"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "::1"])
async def test_this_machine_is_refused_as_the_system_resolves_it(server: CalendarServer, host: str) -> None:
    """Behind the check of the text, which refuses these already, stands the one of what they resolve to."""
    outside = Outside()
    addresses = await resolve_by_system(host)
    assert addresses
    assert all(outside.is_refused(address) for address in addresses)
    assert await fault(server, f"https://{host}/") == "not-reachable"


async def test_a_name_that_changes_its_meaning_is_checked_each_time(server: CalendarServer) -> None:
    """Public at first, this machine for the redirect: the second connection is not made."""
    server.names[HOST] = [PUBLIC, "127.0.0.1"]
    server.serve("/b.ics", b"", "Location: /a.ics", "Connection: close", status="302 Found")
    assert await fault(server, f"https://{HOST}/b.ics") == "not-reachable"
    assert (server.dialled, server.asked) == ([PUBLIC], ["/b.ics"])


async def test_addresses_are_tried_in_turn(server: CalendarServer) -> None:
    """One server of two may be away; no more than three are tried."""
    real = server.outside()
    away = {"93.184.215.1", "93.184.215.2", "93.184.215.3"}

    async def dial(address: Address, port: int, seconds: float | None) -> httpcore2.AsyncNetworkStream:
        if str(address) in away:
            raise httpcore2.ConnectError
        return await real.dial(address, port, seconds)

    outside = Outside(resolve=real.resolve, dial=dial, tls=real.tls)
    server.names[HOST] = [f"93.184.215.1 {PUBLIC}"]
    assert await fetch_calendar(ADDRESS, Validators(), outside=outside)
    server.names[HOST] = [f"93.184.215.1 93.184.215.2 93.184.215.3 {PUBLIC}"]
    with pytest.raises(CalendarFault, match="not-reachable"):
        await fetch_calendar(ADDRESS, Validators(), outside=outside)


@pytest.mark.parametrize("hops", [1, 2, 3])
async def test_three_redirects_are_followed(server: CalendarServer, hops: int) -> None:
    """As servers of calendars move."""
    for hop in range(hops):
        server.serve(f"/{hop}", b"", f"Location: {'/a.ics' if hop == hops - 1 else f'/{hop + 1}'}", status="307 Moved")
    assert await get(server, f"https://{HOST}/0")


@pytest.mark.parametrize(
    "location",
    [
        "/loop",
        f"http://{HOST}/a.ics",
        f"https://{HOST}:8443/a.ics",
        f"https://me:secret@{HOST}/a.ics",
        "https://127.0.0.1/a.ics",
        "https://within.example/a.ics",
        "file:///etc/passwd",
        "",
    ],
)
async def test_redirects_lead_nowhere_else(server: CalendarServer, location: str) -> None:
    """In a circle, down from https, to another port, with a user, to this machine by number or by name."""
    server.names["within.example"] = ["127.0.0.1"]
    server.serve("/loop", b"", f"Location: {location}" if location else "X-Nothing: 1", status="302 Found")
    assert await fault(server, f"https://{HOST}/loop") == "not-reachable"
    assert set(server.asked) == {"/loop"}
    assert len(server.asked) <= 4


async def test_a_certificate_for_another_name_is_not_believed(certificates: Certificates) -> None:
    """Nor one of an authority that nobody knows."""
    async with calendar_server(certificates, name="localhost") as wrong:
        assert await fault(wrong) == "not-reachable"
        assert wrong.asked == []
    async with calendar_server(certificates) as unknown:
        unknown.tls = ssl.create_default_context(cafile=str(certificates.other_ca))
        assert await fault(unknown) == "not-reachable"
        assert unknown.asked == []


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("401 Unauthorized", "access-refused"),
        ("403 Forbidden", "access-refused"),
        ("404 Not Found", "not-found"),
        ("410 Gone", "not-found"),
        ("500 Internal Server Error", "answered-wrongly"),
        ("304 Not Modified", "answered-wrongly"),
        ("204 No Content", "answered-wrongly"),
    ],
)
async def test_other_answers_are_told_by_a_code(server: CalendarServer, status: str, reason: str) -> None:
    """304 too, where nothing was known that could be unchanged."""
    server.serve("/a.ics", b"", status=status)
    assert await fault(server) == reason


async def test_what_is_unchanged_is_not_sent_again(server: CalendarServer) -> None:
    """By the server's own words; words that are too long are not kept."""
    server.serve("/a.ics", FEED, 'ETag: "7"', "Last-Modified: Fri, 20 Nov 2026 08:00:00 GMT")
    found = await get(server)
    assert found is not None
    assert found.validators == Validators('"7"', "Fri, 20 Nov 2026 08:00:00 GMT")
    server.serve("/a.ics", b"", status="304 Not Modified")
    assert await get(server, known=found.validators) is None
    assert 'if-none-match: "7"' in server.heads[-1].lower()
    assert "if-modified-since: fri, 20 nov 2026" in server.heads[-1].lower()
    server.serve("/a.ics", FEED, f'ETag: "{"x" * 400}"')
    found = await get(server)
    assert found is not None
    assert found.validators.etag == ""


async def test_a_packed_calendar_is_unpacked(server: CalendarServer) -> None:
    """As most servers send it."""
    server.serve("/a.ics", gzip.compress(FEED, mtime=0), "Content-Encoding: gzip")
    found = await get(server)
    assert found is not None
    assert found.content == FEED


async def test_a_few_kilobytes_that_unpack_to_megabytes_are_too_large(server: CalendarServer) -> None:
    """Unpacking ends at the limit, not at the end."""
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(MEGABYTE)) for _ in range(32)) + packer.flush()
    server.serve("/a.ics", bomb, "Content-Encoding: gzip")
    assert await fault(server) == "too-large"


@pytest.mark.parametrize("coding", ["gzip", "identity"])
async def test_a_body_without_end_is_too_large(server: CalendarServer, coding: str) -> None:
    """Long before its time is up."""
    sent = 0

    async def pour(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\n\r\n".encode())
        # Stored blocks with nothing in them: gzip that goes on for ever and never says a word.
        nothing = b"\x00\x00\x00\xff\xff" * 13_000
        writer.write(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" if coding == "gzip" else b"")
        while True:
            writer.write(nothing)
            sent += len(nothing)
            await writer.drain()

    server.play("/a.ics", pour)
    assert await fault(server) == "too-large"
    assert sent < 4 * CALENDAR_BYTES_MAX


@pytest.mark.parametrize(
    "body", [b"", b"\x1f\x8b", gzip.compress(FEED, mtime=0)[:-9], b"not packed", gzip.compress(FEED, mtime=0)[:40]]
)
async def test_packed_calendars_that_are_cut_or_none_are_refused(server: CalendarServer, body: bytes) -> None:
    """Half a calendar would leave the other half free."""
    server.serve("/a.ics", body, "Content-Encoding: gzip")
    assert await fault(server) == "answered-wrongly"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nBEGIN:VCALENDAR",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nBEGIN\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\nContent-Length: 1\r\n\r\nx",
        b"220 mail.example ESMTP\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000,
        b"",
    ],
    ids=["cut", "cut-chunked", "unknown-coding", "packed-twice", "smtp", "endless-head", "nothing"],
)
async def test_what_is_no_whole_answer_is_refused(server: CalendarServer, answer: bytes) -> None:
    """Whatever stands at the other end."""
    server.answers["/a.ics"] = answer
    assert await fault(server) == "answered-wrongly"


async def test_a_slow_server_has_its_time_and_no_more(server: CalendarServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then does not prolong it; the time is for everything together."""
    assert fetching.FETCH_SECONDS_MAX == 20
    monkeypatch.setattr(fetching, "FETCH_SECONDS_MAX", 0.6)
    sent = 0

    async def drip(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while True:
            writer.write(b"B")
            sent += 1
            await writer.drain()
            await asyncio.sleep(0.05)

    server.play("/a.ics", drip)
    assert await fault(server) == "timed-out"
    assert 2 <= sent < 60


async def test_a_name_that_takes_for_ever_to_resolve_has_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before any connection."""
    monkeypatch.setattr(fetching, "FETCH_SECONDS_MAX", 0.2)

    async def never(_host: str) -> list[Address]:
        await asyncio.Event().wait()
        return []

    with pytest.raises(CalendarFault, match="timed-out"):
        await fetch_calendar(ADDRESS, Validators(), outside=Outside(resolve=never))
