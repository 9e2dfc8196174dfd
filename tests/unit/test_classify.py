import pytest

from services.notifier.classify import Kind, Outcome, Phase, Reason, Slower, accepted, classify_loss, classify_reply
from services.notifier.server_wishes import ASKED_PAUSE_MAX

P, K, R = Phase, Kind, Reason

REPLIES = [
    # phase, code, text -> kind, reason, suppress, alert
    (P.CONNECT, 554, "no service here", K.CHANNEL, R.SERVER, False, True),
    (P.CONNECT, 421, "4.3.2 closing", K.CHANNEL, R.SERVER, False, False),
    (P.CONNECT, 450, "later", K.CHANNEL, R.SERVER, False, False),
    (P.EHLO, 501, "your name", K.CHANNEL, R.SERVER, False, True),
    (P.EHLO, 421, "busy", K.CHANNEL, R.SERVER, False, False),
    (P.TLS, 454, "4.7.0 TLS not available", K.CHANNEL, R.TLS, False, True),
    (P.LOGIN, 535, "5.7.8 bad credentials", K.CHANNEL, R.CREDENTIALS, False, True),
    (P.LOGIN, 454, "4.7.0 temporary", K.CHANNEL, R.SERVER, False, False),
    (P.MAIL, 421, "4.7.0 slow down", K.CHANNEL, R.SERVER, False, False),
    (P.MAIL, 451, "4.3.0 local error", K.DEFERRED, R.TRY_LATER, False, False),
    (P.MAIL, 452, "4.3.1 no space", K.DEFERRED, R.TRY_LATER, False, False),
    (P.MAIL, 530, "5.7.0 log in first", K.CHANNEL, R.CREDENTIALS, False, True),
    (P.MAIL, 550, "5.7.1 not your address", K.CHANNEL, R.SENDER_REFUSED, False, True),
    (P.MAIL, 553, "bad sender", K.CHANNEL, R.SENDER_REFUSED, False, True),
    (P.MAIL, 552, "5.3.4 too large", K.FAILED, R.REFUSED, False, False),
    (P.RCPT, 421, "closing", K.CHANNEL, R.SERVER, False, False),
    (P.RCPT, 450, "4.2.0 greylisted", K.DEFERRED, R.TRY_LATER, False, False),
    (P.RCPT, 452, "4.2.2 mailbox full", K.DEFERRED, R.MAILBOX_FULL, False, False),
    (P.RCPT, 552, "too many recipients", K.DEFERRED, R.TRY_LATER, False, False),
    (P.RCPT, 552, "5.2.2 mailbox full", K.DEFERRED, R.MAILBOX_FULL, False, False),
    (P.RCPT, 550, "5.1.1 no such user", K.FAILED, R.NO_SUCH_RECIPIENT, True, False),
    (P.RCPT, 550, "no such user", K.FAILED, R.NO_SUCH_RECIPIENT, True, False),
    (P.RCPT, 551, "moved", K.FAILED, R.NO_SUCH_RECIPIENT, True, False),
    (P.RCPT, 553, "5.1.3 bad syntax", K.FAILED, R.NO_SUCH_RECIPIENT, True, False),
    (P.RCPT, 554, "5.1.2 no such domain", K.FAILED, R.NO_SUCH_RECIPIENT, True, False),
    (P.RCPT, 550, "5.1.8 sender domain unknown", K.CHANNEL, R.SENDER_REFUSED, False, True),
    (P.RCPT, 550, "5.7.1 blocked", K.FAILED, R.POLICY, False, True),
    (P.RCPT, 554, "5.7.1 relay access denied", K.FAILED, R.POLICY, False, True),
    (P.RCPT, 550, "relay not permitted", K.FAILED, R.POLICY, False, True),
    (P.RCPT, 553, "sorry, that domain isn't in my list of allowed rcpthosts", K.FAILED, R.POLICY, False, True),
    (P.RCPT, 550, "Blocked - see https://blocked.example", K.FAILED, R.POLICY, False, True),
    (
        P.RCPT,
        550,
        "5.1.1 user unknown in virtual mailbox table, access denied",
        K.FAILED,
        R.NO_SUCH_RECIPIENT,
        True,
        False,
    ),
    (P.RCPT, 554, "no", K.FAILED, R.REFUSED, False, False),
    (P.RCPT, 530, "5.7.0 log in first", K.CHANNEL, R.CREDENTIALS, False, True),
    (P.DATA, 451, "4.3.0 later", K.DEFERRED, R.TRY_LATER, False, False),
    (P.DATA, 421, "4.3.2 closing", K.CHANNEL, R.SERVER, False, False),
    (P.DATA, 554, "5.7.1 spam", K.FAILED, R.POLICY, False, True),
    (P.DATA, 550, "5.1.1 no such user", K.FAILED, R.NO_SUCH_RECIPIENT, True, False),
    (P.DATA, 552, "5.3.4 too large", K.FAILED, R.REFUSED, False, False),
    (P.DATA, 552, "5.2.2 over quota", K.DEFERRED, R.MAILBOX_FULL, False, False),
    (P.DATA, 554, "transaction failed", K.FAILED, R.REFUSED, False, False),
    (P.DATA_START, 250, "ok to the word DATA", K.CHANNEL, R.SERVER, False, False),
    (P.DATA_START, 451, "4.3.0 later", K.DEFERRED, R.TRY_LATER, False, False),
    (P.DATA_START, 554, "5.5.1 no valid recipients", K.FAILED, R.REFUSED, False, False),
    (P.DATA, 251, "a code that has no place here", K.UNKNOWN, R.UNREADABLE_REPLY, False, False),
    (P.DATA, 354, "go on", K.UNKNOWN, R.UNREADABLE_REPLY, False, False),
    (P.RCPT, 354, "go on", K.CHANNEL, R.SERVER, False, False),
]


@pytest.mark.parametrize(("phase", "code", "text", "kind", "reason", "suppress", "alert"), REPLIES)
def test_a_reply_means_what_its_phase_and_code_say(
    phase: Phase, code: int, text: str, kind: Kind, reason: Reason, *, suppress: bool, alert: bool
) -> None:
    """The whole table of replies."""
    outcome = classify_reply(phase, code, text)
    assert (outcome.kind, outcome.reason, outcome.suppress, outcome.alert) == (kind, reason, suppress, alert)
    assert (outcome.phase, outcome.code, outcome.text) == (phase, code, text)


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("reason", [Reason.LOST_CONNECTION, Reason.TIMEOUT, Reason.UNREADABLE_REPLY])
def test_a_lost_conversation_is_unknown_only_once_the_mail_is_on_its_way(phase: Phase, reason: Reason) -> None:
    """Before MAIL the channel is in trouble, until the mail itself the message waits, after it nobody knows."""
    expected = {P.DATA: K.UNKNOWN} | dict.fromkeys((P.MAIL, P.RCPT, P.DATA_START), K.DEFERRED)
    assert classify_loss(phase, reason).kind is expected.get(phase, K.CHANNEL)


@pytest.mark.parametrize(
    ("text", "enhanced"),
    [
        ("5.1.1 no such user", "5.1.1"),
        ("4.7.650 slow", "4.7.650"),
        ("5.1.1", "5.1.1"),
        ("5.1.1.2 version", None),
        ("3.1.1 no class", None),
        ("at 5.1.1", None),
        ("", None),
    ],
)
def test_the_enhanced_code_is_read_at_the_beginning_only(text: str, enhanced: str | None) -> None:
    """RFC 3463: class 2, 4 or 5, subject, detail."""
    assert classify_reply(P.RCPT, 450, text).enhanced_code == enhanced


def test_the_receipt_of_the_server_is_kept() -> None:
    """Its queue id is what a postmaster asks for."""
    assert accepted(250, "2.0.0 queued as 4F1A") == Outcome(
        K.ACCEPTED, R.NONE, P.DATA, 250, "2.0.0", "2.0.0 queued as 4F1A"
    )


def test_words_that_are_no_text_can_be_stored() -> None:
    """Bytes outside UTF-8 arrive as lone surrogates, which neither JSON nor a database takes; long words are cut."""
    text = classify_reply(P.RCPT, 450, "\udce6" + "x" * 1000).text
    assert text.encode() == b"?" + b"x" * 499


@pytest.mark.parametrize("phase", Phase)
def test_no_refusal_is_ever_taken_for_success(phase: Phase) -> None:
    """Whatever the number, a reply that is not the one hoped for accepts nothing."""
    assert K.ACCEPTED not in {classify_reply(phase, code, "").kind for code in range(1000)}


SPEED = [
    # phase, code, text -> what should go out more slowly
    (P.CONNECT, 421, "4.7.0 too many connections", Slower.ALL),
    (P.CONNECT, 554, "5.7.1 blocked", None),
    (P.EHLO, 421, "4.3.2 busy", Slower.ALL),
    (P.LOGIN, 454, "4.7.0 temporary", None),
    (P.TLS, 454, "4.7.0 TLS not available", None),
    (P.MAIL, 451, "4.7.500 Server busy", Slower.ALL),
    (P.MAIL, 451, "4.3.0 local error", None),
    (P.RCPT, 421, "4.7.28 rate limit", Slower.ALL),
    (P.RCPT, 450, "4.7.1 come back later", Slower.DOMAIN),
    (P.RCPT, 451, "4.4.5 congested", Slower.DOMAIN),
    (P.RCPT, 452, "4.5.3 too many recipients", Slower.DOMAIN),
    (P.RCPT, 450, "Too many messages from you", Slower.DOMAIN),
    (P.RCPT, 450, "4.2.0 greylisted", None),
    (P.RCPT, 452, "4.2.2 mailbox full", None),
    (P.RCPT, 550, "5.7.1 too many complaints", None),
    (P.DATA_START, 451, "4.7.0 slow down", Slower.DOMAIN),
    (P.DATA, 451, "4.7.650 throttled", Slower.DOMAIN),
]


@pytest.mark.parametrize(("phase", "code", "text", "slower"), SPEED)
def test_a_complaint_about_speed_is_heard(phase: Phase, code: int, text: str, slower: Slower | None) -> None:
    """421, and before a recipient is named, means all mail; later on a temporary 4.7.x means this recipient's domain."""
    assert classify_reply(phase, code, text).slower is slower


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("4.2.0 greylisted, try again in 300 seconds", 300),
        ("Greylisting in action, please come back in 00:04:59", 299),
        ("4.7.1 retry after 5 min.", 300),
        ("please wait 1 hour", 3600),
        ("try again in 30s", 30),
        ("wait at least 10 minutes", 600),
        ("try again in 999999 hours", ASKED_PAUSE_MAX.total_seconds()),
        ("try again later", None),
        ("message 300 seconds old", None),
        ("in 5 mailboxes", None),
    ],
)
def test_a_pause_that_the_server_names_is_read_from_its_words(text: str, seconds: float | None) -> None:
    """Seconds, minutes, hours and clock-like times, and never more than a few hours."""
    asked = classify_reply(P.RCPT, 450, text).asked_pause
    assert (asked.total_seconds() if asked else None) == seconds


def test_who_refuses_for_good_is_not_asked_when_to_come_again() -> None:
    """A pause in the words of a refusal changes nothing."""
    assert classify_reply(P.RCPT, 550, "5.7.1 try again in 5 minutes").asked_pause is None
