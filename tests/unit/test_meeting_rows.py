"""The meetings as the status page lists them."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.intake.course_view import CourseView
from services.intake.status.meeting_rows import Circumstances, MeetingRow, meeting_rows
from shared.course_facts import KnownAnswer, Label, Stall
from shared.events import Meeting
from tests.factories import spark
from tests.notifier_samples import MATTER, STARTS, meeting

SPARK = spark()
BEFORE = datetime(2026, 12, 1, tzinfo=UTC)


LEADER, EMPLOYEE, CONSULTANT = "leader", "employee", "consultant"
NAMES = {LEADER: "Lone Leder", EMPLOYEE: "Mads Medarbejder", CONSULTANT: "Karen Konsulent"}


def rows(
    *meetings: Meeting,
    now: datetime = BEFORE,
    invited_to: Collection[str] = (),
    course: CourseView | None = None,
    names: Mapping[str, str] = NAMES,
) -> tuple[MeetingRow, ...]:
    second = MATTER.workplaces[0].model_copy(update={"name": "Rådhuset"})
    told = Circumstances(
        kind="single",
        course=course,
        matter=MATTER.model_copy(update={"workplaces": (*MATTER.workplaces, second)}),
        names=names,
        contacts=(LEADER, EMPLOYEE),
        invited_to=invited_to,
        programme=SPARK,
        language="da",
        now=now,
    )
    return meeting_rows(meetings, told)


def invited(**changes: Any) -> Meeting:
    """A meeting that all three are invited to."""
    return meeting(0).model_copy(update={"attendees": (CONSULTANT, EMPLOYEE, LEADER)} | changes)


def answer(person_id: str, partstat: str, **changes: Any) -> KnownAnswer:
    facts = {"meeting_id": meeting(0).meeting_id, "person_id": person_id, "partstat": partstat, "sequence": 0}
    return KnownAnswer.model_validate(facts | {"dtstamp": BEFORE, "at": BEFORE} | changes)


def course_with(*answers: KnownAnswer, **changes: Any) -> CourseView:
    return CourseView(sequence=1, state="booked", consultant_id=CONSULTANT, answers=answers, **changes)


def sentences(row: MeetingRow) -> list[str]:
    return [one.text % {"name": one.name} + (f" ({one.note})" if one.note else "") for one in row.answers]


def test_each_meeting_stands_with_the_address_of_its_host() -> None:
    """The second workplace's where it is host; none online, nor for a host that the application does not have."""
    hosted = [meeting(0).model_copy(update={"workplace": host}) for host in (0, 1, 2)]
    found = [row.address.partition(",")[0] for row in rows(*hosted, meeting(1))]
    assert found == ["Plejecenter Åbrinken", "Rådhuset", "", ""]


def test_what_to_prepare_is_told_until_the_meeting_is_over() -> None:
    """Of the opening meeting, not of one that the programme asks nothing for, nor once it was held."""
    homework = SPARK.plans["single"].meetings[0].preparation
    assert homework is not None
    assert [row.preparation for row in rows(meeting(0), meeting(1))] == [homework, None]
    assert rows(meeting(0), now=STARTS[0] + timedelta(hours=3))[0].preparation is None


def test_each_persons_answer_stands_in_words_with_a_mark() -> None:
    """The contacts in the form's order, then who leads; who has not answered is named, too."""
    course = course_with(answer(LEADER, "ACCEPTED"), answer(CONSULTANT, "DECLINED", answered_by="other"))
    [row] = rows(invited(), course=course)
    assert sentences(row) == [
        "Lone Leder has said yes",
        "Mads Medarbejder has not answered yet",
        "Karen Konsulent has said no (answered by somebody else at the same place)",
    ]
    assert len({one.icon for one in row.answers}) == 3
    assert [one.is_consultant for one in row.answers] == [False, False, True]


@pytest.mark.parametrize("partstat", ["ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED", "NEEDS-ACTION"])
def test_every_answer_has_a_sentence(partstat: str) -> None:
    """Each code of a calendar."""
    [row] = rows(invited(), course=course_with(answer(LEADER, partstat)))
    assert row.answers[0].text.startswith("%(name)s has")


def test_an_answer_to_an_earlier_time_is_none_to_the_present_one() -> None:
    """A meeting that was moved is answered anew."""
    [row] = rows(invited(sequence=1), course=course_with(answer(LEADER, "ACCEPTED")))
    assert sentences(row)[0] == "Lone Leder has not answered yet"


def test_whoever_was_erased_has_no_name_and_whoever_was_taken_off_no_row() -> None:
    """The page finds a word for the first."""
    names = {CONSULTANT: NAMES[CONSULTANT]}
    [row] = rows(invited(attendees=(LEADER, CONSULTANT)), course=course_with(), names=names)
    assert [one.name for one in row.answers] == [None, "Karen Konsulent"]


def test_of_a_meeting_that_has_begun_no_answers_are_told() -> None:
    """Nor whether it is in doubt."""
    stall = Stall(since=BEFORE, cause="leave", meetings=(meeting(0).meeting_id,))
    [row] = rows(invited(), course=course_with(stall=stall), now=STARTS[0])
    assert (row.answers, row.doubt) == ((), None)


def test_the_meeting_in_doubt_says_why() -> None:
    """In neutral words; the others say nothing."""
    stall = Stall(since=BEFORE, cause="leave", meetings=(meeting(0).meeting_id,))
    first, second = rows(invited(), meeting(1), course=course_with(stall=stall))
    assert first.doubt is not None
    assert first.doubt.da == "Konsulenten kan ikke på dette tidspunkt."
    assert second.doubt is None


def test_a_meeting_has_the_name_and_place_that_were_told() -> None:
    """A course has its own plan: what the programme says is only for what was told without."""
    added = invited(code="extra_1", label=Label(da="ekstra møde", en="extra meeting"), place="venue", workplace=1)
    [row] = rows(added)
    assert (row.name.da, row.place.da) == ("ekstra møde", "Et andet sted")
    assert row.address.startswith("Rådhuset,")
