"""The gate before every attempt: nothing goes to an address that its person has no more.

Such mails are stopped when the new address becomes known. One that was put in at that very moment, by whoever knew the old address
only, would be overlooked there.
"""

from typing import Protocol

from services.notifier.gates import Gate, Objection, Stop
from services.notifier.message import LeasedMessage
from services.notifier.new_address import Addresses, is_old
from services.notifier.planned import TO_OLD_ADDRESS

OLD_ADDRESS = "old_address"


class Views(Protocol):
    """The part of the view store that is needed here."""

    async def addresses(self, application_id: str) -> Addresses: ...


def address_gate(views: Views) -> Gate:
    """Mails of older releases, whose address no digest tells, pass, and what is for the old address alone."""

    async def gate(message: LeasedMessage) -> Objection | None:
        if not message.addressee or message.kind == TO_OLD_ADDRESS:
            return None
        known = await views.addresses(message.application_id)
        return Stop(OLD_ADDRESS) if is_old(known, message.person_id, message.addressee) else None

    return gate
