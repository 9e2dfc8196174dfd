from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from services.monitor.lag import Backlog, Ends, GroupLag, backlogs, group_lag

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)
COURSES = "forloeb.courses"
APPLICATIONS = "forloeb.applications"


def lag(
    committed: dict[tuple[str, int], int],
    ends: dict[tuple[str, int], Ends],
    timestamps: dict[str, int],
    topics: tuple[str, ...] = (COURSES,),
) -> GroupLag:
    rows = backlogs(group="notifier", topics=topics, committed=committed, ends=ends)
    return group_lag("notifier", rows, timestamps, now=NOW)


def test_the_lag_is_what_lies_between_the_committed_and_the_last_record() -> None:
    """Committed is the next offset to read: equal to the end means that nothing waits."""
    ends = {(COURSES, 0): Ends(first=0, next=10), (COURSES, 1): Ends(first=0, next=4)}
    found = lag({(COURSES, 0): 7, (COURSES, 1): 4}, ends, {f"{COURSES}/0/7": NOW_MS - 42_000})
    assert (found.records, found.oldest_seconds) == (3, 42.0)


def test_nothing_waits_has_no_age() -> None:
    """An old record that was handled is not shown as waiting."""
    found = lag({(COURSES, 0): 10}, {(COURSES, 0): Ends(first=0, next=10)}, {f"{COURSES}/0/10": 1})
    assert (found.records, found.oldest_seconds) == (0, None)


def test_the_oldest_over_all_partitions_and_topics_counts() -> None:
    """One stuck partition is enough to be late."""
    ends = {
        (COURSES, 0): Ends(first=0, next=2),
        (COURSES, 1): Ends(first=0, next=2),
        (APPLICATIONS, 0): Ends(first=0, next=1),
    }
    timestamps = {
        f"{COURSES}/0/1": NOW_MS - 1_000,
        f"{COURSES}/1/0": NOW_MS - 90_500,
        f"{APPLICATIONS}/0/0": NOW_MS - 5_000,
    }
    found = lag({(COURSES, 0): 1, (COURSES, 1): 0}, ends, timestamps, (COURSES, APPLICATIONS))
    assert (found.records, found.oldest_seconds) == (4, 90.5)
    assert {topic.topic: topic.oldest_seconds for topic in found.topics} == {COURSES: 90.5, APPLICATIONS: 5.0}


def test_a_group_that_never_committed_is_behind_by_all_that_is_there() -> None:
    """It starts at the oldest record, which retention may have moved."""
    found = lag({}, {(COURSES, 0): Ends(first=5, next=9)}, {f"{COURSES}/0/5": NOW_MS - 1_000})
    assert (found.records, found.oldest_seconds) == (4, 1.0)


def test_records_that_retention_removed_do_not_wait() -> None:
    """Nobody will ever handle them."""
    found = lag({(COURSES, 0): 2}, {(COURSES, 0): Ends(first=5, next=9)}, {})
    assert found.records == 4


def test_a_topic_made_anew_is_read_from_its_start() -> None:
    """A committed offset beyond the end says nothing about the new records."""
    found = lag({(COURSES, 0): 500}, {(COURSES, 0): Ends(first=0, next=3)}, {})
    assert found.records == 3


def test_a_topic_that_only_the_group_itself_knows_counts_too() -> None:
    """Whoever committed something in a topic reads it."""
    ends = {(APPLICATIONS, 0): Ends(first=0, next=3), (APPLICATIONS, 1): Ends(first=0, next=1)}
    assert lag({(APPLICATIONS, 0): 1}, ends, {}).records == 3
    assert lag({}, ends, {}).records == 0


def test_an_age_that_cannot_be_told_is_not_made_up() -> None:
    """There is work, but when it came is unknown."""
    found = lag({(COURSES, 0): 0}, {(COURSES, 0): Ends(first=0, next=3)}, {})
    assert (found.records, found.oldest_seconds) == (3, None)


def test_no_age_is_negative() -> None:
    """The clock of a producer may be ahead of ours."""
    found = lag({(COURSES, 0): 0}, {(COURSES, 0): Ends(first=0, next=1)}, {f"{COURSES}/0/0": NOW_MS + 60_000})
    assert found.oldest_seconds == 0


@given(
    first=st.integers(0, 50),
    length=st.integers(0, 50),
    committed=st.none() | st.integers(0, 200),
    seconds=st.integers(0),
)
def test_a_backlog_lies_within_its_partition(first: int, length: int, committed: int | None, seconds: int) -> None:
    """Whatever is committed: never less than nothing, never more than is there."""
    ends = {(COURSES, 0): Ends(first=first, next=first + length)}
    done = {} if committed is None else {(COURSES, 0): committed}
    (row,) = backlogs(group="g", topics=[COURSES], committed=done, ends=ends)
    assert isinstance(row, Backlog)
    assert first <= row.start <= first + length
    assert row.start + row.records == first + length
    found = group_lag("g", [row], {row.oldest: NOW_MS - seconds}, now=NOW)
    assert (found.oldest_seconds is None) == (row.records == 0)
