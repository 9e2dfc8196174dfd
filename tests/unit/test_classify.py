import pytest

from services.notifier.classify import Kind, Outcome, Phase, Reason, accepted, classify_loss, classify_reply

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
    (P.RCPT, 554, "no", K.FAILED, R.REFUSED, False, False),
    (P.RCPT, 530, "5.7.0 log in first", K.CHANNEL, R.CREDENTIALS, False, True),
    (P.DATA, 451, "4.3.0 later", K.DEFERRED, R.TRY_LATER, False, False),
    (P.DATA, 421, "4.3.2 closing", K.CHANNEL, R.SERVER, False, False),
    (P.DATA, 554, "5.7.1 spam", K.FAILED, R.POLICY, False, True),
    (P.DATA, 550, "5.1.1 no such user", K.FAILED, R.NO_SUCH_RECIPIENT, True, False),
    (P.DATA, 552, "5.3.4 too large", K.FAILED, R.REFUSED, False, False),
    (P.DATA, 552, "5.2.2 over quota", K.DEFERRED, R.MAILBOX_FULL, False, False),
    (P.DATA, 554, "transaction failed", K.FAILED, R.REFUSED, False, False),
    (P.DATA, 250, "ok to the word DATA", K.UNKNOWN, R.UNREADABLE_REPLY, False, False),
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
def test_a_lost_conversation_is_unknown_only_after_data(phase: Phase, reason: Reason) -> None:
    """Before MAIL the channel is in trouble, until DATA the message waits, after it nobody knows."""
    expected = {P.MAIL: K.DEFERRED, P.RCPT: K.DEFERRED, P.DATA: K.UNKNOWN}.get(phase, K.CHANNEL)
    assert classify_loss(phase, reason).kind is expected


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
