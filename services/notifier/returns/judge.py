"""What a report about a mail that came back says of its address: gone for good, or only this once. Pure, by RFC 3463 and its users."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

BounceReason = Literal[
    "no_such_recipient",
    "mailbox_disabled",
    "no_such_host",
    "mailbox_full",
    "too_large",
    "policy",
    "gave_up",
    "returned",
]
STREAK: Final = 3
"""So many mails in a row that came back to one address, each for whatever reason, and it is left alone."""
STREAK_WITHIN: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`hard`: the address takes no mail, and will not tomorrow."""

    reason: BounceReason
    hard: bool = False


_BY_STATUS: dict[str, Verdict] = {
    # Exchange: the mailbox is not known to the directory at the edge; elsewhere only that nobody answered, so not at once.
    "5.4.1": Verdict("returned"),
    "5.4.4": Verdict("no_such_host", hard=True),
    # Exchange: the domain does not exist.
    "5.4.310": Verdict("no_such_host", hard=True),
    # About our own address: no fault of the recipient's.
    "5.1.7": Verdict("policy"),
    "5.1.8": Verdict("policy"),
    # RFC 3463: the address is valid.
    "5.1.5": Verdict("returned"),
    "5.2.1": Verdict("mailbox_disabled", hard=True),
    "5.2.2": Verdict("mailbox_full"),
    "5.2.3": Verdict("too_large"),
    "5.3.4": Verdict("too_large"),
    "4.2.2": Verdict("mailbox_full"),
}
_BY_SUBJECT: dict[str, Verdict] = {"5.1": Verdict("no_such_recipient", hard=True), "5.7": Verdict("policy")}


def judge(status: str | None) -> Verdict:
    """Of a report that delivery failed. `status` is its enhanced code, e.g. "5.1.1"; None: it had none that could be read."""
    if status is None:
        return Verdict("returned")
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status.startswith("4."):
        # A server that gave up on what was to pass by itself.
        return Verdict("gave_up")
    return _BY_SUBJECT.get(status.rpartition(".")[0], Verdict("returned"))


@dataclass(frozen=True, slots=True)
class SentMail:
    """One mail that a server took for the address, and whether it came back."""

    message_id: str
    at: datetime
    bounced: bool


def is_streak(sent: Sequence[SentMail], message_id: str) -> bool:
    """Whether this mail, which came back, is one of `STREAK` in a row that did within `STREAK_WITHIN`."""
    this = next((one for one in sent if one.message_id == message_id), None)
    if this is None:
        return False
    run: list[SentMail] = []
    for one in sorted(sent, key=lambda one: (one.at, one.message_id)):
        if one.bounced or one is this:
            run.append(one)
            if len(run) >= STREAK and this in run[-STREAK:] and one.at - run[-STREAK].at <= STREAK_WITHIN:
                return True
        elif this in run:
            return False
        else:
            run.clear()
    return False
