"""Staff say that an address takes mail again."""

from typing import Final

from services.notifier.message_event import SOURCE
from services.notifier.staff.desk import StaffDesk
from services.notifier.staff.refusals import Refused
from services.notifier.staff_note import Given
from services.notifier.suppress.address import Address
from services.notifier.suppress.suppression import Suppression, address_place, lifted_reason_place
from shared import ids, outbox, trace
from shared.staff.audit import audit
from shared.staff.staff import Staff
from shared.vault import ErasedError, application_key

LIFTED: Final = "address.lifted"


async def lift_address(digest: str, reason: str, *, staff: Staff, desk: StaffDesk) -> Refused | None:
    """Let an address have mail again. None: done. Raises DependencyDownError."""
    found = await desk.suppressions.find(digest)
    if found is None or not found.active:
        return Refused("not_suppressed")
    now = desk.clock()
    try:
        sealed = await desk.vault.seal(
            Given(reason=reason), key_id=application_key(found.application_id), place=lifted_reason_place(digest)
        )
    except ErasedError:
        sealed = None
    # By whose address it is: a digest of an address has no place in an event.
    event = outbox.pending(
        audit(staff=staff, service="notifier", act=LIFTED, aggregate_id=found.person_id, now=now),
        event_id=ids.uuid7(now, desk.random(10)),
        source=SOURCE,
        subject=found.person_id,
        sequence=found.acts + 1,
        now=now,
        traceparent=trace.current(),
    )
    written = await desk.suppressions.lift(
        digest, by=staff.account, at=now, reason=sealed, events=[event], version=found.version
    )
    if written is None:
        return Refused("changed")
    desk.publish_suppression(written)
    return None


async def address_of(suppression: Suppression, *, desk: StaffDesk) -> str:
    """The address in clear; empty where its owner was erased. Raises as `Vault.unseal`."""
    if suppression.address is None:
        return ""
    try:
        opened = await desk.vault.unseal(suppression.address, Address, place=address_place(suppression.digest))
    except ErasedError:
        return ""
    return opened.mail
