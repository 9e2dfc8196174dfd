"""How far a consumer group is behind, in records and as time. Pure arithmetic on offsets and timestamps."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from services.monitor.sighting import place
from shared.events import APPLICATIONS, AUDIT, CONSULTANTS, COURSES, DEAD_LETTERS, MESSAGES

# Which topics each group reads; a group that never committed anything is behind by all that is there.
READERS: Mapping[str, tuple[str, ...]] = {
    "intake": (COURSES, MESSAGES),
    "scheduler": (APPLICATIONS,),
    "notifier": (APPLICATIONS, COURSES),
    "monitor": (APPLICATIONS, COURSES, CONSULTANTS, MESSAGES, AUDIT, DEAD_LETTERS),
}

Partition = tuple[str, int]


@dataclass(frozen=True, kw_only=True)
class Ends:
    """`first` is the oldest offset that a partition still holds, `next` the one that its next record will get."""

    first: int
    next: int


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """What one group has not finished in one partition: `records` from offset `start` on."""

    group: str
    topic: str
    partition: int
    start: int
    records: int

    @property
    def oldest(self) -> str:
        """The place of the oldest unhandled record."""
        return place(self.topic, self.partition, self.start)


@dataclass(frozen=True, kw_only=True)
class TopicLag:
    """`oldest_seconds` is the age of the oldest unhandled record; None where nothing waits, or where that cannot be told."""

    topic: str
    records: int
    oldest_seconds: float | None


@dataclass(frozen=True, kw_only=True)
class GroupLag:
    """The sum over the topics, and the oldest of all."""

    group: str
    records: int
    oldest_seconds: float | None
    topics: tuple[TopicLag, ...]

    def as_row(self) -> dict[str, Any]:
        return asdict(self)


def backlogs(
    *, group: str, topics: Iterable[str], committed: Mapping[Partition, int], ends: Mapping[Partition, Ends]
) -> list[Backlog]:
    """Per partition of these topics, and of every other that the group has committed anything in.

    A group starts at the oldest record where it has committed nothing, or something that is no longer there.
    """
    read = {*topics, *(topic for topic, _ in committed)}
    found = []
    for (topic, partition), bounds in sorted(ends.items()):
        if topic in read:
            done = committed.get((topic, partition), -1)
            start = max(done, bounds.first)
            # Beyond the end: the topic was made anew, so the group will start at its first record.
            start = bounds.first if start > bounds.next else start
            found.append(
                Backlog(group=group, topic=topic, partition=partition, start=start, records=bounds.next - start)
            )
    return found


def group_lag(group: str, rows: Iterable[Backlog], timestamps: Mapping[str, int], *, now: datetime) -> GroupLag:
    """Sum up. `timestamps` holds milliseconds since 1970 by the place of a record."""
    by_topic: dict[str, list[Backlog]] = {}
    for row in rows:
        by_topic.setdefault(row.topic, []).append(row)
    topics = tuple(
        TopicLag(
            topic=topic,
            records=sum(row.records for row in mine),
            oldest_seconds=_oldest_seconds(mine, timestamps, now),
        )
        for topic, mine in by_topic.items()
    )
    ages = [topic.oldest_seconds for topic in topics if topic.oldest_seconds is not None]
    return GroupLag(
        group=group,
        records=sum(topic.records for topic in topics),
        oldest_seconds=max(ages, default=None),
        topics=topics,
    )


def _oldest_seconds(rows: Iterable[Backlog], timestamps: Mapping[str, int], now: datetime) -> float | None:
    written = [timestamps[row.oldest] for row in rows if row.records > 0 and row.oldest in timestamps]
    # Clocks differ a little: nothing is younger than now.
    return max(0.0, round(now.timestamp() - min(written) / 1000, 1)) if written else None
