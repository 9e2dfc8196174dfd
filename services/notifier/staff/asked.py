"""What a list of mails is to hold. Pure."""

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

Which = Literal["attention", "waiting", "failed", "bounced", "accepted", "stopped", "all"]

DAY_MIN: Final = date(2000, 1, 1)
DAY_MAX: Final = date(2999, 12, 31)
Day = Annotated[date, Field(ge=DAY_MIN, le=DAY_MAX)]
"""A day of which every wall time is an instant: near the ends of the calendar there are none before or after."""


class Asked(BaseModel):
    """`day`: made on that day of the programme's zone. `after`: the cursor that the page before gave."""

    model_config = ConfigDict(frozen=True)

    show: Which = "attention"
    kind: str = ""
    day: Day | None = None
    after: str = ""
