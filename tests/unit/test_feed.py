"""The calendar that a consultant subscribes to: what stands in it, and which addresses open it."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
import vobject

from services.scheduler.consultant_page.link import PlanLink, PlanSigner
from services.scheduler.feed.feed_calendar import feed_calendar
from services.scheduler.feed.feed_link import FeedLink, FeedSigner
from services.scheduler.invite import CalendarEvent
from tests.calendar_checker import line_faults

WINTER = CalendarEvent(
    uid="m1@forloeb.example",
    sequence=2,
    dtstamp=datetime(2026, 11, 2, 8, 30, 15, tzinfo=UTC),
    start=datetime(2027, 1, 12, 8, 0, tzinfo=UTC),
    end=datetime(2027, 1, 12, 11, 0, tzinfo=UTC),
    zone="Europe/Copenhagen",
    summary="SPARK-forløb: planlægningsmøde",
    description="Reference: SPARK-7K4M-2QX9\n\nMed til mødet:\n- Ågot Ærø; leder, \\ 🙂",
    location="Plejecenter Åbrinken, Søndergade 1, 6200 Aabenraa",
)
SUMMER = dataclasses.replace(
    WINTER,
    uid="m2@forloeb.example",
    start=datetime(2027, 6, 15, 8, 0, tzinfo=UTC),
    end=datetime(2027, 6, 15, 10, 0, tzinfo=UTC),
)
SIGNER = FeedSigner(key=b"k" * 32, programme="spark", public_url="https://forloeb.example")
LINK = FeedLink(consultant_id="anne", epoch=3)


def test_each_meeting_stands_there_once_with_its_uid_and_instants() -> None:
    """Read by a foreign parser, in summer as in winter."""
    calendar = vobject.readOne(feed_calendar([WINTER, SUMMER], name="SPARK").decode())
    assert calendar.method.value == "PUBLISH"
    found = [
        (one.uid.value, one.dtstart.value.astimezone(UTC), one.dtend.value.astimezone(UTC))
        for one in calendar.vevent_list
    ]
    assert found == [(one.uid, one.start, one.end) for one in (WINTER, SUMMER)]


def test_nobody_is_asked_for_an_answer() -> None:
    """Without organizer and attendee no calendar program sends one."""
    written = feed_calendar([WINTER, SUMMER], name="SPARK")
    assert b"ATTENDEE" not in written
    assert b"ORGANIZER" not in written
    assert written.count(b"BEGIN:VTIMEZONE") == 1


def test_programs_are_told_to_ask_again_within_the_hour() -> None:
    """In the words of RFC 7986, and in those that older programs know."""
    lines = feed_calendar([], name="SPARK").decode().split("\r\n")
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H" in lines
    assert "X-PUBLISHED-TTL:PT1H" in lines


def test_an_empty_calendar_and_one_in_utc_name_no_zone() -> None:
    """A block that nobody uses is a fault to some programs."""
    abroad = dataclasses.replace(WINTER, zone="America/Godthab")
    for written in (feed_calendar([], name="SPARK"), feed_calendar([abroad], name="SPARK")):
        assert b"VTIMEZONE" not in written
        assert b"TZID" not in written


def test_lines_are_folded_and_texts_stay_texts() -> None:
    """What stands in a name adds no property."""
    hostile = dataclasses.replace(WINTER, description="x\r\nATTENDEE:mailto:x@evil.example", summary="a\nb" * 60)
    written = feed_calendar([hostile], name="SPARK\r\nBEGIN:VALARM")
    assert line_faults(written) == []
    assert "ATTENDEE" not in [one.split(":")[0] for one in written.decode().split("\r\n")]
    assert b"\r\nBEGIN:VALARM" not in written


def test_a_value_that_no_calendar_may_have_is_refused() -> None:
    """As in an invite."""
    with pytest.raises(ValueError, match="ends after it starts"):
        feed_calendar([dataclasses.replace(WINTER, end=WINTER.start)], name="SPARK")


def test_an_address_says_whose_calendar_it_is() -> None:
    """And with which epoch it was made."""
    address = SIGNER.address(LINK)
    assert address.startswith("https://forloeb.example/kalender/")
    assert SIGNER.read(address.removeprefix("https://forloeb.example/kalender/").removesuffix(".ics")) == LINK


def test_no_other_address_opens_it() -> None:
    """Neither altered, cut, of another programme or key, nor a token of another kind that is signed with the same key."""
    token = SIGNER.token(LINK)
    others = [
        dataclasses.replace(SIGNER, programme="other").token(LINK),
        dataclasses.replace(SIGNER, key=b"x" * 32).token(LINK),
        token[:-1],
        token + "A",
        token + "=",
        "",
        "æ",
        "A" * 500,
        *(token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :] for place in range(len(token))),
    ]
    assert [SIGNER.read(one) for one in others] == [None] * len(others)


def test_a_link_to_her_page_is_no_calendar_and_the_calendar_no_link() -> None:
    """Their keys are of two purposes, as the settings make them; then nothing of one is read as the other."""
    now = datetime(2026, 11, 20, tzinfo=UTC)
    plan = PlanSigner(key=b"p" * 32, programme="spark", public_url="https://forloeb.example")
    link = PlanLink(course_id="c1", consultant_id="anne", epoch=0, expires_at=now + timedelta(days=1))
    assert SIGNER.read(plan.token(link)) is None
    assert plan.read(SIGNER.token(LINK), now=now) is None
