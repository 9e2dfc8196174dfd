"""The second consultant: with each primary one the cheapest who is free at the meetings marked `co`, chosen together. Exact.

Both starts and persons are chosen at once: a pair's chain lies over the starts that both can hold. A pair costs at least what
its primary's best chain, and its second's best chain at places that are always free, cost; most pairs need no search of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.scheduler.chain import Chain, cheapest_chain
from services.scheduler.found import Found, Seat
from services.scheduler.grains import GRAINS_PER_DAY
from services.scheduler.ground import Ground

# Every start, for the meetings that a second consultant has no part in.
_ANY = -1


@dataclass(frozen=True, slots=True)
class _Part:
    """What one second consultant can do: starts by kind of meeting, and the price of her best chain were all others free."""

    starts: tuple[int, ...]
    floor: int


class Seconds:
    """Everybody who may be second, asked with one primary consultant after the other."""

    def __init__(self, ground: Ground, seats: Sequence[Seat]) -> None:
        self._ground = ground
        self._seats = sorted(seats, key=Seat.order)
        self._places = [ground.site_starts(kind) for kind in range(len(ground.kinds))]
        self._parts: dict[str, _Part | None] = {}

    @property
    def price(self) -> int:
        """The least that a second consultant costs; 0 where there is none."""
        return self._seats[0].price if self._seats else 0

    def best_with(self, primary: Seat, starts: Sequence[int], best: Found | None = None) -> Found | None:
        """The best course with this primary consultant, who has these starts by kind; `best` where none is better."""
        limit = None if best is None else best.price - primary.price - self.price
        lone = cheapest_chain(self._ground, starts, limit)
        if lone is None:
            return best
        for seat in self._seats:
            price = primary.price + seat.price
            # Seats come in the order of price and id, so all after this one rank behind `best` too.
            if best is not None and (price + lone.cost, lone.starts, primary.id, seat.id) > best.rank():
                break
            part = None if seat.id == primary.id else self._part(seat)
            if part is None or (best is not None and price + part.floor > best.price):
                continue
            both = [mine & hers for mine, hers in zip(starts, part.starts, strict=True)]
            chain = self._chain(both, lone, None if best is None else best.price - price)
            if chain is not None:
                found = Found(price + chain.cost, chain.starts, primary.consultant, seat.consultant)
                best = found if best is None or found.rank() < best.rank() else best
        return best

    def first_alone(self, primary: Seat, starts: Sequence[int]) -> str | None:
        """The first meeting at which no second consultant could join her at any of her starts; None: each has somebody."""
        joint = [0] * len(starts)
        for seat in self._seats:
            if seat.id != primary.id:
                hers = self._starts(seat)
                joint = [known | mine & other for known, mine, other in zip(joint, starts, hers, strict=True)]
        for meeting, kind in zip(self._ground.problem.meetings, self._ground.kind_index, strict=True):
            if meeting.co and not joint[kind]:
                return meeting.code
        return None

    def _chain(self, both: Sequence[int], lone: Chain, limit: int | None) -> Chain | None:
        if not all(both):
            return None
        kinds = self._ground.kind_index
        at_best = zip(kinds, lone.starts, strict=True)
        if all(both[kind] >> day * GRAINS_PER_DAY + half_hour & 1 for kind, (day, half_hour) in at_best):
            return lone
        return cheapest_chain(self._ground, both, limit)

    def _part(self, seat: Seat) -> _Part | None:
        """None where she could never be second, were everybody else free."""
        if seat.id not in self._parts:
            starts = self._starts(seat)
            able = [place & hers for place, hers in zip(self._places, starts, strict=True)]
            chain = cheapest_chain(self._ground, able) if all(able) else None
            self._parts[seat.id] = None if chain is None else _Part(starts, chain.cost)
        return self._parts[seat.id]

    def _starts(self, seat: Seat) -> tuple[int, ...]:
        ground, consultant = self._ground, seat.consultant
        return tuple(ground.possible(consultant, place) if kind.co else _ANY for place, kind in enumerate(ground.kinds))
