"""What mails are taken in with, wired once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.intake.imip.understood import Understood
from services.intake.links import Signer
from services.intake.mail_in.store import Mails
from services.intake.mail_in.vault import MailVault
from services.intake.parked.parking import Parking
from services.intake.returned.report import Report
from services.intake.say_together import SayTogether
from services.intake.store import Store
from shared.programme import Programme
from shared.vault import Vault


class Reader(Protocol):
    async def read(self, raw: bytes, *, authserv_id: str | None, envelope_from: str | None = None) -> Understood:
        """What a mail says. Raises OSError where that cannot be found out now."""

    async def read_report(self, raw: bytes, *, envelope_from: str | None) -> Report:
        """What a mail to one of our return paths says. Raises as `read`."""


@dataclass(frozen=True, kw_only=True)
class Means:
    """What mails are taken in with."""

    mails: Mails
    mail_vault: MailVault
    parking: Parking
    reader: Reader
    authserv_id: str | None
    saying: SayTogether
    store: Store
    vault: Vault
    signer: Signer
    programme: Programme
    address_key: bytes
    clock: Callable[[], datetime]
