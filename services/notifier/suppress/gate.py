"""The gate before every attempt: nothing goes to an address that takes no mail."""

from services.notifier.desk import Desk
from services.notifier.gates import Gate, Objection, Refuse, Stop
from services.notifier.message import LeasedMessage
from services.notifier.planned import TO_OLD_ADDRESS
from services.notifier.suppress.store import Suppressions
from services.notifier.suppress.tell_undeliverable import tell_undeliverable

SUPPRESSED = "suppressed"


def suppression_gate(suppressions: Suppressions, *, desk: Desk) -> Gate:
    """It refuses each mail to such an address, and those hear of it who have not yet: the address may be somebody else's, too."""

    async def gate(message: LeasedMessage) -> Objection | None:
        if not message.addressee or not await suppressions.is_active(message.addressee):
            return None
        if message.kind == TO_OLD_ADDRESS:
            # It was changed just because of that.
            return Stop(SUPPRESSED)
        await suppressions.note_person(message.addressee, message.person_id)
        await tell_undeliverable(message, message.addressee, suppressions=suppressions, desk=desk)
        return Refuse(SUPPRESSED, undeliverable=True)

    return gate
