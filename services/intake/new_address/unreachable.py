"""To which contacts mails do not get through: what the newest mails to the address of now say of it. Pure."""

from collections.abc import Collection
from typing import Final

from services.intake.message_view import MessageView
from services.intake.new_address.changed import ChangedAddresses

TO_OLD_ADDRESS: Final = "address_changed"
"""The kind of mail that tells an address of before that it was changed."""


def unreachable(
    messages: Collection[MessageView], contacts: Collection[str], changed: ChangedAddresses
) -> frozenset[str]:
    """The contacts whose newest mail says that the address takes none.

    Mails from before the address was changed say nothing about it, nor do those that failed for other reasons.
    """
    newest: dict[str, MessageView] = {}
    for one in messages:
        if one.person_id not in contacts or one.kind == TO_OLD_ADDRESS:
            continue
        if not (one.undeliverable or one.state == "accepted"):
            continue
        change = changed.newest_of(one.person_id)
        if change and (one.created_at or one.decided_at) <= change.at:
            continue
        before = newest.get(one.person_id)
        if before is None or one.decided_at > before.decided_at:
            newest[one.person_id] = one
    return frozenset(person_id for person_id, one in newest.items() if one.undeliverable)
