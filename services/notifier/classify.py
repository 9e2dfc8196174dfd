"""What a mail server's answer means for one message: pure, by the phase of the conversation and the code (RFC 5321, 3463).

Five outcomes: `accepted`; `deferred`, try later; `failed`, never again; `unknown`, the answer after the message was lost,
so it may have been accepted; `channel`, the server or our settings are in trouble and the message is not to blame.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from services.notifier.server_wishes import asked_pause, is_about_speed

REPLY_CHARS_MAX = 500
"""More of a server's answer than this is not kept."""

_ENHANCED = re.compile(r"^([245]\.\d{1,3}\.\d{1,3})(?:\s|$)")


class Phase(StrEnum):
    """In the order of a conversation. `CONNECT` includes the server's greeting.

    `DATA_START` is the word DATA, before anything of the mail was sent; `DATA` is the mail itself, until the last answer.
    """

    CONNECT = "connect"
    EHLO = "ehlo"
    TLS = "tls"
    LOGIN = "login"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA_START = "data_start"
    DATA = "data"


ABOUT_A_MESSAGE = frozenset({Phase.MAIL, Phase.RCPT, Phase.DATA_START, Phase.DATA})
"""Here the server may answer to one message what it would not answer to others."""


class Kind(StrEnum):
    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CHANNEL = "channel"


class Reason(StrEnum):
    """Why, in a word that may stand in logs and metrics."""

    NONE = "none"
    TRY_LATER = "try_later"
    MAILBOX_FULL = "mailbox_full"
    NO_SUCH_RECIPIENT = "no_such_recipient"
    POLICY = "policy"
    REFUSED = "refused"
    LOST_CONNECTION = "lost_connection"
    TIMEOUT = "timeout"
    UNREADABLE_REPLY = "unreadable_reply"
    SERVER = "server"
    SENDER_REFUSED = "sender_refused"
    CREDENTIALS = "credentials"
    TLS = "tls"


class Slower(StrEnum):
    """What should go out more slowly: all mail, or only what goes to this recipient's domain."""

    ALL = "all"
    DOMAIN = "domain"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one attempt.

    `suppress`: nothing more should go to this address. `alert`: a person should look, since other messages will meet
    the same answer. `text` is the server's own words, for staff only: it may hold the address. `slower`: the server gets too
    much. `asked_pause`: how long it asks to be left in peace about this message.
    """

    kind: Kind
    reason: Reason
    phase: Phase
    code: int | None = None
    enhanced_code: str | None = None
    text: str = ""
    suppress: bool = False
    alert: bool = False
    slower: Slower | None = None
    asked_pause: timedelta | None = None


def accepted(code: int, text: str) -> Outcome:
    """The server took the message over; its words, often a queue id, are the receipt."""
    words = _legible(text)
    return Outcome(Kind.ACCEPTED, Reason.NONE, Phase.DATA, code, _enhanced(words), words)


def classify_reply(phase: Phase, code: int, text: str) -> Outcome:
    """The outcome of a reply that is not the one hoped for in this phase."""
    words = _legible(text)
    enhanced = _enhanced(words)
    kind, reason, suppress, alert = _judge(phase, code, enhanced or "", words)
    return Outcome(
        kind,
        reason,
        phase,
        code,
        enhanced,
        words,
        suppress=suppress,
        alert=alert,
        slower=_slower(phase, code, enhanced or "", words),
        asked_pause=asked_pause(words) if kind is Kind.DEFERRED else None,
    )


def classify_loss(phase: Phase, reason: Reason, text: str = "") -> Outcome:
    """The outcome of a conversation that broke off: connection lost, time out, or an answer that cannot be read.

    RFC 5321 3.8: a lost connection counts as a 451. Only once the mail itself is on its way nobody can know.
    """
    if phase is Phase.DATA:
        kind = Kind.UNKNOWN
    elif phase in ABOUT_A_MESSAGE:
        kind = Kind.DEFERRED
    else:
        kind = Kind.CHANNEL
    return Outcome(kind, reason, phase, text=_legible(text), alert=reason in {Reason.TLS, Reason.CREDENTIALS})


def _legible(text: str) -> str:
    """Text that can be stored and shown: bytes that were no UTF-8 become question marks."""
    return text.encode("utf-8", errors="replace").decode("utf-8").strip()[:REPLY_CHARS_MAX]


def _enhanced(words: str) -> str | None:
    found = _ENHANCED.match(words)
    return found.group(1) if found else None


_Judgement = tuple[Kind, Reason, bool, bool]

_TRY_LATER: _Judgement = (Kind.DEFERRED, Reason.TRY_LATER, False, False)
_MAILBOX_FULL: _Judgement = (Kind.DEFERRED, Reason.MAILBOX_FULL, False, False)
_NO_SUCH_RECIPIENT: _Judgement = (Kind.FAILED, Reason.NO_SUCH_RECIPIENT, True, False)
_POLICY: _Judgement = (Kind.FAILED, Reason.POLICY, False, True)
_REFUSED: _Judgement = (Kind.FAILED, Reason.REFUSED, False, False)
_UNREADABLE: _Judgement = (Kind.UNKNOWN, Reason.UNREADABLE_REPLY, False, False)
_SERVER: _Judgement = (Kind.CHANNEL, Reason.SERVER, False, False)
_SERVER_ALERT: _Judgement = (Kind.CHANNEL, Reason.SERVER, False, True)
_CREDENTIALS: _Judgement = (Kind.CHANNEL, Reason.CREDENTIALS, False, True)
_SENDER_REFUSED: _Judgement = (Kind.CHANNEL, Reason.SENDER_REFUSED, False, True)
_TLS: _Judgement = (Kind.CHANNEL, Reason.TLS, False, True)

_SERVER_CLOSES = 421
# Whatever was being said, these speak of the connection or of our log-in.
_ABOUT_THE_CHANNEL = {_SERVER_CLOSES: _SERVER, **dict.fromkeys((530, 534, 535, 538), _CREDENTIALS)}
_ABOUT_OUR_ADDRESS = frozenset({"5.1.7", "5.1.8"})
_TOO_MUCH = 552
_NO_SUCH_RECIPIENT_CODES = frozenset({550, 551, 553})
# Without an enhanced code 550 is also how servers refuse to pass our mail on, or us: that says nothing about the address.
_ABOUT_US = re.compile(
    r"\brelay|\bspam|\bblock|black.?list|rcpthosts|\bdenied|\bpolicy|authenticat|reputation", re.IGNORECASE
)
_BEFORE_A_MESSAGE = frozenset({Phase.CONNECT, Phase.EHLO, Phase.TLS, Phase.LOGIN})
_TRANSIENT, _PERMANENT = 4, 5


def _judge(phase: Phase, code: int, enhanced: str, words: str) -> _Judgement:
    severity = code // 100
    if phase in _BEFORE_A_MESSAGE:
        return _judge_channel(phase, code)
    if code in _ABOUT_THE_CHANNEL:
        return _ABOUT_THE_CHANNEL[code]
    if severity == _TRANSIENT:
        return _MAILBOX_FULL if enhanced.endswith(".2.2") else _TRY_LATER
    if severity == _PERMANENT:
        return _judge_permanent(phase, code, enhanced, words)
    # A code that has no place here: the server is out of step, and after a mail it cannot be told whether it holds it.
    return _UNREADABLE if phase is Phase.DATA else _SERVER


def _judge_channel(phase: Phase, code: int) -> _Judgement:
    """Before MAIL nothing was said about a message, so no message is blamed; only what passes by itself is no alert."""
    if phase is Phase.LOGIN and code // 100 == _PERMANENT:
        return _CREDENTIALS
    if phase is Phase.TLS:
        return _TLS
    return _SERVER_ALERT if code // 100 == _PERMANENT else _SERVER


def _judge_permanent(phase: Phase, code: int, enhanced: str, words: str) -> _Judgement:
    about_the_sender = phase is Phase.MAIL and code != _TOO_MUCH and enhanced != "5.3.4"
    if about_the_sender or enhanced in _ABOUT_OUR_ADDRESS:
        # Not the recipient, who at MAIL is not even named yet, but our own address: true of every message alike.
        return _SENDER_REFUSED
    if enhanced == "5.2.2":
        return _MAILBOX_FULL
    if code == _TOO_MUCH and phase is Phase.RCPT:
        # RFC 5321 4.5.3.1.10: too many recipients for now, to be read as a 452. Elsewhere the message is too large.
        return _TRY_LATER
    if enhanced.startswith("5.7.") or (not enhanced and _ABOUT_US.search(words)):
        return _POLICY
    if enhanced.startswith("5.1.") or (phase is Phase.RCPT and code in _NO_SUCH_RECIPIENT_CODES):
        return _NO_SUCH_RECIPIENT
    return _REFUSED


def _slower(phase: Phase, code: int, enhanced: str, words: str) -> Slower | None:
    """Who complains: the server we talk to (421, or before a recipient is named), or the one behind it for a domain."""
    if code // 100 != _TRANSIENT or phase in {Phase.TLS, Phase.LOGIN}:
        return None
    if code == _SERVER_CLOSES:
        return Slower.ALL
    if not is_about_speed(enhanced, words):
        return None
    return Slower.DOMAIN if phase in ABOUT_A_MESSAGE and phase is not Phase.MAIL else Slower.ALL
