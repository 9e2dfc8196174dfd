"""An address takes no mail: nothing more goes to it from now on, and those who can do something about it hear of it."""

from dataclasses import dataclass
from datetime import datetime

from services.notifier.desk import Desk
from services.notifier.message import LeasedMessage, MailContent, mail_place
from services.notifier.stored_message import StoredMessage
from services.notifier.suppress.address import Address
from services.notifier.suppress.store import Suppressions
from services.notifier.suppress.suppression import Evidence, address_place
from services.notifier.suppress.tell_undeliverable import tell_undeliverable
from shared.address_digest import digest
from shared.sealing import SealBrokenError, Sealed
from shared.vault import ErasedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A mail whose address takes none. `sent_at`: when a server took it, or refused it; for the others see `Evidence`."""

    message: LeasedMessage | StoredMessage
    reason: str
    code: str | None
    at: datetime
    sent_at: datetime


async def leave_alone(refused: Refused, *, suppressions: Suppressions, desk: Desk) -> bool:
    """Whether the address is left alone now; may be repeated.

    Raises:
        DependencyDownError: the database or the key store does not answer.

    """
    message = refused.message
    addressee, address = await _address(message, desk=desk)
    if addressee is None:
        return False
    in_force = await suppressions.add(
        Evidence(
            digest=addressee,
            reason=refused.reason,
            code=refused.code,
            at=refused.at,
            sent_at=refused.sent_at,
            message_id=message.message_id,
            application_id=message.application_id,
            person_id=message.person_id,
            address=address,
        )
    )
    if in_force:
        await tell_undeliverable(message, addressee, suppressions=suppressions, desk=desk)
    return in_force


async def _address(message: LeasedMessage | StoredMessage, *, desk: Desk) -> tuple[str | None, Sealed | None]:
    """The digest of the address that a mail was for, and the address, sealed anew; None of what nobody may know any more."""
    try:
        content = await desk.vault.unseal(message.mail, MailContent, place=mail_place(message.message_id))
        addressee = message.addressee or digest(content.recipient, key=desk.address_key)
        address = Address(mail=content.recipient)
        return addressee, await desk.vault.seal(address, key_id=message.mail.key_id, place=address_place(addressee))
    except (ErasedError, SealBrokenError):
        # What is known of the address is enough to leave it alone.
        return message.addressee or None, None
