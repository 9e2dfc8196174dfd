"""What a list of mails is to hold. Pure."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

Which = Literal["attention", "waiting", "failed", "bounced", "accepted", "stopped", "all"]


class Asked(BaseModel):
    """`day`: made on that day of the programme's zone. `after`: the cursor that the page before gave."""

    model_config = ConfigDict(frozen=True)

    show: Which = "attention"
    kind: str = ""
    day: date | None = None
    after: str = ""
