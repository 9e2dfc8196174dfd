"""Which offsets may be committed: per partition everything before the first record that is not finished. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Partition = tuple[str, int]


@dataclass
class _PartitionProgress:
    committed: int
    unfinished: set[int] = field(default_factory=set)
    next_offset: int | None = None


class Offsets:
    """Follows records from begin to finish. A record that is abandoned blocks its partition until it is forgotten and read again."""

    def __init__(self) -> None:
        self._partitions: dict[Partition, _PartitionProgress] = {}
        self.finished_since_commit = 0

    def begin(self, partition: Partition, offset: int) -> None:
        """A record was read and is in hand. Reading begins where the broker says that all before is committed."""
        self._partitions.setdefault(partition, _PartitionProgress(committed=offset)).unfinished.add(offset)

    def finish(self, partition: Partition, offset: int) -> None:
        """The record was handled or dead-lettered. After `forget` this says nothing: the partition is someone else's."""
        progress = self._partitions.get(partition)
        if progress is None or offset not in progress.unfinished:
            return
        progress.unfinished.remove(offset)
        progress.next_offset = max(progress.next_offset or 0, offset + 1)
        self.finished_since_commit += 1

    def forget(self, partition: Partition) -> None:
        """The partition was taken away; when it comes back, reading starts at the committed offset."""
        self._partitions.pop(partition, None)

    def committable(self) -> dict[Partition, int]:
        """Per partition the offset to commit (of the next record to read), where it is newer than the last one committed."""
        found: dict[Partition, int] = {}
        for partition, progress in self._partitions.items():
            if progress.next_offset is None:
                continue
            offset = min((progress.next_offset, *progress.unfinished))
            if offset > progress.committed:
                found[partition] = offset
        return found

    def committed(self, offsets: Mapping[Partition, int]) -> None:
        """The broker has these; an older answer that comes late changes nothing."""
        for partition, offset in offsets.items():
            progress = self._partitions.get(partition)
            if progress is not None:
                progress.committed = max(progress.committed, offset)
        self.finished_since_commit = 0
