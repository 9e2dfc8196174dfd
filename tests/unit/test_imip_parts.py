"""Parts of a mail and lines of a calendar: what is entered, what is cut off, how zones and texts are read."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.intake.imip.content_lines import PARAMETERS_MAX, UnreadableError, read_components, read_line
from services.intake.imip.defined_zone import offset_at
from services.intake.imip.fields import read_fields
from services.intake.imip.mime_walk import walk
from services.intake.imip.read_mail import read, read_calendar
from services.intake.imip.understood import COMMENT_CHARACTERS_MAX
from tests.calendar_feeds import calendar

UID = "m1@forloeb.example"
PLAIN = f"""BEGIN:VCALENDAR
METHOD:REPLY
BEGIN:VEVENT
UID:{UID}
ATTENDEE;PARTSTAT=DECLINED:mailto:anne@by.example
BEGIN:VALARM
UID:of-an-alarm
ATTENDEE;PARTSTAT=ACCEPTED:mailto:bent@by.example
END:VALARM
END:VEVENT
END:VCALENDAR
"""
ZONE = """BEGIN:VTIMEZONE
TZID:Here
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE"""


def multipart(*parts: bytes, boundary: bytes = b"b", end: bytes = b"--b--\r\n") -> tuple[bytes, bytes]:
    return b"Content-Type: multipart/mixed; boundary=" + boundary, b"".join(
        b"--b\r\n" + part + b"\r\n" for part in parts
    ) + end


def contents(headers: bytes, body: bytes) -> list[bytes]:
    return [part.content for part in walk(read_fields(headers), body).calendars]


def test_parts_keep_their_bytes() -> None:
    """The line end before a boundary belongs to the boundary; a lookalike is content; a missing end ends with the mail."""
    part = b"Content-Type: text/calendar\r\n\r\nA\r\n--bb\r\n--b x\r\n"
    assert contents(*multipart(part, b"Content-Type: text/calendar\r\n\r\n", end=b"")) == [
        b"A\r\n--bb\r\n--b x\r\n",
        b"\r\n",
    ]
    assert contents(*multipart(part)) == [b"A\r\n--bb\r\n--b x\r\n"]


def test_what_stands_behind_the_end_is_not_read() -> None:
    """An epilogue is no part, and neither is a preamble."""
    headers, body = multipart(b"Content-Type: text/calendar\r\n\r\nA")
    assert contents(
        headers, b"Content-Type: text/calendar\r\n\r\nB\r\n" + body + b"--b\r\nContent-Type: text/calendar\r\n\r\nC"
    ) == [b"A"]


@pytest.mark.parametrize(
    "kind", [b"message/rfc822", b"message/global", b"message/partial", b"multipart/report; boundary=b"]
)
def test_quoted_mails_and_reports_are_not_entered(kind: bytes) -> None:
    """What somebody else said there is not said again."""
    inner = b"Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nContent-Type: text/calendar\r\n\r\nA\r\n--c--"
    walked = walk(*_parted(b"Content-Type: " + kind + b"\r\n\r\n" + inner))
    assert walked.calendars == []
    assert walked.quoted != walked.report


def _parted(raw: bytes):  # noqa: ANN202 - fields and body
    headers, _, body = raw.partition(b"\r\n\r\n")
    return read_fields(headers), body


@pytest.mark.parametrize(("depth", "reason"), [(7, "ok"), (8, "ok"), (9, "too-many-parts"), (40, "too-many-parts")])
def test_nesting_has_an_end(depth: int, reason: str) -> None:
    """Eight multiparts within each other are read; real mails have three."""
    inner = b"Content-Type: text/calendar\r\n\r\n" + PLAIN.encode()
    for level in range(depth):
        inner = b"Content-Type: multipart/mixed; boundary=n%d\r\n\r\n--n%d\r\n%s" % (level, level, inner)
    assert read(inner, authserv_id=None, envelope_from=None).reason == reason


@pytest.mark.parametrize(
    ("encoded", "said"),
    [
        (b"QUJD", b"ABC"),
        (b"QU\r\nJD", b"ABC"),
        (b"QUI=", b"AB"),
        (b"QUI", b"AB"),
        (b"QUJDR", b"ABC"),
        (b"!Q.U-J D", b"ABC"),
        (b"", b""),
    ],
)
def test_base64_is_read_as_far_as_it_goes(encoded: bytes, said: bytes) -> None:
    """Broken lines, lost padding and foreign letters are no reason to fail."""
    assert contents(b"Content-Type: text/calendar\r\nContent-Transfer-Encoding: BASE64", encoded) == [said]


def test_only_the_events_own_lines_count() -> None:
    """An alarm within it has attendees and a name of its own."""
    read_one = read_calendar(PLAIN.encode())
    assert (read_one.uid, read_one.attendee, read_one.partstat) == (UID, "anne@by.example", "DECLINED")


@pytest.mark.parametrize(
    "broken",
    [
        PLAIN.replace("END:VALARM\n", ""),
        PLAIN.replace("END:VCALENDAR\n", ""),
        PLAIN + "END:VCALENDAR\n",
        PLAIN.replace("BEGIN:VALARM", "BEGIN:VEVENT"),
        "BEGIN:VCALENDAR\n" * 6,
        "BEGIN:VCALENDAR\nEND:VCALENDAR\n" * 201,
        "X:Y\n" * 5_001,
    ],
)
def test_what_is_not_whole_or_too_much_is_unreadable(broken: str) -> None:
    """A part that was cut off must not pass for a whole one."""
    with pytest.raises(UnreadableError):
        read_components(broken.encode(), None)
    assert read_calendar(broken.encode()).reason == "unreadable"


def test_one_uid_and_no_other() -> None:
    """Two that differ name no meeting; a name with escapes is read as it was meant."""
    assert read_calendar(PLAIN.replace(f"UID:{UID}", f"UID:{UID}\nUID:other").encode()).reason == "no-uid"
    assert read_calendar(PLAIN.replace(UID, "a\\,b$c:d").encode()).uid == "a,b$c:d"
    assert read_calendar(PLAIN.replace(UID, "x" * 256).encode()).reason == "no-uid"


def test_lines_are_split_outside_quotes() -> None:
    """As in `CN="a;b:c"`; a line whose quote never ends is none."""
    line = read_line('attendee;CN="Holm; Anne: leder";partstat=ACCEPTED:mailto:a@by.example')
    assert line is not None
    assert (line.name, line.parameters, line.value) == (
        "ATTENDEE",
        {"CN": "Holm; Anne: leder", "PARTSTAT": "ACCEPTED"},
        "mailto:a@by.example",
    )
    assert read_line('ATTENDEE;CN="Anne:mailto:a@by.example') is None


def test_a_line_is_not_looked_through_without_end() -> None:
    """With a megabyte of semicolons in one line, one mail kept the reader from all others for seconds."""
    assert read_line("UID" + ";A=b" * PARAMETERS_MAX + ":u") is not None
    assert read_line("UID" + ";A=b" * (PARAMETERS_MAX + 1) + ":u") is None


def test_a_comment_is_plain_and_short() -> None:
    """No control characters, nothing that turns the line around, no entities; new lines stay."""
    said = read_calendar(
        PLAIN.replace("BEGIN:VALARM", "COMMENT:a\\nb\x07\u202e &amp\\; c" + "d" * 3_000 + "\nBEGIN:VALARM").encode()
    ).comment
    assert said is not None
    assert said.startswith("a\nb & cddd")
    assert len(said) == COMMENT_CHARACTERS_MAX


def test_a_zone_in_the_mail_means_the_same_instants() -> None:
    """Hours all over two years, as the zone database has it."""
    component = read_components(calendar(ZONE), None)[0].parts("VTIMEZONE")[0]
    real, wall = ZoneInfo("Europe/Copenhagen"), datetime(2027, 1, 1, 0, 30)  # noqa: DTZ001 - a wall time
    while wall.year < 2029:
        assert (offset := offset_at(component, wall)) is not None
        assert wall.replace(tzinfo=offset).astimezone(UTC) == wall.replace(tzinfo=real).astimezone(UTC)
        wall += timedelta(hours=31)


@pytest.mark.parametrize(
    "zone",
    [
        ZONE.replace("YEARLY", "SECONDLY"),
        ZONE.replace("YEARLY", "YEARLY;INTERVAL=2"),
        ZONE.replace("YEARLY", "YEARLY;COUNT=3"),
        ZONE.replace("-1SU", "6SU"),
        ZONE.replace("BYMONTH=3", "BYMONTH=13"),
        ZONE.replace("BYDAY=-1SU", "BYMONTHDAY=28"),
        ZONE.replace("TZOFFSETTO:+0200", "TZOFFSETTO:+99999"),
        ZONE.replace("TZOFFSETTO:+0200", "RDATE:20270101T000000"),
        ZONE.replace("DTSTART:", "X-START:"),
        ZONE.replace("DTSTART:1970", "DTSTART:2050"),
    ],
)
def test_a_zone_that_is_not_understood_gives_no_instant(zone: str) -> None:
    """Better no proposal than one at another hour."""
    counter = PLAIN.replace("REPLY", "COUNTER").replace(
        "BEGIN:VEVENT", f"{zone}\nBEGIN:VEVENT\nDTSTART;TZID=Here:20270615T100000"
    )
    assert read_calendar(counter.encode()).reason == "proposal-unreadable"
    whole = counter.replace(zone, ZONE)
    assert read_calendar(whole.encode()).proposed_start == datetime(2027, 6, 15, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("end", "proposed"),
    [
        ("DURATION:PT90M", datetime(2027, 6, 15, 9, 30, tzinfo=UTC)),
        ("DURATION:P1DT1H", datetime(2027, 6, 16, 9, tzinfo=UTC)),
        ("DURATION:-PT90M", None),
        ("DURATION:PT0S", None),
        ("DTEND:20270615T090000Z", datetime(2027, 6, 15, 9, tzinfo=UTC)),
        ("DTEND:20270615", None),
        ("DTEND:20270615T090000Z\nDTEND:20270615T100000Z", None),
    ],
)
def test_the_end_of_a_proposal(end: str, proposed: datetime | None) -> None:
    """After its beginning, told once, or the whole proposal is not understood."""
    counter = PLAIN.replace("REPLY", "COUNTER").replace(
        "BEGIN:VALARM", f"DTSTART:20270615T080000Z\n{end}\nBEGIN:VALARM"
    )
    understood = read_calendar(counter.encode())
    assert understood.proposed_end == proposed
    assert (understood.proposed_start is None) == (proposed is None)


def test_years_at_the_end_of_time_are_no_proposals() -> None:
    """They would fail wherever something is added to them."""
    counter = PLAIN.replace("REPLY", "COUNTER").replace(
        "BEGIN:VALARM", "DTSTART:99991231T235959Z\nDURATION:P9999D\nBEGIN:VALARM"
    )
    assert read_calendar(counter.encode()).reason == "proposal-unreadable"
