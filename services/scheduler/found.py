"""What a search goes through and what it finds: people with their price, and courses in the order of the contract."""

from dataclasses import dataclass

from services.scheduler.problem import Consultant

Rank = tuple[int, tuple[tuple[int, int], ...], str, str]
"""Order of what is found: cost, then starts meeting by meeting, then the ids of the primary and of the second consultant."""


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody who may hold the course, or be second in it, with the price of her whatever the days."""

    price: int
    consultant: Consultant

    @property
    def id(self) -> str:
        return self.consultant.id

    def order(self) -> tuple[int, str]:
        return self.price, self.consultant.id


@dataclass(frozen=True, slots=True)
class Found:
    """A course placed: its whole price, its starts as (day of the horizon, half hour), and who holds it."""

    price: int
    starts: tuple[tuple[int, int], ...]
    primary: Consultant
    second: Consultant | None = None

    def rank(self) -> Rank:
        return self.price, self.starts, self.primary.id, self.second.id if self.second else ""
