"""What is told about an address that takes no mail, to the other contacts and the coordinators, and to one that was changed. Pure."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class AddressWantedFacts:
    """To another contact: mails to one of the contacts come back, and the status page takes a new address. Names nobody."""

    kind: ClassVar[str] = "address_wanted"
    reference: str
    status_url: str | None = None


@dataclass(frozen=True, slots=True)
class AddressChangedFacts:
    """To the address of before: mails go to another one, and whom to call where that is wrong. It does not say to which."""

    kind: ClassVar[str] = "address_changed"
    reference: str
    phone: str
    mail: str


@dataclass(frozen=True, slots=True)
class AddressReportFacts:
    """To the coordinators' mailbox: a mail could not be delivered. A reference and the page of its messages, and no names."""

    kind: ClassVar[str] = "address_report"
    reference: str
    messages_url: str
