"""What staff's pages, programs and commands about mails work with, wired once in main."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.notifier.staff.hidden_links import Hider, public_links
from services.notifier.staff.message_lists import MessageLists, ViewFacts
from services.notifier.store import Messages
from services.notifier.suppress.store import Suppressions
from services.notifier.view_store import Views
from shared.outbox import Waiting
from shared.programme import Programme
from shared.staff.access import StaffAccess
from shared.vault import Vault
from shared.web.site import Site
from shared.words import Language, Words

PAGES = "/messages"
"""All pages, and the files that belong to them, stand below: a proxy passes this on."""
API = "/api/v1/messages"
STAFF_FORM = "messages-form"
"""Purpose of the key that signs the forms' tokens."""
HIDDEN = Words(da="[personligt link, vises ikke]", en="[personal link, not shown]")


@dataclass(frozen=True, kw_only=True)
class StaffDesk:
    """`wake` tells the sender that there is something to send; the `publish_…` tell the relays of what was written.

    `form_key` signs the tokens of the forms, `address_key` digests addresses; `random` returns that many random bytes.
    """

    site: Site
    access: StaffAccess
    messages: Messages
    lists: MessageLists
    view_facts: ViewFacts
    views: Views
    suppressions: Suppressions
    vault: Vault
    programme: Programme
    clock: Callable[[], datetime]
    random: Callable[[int], bytes]
    wake: Callable[[], None]
    publish_message: Callable[[Waiting], None]
    publish_suppression: Callable[[Waiting], None]
    publish_view: Callable[[Waiting], None]
    form_key: bytes
    address_key: bytes

    def hider(self, language: Language) -> Hider:
        """Hides what only the recipient of a mail may hold."""
        return Hider(public_links(self.programme), mark=HIDDEN.in_language(language))
