"""What is sealed of an address that takes no mail."""

from pydantic import BaseModel, ConfigDict


class Address(BaseModel):
    """One mail address."""

    model_config = ConfigDict(frozen=True)

    mail: str
