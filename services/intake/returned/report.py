"""What a mail to one of our return paths says about the mail of ours that the address was made for. Pure."""

from typing import Final, Literal

from services.intake.imip.limits import Overstepped
from shared.fact import Fact

Action = Literal["failed", "delayed"]
Said = Literal["delivery-status", "in-words"]
"""The report has a part for machines (RFC 3464, RFC 6533), or the words in which known servers write theirs."""
NothingOfIt = Literal["delivered", "no-action", "read-receipt", "complaint", "auto-reply", "challenge", "no-report"]
"""What changes nothing.

`no-action`: its part for machines does not say what became of the mail. `complaint`: somebody marked the mail as unwanted (RFC 5965).
`challenge`: a machine wants the sender to prove that there is one. `no-report`: no mail server wrote this, as far as can be told.
"""
Unread = Literal["unreadable", "overran"] | Overstepped

REPORTS: Final[frozenset[str]] = frozenset({"delivery-status", "in-words", "delivered", "no-action"})
"""The reasons of mails that a mail server wrote about another mail."""


class Report(Fact):
    """`action` is None where nothing is to be noted; then `reason` says why. `status` as RFC 3463 has it, "5.1.1".

    A report is believed as to what became of a mail, never as to which mail it is about: that is told by the address it came to.
    """

    action: Action | None = None
    status: str | None = None
    reason: Said | NothingOfIt | Unread

    @property
    def is_report(self) -> bool:
        """Whether a mail server wrote it about another mail."""
        return self.reason in REPORTS
