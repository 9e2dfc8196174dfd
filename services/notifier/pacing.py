"""How fast mail goes out, in all and to each recipient's domain. Pure: the clock is an argument.

Each rate is a bucket of at most a second's mails. Where a server gets too much, it falls to half of what went out lately, and
rises again evenly to the full rate within half an hour (additive increase, multiplicative decrease).
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp
from typing import Final

BURST_SECONDS: Final = 1.0
"""So many seconds' mails may go at once after a pause: senders look for new mails about once a second."""
RECOVERY_SECONDS: Final = 1800.0
FLOW_SECONDS: Final = 10.0
"""What went out lately is a mean over about this time."""
ONE_COMPLAINT_SECONDS: Final = 5.0
"""Refusals within this time come from mails that were on their way together: one complaint."""
DOMAIN_FLOOR_PER_SECOND: Final = 0.1
TOTAL_FLOOR_PER_SECOND: Final = 1.0
PUT_OFF_SECONDS_MAX: Final = 300.0
"""A mail is put off for no longer at once, so that it profits when the rate rises."""
DOMAINS_MAX: Final = 5_000
"""Of more domains those are forgotten that had no mail for longest; they begin at the full rate again."""


class Pace:
    """One rate, in mails a second. Times are seconds on any clock; where it is put back, counting goes on from there."""

    def __init__(self, per_second: float, *, floor: float, now: float) -> None:
        self.full = self.rate = per_second
        self._floor = min(floor, per_second)
        self._tokens = self._burst()
        self._at = now
        self._flow = 0.0
        self._complained_at: float | None = None
        self._booked_until = now

    def ready_in(self, now: float) -> float:
        """Seconds until a mail may go; 0: now."""
        self._advance(now)
        return max(0.0, (1.0 - self._tokens) / self.rate)

    def take(self, now: float) -> None:
        """A mail goes out. Only where `ready_in` is 0."""
        self._advance(now)
        self._tokens -= 1.0
        self._flow += 1.0 / FLOW_SECONDS

    def book(self, now: float) -> float:
        """When a mail that cannot go now should be looked at again: one after the other, as the rate allows."""
        slot = max(now + self.ready_in(now), self._booked_until)
        slot = min(slot, now + PUT_OFF_SECONDS_MAX)
        self._booked_until = slot + 1.0 / self.rate
        return slot

    def complain(self, now: float) -> bool:
        """The server gets too much. False if that was known already."""
        self._advance(now)
        if self._complained_at is not None and now - self._complained_at < ONE_COMPLAINT_SECONDS:
            return False
        self._complained_at = now
        self.rate = max(self._floor, min(self.rate, self._flow) / 2)
        self._tokens = min(self._tokens, 0.0)
        return True

    def _advance(self, now: float) -> None:
        passed = now - self._at
        self._at = now
        if passed < 0:
            # What was to come at a time that is far off by now is forgotten, or nothing would go out until then.
            self._booked_until, self._complained_at = now, None
            return
        # With the rate from before it rose: less than what is allowed rather than more.
        self._tokens = min(self._burst(), self._tokens + passed * self.rate)
        self.rate = min(self.full, self.rate + passed * self.full / RECOVERY_SECONDS)
        self._flow *= exp(-passed / FLOW_SECONDS)

    def _burst(self) -> float:
        return max(1.0, self.rate * BURST_SECONDS)


@dataclass(frozen=True, slots=True)
class Go:
    """It may be sent now, and counts."""


@dataclass(frozen=True, slots=True)
class Wait:
    """No mail may be sent before this moment."""

    until: datetime


@dataclass(frozen=True, slots=True)
class PutOff:
    """Its domain gets no mail just now: look at it again at this moment, and at the others meanwhile."""

    until: datetime


class Pacing:
    """The rates of one process."""

    def __init__(self, *, per_second: float, domain_per_second: float) -> None:
        self._per_second = per_second
        self._domain_per_second = domain_per_second
        self._total: Pace | None = None
        self._domains: OrderedDict[str, Pace] = OrderedDict()

    def admit(self, domain: str, now: datetime) -> Go | Wait | PutOff:
        """Whether a mail to this domain (its digest; empty: not known) may go."""
        seconds = now.timestamp()
        pace = self._domain(domain, seconds) if domain else None
        if pace is not None and pace.ready_in(seconds) > 0:
            return PutOff(now + timedelta(seconds=pace.book(seconds) - seconds))
        total = self._all(seconds)
        if (wait := total.ready_in(seconds)) > 0:
            return Wait(now + timedelta(seconds=wait))
        total.take(seconds)
        if pace is not None:
            pace.take(seconds)
        return Go()

    def slow_down(self, now: datetime, *, domain: str | None = None) -> bool:
        """A server gets too much: of all mail, or of mail to this domain. False if that was known already."""
        seconds = now.timestamp()
        if domain is None:
            return self._all(seconds).complain(seconds)
        return self._domain(domain, seconds).complain(seconds)

    def rate(self, now: datetime, *, domain: str | None = None) -> float:
        """Mails a second that may go at present."""
        pace = self._all(now.timestamp()) if domain is None else self._domain(domain, now.timestamp())
        pace.ready_in(now.timestamp())
        return pace.rate

    @property
    def domains(self) -> int:
        """How many domains are remembered."""
        return len(self._domains)

    def _all(self, seconds: float) -> Pace:
        if self._total is None:
            self._total = Pace(self._per_second, floor=TOTAL_FLOOR_PER_SECOND, now=seconds)
        return self._total

    def _domain(self, domain: str, seconds: float) -> Pace:
        pace = self._domains.get(domain)
        if pace is None:
            pace = Pace(self._domain_per_second, floor=DOMAIN_FLOOR_PER_SECOND, now=seconds)
            self._domains[domain] = pace
            while len(self._domains) > DOMAINS_MAX:
                self._domains.popitem(last=False)
        self._domains.move_to_end(domain)
        return pace
