"""Which addresses a calendar may be fetched from: of the network in every spelling, and as staff or a redirect write them."""

import re
from ipaddress import ip_address

import pytest

from services.scheduler.calendars.calendar_address import AddressError, CalendarAddress, read_address, redirected
from services.scheduler.calendars.outside_addresses import is_refused

REFUSED = re.findall(
    r"\S+",
    """
    0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1 127.1.2.3
    168.63.129.16 169.254.169.254 169.254.170.2 172.16.0.1 172.31.255.255 192.0.0.8 192.0.0.192 192.0.2.1 192.88.99.1
    192.168.0.1 198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
    :: ::1 ::127.0.0.1 ::10.0.0.1 ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:169.254.169.254 ::ffff:8.8.8.8 ::ffff:0:127.0.0.1
    64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b::808:808 64:ff9b:1::7f00:1 100::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2
    2001:2::1 2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1:: 2002:a9fe:a9fe::1 2002:808:808::1 2620:4f:8000::1 3fff::1
    2a00:1450::5efe:7f00:1 2a00:1450::200:5efe:a00:1 5f00::1 fc00::1 fd00:ec2::254 fd12:3456::1 fe80::1 fe80::1%eth0
    2a00:1450::1%eth0 fec0::1 ff02::1 ff0e::1
""",
)
ALLOWED = re.findall(
    r"\S+",
    """
    1.1.1.1 8.8.8.8 93.184.215.14 100.63.255.255 100.128.0.1 172.15.0.1 172.32.0.1 192.0.1.1 198.17.0.1 198.20.0.1 223.255.255.255
    2a00:1450:400f:80d::200e 2606:4700::1111 2001:4860:4860::8888 2003::1
""",
)


@pytest.mark.parametrize("address", REFUSED)
def test_no_address_within_is_connected_to(address: str) -> None:
    """Private, shared, loopback, link-local, multicast, reserved, mapped, compatible, translated, tunnelled, metadata."""
    assert is_refused(ip_address(address))


@pytest.mark.parametrize("address", ALLOWED)
def test_public_addresses_are_not_refused(address: str) -> None:
    """Also the neighbours of those that are."""
    assert not is_refused(ip_address(address))


@pytest.mark.parametrize(
    "text",
    [
        "http://calendar.example/a.ics",
        "ftp://calendar.example/a.ics",
        "file:///etc/passwd",
        "//calendar.example/a.ics",
        "calendar.example/a.ics",
        "https://calendar.example:8443/a.ics",
        "https://calendar.example:99999/a.ics",
        "https://user:secret@calendar.example/a.ics",
        "https://calendar.example@127.0.0.1/a.ics",
        "https://@calendar.example/a.ics",
        "https://localhost/a.ics",
        "https://localhost./a.ics",
        "https://mongodb/a.ics",
        "https://127.0.0.1/a.ics",
        "https://127.1/a.ics",
        "https://2130706433/a.ics",
        "https://0x7f.0.0.1/a.ics",
        "https://0x7f000001/a.ics",
        "https://calendar.0x7f000001/a.ics",
        "https://0177.0.0.1/a.ics",
        "https://１２７.0.0.1/a.ics",
        "https://127。0。0。1/a.ics",
        "https://[::1]/a.ics",
        "https://[::ffff:127.0.0.1]/a.ics",
        "https://[fe80::1%25eth0]/a.ics",
        "https://[64:ff9b::7f00:1]/a.ics",
        "https://8.8.8.8/a.ics",
        "https:///a.ics",
        "https://./a.ics",
        "https://-calendar.example/a.ics",
        "https://calendar..example/a.ics",
        f"https://{'a' * 64}.example/a.ics",
        f"https://{'a.' * 130}example/a.ics",
        "https://calendar.example/a\r\nHost: b",
        "https://calendar.example/a b",
        "https://calendar.example\\@127.0.0.1/",
        "https://calendar.example/å.ics",
        "https://calendar.example/" + "a" * 2000,
        "",
    ],
)
def test_what_is_no_address_of_a_calendar_is_refused(text: str) -> None:
    """With one text, which repeats nothing of it."""
    with pytest.raises(AddressError) as refused:
        read_address(text)
    assert str(refused.value) == str(AddressError())


@pytest.mark.parametrize(
    ("text", "host", "target"),
    [
        ("https://calendar.example/a.ics", "calendar.example", "/a.ics"),
        ("https://Calendar.Example:443", "calendar.example", "/"),
        ("https://calendar.example./a?key=b%20c#d", "calendar.example", "/a?key=b%20c"),
        ("webcal://p01-caldav.icloud.com/published/2/x", "p01-caldav.icloud.com", "/published/2/x"),
        ("https://kalender.rødby.example/a.ics", "kalender.xn--rdby-gra.example", "/a.ics"),
    ],
)
def test_addresses_as_people_paste_them(text: str, host: str, target: str) -> None:
    """With the letters of any language in the name, and as calendar programs hand them out."""
    assert read_address(text) == CalendarAddress(host, target)


@pytest.mark.parametrize(
    ("location", "target"),
    [("b.ics", "/x/b.ics"), ("/c", "/c"), ("?d=e", "/x/a.ics?d=e"), ("https://other.example/f", "/f")],
)
def test_a_redirect_may_be_relative(location: str, target: str) -> None:
    """To the address that it came from."""
    assert redirected(CalendarAddress("calendar.example", "/x/a.ics"), location).target == target


@pytest.mark.parametrize(
    "location",
    [
        "http://other.example/",
        "https://127.0.0.1/",
        "https://u:p@other.example/",
        "https://other.example:22/",
        "https://[::1",
    ],
)
def test_a_redirect_is_held_to_the_same_rules(location: str) -> None:
    """A server cannot send us where staff could not."""
    with pytest.raises(AddressError):
        redirected(CalendarAddress("calendar.example", "/x/a.ics"), location)
