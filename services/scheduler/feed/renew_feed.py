"""Makes the address of a consultant's calendar void, so that a new one holds: told to nobody but the audit."""

from services.scheduler.feed.read_feed import epoch_of
from services.scheduler.means import MISSES_MAX, Means
from services.scheduler.save_consultant import UnknownConsultantError, acted
from shared.errors import DependencyDownError
from shared.outbox import change, waiting
from shared.staff.staff import Staff

RENEWED = "consultant.feed_renewed"


async def renew_feed(consultant_id: str, *, staff: Staff, means: Means) -> None:
    """Raise the epoch; whoever has the old address reads nothing any more.

    Raises:
        UnknownConsultantError: there is nobody of that id.
        DependencyDownError: something is away; nothing was changed, or it was.

    """
    for _ in range(MISSES_MAX):
        document = await means.store.consultant(consultant_id)
        if document is None:
            raise UnknownConsultantError(consultant_id)
        acts = int(document.get("acts", 0)) + 1
        event = acted(consultant_id, RENEWED, number=acts, staff=staff, means=means)
        fields = {"feed_epoch": epoch_of(document) + 1, "acts": acts}
        update = change(now=means.clock(), fields=fields, events=[event])
        changed = await means.store.change_consultant(consultant_id, document["version"], update)
        if changed is not None:
            means.publish_consultant(waiting(changed))
            return
    raise DependencyDownError("quiet-document")
