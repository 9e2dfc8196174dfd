"""Who may answer for whom: decides what becomes of a mail that was read. Pure.

Everything in a mail can be forged, and forwarded invites carry the token: it says which meeting and person a mail is
about, never who wrote it. That is decided by the named person, the sender and our own mail server's word about the sender.
An answer of high effect makes the system act, so it needs more than one that is only noted.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

from services.intake.imip.mail_domains import same_organisation
from services.intake.imip.row import Row
from services.intake.imip.understood import Reason, Understood
from shared.fact import Fact

AHEAD_MAX: Final = timedelta(days=1)
"""A DTSTAMP that is further ahead of the mail's arrival is no clock that runs fast."""

Token = Literal["valid", "none", "unknown"]
"""`valid`: its row is known; `none`: the mail came to the plain mailbox; `unknown`: genuine, its course is not known here yet."""
Outcome = Literal["accept", "confirm", "park", "drop", "wait"]
Effect = Literal["low", "high"]
Judged = Literal[
    "genuine",
    "not-authenticated",
    "secretary",
    "failed-authentication",
    "sender-doubtful",
    "other-sender",
    "other-attendee",
    "other-uid",
    "no-token",
    "unknown-uid",
    "unknown-token",
    "revoked",
]
"""Why; beside the reader's own reasons."""
UNSEEN: Final[frozenset[str]] = frozenset({"unreadable", "too-large", "headers-too-large", "too-many-parts", "overran"})
"""What a mail says is not known: no UID is missing, it was not looked for."""


class Verdict(Fact):
    """`row` is whom and what the mail is about, where that is known. `mark_grey`: taken without our server's word for it."""

    outcome: Outcome
    reason: Reason | Judged
    effect: Effect = "low"
    answered_by: Literal["self", "other"] = "self"
    mark_grey: bool = False
    alarm: bool = False
    row: Row | None = None


def judge(
    understood: Understood,
    *,
    token: Token,
    row: Row | None,
    rows_of_uid: Sequence[Row],
    digest: Callable[[str], str],
    now: datetime,
) -> Verdict:
    """What becomes of a mail. `row` is the token's, `rows_of_uid` are those of the UID that it names.

    `digest` is the keyed one of `Row.aliases`.
    """
    if understood.drop:
        return Verdict(outcome="drop", reason=understood.reason, alarm=understood.alarm)
    if token == "unknown":  # noqa: S105 - no password
        return Verdict(outcome="wait", reason="unknown-token")
    if token == "none":  # noqa: S105 - no password
        return _without_token(understood, rows_of_uid, digest, now)
    if row is None:
        raise ValueError("a valid token has a row")
    return _with_token(understood, row, digest, now)


def effect_of(understood: Understood, row: Row, now: datetime) -> Effect:
    """Whether it would make the system move, repair or replace something: whoever sent it."""
    if row.start <= now:
        # Nothing becomes of it any more: nobody is to be asked by mail about a meeting that is over.
        return "low"
    if understood.what == "counter" or understood.partstat == "DELEGATED":
        return "high"
    if understood.partstat == "DECLINED" and (row.function == "consultant" or row.last_contact_to_decline):
        return "high"
    if understood.partstat == "ACCEPTED" and row.stands_declined:
        # It would have a meeting take place, unseen by staff, at a time when nobody comes.
        return "high"
    return "low"


def clamped(understood: Understood, row: Row, received_at: datetime) -> tuple[int, datetime]:
    """SEQUENCE and DTSTAMP as they are stored: never such that they would make every later answer look old.

    A missing SEQUENCE is 0 (RFC 5545 section 3.8.7.4); a missing DTSTAMP is the mail's Date, else its arrival.
    """
    sequence = max(0, min(understood.sequence or 0, row.sequence))
    dtstamp = understood.dtstamp or understood.sent_at or received_at
    return sequence, dtstamp if dtstamp <= received_at + AHEAD_MAX else received_at


def _with_token(understood: Understood, row: Row, digest: Callable[[str], str], now: datetime) -> Verdict:
    if _is_over(row, now):
        return Verdict(outcome="drop", reason="revoked", row=row)
    fault = _attribution_fault(understood, row, digest)
    if fault is not None:
        return Verdict(outcome="park", reason=fault, alarm=understood.alarm or fault == "other-uid", row=row)
    return _by_sender(understood, row, digest, now)


def _by_sender(understood: Understood, row: Row, digest: Callable[[str], str], now: datetime) -> Verdict:
    """Of an answer that came with the token, and is about its meeting and person: whether she wrote it."""
    effect, sender = effect_of(understood, row, now), understood.sender
    taken: Outcome = "confirm" if effect == "high" else "accept"
    if understood.authentication == "fail":
        return Verdict(outcome="park", reason="failed-authentication", effect=effect, row=row)
    if sender is not None and _is_hers(sender, row, digest):
        if understood.authentication == "pass":
            return Verdict(outcome="accept", reason="genuine", effect=effect, row=row)
        return Verdict(outcome=taken, reason="not-authenticated", effect=effect, mark_grey=True, row=row)
    if understood.authentication == "pass" and sender is not None and same_organisation(sender, row.address):
        return Verdict(outcome=taken, reason="secretary", effect=effect, answered_by="other", row=row)
    return Verdict(outcome="park", reason="other-sender" if sender else "sender-doubtful", effect=effect, row=row)


def _without_token(understood: Understood, rows: Sequence[Row], digest: Callable[[str], str], now: datetime) -> Verdict:
    """To the plain mailbox: there is no secret that the writer must have seen, so all else must be right."""
    about = [row for row in rows if row.uid == understood.uid]
    row = next((one for one in about if _names(understood, one, digest)), None)
    if row is None:
        return _of_nobody(understood, is_known=bool(about))
    if _is_over(row, now):
        return Verdict(outcome="drop", reason="revoked", row=row)
    fault = _attribution_fault(understood, row, digest)
    if fault is not None:
        return Verdict(outcome="park", reason=fault, alarm=understood.alarm, row=row)
    effect, sender = effect_of(understood, row, now), understood.sender
    if understood.authentication != "pass" or sender is None or not _is_hers(sender, row, digest):
        return Verdict(outcome="park", reason="no-token", effect=effect, row=row)
    if effect == "high":
        return Verdict(outcome="confirm", reason="no-token", effect=effect, row=row)
    return Verdict(outcome="accept", reason="genuine", effect=effect, row=row)


def _of_nobody(understood: Understood, *, is_known: bool) -> Verdict:
    """To the plain mailbox, and naming nobody who is invited. What could not be read at all a human has to see."""
    if is_known:
        reason = understood.reason if understood.what == "not_ours" else "other-attendee"
        return Verdict(outcome="park", reason=reason, alarm=understood.alarm)
    if understood.reason in UNSEEN:
        return Verdict(outcome="park", reason=understood.reason, alarm=understood.alarm)
    return Verdict(outcome="drop", reason="unknown-uid", alarm=understood.alarm)


def _attribution_fault(understood: Understood, row: Row, digest: Callable[[str], str]) -> Reason | Judged | None:
    """Why this is no answer of exactly this person about exactly this meeting; None if it is."""
    if understood.what == "not_ours" or understood.alarm:
        return understood.reason
    if understood.uid != row.uid:
        return "other-uid"
    if not _names(understood, row, digest):
        return "other-attendee"
    if understood.what == "counter" and understood.proposed_start is None:
        return "proposal-unreadable"
    if understood.what == "answer" and understood.partstat is None:
        return "no-partstat"
    return None


def _names(understood: Understood, row: Row, digest: Callable[[str], str]) -> bool:
    return understood.attendee is not None and _is_hers(understood.attendee, row, digest)


def _is_hers(address: str, row: Row, digest: Callable[[str], str]) -> bool:
    lower = address.lower()
    return lower == row.address or (bool(row.aliases) and digest(lower) in row.aliases)


def _is_over(row: Row, now: datetime) -> bool:
    return row.revoked or row.status == "cancelled" or now >= row.ended_until
