"""Which contacts of an application were given another address, when, and by whom, as it is kept with the application. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Literal

from pydantic import AwareDatetime, Field

from shared.fact import Fact
from shared.sealing import Sealed

DAY: Final = timedelta(days=1)
KEPT_MAX: Final = 100
"""Changes of one application; the newest are kept."""

Giver = Literal["self", "contact", "staff"]


class AddressChange(Fact):
    """One change; no address stands in it. `by` is who gave the new one: its owner, another contact, or staff.

    `account` is that of staff, `reason` what they wrote about it, sealed under the application's own key.
    """

    change_id: str
    person_id: str
    by: Giver
    at: AwareDatetime
    account: str | None = None
    reason: Sealed | None = None


class ChangedAddresses(Fact):
    """`renewed` counts for each person how often the person's own links were made void by a change: see `epoch_of`."""

    history: tuple[AddressChange, ...] = ()
    renewed: Mapping[str, int] = Field(default_factory=dict)

    def newest_of(self, person_id: str) -> AddressChange | None:
        """The last change of this person's address."""
        return next((one for one in reversed(self.history) if one.person_id == person_id), None)

    def given_lately(self, person_id: str, *, now: datetime) -> int:
        """How many new addresses this person was given within a day, those by staff not counted."""
        return sum(one.person_id == person_id and one.by != "staff" and now - one.at < DAY for one in self.history)

    def with_one_more(self, change: AddressChange) -> "ChangedAddresses":
        times = self.renewed.get(change.person_id, 0) + 1
        return ChangedAddresses(
            history=(*self.history, change)[-KEPT_MAX:], renewed={**self.renewed, change.person_id: times}
        )
