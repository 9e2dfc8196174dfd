"""Reads the address that somebody typed, by the rules of the application form. Pure."""

from typing import Final

from pydantic import TypeAdapter, ValidationError

from services.intake.field_types import EMAIL_CHARACTERS_MAX, Email
from services.intake.new_address.refusals import AddressRefusedError
from shared.mail_address import AddressError, one_address

_EMAIL: Final[TypeAdapter[str]] = TypeAdapter(Email)


def read_address(typed: str) -> str:
    """The one plain address in it.

    Raises:
        AddressRefusedError: there is none, or it is none that mails can be sent to.

    """
    text = typed.strip()
    if not text:
        raise AddressRefusedError("empty")
    if len(text) > EMAIL_CHARACTERS_MAX:
        raise AddressRefusedError("too_long")
    try:
        return one_address(_EMAIL.validate_python(text))
    except (ValidationError, AddressError):
        # Neither of them is told: they may hold what was typed.
        raise AddressRefusedError("email") from None


def is_same(one: str, other: str) -> bool:
    """Whether two addresses differ in upper and lower case at most, as `shared.address_digest` takes them."""
    return one.casefold() == other.casefold()
