"""Why a course went to whom it did, as facts: ids, codes, dates and numbers, kept with the course. Pure values.

A `Decision` holds the winner's cost by term and a verdict on every other consultant: what she would have cost, or the
first rule that rules her out with the numbers behind it (`near`), and the smallest changes that alone would have made
her win (`changes`). `decision_words.py` puts each fact into words.

Themes are sealed wherever they are kept, so a decision counts the ones that a consultant lacks and does not name them.

For readers: `Course.decision` is a `Decision` or None; `decision_words.put_in_words(decision, names)` gives all its sentences.
"""

from datetime import date
from typing import Any, Literal

from services.scheduler.near_facts import NearMiss, Wall
from services.scheduler.rules import Rule
from shared.fact import Fact

Term = Literal["wait", "gap", "travel", "outside_preferred", "avoided_weekday", "load", "no_sector"]
Terms = dict[Term, int]

ChangeKind = Literal["freed", "date", "travel", "capacity"]
CHANGE_KINDS: tuple[ChangeKind, ...] = ("freed", "date", "travel", "capacity")
"""The order in which changes are named."""


# -- what would have made her win ------------------------------------------------------------------------------------------


class Freed(Fact):
    """The shortest stretch of one local day that, were she free in it, would have made her win: `[start, end)`."""

    start: Wall
    end: Wall
    minutes: int


class MovedDate(Fact):
    """The bound of the window that would have to move least, and by how many days (below 0: earlier)."""

    bound: Literal["earliest", "latest"]
    days: int
    becomes: date


class Changes(Fact):
    """For each kind the smallest change that alone would have made her win; None: no change of that kind would have.

    `untried` names the kinds that were left for later, as searching takes its time.
    """

    freed: Freed | None = None
    date: MovedDate | None = None
    # She would have won, had no place been farther from her than this, one way.
    travel_minutes: int | None = None
    # One course more than she takes would have been enough.
    max_courses: int | None = None
    untried: tuple[ChangeKind, ...] = ()

    @property
    def first(self) -> ChangeKind | None:
        """The kind that is named before the others."""
        found = {
            "freed": self.freed,
            "date": self.date,
            "travel": self.travel_minutes,
            "capacity": self.max_courses,
        }
        return next((kind for kind in CHANGE_KINDS if found[kind] is not None), None)


# -- the decision ----------------------------------------------------------------------------------------------------------


class Verdict(Fact):
    """What is to be said of one consultant who was not chosen. `rule` of None: she could have held the course.

    `meeting` is the code of the meeting where the rule failed. `difference` is her cost less the winner's, by term and
    only where it is not 0. `near` and `changes` of None were not worked out.
    """

    id: str
    rule: Rule | None = None
    meeting: str | None = None
    missing_themes: int | None = None
    near: NearMiss | None = None
    cost: int | None = None
    difference: Terms | None = None
    changes: Changes | None = None


class Chosen(Fact):
    """Who holds the course, and what it costs by term; the second consultant's share is in it."""

    consultant: str
    second: str | None = None
    cost: int
    terms: Terms


class Decision(Fact):
    """One answer of the matcher: who, or nobody, and a verdict on each of the others, the nearest to winning first."""

    winner: Chosen | None = None
    others: tuple[Verdict, ...] = ()

    def stored(self) -> dict[str, Any]:
        """As JSON values, without what is None: so a thousand verdicts stay small."""
        return self.model_dump(mode="json", exclude_none=True)
