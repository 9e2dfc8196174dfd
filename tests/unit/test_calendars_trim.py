"""What is left of a calendar before a library sees it, and what refuses it whole."""

import pytest

from services.scheduler.calendars import trim as trimming
from services.scheduler.calendars.faults import CalendarFault
from services.scheduler.calendars.trim import trim
from tests.calendar_feeds import at, calendar, event

MAIL = "anne@konsulenter.example"


def refused(content: bytes) -> str:
    with pytest.raises(CalendarFault) as fault:
        trim(content, mail=MAIL)
    return fault.value.reason


def test_what_people_wrote_goes_no_further() -> None:
    """No title, note, place or guest; no alarm and no task."""
    private = [
        *(
            "SUMMARY:hemmelig",
            "DESCRIPTION:hemmelig",
            " hemmelig",
            "LOCATION;LANGUAGE=da:hemmelig",
            "X-ALT-DESC:hemmelig",
        ),
        *(
            "ATTENDEE;CN=hemmelig:mailto:bo@hemmelig.example",
            "ORGANIZER:mailto:bo@hemmelig.example",
            "URL:https://hemmelig",
        ),
        *("BEGIN:VALARM", "DESCRIPTION:hemmelig", "UID:hemmelig", "END:VALARM"),
    ]
    kept = trim(
        calendar(
            at("20270104", "0900", "1000", *private), "X-WR-CALNAME:hemmelig", "BEGIN:VTODO\nUID:hemmelig\nEND:VTODO"
        ),
        mail=MAIL,
    )
    assert "hemmelig" not in kept
    assert "DTSTART;TZID=Europe/Copenhagen:20270104T090000" in kept


def test_folded_lines_are_put_together_before_they_are_read() -> None:
    """Also where the fold parts a letter, or a keyword."""
    content = calendar(event(":2027\n 0104T090000Z", ":20270104T100000Z", "TRAN\n SP:TRANSPARENT", uid="x"))
    assert "DTSTART:20270104T090000Z" in trim(content, mail=MAIL)
    assert "TRANSP:TRANSPARENT" in trim(content, mail=MAIL)
    assert trim(calendar("X:\u00e6").replace(b"\xc3\xa6", b"\xc3\r\n \xa6"), mail=MAIL)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><body>Log ind</body></html>",
        b"\x00\xff\xfe binary",
        b"BEGIN:VCALENDAR\r\n",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:cut o",
        b"END:VCALENDAR\r\n",
        b"BEGIN:VEVENT\r\nEND:VEVENT\r\n",
        calendar() + b"END:VCALENDAR\r\n",
    ],
)
def test_what_is_no_whole_calendar_is_refused(content: bytes) -> None:
    """A calendar that was cut off on its way would make everything after the cut free."""
    assert refused(content) == "not-a-calendar"


def test_an_empty_calendar_is_one() -> None:
    """Somebody with nothing to do; also with the mark that Windows programs put in front, and plain line ends."""
    assert trim(b"\xef\xbb\xbf" + calendar().replace(b"\r\n", b"\n"), mail=MAIL)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;INTERVAL=30",
        "freq=hourly",
        "FREQ=DAILY;BYHOUR=8,9",
        "FREQ=DAILY;BYMINUTE=0,30",
        "FREQ=DAILY;BYSECOND=0,1,2",
        "FREQ=DAILY;FREQ=SECONDLY",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;INTERVAL=²",
        "INTERVAL=1",
        "",
        "FREQ=DAILY;BYDAY=" + "MO," * 200 + "MO",
    ],
)
def test_rules_that_no_appointment_needs_are_refused(rule: str) -> None:
    """What repeats within a day, lists times of day, never ends, or is not a rule at all."""
    assert refused(calendar(at("20270104", "0900", "1000", f"RRULE:{rule}"))) == "too-complex"


@pytest.mark.parametrize("sign", ["\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\0"])
def test_a_rule_hidden_behind_another_line_end_is_none(sign: str) -> None:
    """The library must not see a line that was not looked at."""
    kept = trim(calendar(at("20270104", "0900", "1000", f"STATUS:X{sign}RRULE:FREQ=SECONDLY")), mail=MAIL)
    assert "STATUS:XRRULE:FREQ=SECONDLY" in kept.splitlines()


def test_a_rule_hidden_by_folding_or_parameters_is_seen() -> None:
    """The check reads what the library would read."""
    for line in (
        "RRULE;X-A=b:FREQ=SECONDLY",
        "RR\n ULE:FREQ=SECONDLY",
        "rrule:FREQ=SECON\n DLY",
        'RRULE;X-A="a:b":FREQ=SECONDLY',
    ):
        assert refused(calendar(at("20270104", "0900", "1000", line))) == "too-complex"


@pytest.mark.parametrize(
    "rule",
    ["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,WE;WKST=MO", "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=DAILY;BYHOUR=9;BYMINUTE=30"],
)
def test_rules_of_appointments_are_kept(rule: str) -> None:
    """As they were written."""
    assert f"RRULE:{rule}" in trim(calendar(at("20270104", "0900", "1000", f"RRULE:{rule}")), mail=MAIL)


def test_a_zone_that_changes_more_often_than_by_the_year_is_refused() -> None:
    """Its description is expanded like an event."""
    zone = "\n".join(
        [
            *("BEGIN:VTIMEZONE", "TZID:Mine", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0100"),
            *("TZOFFSETTO:+0100", "RRULE:FREQ=DAILY", "END:STANDARD", "END:VTIMEZONE"),
        ]
    )
    assert refused(calendar(zone)) == "too-complex"


@pytest.mark.parametrize(
    ("limit", "content"),
    [
        ("LINES_MAX", calendar("X-A:b\nX-A:b\nX-A:b")),
        ("EVENTS_MAX", calendar(*[at("20270104", "0900", "1000")] * 3)),
        ("ZONES_MAX", calendar(*["BEGIN:VTIMEZONE\nTZID:x\nEND:VTIMEZONE"] * 3)),
        (
            "EXTRA_DATES_MAX",
            calendar(at("20270104", "0900", "1000", "RDATE:20270105T090000Z,20270106T090000Z,20270107T090000Z")),
        ),
        ("EXCLUDED_DATES_MAX", calendar(at("20270104", "0900", "1000", *["EXDATE:20270105T090000Z"] * 3))),
        ("PROPERTIES_MAX", calendar(at("20270104", "0900", "1000"))),
        ("DEPTH_MAX", calendar("BEGIN:A\nBEGIN:B\nEND:B\nEND:A")),
    ],
)
def test_every_count_has_a_limit(monkeypatch: pytest.MonkeyPatch, limit: str, content: bytes) -> None:
    """Each is tried with a limit of two."""
    assert trim(content, mail=MAIL)
    monkeypatch.setattr(trimming, limit, 2)
    assert refused(content) == "too-complex"


def test_a_line_longer_than_any_list_of_dates_is_refused() -> None:
    """Where it would be kept; of a long note nothing is kept."""
    long = "x" * (trimming.LINE_CHARACTERS_MAX + 1)
    assert trim(calendar(at("20270104", "0900", "1000", f"DESCRIPTION:{long}")), mail=MAIL)
    assert refused(calendar(at("20270104", "0900", "1000", f"EXDATE:{long}"))) == "too-complex"
