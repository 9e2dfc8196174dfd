"""What is stored of one consultant's calendar, and what staff may see of it: never the address. Pure."""

from datetime import date, datetime, timedelta
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, field_validator

from services.scheduler.calendars.busy import Busy
from services.scheduler.calendars.faults import Reason
from shared.sealing import Sealed

State = Literal["new", "ok", "failing", "stale"]
"""`new`: not read yet. `failing`: the last try failed. `stale`: the last good one is longer ago than allowed."""


class Secret(BaseModel):
    """The sealed part: the address, which opens the calendar to whoever has it, and what its server said."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    address: str
    etag: str = ""
    modified: str = ""


class CalendarSource(BaseModel):
    """One document. `read_for` is the first day that the busy half hours were worked out for."""

    model_config = ConfigDict(frozen=True, extra="ignore", arbitrary_types_allowed=True)

    consultant_id: str
    secret: Sealed
    set_at: datetime
    lease: str | None = None
    busy: Busy | None = None
    busy_half_hours: int = 0
    read_for: date | None = None
    good_at: datetime | None = None
    failing_since: datetime | None = None
    reason: Reason | None = None
    changed_much_at: datetime | None = None
    events: int = 0
    occurrences: int = 0
    unreadable: int = 0

    @classmethod
    def of(cls, document: dict[str, Any]) -> Self:
        return cls.model_validate({**document, "consultant_id": document["_id"]})

    @field_validator("busy", mode="before")
    @classmethod
    def _busy(cls, value: Any) -> Busy | None:
        return Busy.of_document(value) if isinstance(value, dict) else value

    def age(self, now: datetime) -> timedelta:
        """Since when it may have changed without our knowing."""
        return now - (self.good_at or self.set_at)

    def state(self, now: datetime, *, alert_after: timedelta) -> State:
        if self.age(now) > alert_after:
            return "stale"
        if self.reason is not None:
            return "failing"
        return "new" if self.good_at is None else "ok"

    def as_json(self, now: datetime, *, alert_after: timedelta) -> dict[str, Any]:
        """What staff see. Instants in UTC."""
        return {
            "consultant": self.consultant_id,
            "state": self.state(now, alert_after=alert_after),
            "reason": self.reason,
            "set_at": self.set_at.isoformat(),
            "good_at": _text(self.good_at),
            "age_seconds": round(self.age(now).total_seconds()),
            "failing_since": _text(self.failing_since),
            "changed_much_at": _text(self.changed_much_at),
            "events": self.events,
            "occurrences": self.occurrences,
            "unreadable": self.unreadable,
            "busy_half_hours": self.busy_half_hours,
        }


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()
