"""The base of everything that services tell each other."""

from pydantic import BaseModel, ConfigDict


class Fact(BaseModel):
    """Frozen, and tolerant of fields that a newer producer adds."""

    model_config = ConfigDict(frozen=True, extra="ignore")
