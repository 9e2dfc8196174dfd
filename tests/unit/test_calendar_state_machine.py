"""Whatever happens to a course, every calendar that takes our mails ends up with the course; and mistakes that others made."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.scheduler.course_invites import with_invites
from tests.calendar_checker import calendar_faults
from tests.calendar_model import ModelCalendar
from tests.course_story import EMPLOYEE, LEADER, PROGRAMME, Sent, Story, by_person
from tests.scheduler_samples import matter_of

CODES = ("a", "b", "c")
FIRST = datetime(2027, 3, 9, 8, 0, tzinfo=UTC)
"""Moved by weeks, meetings come to lie on either side of the night of 28 March."""
CONSULTANTS = ("anne", "bo", "cara")
ANSWERS = ("ACCEPTED", "TENTATIVE", "DECLINED")


def starts() -> dict[str, datetime]:
    return {code: FIRST + timedelta(weeks=number) for number, code in enumerate(CODES)}


class Calendars(RuleBasedStateMachine):
    """Acts come in any order, many of them in one second; mails go out now and then, for all that happened since."""

    @initialize()
    def book(self) -> None:
        self.story = Story(starts())
        self.calendars: dict[str, ModelCalendar] = {}
        self.over = False
        self.deliver()

    @rule(seconds=st.sampled_from([0, 1, 3600]))
    def time_passes(self, seconds: int) -> None:
        self.story.now += timedelta(seconds=seconds)

    @rule(code=st.sampled_from(CODES), weeks=st.integers(0, 4))
    def move(self, code: str, weeks: int) -> None:
        if code in self.story.starts and not self.over:
            self.story.starts[code] = FIRST + timedelta(weeks=CODES.index(code) * 5 + weeks)
            self.story.change()

    @rule(code=st.sampled_from(CODES), place=st.sampled_from(["workplace", "online"]))
    def other_place(self, code: str, place: str) -> None:
        if code in self.story.starts and not self.over:
            self.story.places[code] = place
            self.story.change()

    @rule(who=st.sampled_from(CONSULTANTS))
    def replace_consultant(self, who: str) -> None:
        if not self.over and who != self.story.second:
            self.story.consultant = who
            self.story.change()

    @rule(who=st.sampled_from((None, *CONSULTANTS)))
    def second_consultant(self, who: str | None) -> None:
        """Invited to the first meeting, and taken off it again."""
        if not self.over and who != self.story.consultant:
            self.story.second = who
            self.story.change()

    @rule(code=st.sampled_from(CODES))
    def drop_or_add(self, code: str) -> None:
        """A meeting that is added anew is another one, under another UID."""
        if self.over:
            return
        if code in self.story.starts and len(self.story.starts) > 1:
            del self.story.starts[code]
        elif code not in self.story.starts:
            self.story.starts[code] = starts()[code]
        self.story.change()

    @rule(who=st.sampled_from(CONSULTANTS), name=st.sampled_from(["Anna", "Åse Ø", "Ib, jr."]))
    def rename(self, who: str, name: str) -> None:
        if not self.over:
            self.story.reword(who, name=name)

    @rule(who=st.sampled_from([LEADER, EMPLOYEE, "anne"]), language=st.sampled_from(["da", "en"]))
    def other_language(self, who: str, language: str) -> None:
        if not self.over:
            self.story.reword(who, language=language)

    @rule(
        who=st.sampled_from([LEADER, EMPLOYEE, "anne"]), code=st.sampled_from(CODES), partstat=st.sampled_from(ANSWERS)
    )
    def answer(self, who: str, code: str, partstat: str) -> None:
        """Of what lies in her calendar; what was changed since she was not told of yet, so that is no answer to it."""
        meeting = next((one for one in self.story.course.sittings if one.code == code), None)
        entry = self.calendars[who].entries.get(meeting.uid) if meeting and who in self.calendars else None
        if meeting is None or entry is None or entry.sequence != meeting.sequence or not meeting.attends(who):
            return
        self.calendars[who].answer(meeting.uid, partstat)
        self.story.answer(who, meeting, partstat)

    @rule()
    def cancel(self) -> None:
        if not self.over:
            self.over = True
            self.story.cancel()

    @rule()
    def deliver(self) -> None:
        for sent in self.story.deliver(whole_mails=False):
            assert calendar_faults(sent.ics) == []
            taken = self._calendar(sent.person_id).take(sent.ics)
            assert taken in ("new", "major", "minor", "removed"), f"a mail was lost on a calendar: {taken}"

    @invariant()
    def whoever_was_told_everything_has_the_course(self) -> None:
        if not hasattr(self, "story") or not self.story.all_told():
            return
        course = self.story.course
        people = self.story.known(course)
        invited = with_invites(
            course, people, workplaces=matter_of().workplaces, programme=PROGRAMME, reply_key=bytes(32)
        )
        for who, calendar in self.calendars.items():
            # As a calendar that knew nothing before would show what she is asked to.
            fresh = ModelCalendar(calendar.address)
            for copy in invited[who].invites if who in people and course.state == "booked" else ():
                fresh.take(copy.ics.encode())
            attended = {one.uid for one in course.sittings if one.attends(who) and course.state == "booked"}
            assert set(fresh.entries) == attended
            assert _shown(calendar) == _shown(fresh)

    def _calendar(self, who: str) -> ModelCalendar:
        return self.calendars.setdefault(who, ModelCalendar(self.story.people[who].mail))


def _shown(calendar: ModelCalendar) -> dict[str, tuple[object, ...]]:
    return {
        uid: (one.start, one.end, one.summary, one.location, one.description, one.partstat)
        for uid, one in calendar.entries.items()
    }


TestCalendars = Calendars.TestCase
TestCalendars.settings = settings(max_examples=8, stateful_step_count=20, deadline=None)


# -- mistakes that other systems made: each has a test of its own -----------------------------------------------------------


@pytest.fixture
def story() -> Story:
    """Booked with Anne, and everybody knows it."""
    made = Story(starts())
    made.deliver(whole_mails=False)
    made.now += timedelta(seconds=1)
    return made


def of(sent: list[Sent], who: str) -> list[Sent]:
    return [one for one in sent if one.person_id == who]


def test_the_last_person_taken_off_a_meeting_gets_a_cancel() -> None:
    """Some servers look through who is left to find out whom to write to."""
    story = Story({"a": FIRST}, second="bo")
    story.deliver(whole_mails=False)
    story.second = None
    story.change()
    (cancel,) = of(story.deliver(whole_mails=False), "bo")
    assert cancel.method == "CANCEL"


def test_nothing_else_has_to_change_for_a_cancel_to_one_person(story: Story) -> None:
    """Time, place and texts are the same; that she is invited no more is the change."""
    story.consultant = "bo"
    story.change()
    sent = story.deliver(whole_mails=False)
    assert by_person(of(sent, "anne")) == {"anne": ["CANCEL"] * 3}
    assert by_person(of(sent, "bo")) == {"bo": ["REQUEST"] * 3}
    assert by_person(of(sent, LEADER)) == {LEADER: ["REQUEST"] * 3}
    numbers = {line for one in sent for line in one.ics.split(b"\r\n") if line.startswith(b"SEQUENCE")}
    assert numbers == {b"SEQUENCE:1"}, "one new number for everybody"


def test_a_cancelled_course_is_never_sent_as_a_request(story: Story) -> None:
    """A REQUEST with STATUS:CANCELLED stays in many calendars."""
    story.cancel()
    sent = story.deliver(whole_mails=False)
    assert {one.method for one in sent} == {"CANCEL"}
    assert all(b"STATUS:CANCELLED" in one.ics for one in sent)
    assert by_person(sent) == {who: ["CANCEL"] * 3 for who in (LEADER, EMPLOYEE, "anne")}


def test_whoever_was_taken_off_before_is_not_cancelled_once_more(story: Story) -> None:
    """She has nothing in her calendar any more."""
    story.consultant = "bo"
    story.change()
    story.deliver(whole_mails=False)
    story.cancel()
    assert of(story.deliver(whole_mails=False), "anne") == []


def test_whoever_is_taken_off_and_on_again_keeps_the_meeting(story: Story) -> None:
    """Told in one go she gets a REQUEST alone; told step by step, a CANCEL and then a REQUEST under a higher number."""
    for between in (False, True):
        story.consultant = "bo"
        story.change()
        if between:
            story.deliver(whole_mails=False)
        story.consultant = "anne"
        story.change()
        again = of(story.deliver(whole_mails=False), "anne")
        assert [one.method for one in again] == ["REQUEST"] * 3


def test_whoever_was_never_told_of_a_meeting_gets_no_cancel_for_it() -> None:
    """Booked and dropped again before any mail went out."""
    story = Story(starts())
    del story.starts["c"]
    story.change()
    assert {one.method for one in story.deliver(whole_mails=False)} == {"REQUEST"}


def test_a_cancel_is_in_utc_names_one_person_and_rings_no_bell(story: Story) -> None:
    """Some programs refuse a cancellation with a time zone, and any with an alarm."""
    story.consultant = "bo"
    story.change()
    for one in of(story.deliver(whole_mails=False), "anne"):
        assert b"TZID" not in one.ics
        assert b"VALARM" not in one.ics
        assert b"STATUS" not in one.ics
        assert one.ics.count(b"ATTENDEE") == 1
        assert calendar_faults(one.ics) == []


def test_two_changes_within_a_second_are_both_taken(story: Story) -> None:
    """Same SEQUENCE and same DTSTAMP would be "already processed", and the second change lost."""
    calendar = ModelCalendar(story.people[LEADER].mail)
    for one in of(Story(starts()).deliver(whole_mails=False), LEADER):
        calendar.take(one.ics)
    for name in ("Anne B", "Anne C"):
        story.reword("anne", name=name)
        assert {calendar.take(one.ics) for one in of(story.deliver(whole_mails=False), LEADER)} == {"minor"}
    assert all("Anne C" in one.description for one in calendar.entries.values())


def test_a_new_time_is_never_taken_as_a_minor_change(story: Story) -> None:
    """Else people stay "accepted" at a time to which nobody agreed."""
    calendar = ModelCalendar(story.people[LEADER].mail)
    for one in of(Story(starts()).deliver(whole_mails=False), LEADER):
        calendar.take(one.ics)
    uid = story.course.sittings[0].uid
    calendar.answer(uid, "ACCEPTED")
    story.answer(LEADER, story.course.sittings[0], "ACCEPTED")
    story.starts["a"] += timedelta(days=1)
    story.change()
    assert [calendar.take(one.ics) for one in of(story.deliver(whole_mails=False), LEADER)] == ["major"]
    assert calendar.entries[uid].partstat == "NEEDS-ACTION"
