"""The parts of a programme that say who is behind it: what the pages on personal data, accessibility and acute help tell."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from shared.mail_address import one_address
from shared.words import Words

_Address = Annotated[str, AfterValidator(one_address)]
_Phone = Annotated[str, Field(pattern=r"^\+?[0-9][0-9 ]{2,18}$", description="As it is read out; digits and blanks.")]
_Line = Annotated[str, Field(min_length=1, max_length=120)]
_Url = Annotated[str, Field(pattern=r"^https://[^\s]+$", max_length=300)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DataProtection(_Part):
    """Who answers questions about personal data, and what the processing rests on (GDPR art. 6, in plain words)."""

    officer: Words
    email: _Address
    phone: _Phone
    legal_basis: Words


class Processor(_Part):
    """Somebody who handles personal data for the organisation, and what for."""

    name: _Line
    task: Words


class Organisation(_Part):
    """The data controller, as people can reach it."""

    name: Words
    postal_address: Annotated[tuple[_Line, ...], Field(min_length=1, max_length=6)]
    email: _Address
    phone: _Phone
    data_protection: DataProtection
    processors: Annotated[tuple[Processor, ...], Field(max_length=20)] = ()


class Accessibility(_Part):
    """What the accessibility statement tells. `statement_url`: the official statement, where the organisation must have one."""

    email: _Address
    phone: _Phone
    reviewed_on: date
    statement_url: _Url | None = None


class AcuteHelp(_Part):
    """Who to turn to when something cannot wait, and for what."""

    name: Words
    reason: Words
    phone: _Phone | None = None
    url: _Url | None = None
