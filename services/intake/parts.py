"""What the edges of intake work with, wired once in main.py."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pydantic import SecretStr

from services.intake.drafting import CreateKeys
from services.intake.form.draft_store import DraftStore
from services.intake.idempotency import InFlight
from services.intake.links import Signer
from services.intake.mail_in.parked_store import ParkedMails
from services.intake.mail_in.store import Mails
from services.intake.mail_in.vault import MailVault
from services.intake.review.store import Queue
from services.intake.store import Store
from shared.client_address import Network
from shared.programme import Programme
from shared.rate_limit import RateLimit
from shared.reference.municipalities import Municipalities
from shared.staff.access import StaffAccess
from shared.staff.pages import Entrance
from shared.vault import Vault
from shared.web.site import Site


@dataclass(frozen=True, kw_only=True)
class Limits:
    """`clients` and `everybody` count applications, `drafts` those that are begun, `guesses` wrong links and tokens.

    `changes` and `all_changes` count the forms of the public pages, whatever they do. `alarms` counts what is logged of a flood.
    """

    clients: RateLimit
    everybody: RateLimit
    drafts: RateLimit
    guesses: RateLimit
    changes: RateLimit
    all_changes: RateLimit
    alarms: RateLimit


@dataclass(frozen=True, kw_only=True)
class Parts:
    programme: Programme
    site: Site
    municipalities: Municipalities
    store: Store
    drafts: DraftStore
    queue: Queue
    mails: Mails
    parked_mails: ParkedMails
    mail_vault: MailVault
    access: StaffAccess
    entrance: Entrance
    vault: Vault
    create_keys: CreateKeys
    signer: Signer
    limits: Limits
    in_flight: InFlight
    proxies: tuple[Network, ...]
    api_token: SecretStr | None
    request_key: bytes
    address_key: bytes
    draft_key: bytes
    form_key: bytes
    session_key: bytes
    clock: Callable[[], datetime]
