"""Busy half hours of one consultant as numbers: all that is kept of a calendar from outside. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple, Self
from zoneinfo import ZoneInfo

from services.scheduler.availability import MARGIN_DAYS
from services.scheduler.grains import grain_of, grains_between

SPARE_DAYS = 7
"""Days beyond the horizon that are read as well: so long a source may fail before the horizon outruns what is known."""

CHANGED_MUCH = 0.5


class Span(NamedTuple):
    """The instants `[begin, end)` that a calendar is read for."""

    begin: datetime
    end: datetime


def span_of(today: date, horizon_days: int, zone: ZoneInfo) -> Span:
    """From a little before today, as the matcher looks at travel into its first day, to a little beyond the horizon."""
    first = today - timedelta(days=MARGIN_DAYS + 1)
    last = today + timedelta(days=horizon_days + 1 + MARGIN_DAYS + SPARE_DAYS)
    return Span(datetime.combine(first, time(), tzinfo=zone), datetime.combine(last, time(), tzinfo=zone))


@dataclass(frozen=True, slots=True)
class Busy:
    """Bit i of `bits` stands for the UTC grain `first + i`."""

    first: int
    bits: int

    @classmethod
    def of(cls, intervals: Iterable[tuple[datetime, datetime]], span: Span) -> Self:
        """Every half hour that an interval touches, within the span."""
        first, bits = grain_of(span.begin), 0
        for begin, end in intervals:
            begin, end = max(begin, span.begin), min(end, span.end)  # noqa: PLW2901 - cut to the span
            if begin < end:
                grains = grains_between(begin, end)
                bits |= ((1 << len(grains)) - 1) << grains.start - first
        return cls(first, bits)

    @classmethod
    def of_document(cls, document: dict[str, Any]) -> Self:
        return cls(document["first"], int.from_bytes(document["bits"], "little"))

    def document(self) -> dict[str, Any]:
        return {"first": self.first, "bits": self.bits.to_bytes((self.bits.bit_length() + 7) // 8, "little")}

    def count(self) -> int:
        return self.bits.bit_count()

    def frees(self, later: "Busy") -> bool:
        """Whether something that is still ahead is free by what was read later."""
        ahead = max(self.first, later.first)
        return self.since(ahead) & ~later.since(ahead) != 0

    def changed_much(self, later: "Busy") -> bool:
        """Whether more half hours changed than half of those that were busy before."""
        ahead = max(self.first, later.first)
        before, after = self.since(ahead), later.since(ahead)
        return (before ^ after).bit_count() > CHANGED_MUCH * before.bit_count()

    def since(self, first: int) -> int:
        """The bits from that grain on."""
        return self.bits >> first - self.first if first >= self.first else self.bits << self.first - first


NOTHING_BUSY = Busy(0, 0)
