"""What calendars say of somebody's time, as programs write them: half a dozen programs, clock changes, exceptions, whole days."""

import contextlib
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scheduler.calendars.busy import Span, span_of
from services.scheduler.calendars.expand import OCCURRENCES_MAX, Found, expand
from services.scheduler.calendars.faults import CalendarFault
from tests.calendar_feeds import at, calendar, event

ZONE = ZoneInfo("Europe/Copenhagen")
SPAN = span_of(date(2026, 11, 20), 400, ZONE)
MAIL = "anne@konsulenter.example"
WEEKLY = "RRULE:FREQ=WEEKLY;COUNT=4"


def read(content: bytes, *, span: Span = SPAN) -> Found:
    return expand(content, span=span, zone=ZONE, mail=MAIL, domain="forloeb.example")


def local(found: Found) -> list[str]:
    """Busy times in Copenhagen, as "0104 0900-1100"; the day of the end where it is another."""
    shown = []
    for begin, end in [(begin.astimezone(ZONE), end.astimezone(ZONE)) for begin, end in found.busy]:
        until = f"{end:%H%M}" if end.date() == begin.date() else f"{end:%m%d %H%M}"
        shown.append(f"{begin:%m%d %H%M}-{until}")
    return shown


GOOGLE = (
    """\
BEGIN:VTIMEZONE
TZID:Europe/Copenhagen
X-LIC-LOCATION:Europe/Copenhagen
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:GMT+2
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:GMT+1
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
DTSTART;TZID=Europe/Copenhagen:20270104T090000
DTEND;TZID=Europe/Copenhagen:20270104T100000
RRULE:FREQ=WEEKLY;UNTIL=20270131T225959Z;BYDAY=MO
EXDATE;TZID=Europe/Copenhagen:20270111T090000
DTSTAMP:20261120T080000Z
UID:4k2@google.com
SUMMARY:Teammøde
DESCRIPTION:En lang tekst\\, med komma og
  en fortsættelse
SEQUENCE:1
STATUS:CONFIRMED
TRANSP:OPAQUE
END:VEVENT
BEGIN:VEVENT
DTSTART;TZID=Europe/Copenhagen:20270118T130000
DTEND;TZID=Europe/Copenhagen:20270118T140000
UID:4k2@google.com
RECURRENCE-ID;TZID=Europe/Copenhagen:20270118T090000
SEQUENCE:2
STATUS:CONFIRMED
END:VEVENT
BEGIN:VEVENT
DTSTART:20270105T120000Z
DTEND:20270105T123000Z
UID:5k3@google.com
TRANSP:TRANSPARENT
END:VEVENT
BEGIN:VEVENT
DTSTART:20270106T120000Z
DTEND:20270106T123000Z
UID:6k4@google.com
END:VEVENT""",
    ["0104 0900-1000", "0106 1300-1330", "0118 1300-1400", "0125 0900-1000"],
)
OUTLOOK = (
    """\
BEGIN:VTIMEZONE
TZID:Romance Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
SUMMARY:Optaget
DTSTART;TZID=Romance Standard Time:20270402T080000
DTEND;TZID=Romance Standard Time:20270402T093000
UID:040000008200E00074C5B7101A82E00800000000A1
CLASS:PUBLIC
TRANSP:OPAQUE
X-MICROSOFT-CDO-BUSYSTATUS:BUSY
END:VEVENT
BEGIN:VEVENT
SUMMARY:Foreløbig
DTSTART;TZID=Romance Standard Time:20270405T080000
DTEND;TZID=Romance Standard Time:20270405T090000
UID:040000008200E00074C5B7101A82E00800000000A2
X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE
END:VEVENT
BEGIN:VEVENT
SUMMARY:Arbejder et andet sted
DTSTART;VALUE=DATE:20270406
DTEND;VALUE=DATE:20270407
UID:040000008200E00074C5B7101A82E00800000000A3
X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE
END:VEVENT
BEGIN:VEVENT
SUMMARY:Ledig
DTSTART;TZID=Romance Standard Time:20270407T080000
DTEND;TZID=Romance Standard Time:20270407T090000
UID:040000008200E00074C5B7101A82E00800000000A4
X-MICROSOFT-CDO-BUSYSTATUS:FREE
END:VEVENT
BEGIN:VEVENT
SUMMARY:Ferie
DTSTART;VALUE=DATE:20270412
DTEND;VALUE=DATE:20270414
UID:040000008200E00074C5B7101A82E00800000000A5
X-MICROSOFT-CDO-BUSYSTATUS:OOF
X-MICROSOFT-CDO-ALLDAYEVENT:TRUE
END:VEVENT""",
    ["0402 0800-0930", "0405 0800-0900", "0412 0000-0414 0000"],
)
APPLE = (
    """\
X-WR-CALNAME:Hjem
X-WR-TIMEZONE:Europe/Copenhagen
BEGIN:VEVENT
CREATED:20261101T100000Z
UID:9F1C6E1A-0001
DTSTART;TZID=Europe/Copenhagen:20270301T160000
DURATION:PT45M
SUMMARY:Tandlæge
BEGIN:VALARM
ACTION:DISPLAY
TRIGGER:-PT15M
DTSTART:20200101T000000Z
END:VALARM
END:VEVENT
BEGIN:VEVENT
UID:9F1C6E1A-0002
DTSTART;VALUE=DATE:20270302
SUMMARY:Kursus
END:VEVENT
BEGIN:VEVENT
UID:9F1C6E1A-0003
DTSTART;TZID=Europe/Copenhagen:20270303T090000
DTEND;TZID=Europe/Copenhagen:20270303T100000
ATTENDEE;CN="Anne";PARTSTAT=DECLINED;EMAIL=Anne@Konsulenter.example:urn:uuid:3f
END:VEVENT
BEGIN:VTODO
UID:9F1C6E1A-0004
DTSTART;TZID=Europe/Copenhagen:20270304T090000
DUE;TZID=Europe/Copenhagen:20270304T100000
END:VTODO""",
    ["0301 1600-1645", "0302 0000-0303 0000"],
)
EXCHANGE_FREE_BUSY = (
    """\
BEGIN:VFREEBUSY
DTSTART:20270101T000000Z
DTEND:20270301T000000Z
FREEBUSY:20270111T080000Z/20270111T090000Z,20270112T080000Z/PT2H
FREEBUSY;FBTYPE=FREE:20270113T080000Z/PT8H
FREEBUSY;FBTYPE=BUSY-TENTATIVE:20270114T080000Z/PT30M
FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20270114T083000Z/PT30M
END:VFREEBUSY""",
    ["0111 0900-1000", "0112 0900-1100", "0114 0900-1000"],
)


@pytest.mark.parametrize(
    ("feed", "busy"),
    [GOOGLE, OUTLOOK, APPLE, EXCHANGE_FREE_BUSY],
    ids=["google", "outlook", "apple", "free-busy"],
)
def test_calendars_of_well_known_programs(feed: str, busy: list[str]) -> None:
    """Busy is what the program shows as busy; everything is read, though it comes with much else."""
    found = read(calendar(feed))
    assert (local(found), found.unreadable) == (busy, 0)


@pytest.mark.parametrize(
    "line",
    [
        "STATUS:CANCELLED",
        "TRANSP:TRANSPARENT",
        "transp:transparent",
        f"ATTENDEE;PARTSTAT=DECLINED:mailto:{MAIL}",
        f"ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=declined:MAILTO:{MAIL.upper()}",
    ],
)
def test_what_is_off_or_declined_by_her_is_free(line: str) -> None:
    """Words are compared without regard to case."""
    assert read(calendar(at("20270104", "0900", "1100", line))).busy == []


@pytest.mark.parametrize(
    "line",
    [
        "STATUS:TENTATIVE",
        "ATTENDEE;PARTSTAT=DECLINED:mailto:bo@konsulenter.example",
        f"ATTENDEE;PARTSTAT=DECLINED:mailto:hanne.{MAIL}",
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{MAIL}",
        f"DESCRIPTION:ATTENDEE;PARTSTAT=DECLINED:mailto:{MAIL}",
    ],
)
def test_what_others_declined_keeps_her_busy(line: str) -> None:
    """Only her own answer counts, and only where it stands as one."""
    assert local(read(calendar(at("20270104", "0900", "1100", line)))) == ["0104 0900-1100"]


def test_a_cancelled_instance_is_free_and_a_declined_one_too() -> None:
    """The rest of the series stays."""
    series = at("20270104", "0900", "1000", WEEKLY)
    off = at("20270111", "0900", "1000", "RECURRENCE-ID;TZID=Europe/Copenhagen:20270111T090000", "STATUS:CANCELLED")
    no = at(
        "20270118",
        "0900",
        "1000",
        "RECURRENCE-ID;TZID=Europe/Copenhagen:20270118T090000",
        f"ATTENDEE;PARTSTAT=DECLINED:mailto:{MAIL}",
    )
    assert local(read(calendar(series, off, no))) == ["0104 0900-1000", "0125 0900-1000"]


def test_an_instance_that_was_moved_is_busy_where_it_is_now() -> None:
    """Also where the moved one stands alone, as in feeds that leave the series out."""
    moved = at("20270112", "1400", "1500", "RECURRENCE-ID;TZID=Europe/Copenhagen:20270111T090000")
    assert "0112 1400-1500" in local(read(calendar(at("20270104", "0900", "1000", WEEKLY), moved)))
    assert "0111 0900-1000" not in local(read(calendar(at("20270104", "0900", "1000", WEEKLY), moved)))
    assert local(read(calendar(moved))) == ["0112 1400-1500"]


@pytest.mark.parametrize(
    ("rule", "busy"),
    [
        # Over the change to summer time (28 March 2027), the wall time stays.
        ("20270322", ["0322 0900-1000", "0329 0900-1000", "0405 0900-1000", "0412 0900-1000"]),
        # And back (31 October 2027).
        ("20271025", ["1025 0900-1000", "1101 0900-1000", "1108 0900-1000", "1115 0900-1000"]),
    ],
)
def test_a_series_keeps_its_wall_time_over_a_clock_change(rule: str, busy: list[str]) -> None:
    """Nine in the morning stays nine in the morning."""
    assert local(read(calendar(at(rule, "0900", "1000", WEEKLY)))) == busy


@pytest.mark.parametrize(("day", "hours"), [("20270327", 24), ("20270328", 23), ("20271031", 25)])
def test_a_whole_day_lasts_from_midnight_to_midnight(day: str, hours: int) -> None:
    """Of the programme's zone: 23 hours where the clock goes forward."""
    after = f"{int(day) + 1}" if day != "20271031" else "20271101"
    [(begin, end)] = read(calendar(event(f";VALUE=DATE:{day}", f";VALUE=DATE:{after}"))).busy
    assert (end - begin).total_seconds() == hours * 3600
    assert begin.astimezone(ZONE).hour == 0


@pytest.mark.parametrize(
    ("begin", "end", "busy"),
    [
        (":20270104T090000", ":20270104T100000", "0104 0900-1000"),
        (";TZID=Somewhere Else:20270104T090000", ";TZID=Somewhere Else:20270104T100000", "0104 0900-1000"),
        (
            ";TZID=W. Europe Standard Time:20270704T090000",
            ";TZID=W. Europe Standard Time:20270704T100000",
            "0704 0900-1000",
        ),
        (";TZID=Europe/London:20270104T090000", ";TZID=Europe/London:20270104T100000", "0104 1000-1100"),
        (
            ";TZID=Central Standard Time:20270104T030000",
            ";TZID=Central Standard Time:20270104T040000",
            "0104 1000-1100",
        ),
        (":20270104T080000Z", ":20270104T090000Z", "0104 0900-1000"),
    ],
    ids=["floating", "unknown", "windows-here", "iana", "windows-far", "utc"],
)
def test_times_in_every_way_to_name_a_zone(begin: str, end: str, busy: str) -> None:
    """Without a zone, or in one that nobody knows, the programme's own is meant."""
    assert local(read(calendar(event(begin, end)))) == [busy]


def test_a_zone_of_the_calendars_own_is_taken_from_its_description() -> None:
    """As Outlook writes for zones that somebody has changed."""
    zone = "\n".join(
        [
            *("BEGIN:VTIMEZONE", "TZID:Customized Time Zone", "BEGIN:STANDARD", "DTSTART:19700101T000000"),
            *("TZOFFSETFROM:+0300", "TZOFFSETTO:+0300", "END:STANDARD", "END:VTIMEZONE"),
        ]
    )
    one = event(";TZID=Customized Time Zone:20270104T110000", ";TZID=Customized Time Zone:20270104T120000")
    assert local(read(calendar(one, zone))) == ["0104 0900-1000"]


def test_the_calendars_zone_holds_for_its_series_in_utc() -> None:
    """X-WR-TIMEZONE: what was written in UTC repeats by the wall clock of that zone; a zone nobody knows is passed over."""
    one = event(":20270322T080000Z", ":20270322T090000Z", "RRULE:FREQ=WEEKLY;COUNT=2")
    assert local(read(calendar("X-WR-TIMEZONE:Europe/Copenhagen", one))) == ["0322 0900-1000", "0329 0900-1000"]
    assert local(read(calendar("X-WR-TIMEZONE:Nowhere/At All", one))) == ["0322 0900-1000", "0329 1000-1100"]


def test_our_own_invites_are_told_apart() -> None:
    """By the domain at the end of the UID; whether we know the UID is for others to say."""
    ours = at("20270104", "0900", "1000", uid="8c1f@Forloeb.example")
    found = read(calendar(ours, at("20270105", "0900", "1000", uid="8c1f@forloeb.example.evil")))
    assert [uid for uid, _ in found.ours] == ["8c1f@Forloeb.example"]
    assert local(found) == ["0105 0900-1000"]


def test_busy_times_are_merged_and_cut_to_the_span() -> None:
    """What ends before it or begins after it is left out."""
    long = event(":20200101T000000Z", ":20261120T080000Z", uid="a")
    found = read(
        calendar(long, event(":20261120T073000Z", ":20261120T090000Z", uid="b"), at("20300101", "0900", "1000"))
    )
    assert [(begin, f"{end:%H%M}") for begin, end in found.busy] == [(SPAN.begin, "0900")]


@pytest.mark.parametrize(
    "odd",
    [
        "BEGIN:VEVENT\nUID:x\nSUMMARY:no start\nEND:VEVENT",
        event(":yesterday", ":20270104T100000Z", uid="x"),
        event(":99999999T000000Z", ":20270104T100000Z", uid="x"),
        event(":20270104T090000Z", ":20270104T100000Z", "RRULE:FREQ=WEEKLY;UNTIL=soon", uid="x"),
        event(":20270104T090000Z", ":20270104T100000Z", "RRULE:FREQ=WEEKLY;BYDAY=XX", uid="x"),
    ],
)
def test_one_entry_that_says_no_time_spoils_nothing(odd: str) -> None:
    """It is counted, so that somebody can look; the others are read."""
    found = read(calendar(odd, at("20270105", "0900", "1000")))
    assert "0105 0900-1000" in local(found)
    assert found.unreadable == 1


def test_odd_ends_are_understood() -> None:
    """An end before its begin, none at all, for ever; a whole day that ends on itself."""
    parts = [
        event(":20270104T100000Z", ":20270104T090000Z", uid="a"),
        "BEGIN:VEVENT\nUID:b\nDTSTART:20270105T100000Z\nEND:VEVENT",
        event(";VALUE=DATE:20270106", ";VALUE=DATE:20270106", uid="c"),
        event(":20271001T000000Z", ":99991231T235959Z", uid="d"),
    ]
    found = read(calendar(*parts))
    assert local(found)[:2] == ["0104 1000-1100", "0106 0000-0107 0000"]
    assert found.busy[-1][1] == SPAN.end


def test_more_occurrences_than_a_person_has_refuse_the_calendar() -> None:
    """Each on its own is fine."""
    daily = [at("20260101", "0900", "1000", "RRULE:FREQ=DAILY", uid=f"{number}") for number in range(13)]
    assert read(calendar(daily[0])).occurrences > 400
    with pytest.raises(CalendarFault, match="too-complex"):
        read(calendar(*daily))
    assert OCCURRENCES_MAX < 13 * 400


def test_reading_depends_on_no_clock() -> None:
    """The span alone says what is looked for."""
    span = Span(datetime(2027, 1, 4, tzinfo=ZONE), datetime(2027, 1, 5, tzinfo=ZONE))
    assert local(read(calendar(at("20270101", "0900", "1000", "RRULE:FREQ=DAILY")), span=span)) == ["0104 0900-1000"]


_PIECES = [
    *("BEGIN:VEVENT", "END:VEVENT", "BEGIN:VALARM", "END:VALARM", "BEGIN:VTIMEZONE", "END:VTIMEZONE", "TZID:Mine"),
    *("BEGIN:STANDARD", "END:STANDARD", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "TZOFFSETTO:x", "BEGIN:VFREEBUSY"),
    *("END:VFREEBUSY", "FREEBUSY:20270104T080000Z/PT1H", "FREEBUSY:/", "UID:a", "UID:b", "SEQUENCE:x", "SEQUENCE:2"),
    *(
        "DTSTART:20270104T080000Z",
        "DTSTART;VALUE=DATE:20270104",
        "DTSTART;TZID=Mine:20270104T080000",
        "DTSTART:",
        "DTEND:x",
    ),
    *(
        "DTEND:20270104T090000Z",
        "DTEND;VALUE=DATE:20270105",
        "DTEND:00010101",
        "DURATION:PT1H",
        "DURATION:-P9W",
        "DURATION:?",
    ),
    *(
        "RRULE:FREQ=DAILY;COUNT=3",
        "RRULE:FREQ=YEARLY;BYEASTER=1",
        "RRULE:FREQ=WEEKLY;BYDAY=",
        "RRULE:FREQ=DAILY;UNTIL=2027",
    ),
    *(
        "RDATE:20270105T080000Z",
        "RDATE;VALUE=PERIOD:20270106T080000Z/PT1H",
        "RDATE:",
        "EXDATE:20270105",
        "EXDATE:",
        "EXDATE:x",
    ),
    *(
        "RECURRENCE-ID:20270105T080000Z",
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20270105T080000Z",
        "RECURRENCE-ID:x",
        "STATUS:",
    ),
    *(
        f"ATTENDEE:mailto:{MAIL}",
        f"ATTENDEE;PARTSTAT=DECLINED:{MAIL}",
        "TRANSP;X=;Y:OPAQUE",
        "X-WR-TIMEZONE:UTC",
        " folded",
        "",
    ),
]


@given(st.lists(st.sampled_from(_PIECES), max_size=25))
def test_whatever_stands_in_a_calendar_ends_in_times_or_a_code(lines: list[str]) -> None:
    """Never in another error, and never in times outside the span."""
    content = calendar(*lines)
    with contextlib.suppress(CalendarFault):
        found = read(content)
        assert all(SPAN.begin <= begin < end <= SPAN.end for begin, end in found.busy)


@given(st.lists(st.sampled_from(_PIECES), max_size=12))
def test_an_odd_event_hides_no_other_one(lines: list[str]) -> None:
    """One that is whole stays busy, whatever stands in another."""
    inner = [line for line in lines if not line.startswith(("BEGIN", "END:", "FREEBUSY", "UID", " "))]
    odd = "\n".join(["BEGIN:VEVENT", "UID:odd", *inner, "END:VEVENT"])
    found = read(calendar(odd, at("20270304", "0900", "1000", uid="whole")))
    nine = datetime(2027, 3, 4, 9, tzinfo=ZONE)
    assert any(begin <= nine < end for begin, end in found.busy)
