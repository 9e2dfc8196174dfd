"""The meetings as the status page lists them."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from services.intake.status.meeting_rows import MeetingRow, meeting_rows
from shared.events import Meeting
from tests.factories import spark
from tests.notifier_samples import MATTER, STARTS, meeting

SPARK = spark()
BEFORE = datetime(2026, 12, 1, tzinfo=UTC)


def rows(*meetings: Meeting, now: datetime = BEFORE, invited_to: Collection[str] = ()) -> tuple[MeetingRow, ...]:
    second = MATTER.workplaces[0].model_copy(update={"name": "Rådhuset"})
    return meeting_rows(
        meetings,
        kind="single",
        matter=MATTER.model_copy(update={"workplaces": (*MATTER.workplaces, second)}),
        invited_to=invited_to,
        programme=SPARK,
        language="da",
        now=now,
    )


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
