"""An answer that waits for the invited person's word, as it is kept with the application. Pure."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal, NamedTuple

from pydantic import AwareDatetime, Field

from shared.fact import Fact
from shared.said import CalendarAnswer, CounterProposal

CONFIRM_WITHIN: Final = timedelta(days=7)
MAILS_APART: Final = timedelta(days=1)
"""So long after a mail that asks about a meeting, she is sent no other one about it, however many answers are forged."""
HELD_KEPT_MAX: Final = 60
"""Entries of one application, decided ones among them; there is one per person and meeting."""


class Held(Fact):
    """What was said, its number not given yet, by the mail `source`. `until`: how long it can be confirmed; then it never was.

    `mailed_at` is when the person was last sent a link to it.
    """

    held_id: str
    said: Annotated[CalendarAnswer | CounterProposal, Field(discriminator="kind")]
    source: str
    mailed_at: AwareDatetime
    until: AwareDatetime
    outcome: Literal["pending", "confirmed", "denied"] = "pending"

    def is_about(self, person_id: str, meeting_id: str) -> bool:
        return (self.said.person_id, self.said.meeting_id) == (person_id, meeting_id)

    def is_open(self, now: datetime) -> bool:
        """Whether it can be confirmed."""
        return self.outcome == "pending" and now < self.until

    @property
    def version(self) -> str:
        """Changes with what was said: a page that shows something else does not confirm it."""
        return hashlib.sha256(self.said.model_dump_json().encode()).hexdigest()[:32]


class Taken(NamedTuple):
    """`entry` is the new one, among `held`; `is_mailed`: the person is to be sent a link to it."""

    held: tuple[Held, ...]
    entry: Held
    is_mailed: bool


def take(
    held: Sequence[Held], said: CalendarAnswer | CounterProposal, *, source: str, held_id: str, now: datetime
) -> Taken | None:
    """The entries with one more; None where staff have to look, since the person cannot be asked again so soon.

    What waits already is replaced by what is newer, under its own id: the link that she has leads to what she said last.
    """
    before = next((one for one in held if one.is_about(said.person_id, said.meeting_id)), None)
    others = tuple(one for one in held if one is not before and now < one.until)
    is_mailed = before is None or now - before.mailed_at >= MAILS_APART
    if before is None or not before.is_open(now):
        if not is_mailed or len(others) >= HELD_KEPT_MAX:
            return None
        entry = Held(held_id=held_id, said=said, source=source, mailed_at=now, until=now + CONFIRM_WITHIN)
        return Taken((*others, entry), entry, is_mailed=True)
    # Not by DTSTAMP: one that was forged a day ahead would keep her own answer away.
    newest = max(before.said, said, key=lambda one: (one.sequence, one.at))
    entry = before.model_copy(
        update={
            "said": newest,
            "source": source if newest is said else before.source,
            **({"mailed_at": now, "until": now + CONFIRM_WITHIN} if is_mailed else {}),
        }
    )
    return Taken((*others, entry), entry, is_mailed=is_mailed)


def decided(held: Sequence[Held], entry: Held, outcome: Literal["confirmed", "denied"]) -> tuple[Held, ...]:
    """The entries where this one has its outcome."""
    return tuple(one.model_copy(update={"outcome": outcome}) if one.held_id == entry.held_id else one for one in held)
