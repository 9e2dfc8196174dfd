"""Changes that are told a little later, on a real database: quiet, crashes, several processes, and what goes at once all the same."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from services.notifier.tell_later import tell_due
from services.notifier.view_store import Views
from shared.course_facts import DeclinedCounter, PossibleStart, Stall
from shared.events import (
    AnswerHeld,
    AnswerNoted,
    CounterDeclined,
    CounterReply,
    HeldAnswer,
)
from tests.notifier_later import BOOKED, Later, content_of, text_of
from tests.notifier_samples import STARTS, application, course, meeting, people_of, person


async def test_changes_within_a_minute_are_told_in_one_mail(later: Later) -> None:
    """The booking goes at once; two changes wait until it has been quiet, and tell of the last state only."""
    await later.tell(later.booked(), sequence=1)
    assert await later.told() == BOOKED
    await later.tell(later.booked(1, 0), sequence=2)
    later.clock.wait(40)
    await later.tell(later.booked(2, 1), sequence=3)
    later.clock.wait(40)
    assert await tell_due(desk=later.office.desk) == 0
    assert await later.told() == BOOKED
    later.clock.wait(21)
    assert await tell_due(desk=later.office.desk) == 1
    assert await later.told() - BOOKED == Counter({"course_changed": 3, "invite": 6})
    assert not await later.waits()
    assert await tell_due(desk=later.office.desk) == 0


async def test_a_view_of_an_older_release_is_told_from(later: Later) -> None:
    """It has no state that people were told of: everything was told at once then."""
    await later.tell(later.booked(), sequence=1)
    await later.office.view_rows.update_one({"_id": later.of}, {"$unset": {"told_course": "", "settling": ""}})
    await later.tell(later.booked(1, 0), sequence=2)
    assert await later.waits()
    later.clock.wait(61)
    assert await tell_due(desk=later.office.desk) == 1
    assert "før tirsdag den 12. januar 2027" in await text_of(later, "leader", "course_changed")


async def test_a_course_that_cannot_be_told_does_not_stand_in_the_way(
    later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is put off and tried again; nothing newer of it is lost."""
    await later.tell(later.booked(), sequence=1)
    await later.tell(later.booked(1, 0), sequence=2)
    later.clock.wait(61)
    with monkeypatch.context() as patch:
        patch.setattr(later.office.messages, "insert", _cannot)
        assert await tell_due(desk=later.office.desk) == 0
    assert await tell_due(desk=later.office.desk) == 0
    later.clock.wait(61)
    assert await tell_due(desk=later.office.desk) == 1
    assert await later.told() - BOOKED == Counter({"course_changed": 3, "invite": 3})


async def test_changes_that_never_end_are_told_after_five_minutes(later: Later) -> None:
    """Otherwise a course that is worked on all day would never be told."""
    await later.tell(later.booked(), sequence=1)
    for number in range(1, 8):
        await later.tell(later.booked(number, 0), sequence=1 + number)
        later.clock.wait(50)
        told = await tell_due(desk=later.office.desk)
        assert told == (number == 6), f"after {number * 50} seconds"


async def test_an_answer_does_not_put_the_mail_off(later: Later) -> None:
    """Nobody reads of it, so it is no change to wait for."""
    await later.tell(later.booked(), sequence=1)
    await later.tell(later.booked(1, 0), sequence=2)
    later.clock.wait(59)
    await later.tell(later.booked(1, 0), sequence=3, kind=AnswerNoted)
    later.clock.wait(2)
    assert await tell_due(desk=later.office.desk) == 1


async def test_what_is_taken_back_is_told_to_calendars_alone(later: Later) -> None:
    """The meeting is where it was, under a newer version: calendars must know it, and nobody has to read of it."""
    await later.tell(later.booked(), sequence=1)
    await later.tell(later.booked(1, 0), sequence=2)
    back = meeting(0, of=later.of).model_copy(update={"sequence": 2, "dtstamp": meeting(0, moves=2).dtstamp})
    await later.tell(later.booked(meetings=(back, meeting(1, of=later.of))), sequence=3)
    later.clock.wait(61)
    assert await tell_due(desk=later.office.desk) == 1
    assert await later.told() - BOOKED == Counter({"invite": 3})


async def test_an_end_is_told_at_once_with_what_waited(later: Later) -> None:
    """The change before it is not told any more: its meetings are off."""
    await later.tell(later.booked(), sequence=1)
    await later.tell(later.booked(1, 0), sequence=2)
    off = tuple(meeting(place, of=later.of, cancelled=True, moves=1 - place) for place in (0, 1))
    await later.tell(course("cancelled", of=later.of, cancelled_by="staff", meetings=off), sequence=3)
    assert await later.told() - BOOKED == Counter({"course_cancelled": 3, "cancellation": 6})
    assert not await later.waits()


async def test_a_death_before_the_mails_are_put_in_loses_nothing(later: Later, monkeypatch: pytest.MonkeyPatch) -> None:
    """The view is marked, the process dies; an event comes before the next look: both are told, in their order."""
    await later.tell(later.booked(), sequence=1)
    await later.tell(later.booked(1, 0), sequence=2)
    later.clock.wait(61)
    with monkeypatch.context() as patch:
        patch.setattr(later.office.messages, "insert", _dies)
        with pytest.raises(asyncio.CancelledError):
            await tell_due(desk=later.office.desk)
    view = await later.office.desk.views.read(later.of)
    assert view.settling is not None
    assert view.settling.telling
    await later.tell(later.booked(1, 1), sequence=3)
    assert await later.told() - BOOKED == Counter({"course_changed": 3, "invite": 3}), "of the first change"
    later.clock.wait(61)
    assert await tell_due(desk=later.office.desk) == 1
    assert await later.told() - BOOKED == Counter({"course_changed": 6, "invite": 6})


async def test_a_death_before_the_view_advances_sends_nothing_twice(
    later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mails are in already; told again from what is stored, they have the same ids."""
    await later.tell(later.booked(), sequence=1)
    await later.tell(later.booked(1, 0), sequence=2)
    later.clock.wait(61)
    advance = Views.advance

    async def dies_at_the_end(self: Views, view: Any, *, before: Any) -> Any:
        if view.settling is None:
            raise asyncio.CancelledError
        return await advance(self, view, before=before)

    with monkeypatch.context() as patch:
        patch.setattr(Views, "advance", dies_at_the_end)
        with pytest.raises(asyncio.CancelledError):
            await tell_due(desk=later.office.desk)
    told = await later.told()
    assert told - BOOKED == Counter({"course_changed": 3, "invite": 3})
    assert await tell_due(desk=later.office.desk) == 1
    assert await later.told() == told
    assert not await later.waits()


async def test_several_processes_tell_it_once(later: Later) -> None:
    """Four that look at the same moment, while one of them takes in the next change."""
    await later.tell(later.booked(), sequence=1)
    await later.tell(later.booked(1, 0), sequence=2)
    later.clock.wait(61)
    desks = [later.desk() for _ in range(4)]
    await asyncio.gather(*(tell_due(desk=desk) for desk in desks), later.tell(later.booked(1, 1), sequence=3))
    later.clock.wait(61)
    await asyncio.gather(*(tell_due(desk=desk) for desk in desks))
    told = await later.told() - BOOKED
    # The next change came in before or after the first one was marked: told together, or one after the other.
    assert told in (Counter({"course_changed": 3, "invite": 6}), Counter({"course_changed": 6, "invite": 6}))
    assert not await later.waits()


async def test_the_mail_tells_every_cause_and_what_people_knew(later: Later) -> None:
    """A consultant declined, then a proposal was taken: both reasons, and the time of the booking as what was."""
    await later.tell(later.booked(), sequence=1)
    await later.tell(later.booked(1, 0, cause="consultant_declined"), sequence=2)
    await later.tell(later.booked(2, 0, cause="counter"), sequence=3)
    later.clock.wait(61)
    await tell_due(desk=later.office.desk)
    text = await text_of(later, "leader", "course_changed")
    assert "Konsulenten kan ikke et af de tidspunkter, der var aftalt." in text
    assert "har foreslået et andet tidspunkt" in text
    assert "før tirsdag den 12. januar 2027 kl. 9.00–11.00, nu tirsdag den 26. januar 2027 kl. 9.00–11.00" in text


async def test_what_is_in_doubt_is_told_once_and_when_it_is_settled(later: Later) -> None:
    """Contacts hear that nothing is to be done, the coordinators get the reference and the page; then it is over."""
    stall = Stall(since=later.clock(), cause="leave", meetings=(f"{later.of}-m1",))
    await later.tell(later.booked(), sequence=1)
    await later.tell(later.booked(stall=stall), sequence=2)
    later.clock.wait(61)
    await tell_due(desk=later.office.desk)
    assert await later.told() - BOOKED == Counter({"course_stalled": 2, "stall_report": 1})
    await later.tell(later.booked(stall=stall), sequence=3, kind=AnswerNoted)
    later.clock.wait(61)
    assert await tell_due(desk=later.office.desk) == 0
    report = await text_of(later, "coordinators", "stall_report")
    assert f"/coordinator/courses/{later.of}" in report
    assert "Åse" not in report
    await later.tell(later.booked(0, 1, cause="leave"), sequence=4)
    later.clock.wait(61)
    await tell_due(desk=later.office.desk)
    assert await later.told() - BOOKED == Counter(
        {"course_stalled": 2, "stall_report": 1, "course_changed": 3, "invite": 3}
    )
    assert "er på plads igen" in await text_of(later, "leader", "course_changed")
    assert "er på plads igen" not in await text_of(later, "consultant", "course_changed")


async def test_a_declined_proposal_is_answered_at_once_and_once(later: Later) -> None:
    """With the calendar object byte for byte, under its own method, and the times that are possible."""
    await later.tell(later.booked(1, 0), sequence=1)
    ics = (
        "BEGIN:VCALENDAR\r\nMETHOD:DECLINECOUNTER\r\nORGANIZER:mailto:invite+token@forloeb.example\r\nEND:VCALENDAR\r\n"
    )
    reply = CounterReply(number=7, meeting_id=f"{later.of}-m0", ics=ics)
    times = [PossibleStart(start=STARTS[0] + timedelta(days=day), wall_start="-") for day in (2, 3)]
    declined = DeclinedCounter(
        number=7,
        meeting_id=f"{later.of}-m0",
        person_id=f"{later.of}-leader",
        proposed=times[0],
        starts=(times[1],),
        at=later.clock(),
    )
    state = later.booked(1, 0, declined_counters=(declined,))
    people = people_of(state)
    people[f"{later.of}-leader"] = people[f"{later.of}-leader"].model_copy(update={"counter_replies": (reply,)})
    for sequence in (2, 3):
        event = await later.office.event(state, sequence=sequence, kind=CounterDeclined, people=people)
        assert await later.office.tell_event(*event) == "handled"
    assert await later.told() - BOOKED == Counter({"counter_declined": 1})
    content = await content_of(later, "leader", "counter_declined")
    assert (content.method, content.ics, content.sender) == ("DECLINECOUNTER", ics, "invite+token@forloeb.example")
    text = " ".join(content.text.split())
    assert "kan desværre ikke holdes torsdag den 14. januar 2027 kl. 9.00–11.00" in text
    assert "fredag den 15. januar 2027 kl. 9.00–11.00" in text


async def test_an_answer_that_is_held_is_asked_about_once(later: Later) -> None:
    """At the registered address, with the link; the consultant too, who is nobody of the application's own people."""
    await later.tell(later.booked(), sequence=1)
    held = HeldAnswer(
        held_id="h1",
        person_id=f"{later.of}-consultant",
        meeting_id=f"{later.of}-m1",
        partstat="DECLINED",
        at=later.clock(),
        until=later.clock() + timedelta(days=2),
    )
    consultant = person("consultant", of=later.of, links={"answer": "https://forloeb.example/svar/t0k"})
    event = await later.office.event(
        application("admitted", of=later.of), sequence=4, kind=AnswerHeld, asked=(held, consultant)
    )
    for outcome in ("handled", "superseded"):
        assert await later.office.tell_event(*event) == outcome
    told = await later.told() - BOOKED
    assert told["confirm_answer"] == 1
    content = await content_of(later, "consultant", "confirm_answer")
    assert content.recipient == consultant.mail
    assert "https://forloeb.example/svar/t0k" in content.text
    assert "tirsdag den 2. februar 2027" in " ".join(content.text.split())
    assert "ikke kan komme" in " ".join(content.text.split())


async def _dies(_messages: object) -> int:
    raise asyncio.CancelledError


async def _cannot(_messages: object) -> int:
    raise ValueError("no such mail")
