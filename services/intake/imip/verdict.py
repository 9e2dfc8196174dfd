"""What a mail by itself decides, without knowing who was invited: the word that `forloeb answers read` prints. Pure.

`judge.py` decides about real answers; it knows the invited person, the reply address and the meeting.
"""

from typing import Literal

from services.intake.imip.mail_domains import same_organisation
from services.intake.imip.understood import Understood

Verdict = Literal["accept", "confirm", "park", "drop"]
VerdictReason = Literal["sender-unknown", "sender-differs", "authentication-failed"]


def verdict_of(read: Understood, *, has_sender: bool = True) -> tuple[Verdict, str]:
    """The verdict, and why: the reader's own reason or a `VerdictReason`. A bare calendar object has no sender to compare."""
    if read.what == "not_ours":
        return ("drop" if read.drop else "park"), read.reason
    if read.reason != "ok":
        return "park", read.reason
    doubt = _doubt(read) if has_sender else None
    if doubt is not None:
        return "park", doubt
    return ("confirm" if read.what == "counter" or read.partstat == "DELEGATED" else "accept"), "ok"


def _doubt(read: Understood) -> VerdictReason | None:
    if read.authentication == "fail":
        return "authentication-failed"
    if read.sender is None:
        return "sender-unknown"
    if read.sender == read.attendee:
        return None
    # A secretary answers from an address of the same organisation, and only where our server vouches for that.
    same = same_organisation(read.sender, read.attendee or "")
    return None if same and read.authentication == "pass" else "sender-differs"
