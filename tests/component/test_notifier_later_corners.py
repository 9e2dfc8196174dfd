"""Corners of changes that are told a little later: people who come and go within the minute, what cannot be told, erasure."""

from collections import Counter
from datetime import timedelta

import pytest

from services.notifier.tell_later import tell_due
from shared.events import CourseRebooked
from shared.vault import person_key
from tests.notifier_later import BOOKED, Later, text_of
from tests.notifier_samples import meeting, people_of, person, taken_off


async def test_a_view_that_cannot_be_read_does_not_stop_the_others(later: Later) -> None:
    """As one that a newer release wrote: it is put off, and the sweep goes on."""
    await later.tell(later.booked(), sequence=1)
    await later.tell(later.booked(1, 0), sequence=2)
    causes = {"settling.causes": ["of-a-newer-release"]}
    await later.office.view_rows.update_one({"_id": later.of}, {"$set": causes})
    later.clock.wait(61)
    assert await tell_due(desk=later.office.desk) == 0
    assert await later.office.desk.views.due(now=later.clock()) == []
    later.clock.wait(61)
    await later.office.view_rows.update_one({"_id": later.of}, {"$set": {"settling.causes": []}})
    assert await tell_due(desk=later.office.desk) == 1


async def test_a_newer_state_ends_what_cannot_be_told(later: Later, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that could not be told is marked already; the next one is told in its place, from what people know."""
    await later.tell(later.booked(), sequence=1)
    await later.tell(later.booked(1, 0, cause="counter"), sequence=2)
    later.clock.wait(61)
    with monkeypatch.context() as patch:
        patch.setattr(later.office.messages, "insert", _cannot)
        assert await tell_due(desk=later.office.desk) == 0
        await later.tell(later.booked(1, 1, cause="staff"), sequence=3)
    later.clock.wait(61)
    assert await tell_due(desk=later.office.desk) == 1
    assert await later.told() - BOOKED == Counter({"course_changed": 3, "invite": 6})
    text = await text_of(later, "leader", "course_changed")
    assert "har foreslået et andet tidspunkt" in text
    assert "Ændringen er lavet af os" in text


async def test_who_is_asked_again_is_sent_no_cancellation_that_waited(later: Later) -> None:
    """A mail server that was away for the first one must not take it after the newer one."""
    first, back = later.booked(), later.booked(2, 2)
    without = later.booked(1, 1, consultant_id=f"{later.of}-successor")
    people = people_of(without)
    consultant = person("consultant", of=later.of)
    people[consultant.person_id] = taken_off(consultant, without, old={one.meeting_id for one in without.meetings})
    for sequence, state, known in ((1, first, None), (2, without, people), (3, back, None)):
        event = await later.office.event(state, sequence=sequence, kind=CourseRebooked, people=known)
        assert await later.office.tell_event(*event) == "handled"
        later.clock.wait(61)
        await tell_due(desk=later.office.desk)
    of_her = {"application_id": later.of, "person_id": consultant.person_id, "meeting_id": f"{later.of}-m0"}
    rows = await later.office.rows.find({**of_her, "sequence": {"$gte": 2}}).sort("sequence", 1).to_list(None)
    assert [(row["kind"], row.get("obsolete", False)) for row in rows] == [("cancellation", True), ("invite", False)]
    assert rows[1]["replaces"], "it waits for a cancellation that is just being sent"


async def test_who_was_replaced_within_the_minute_hears_nothing(later: Later) -> None:
    """Neither the one in the middle, whom nobody asked, nor the one who has the course again: her calendar alone is told."""
    middle = later.booked(1, 1, consultant_id=f"{later.of}-successor")
    with_old = people_of(middle)
    old = person("consultant", of=later.of)
    with_old[old.person_id] = taken_off(old, middle, old={one.meeting_id for one in middle.meetings})
    back = later.booked(2, 2)
    with_middle = people_of(back)
    successor = person("successor", of=later.of)
    with_middle[successor.person_id] = taken_off(successor, back, old={one.meeting_id for one in back.meetings})
    for sequence, state, people in ((1, later.booked(), None), (2, middle, with_old), (3, back, with_middle)):
        event = await later.office.event(state, sequence=sequence, kind=CourseRebooked, people=people)
        assert await later.office.tell_event(*event) == "handled"
        later.clock.wait(20)
    later.clock.wait(61)
    assert await tell_due(desk=later.office.desk) == 1
    rows = await later.office.rows.find({"application_id": later.of, "sequence": {"$gt": 1}}).to_list(None)
    told = Counter((row["person_id"].removeprefix(f"{later.of}-"), row["kind"]) for row in rows)
    assert not [who for who, _ in told if who == "successor"]
    assert told["consultant", "invite"] == 2
    assert not [kind for _, kind in told if kind in ("cancellation", "course_left")]


async def test_a_meeting_that_is_moved_and_cancelled_within_the_minute_is_cancelled_by_its_known_time(
    later: Later,
) -> None:
    """Calendars get the cancellation alone, and people read of the time that they know."""
    await later.tell(later.booked(), sequence=1)
    await later.tell(later.booked(1, 0), sequence=2)
    off = meeting(0, of=later.of, moves=1, cancelled=True)
    await later.tell(later.booked(meetings=(off, meeting(1, of=later.of))), sequence=3)
    later.clock.wait(61)
    assert await tell_due(desk=later.office.desk) == 1
    assert await later.told() - BOOKED == Counter({"course_changed": 3, "cancellation": 3})
    assert "tirsdag den 12. januar 2027 kl. 9.00–11.00 er aflyst" in await text_of(later, "leader", "cancellation")


async def test_who_is_erased_while_a_change_waits_does_not_hold_it_up(later: Later) -> None:
    """The others are told; nothing is written to her."""
    await later.tell(later.booked(), sequence=1)
    await later.tell(later.booked(1, 0), sequence=2)
    await later.office.vault.erase(person_key(f"{later.of}-leader"))
    later.clock.wait(61)
    assert await tell_due(desk=later.office.desk) == 1
    assert await later.told() - BOOKED == Counter({"course_changed": 2, "invite": 2})


async def test_who_asks_for_no_quiet_any_more_is_told_what_waited(later: Later) -> None:
    """The setting became 0 while something waited: the next change brings both at once."""
    await later.tell(later.booked(), sequence=1)
    await later.tell(later.booked(1, 0), sequence=2)
    later.office.desk = later.desk(quiet=timedelta(0))
    await later.tell(later.booked(1, 1), sequence=3)
    assert await later.told() - BOOKED == Counter({"course_changed": 3, "invite": 6})
    assert not await later.waits()


async def test_whose_answer_stays_is_not_asked_anew(later: Later) -> None:
    """A newer text under the same SEQUENCE: her calendar gets it, and the sentence beside it says that her answer counts."""
    await later.tell(later.booked(), sequence=1)
    newer = meeting(0, of=later.of).model_copy(update={"dtstamp": meeting(0, moves=1).dtstamp})
    await later.tell(later.booked(meetings=(newer, meeting(1, of=later.of))), sequence=2)
    later.clock.wait(61)
    assert await tell_due(desk=later.office.desk) == 1
    assert await later.told() - BOOKED == Counter({"invite": 3})
    assert "har du svaret, gælder svaret stadig" in await text_of(later, "leader", "invite")


async def _cannot(_messages: object) -> int:
    raise ValueError("no such mail")
