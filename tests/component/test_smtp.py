import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from services.notifier.classify import Kind, Outcome, Phase, Reason
from services.notifier.smtp import Envelope, SmtpConnection
from services.notifier.smtp_settings import SmtpSettings, SmtpTimeouts, TlsMode
from shared.mail_address import AddressError
from tests.certificates import Certificates, make_certificates
from tests.polling import until
from tests.scripted_smtp import DROP, SILENCE, Answer, ScriptedSmtp

MAIL = b"Subject: x\r\n\r\n.a line with a dot\r\nend\r\n"
SENDER, RECIPIENT = "invite+t0k@forloeb.example", "leder@kommune.example"
SHORT = 0.2
TIMEOUTS = SmtpTimeouts(*([5.0] * 10))


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """A certificate authority of the tests, a server certificate for localhost, and one for another name."""
    return make_certificates(tmp_path_factory.mktemp("certificates"))


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def plain(port: int, **changes: object) -> SmtpSettings:
    return replace(SmtpSettings(host="127.0.0.1", port=port, tls=TlsMode.NONE, timeouts=TIMEOUTS), **changes)


def with_server(
    server: ScriptedSmtp,
    use: Callable[[SmtpConnection], Awaitable[object]],
    *,
    settings: Callable[[int], SmtpSettings] = plain,
    clock: Clock | None = None,
) -> None:
    async def run() -> None:
        async with server:
            connection = SmtpConnection(settings(server.port), clock=clock or Clock())
            try:
                await use(connection)
            finally:
                await connection.close()

    asyncio.run(run())


def deliver(connection: SmtpConnection, recipient: str = RECIPIENT) -> Awaitable[Outcome]:
    return connection.deliver(MAIL, Envelope(SENDER, recipient))


def attempts(server: ScriptedSmtp, *, settings: Callable[[int], SmtpSettings] = plain, times: int = 1) -> list[Outcome]:
    outcomes: list[Outcome] = []

    async def use(connection: SmtpConnection) -> None:
        for _ in range(times):
            outcomes.append(await deliver(connection))  # noqa: PERF401 - one after the other on purpose

    with_server(server, use, settings=settings)
    return outcomes


def test_a_mail_is_handed_over_to_exactly_one_recipient() -> None:
    """The bytes arrive as they were, and the server's words are the receipt."""
    server = ScriptedSmtp()
    (outcome,) = attempts(server)
    assert outcome == Outcome(Kind.ACCEPTED, Reason.NONE, Phase.DATA, 250, "2.0.0", "2.0.0 queued as 4F1A")
    assert server.mails == [MAIL.replace(b"\r\n.", b"\r\n..")]
    assert server.commands[1:5] == [
        "EHLO localhost",
        f"MAIL FROM:<{SENDER}> SIZE={len(MAIL)}",
        f"RCPT TO:<{RECIPIENT}>",
        "DATA",
    ]


def test_nobody_listening_is_trouble_of_the_channel() -> None:
    """A refused connection blames no message."""
    outcomes: list[Outcome] = []

    async def run() -> None:
        async with ScriptedSmtp() as server:
            port = server.port
        connection = SmtpConnection(plain(port), clock=Clock())
        outcomes.append(await deliver(connection))

    asyncio.run(run())
    assert (outcomes[0].kind, outcomes[0].phase) == (Kind.CHANNEL, Phase.CONNECT)


def test_a_connection_is_reused_without_repeating_its_opening() -> None:
    """Three mails: one greeting, one EHLO, three transactions."""
    server = ScriptedSmtp()
    assert [outcome.kind for outcome in attempts(server, times=3)] == [Kind.ACCEPTED] * 3
    assert server.verbs == ["GREETING", "EHLO", *["MAIL", "RCPT", "DATA", "DOT"] * 3, "QUIT"]


def test_a_refused_transaction_is_reset_before_the_next_mail() -> None:
    """Nothing of one person's envelope is left when the next one's begins."""
    server = ScriptedSmtp({"RCPT": ("550 5.1.1 unknown", "250 ok")})
    assert [outcome.kind for outcome in attempts(server, times=2)] == [Kind.FAILED, Kind.ACCEPTED]
    assert server.verbs == ["GREETING", "EHLO", "MAIL", "RCPT", "RSET", "MAIL", "RCPT", "DATA", "DOT", "QUIT"]


def test_a_connection_that_cannot_be_reset_is_replaced() -> None:
    """A strange answer to RSET costs a connection, not a mail."""
    server = ScriptedSmtp({"RCPT": ("550 5.1.1 unknown", "250 ok"), "RSET": "500 what"})
    assert [outcome.kind for outcome in attempts(server, times=2)] == [Kind.FAILED, Kind.ACCEPTED]
    assert server.verbs.count("GREETING") == 2


@pytest.mark.parametrize("answer", [DROP, "421 4.4.2 idle too long"])
def test_a_kept_connection_that_the_server_closed_is_replaced_at_once(answer: Answer) -> None:
    """Nothing of the mail was sent yet, so this is no failed attempt."""
    server = ScriptedSmtp({"MAIL": ("250 ok", answer, "250 ok")})
    assert [outcome.kind for outcome in attempts(server, times=2)] == [Kind.ACCEPTED, Kind.ACCEPTED]
    assert server.verbs.count("GREETING") == 2
    assert len(server.mails) == 2


def test_a_connection_is_closed_after_so_many_messages() -> None:
    """Servers do not like endless sessions."""
    server = ScriptedSmtp()
    attempts(server, settings=lambda port: plain(port, messages_per_connection_max=2), times=3)
    assert [verb for verb in server.verbs if verb in {"GREETING", "QUIT"}] == ["GREETING", "QUIT"] * 2


@pytest.mark.parametrize(("seconds", "greetings"), [(29.0, 1), (31.0, 2)])
def test_an_idle_connection_is_closed_after_thirty_seconds(seconds: float, greetings: int) -> None:
    """Both when somebody looks and when the next mail comes."""
    server, clock = ScriptedSmtp(), Clock()

    async def use(connection: SmtpConnection) -> None:
        await deliver(connection)
        clock.seconds += seconds
        await connection.close_if_idle()
        assert connection.is_open == (greetings == 1)
        await deliver(connection)

    with_server(server, use, clock=clock)
    assert server.verbs.count("GREETING") == greetings


def test_mails_asked_for_at_once_go_one_after_the_other() -> None:
    """One connection carries one transaction at a time."""
    server = ScriptedSmtp()

    async def use(connection: SmtpConnection) -> None:
        outcomes = await asyncio.gather(*(deliver(connection, f"p{n}@kommune.example") for n in range(5)))
        assert {outcome.kind for outcome in outcomes} == {Kind.ACCEPTED}

    with_server(server, use)
    assert server.verbs == ["GREETING", "EHLO", *["MAIL", "RCPT", "DATA", "DOT"] * 5, "QUIT"]


def test_a_cancelled_attempt_leaves_no_half_open_conversation() -> None:
    """Whoever stops waiting gets a new connection for the next mail."""
    server = ScriptedSmtp({"RCPT": (SILENCE, "250 ok")})

    async def use(connection: SmtpConnection) -> None:
        attempt = asyncio.ensure_future(deliver(connection))
        await until(lambda: "RCPT" in server.verbs, what="the server was told the recipient")
        attempt.cancel()
        with pytest.raises(asyncio.CancelledError):
            await attempt
        assert not connection.is_open
        assert (await deliver(connection)).kind is Kind.ACCEPTED

    with_server(server, use)


@pytest.mark.parametrize(
    "recipient", ["a@b.example\r\nRCPT TO:<e@x.example>", "a@b.example, e@x.example", "<a@b.example>"]
)
def test_only_one_plain_address_gets_into_an_envelope(recipient: str) -> None:
    """A list or a second command stops before anything is sent."""
    server = ScriptedSmtp()

    async def use(connection: SmtpConnection) -> None:
        with pytest.raises(AddressError):
            await deliver(connection, recipient)

    with_server(server, use)
    assert server.commands == []


def test_an_old_server_is_greeted_with_helo() -> None:
    """Without EHLO there are no options, and mail still goes."""
    server = ScriptedSmtp({"EHLO": "502 5.5.1 not implemented"})
    (outcome,) = attempts(server)
    assert outcome.kind is Kind.ACCEPTED
    assert f"MAIL FROM:<{SENDER}>" in server.commands


def _tls_settings(mode: TlsMode, certificates: Certificates, **changes: object) -> Callable[[int], SmtpSettings]:
    return lambda port: replace(
        SmtpSettings(host="localhost", port=port, tls=mode, ca_file=str(certificates.ca), timeouts=TIMEOUTS), **changes
    )


STARTTLS_OFFERED = "250-test\r\n250-STARTTLS\r\n250 AUTH PLAIN"


@pytest.mark.parametrize("mode", [TlsMode.STARTTLS, TlsMode.IMPLICIT])
def test_mail_goes_through_verified_tls(mode: TlsMode, certificates: Certificates) -> None:
    """Both modes end in a conversation that is encrypted before a sender is named."""
    server = ScriptedSmtp(
        {"EHLO": STARTTLS_OFFERED}, tls=certificates.server("localhost"), implicit_tls=mode is TlsMode.IMPLICIT
    )
    (outcome,) = attempts(
        server, settings=_tls_settings(mode, certificates, username="forloeb", password="a secret of the test")
    )
    assert outcome.kind is Kind.ACCEPTED
    before_mail = server.verbs[: server.verbs.index("MAIL")]
    opening = ["GREETING", "EHLO", "STARTTLS", "EHLO", "AUTH"]
    assert before_mail == (opening if mode is TlsMode.STARTTLS else ["GREETING", "EHLO", "AUTH"])


TLS_FAULTS = {
    "wrong name": ("other.example", "ca", STARTTLS_OFFERED),
    "unknown authority": ("localhost", "other_ca", STARTTLS_OFFERED),
    "no TLS at all": (None, "ca", "250 test"),
}


@pytest.mark.parametrize("mode", [TlsMode.STARTTLS, TlsMode.IMPLICIT])
@pytest.mark.parametrize("fault", TLS_FAULTS)
def test_without_a_verified_certificate_nothing_is_sent(mode: TlsMode, fault: str, certificates: Certificates) -> None:
    """Any fault of TLS pauses the channel and asks for a person; there is no fall-back."""
    name, ca, offered = TLS_FAULTS[fault]
    context = certificates.server(name) if name else None
    server = ScriptedSmtp({"EHLO": offered}, tls=context, implicit_tls=mode is TlsMode.IMPLICIT)
    (outcome,) = attempts(server, settings=_tls_settings(mode, certificates, ca_file=str(getattr(certificates, ca))))
    _assert_tls_trouble(outcome, server)


@pytest.mark.parametrize("answer", ["454 4.7.0 not now", "502 5.5.1 no", DROP])
def test_a_refused_starttls_is_no_reason_to_go_on_without(answer: Answer, certificates: Certificates) -> None:
    """Somebody on the wire could have refused it."""
    server = ScriptedSmtp({"EHLO": STARTTLS_OFFERED, "STARTTLS": answer}, tls=certificates.server("localhost"))
    (outcome,) = attempts(server, settings=_tls_settings(TlsMode.STARTTLS, certificates))
    if answer == DROP:
        assert (outcome.kind, outcome.phase) == (Kind.CHANNEL, Phase.TLS)
    else:
        _assert_tls_trouble(outcome, server)
    assert "MAIL" not in server.verbs


def _assert_tls_trouble(outcome: Outcome, server: ScriptedSmtp) -> None:
    assert (outcome.kind, outcome.reason, outcome.phase) == (Kind.CHANNEL, Reason.TLS, Phase.TLS)
    assert outcome.alert
    assert "MAIL" not in server.verbs
    assert "AUTH" not in server.verbs


@pytest.mark.parametrize(
    "rude",
    [
        {"EHLO": STARTTLS_OFFERED, "AUTH": "535 5.7.8 wrong"},
        {"EHLO": "250-test\r\n250 STARTTLS"},
    ],
)
def test_a_refused_log_in_pauses_the_channel(rude: dict[str, Answer], certificates: Certificates) -> None:
    """Wrong credentials, or a server that offers no log-in, are nothing that a message did."""
    server = ScriptedSmtp(rude, tls=certificates.server("localhost"))
    settings = _tls_settings(TlsMode.STARTTLS, certificates, username="forloeb", password="a secret of the test")
    (outcome,) = attempts(server, settings=settings)
    assert (outcome.kind, outcome.reason, outcome.phase) == (Kind.CHANNEL, Reason.CREDENTIALS, Phase.LOGIN)
    assert outcome.alert
    assert "MAIL" not in server.verbs


@pytest.mark.parametrize(
    "host", ["mail.kommune.example", "10.0.0.1", "0.0.0.0", "localhost.evil.example", "::ffff:10.0.0.1"]
)
def test_unprotected_mail_is_for_this_machine_only(host: str) -> None:
    """Settings without TLS for another machine do not even make a connection object."""
    with pytest.raises(ValueError, match="starttls or implicit"):
        SmtpSettings(host=host, port=25, tls=TlsMode.NONE)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
def test_this_machine_needs_no_tls(host: str) -> None:
    """What stays on the machine crosses no wire."""
    assert SmtpSettings(host=host, port=25, tls=TlsMode.NONE).tls is TlsMode.NONE


def test_a_password_is_never_sent_or_shown_in_the_clear() -> None:
    """Neither over an open connection nor in a log of the settings."""
    with pytest.raises(ValueError, match="without TLS"):
        SmtpSettings(host="127.0.0.1", port=25, tls=TlsMode.NONE, username="a", password="hemmelig")
    with pytest.raises(ValueError, match="both"):
        SmtpSettings(host="mail.example", port=587, tls=TlsMode.STARTTLS, username="a")
    settings = SmtpSettings(host="mail.example", port=587, tls=TlsMode.STARTTLS, username="a", password="hemmelig")
    assert "hemmelig" not in repr(settings)


def test_a_missing_ca_file_is_told_at_start(tmp_path: Path) -> None:
    """Not at the first mail."""
    settings = SmtpSettings(host="mail.example", port=587, tls=TlsMode.STARTTLS, ca_file=str(tmp_path / "none.pem"))
    with pytest.raises(OSError, match="No such file"):
        SmtpConnection(settings, clock=Clock())
