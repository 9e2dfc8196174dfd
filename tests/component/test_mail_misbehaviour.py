"""What a mail server can do wrong, and what becomes of a message then: over the wire, from the lease to the database."""

import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from services.notifier.attempt import attempt_message
from services.notifier.classify import Kind, Outcome, Phase, Reason
from services.notifier.decide import Patience
from services.notifier.lines import Lines
from services.notifier.outgoing import Outgoing
from services.notifier.pacing import Pacing
from services.notifier.retrying import Channel
from services.notifier.smtp import Envelope, SmtpConnection
from services.notifier.smtp_settings import SmtpSettings, SmtpTimeouts, TlsMode
from services.notifier.stored_message import ServerWords, StoredMessage, words_place
from shared.bounce_address import message_of
from shared.errors import DependencyDownError
from shared.mongo import Collection
from shared.vault import ErasedError, MasterKey, Vault
from tests.certificates import Certificates, make_certificates
from tests.embedded import Embedded
from tests.notifier_office import BOUNCE_KEY, Office, now
from tests.one_mail import put_mail
from tests.scripted_smtp import (
    DROP,
    ENDLESS_LINE,
    ENDLESS_REPLY,
    HALF_A_LINE,
    SILENCE,
    TRICKLE,
    Answer,
    ScriptedSmtp,
)

SHORT = 0.25
TIMEOUTS = SmtpTimeouts(*([5.0] * 10))
PATIENCE = Patience(retry_seconds=(60.0,), give_up_after=timedelta(days=5))
STARTTLS_OFFERED = "250-test\r\n250-STARTTLS\r\n250 AUTH PLAIN"
K, R, P = Kind, Reason, Phase


@dataclass(frozen=True)
class Row:
    """A behaviour and all that comes of it.

    `burnt`: the attempt counts. `kept`: the connection serves the next mail. `held`: copies that the server may pass on after
    the first attempt. `copies`: the same after the next one, for which the server is polite. `tls`: how it is spoken to.
    """

    what: str
    rude: dict[str, Answer]
    kind: Kind
    reason: Reason
    phase: Phase
    state: str
    burnt: bool = True
    kept: bool = False
    held: int = 0
    copies: int = 1
    tls: TlsMode = TlsMode.NONE
    server: dict[str, object] = field(default_factory=dict)
    certificate: str = "localhost"


def channel(what: str, rude: dict[str, Answer], reason: Reason, phase: Phase, **more: object) -> Row:
    """Trouble that is no message's: nothing is burnt, the message waits as it was."""
    return Row(what, rude, K.CHANNEL, reason, phase, "pending", burnt=False, **more)  # type: ignore[arg-type]


def deferred(what: str, rude: dict[str, Answer], reason: Reason, phase: Phase, *, kept: bool = False) -> Row:
    return Row(what, rude, K.DEFERRED, reason, phase, "deferred", kept=kept)


def failed(what: str, rude: dict[str, Answer], reason: Reason, phase: Phase) -> Row:
    return Row(what, rude, K.FAILED, reason, phase, "failed", kept=True, copies=0)


def unknown(what: str, rude: dict[str, Answer], reason: Reason, *, held: int = 1) -> Row:
    return Row(what, rude, K.UNKNOWN, reason, P.DATA, "unknown", held=held, copies=held + 1)


TWO_ANSWERS = "250 2.1.5 ok\r\n250 2.1.5 and once more"
ROWS = [
    Row("polite", {}, K.ACCEPTED, R.NONE, P.DATA, "accepted", kept=True, held=1),
    Row("slow in everything", {}, K.ACCEPTED, R.NONE, P.DATA, "accepted", kept=True, held=1, server={"slow": True}),
    channel("greets with 554", {"GREETING": "554 5.3.2 no service"}, R.SERVER, P.CONNECT),
    channel("greets with 421", {"GREETING": "421 4.3.2 busy"}, R.SERVER, P.CONNECT),
    channel("greets with no number", {"GREETING": "hello"}, R.UNREADABLE_REPLY, P.CONNECT),
    channel("greets twice at once", {"GREETING": "220 a\r\n220 b"}, R.UNREADABLE_REPLY, P.CONNECT),
    channel("hangs up at once", {"GREETING": DROP}, R.LOST_CONNECTION, P.CONNECT),
    channel("says nothing", {"GREETING": SILENCE}, R.TIMEOUT, P.CONNECT),
    channel("greets without end", {"GREETING": ENDLESS_LINE}, R.UNREADABLE_REPLY, P.CONNECT),
    channel("greets in endless lines", {"GREETING": ENDLESS_REPLY}, R.UNREADABLE_REPLY, P.CONNECT),
    channel("greets with half a line", {"GREETING": HALF_A_LINE}, R.TIMEOUT, P.CONNECT),
    channel("greets letter by letter", {"GREETING": TRICKLE}, R.TIMEOUT, P.CONNECT),
    channel("refuses our name", {"EHLO": "550 5.7.1 who are you"}, R.SERVER, P.EHLO),
    channel("hangs up at EHLO", {"EHLO": DROP}, R.LOST_CONNECTION, P.EHLO),
    channel("421 at EHLO", {"EHLO": "421 4.3.2 busy"}, R.SERVER, P.EHLO),
    channel("offers without end", {"EHLO": ENDLESS_REPLY}, R.UNREADABLE_REPLY, P.EHLO),
    channel("421 at MAIL", {"MAIL": "421 4.7.0 slow down"}, R.SERVER, P.MAIL),
    channel("refuses our address", {"MAIL": "550 5.7.1 not yours"}, R.SENDER_REFUSED, P.MAIL),
    channel("wants a log-in first", {"MAIL": "530 5.7.0 log in"}, R.CREDENTIALS, P.MAIL),
    deferred("4yz at MAIL", {"MAIL": "451 4.3.0 later"}, R.TRY_LATER, P.MAIL, kept=True),
    deferred("hangs up at MAIL", {"MAIL": DROP}, R.LOST_CONNECTION, P.MAIL),
    deferred("silent at MAIL", {"MAIL": SILENCE}, R.TIMEOUT, P.MAIL),
    deferred("half a line at MAIL", {"MAIL": HALF_A_LINE}, R.TIMEOUT, P.MAIL),
    deferred("endless at MAIL", {"MAIL": ENDLESS_LINE}, R.UNREADABLE_REPLY, P.MAIL),
    channel("421 at RCPT", {"RCPT": "421 4.3.2 closing"}, R.SERVER, P.RCPT),
    channel("a code out of place at RCPT", {"RCPT": "354 go on"}, R.SERVER, P.RCPT),
    deferred("4yz at RCPT", {"RCPT": "450 4.2.0 later"}, R.TRY_LATER, P.RCPT, kept=True),
    deferred("4yz without an enhanced code", {"RCPT": "450 later"}, R.TRY_LATER, P.RCPT, kept=True),
    deferred("too many recipients", {"RCPT": "552 too many"}, R.TRY_LATER, P.RCPT, kept=True),
    deferred("a full mailbox", {"RCPT": "552 5.2.2 full"}, R.MAILBOX_FULL, P.RCPT, kept=True),
    deferred("hangs up at RCPT", {"RCPT": DROP}, R.LOST_CONNECTION, P.RCPT),
    deferred("silent at RCPT", {"RCPT": SILENCE}, R.TIMEOUT, P.RCPT),
    deferred("no number at RCPT", {"RCPT": "fine"}, R.UNREADABLE_REPLY, P.RCPT),
    deferred("two answers to RCPT", {"RCPT": TWO_ANSWERS}, R.UNREADABLE_REPLY, P.RCPT),
    failed("no such recipient", {"RCPT": "550 5.1.1 unknown"}, R.NO_SUCH_RECIPIENT, P.RCPT),
    failed("the same without an enhanced code", {"RCPT": "550 unknown"}, R.NO_SUCH_RECIPIENT, P.RCPT),
    failed("blocked by policy", {"RCPT": "550 5.7.1 blocked"}, R.POLICY, P.RCPT),
    failed("5yz of another kind", {"RCPT": "554 no"}, R.REFUSED, P.RCPT),
    channel("421 at DATA", {"DATA": "421 4.3.2 closing"}, R.SERVER, P.DATA_START),
    channel("250 to DATA", {"DATA": "250 ok"}, R.SERVER, P.DATA_START),
    deferred("4yz at DATA", {"DATA": "451 4.3.0 later"}, R.TRY_LATER, P.DATA_START, kept=True),
    failed("5yz at DATA", {"DATA": "554 5.5.1 no valid recipients"}, R.REFUSED, P.DATA_START),
    deferred("hangs up at DATA", {"DATA": DROP}, R.LOST_CONNECTION, P.DATA_START),
    deferred("silent at DATA", {"DATA": SILENCE}, R.TIMEOUT, P.DATA_START),
    unknown("hangs up while the mail comes in", {"CONTENT": DROP}, R.LOST_CONNECTION, held=0),
    channel("421 after the dot", {"DOT": "421 4.3.2 closing"}, R.SERVER, P.DATA),
    deferred("4yz after the dot", {"DOT": "451 4.3.0 later"}, R.TRY_LATER, P.DATA, kept=True),
    deferred("4yz without an enhanced code after the dot", {"DOT": "451 later"}, R.TRY_LATER, P.DATA, kept=True),
    failed("spam after the dot", {"DOT": "554 5.7.1 spam"}, R.POLICY, P.DATA),
    failed("too large after the dot", {"DOT": "552 5.3.4 too large"}, R.REFUSED, P.DATA),
    failed("5yz without an enhanced code after the dot", {"DOT": "554 no"}, R.REFUSED, P.DATA),
    unknown("hangs up after the dot", {"DOT": DROP}, R.LOST_CONNECTION),
    unknown("silent after the dot", {"DOT": SILENCE}, R.TIMEOUT),
    unknown("half a line after the dot", {"DOT": HALF_A_LINE}, R.TIMEOUT),
    unknown("no number after the dot", {"DOT": "fine"}, R.UNREADABLE_REPLY),
    unknown("a code out of place after the dot", {"DOT": "354 go on"}, R.UNREADABLE_REPLY),
    unknown("endless after the dot", {"DOT": ENDLESS_REPLY}, R.UNREADABLE_REPLY),
    Row(
        "takes the mail and hangs up with a 421 behind the answer",
        {"DOT": "250 2.0.0 queued\r\n421 4.4.2 good night"},
        K.ACCEPTED,
        R.NONE,
        P.DATA,
        "accepted",
        held=1,
    ),
    Row(
        "greylists what it has not seen before",
        {},
        K.DEFERRED,
        R.TRY_LATER,
        P.RCPT,
        "deferred",
        kept=True,
        server={"greylisting": True},
    ),
    channel("offers no TLS", {}, R.TLS, P.TLS, tls=TlsMode.STARTTLS),
    channel(
        "takes STARTTLS back",
        {"EHLO": STARTTLS_OFFERED, "STARTTLS": "454 4.7.0 no"},
        R.TLS,
        P.TLS,
        tls=TlsMode.STARTTLS,
    ),
    channel(
        "goes on in plain text after STARTTLS",
        {"EHLO": STARTTLS_OFFERED},
        R.TLS,
        P.TLS,
        tls=TlsMode.STARTTLS,
        server={"plain_after_starttls": True},
    ),
    channel(
        "shows the certificate of somebody else",
        {"EHLO": STARTTLS_OFFERED},
        R.TLS,
        P.TLS,
        tls=TlsMode.STARTTLS,
        certificate="other.example",
    ),
    channel("speaks no TLS where it should", {}, R.TLS, P.TLS, tls=TlsMode.IMPLICIT),
    channel("refuses our password", {"AUTH": "535 5.7.8 wrong"}, R.CREDENTIALS, P.LOGIN, tls=TlsMode.IMPLICIT),
]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
async def office(stack: Embedded) -> AsyncIterator[Office]:
    office = Office(stack.mongodb)
    await office.messages.ensure_indexes()
    yield office
    office.client.close()


class Sender:
    """One connection and one message at a time, without the loop that looks for them."""

    def __init__(self, office: Office, settings: SmtpSettings) -> None:
        self.office = office
        self.outcomes: list[Outcome] = []
        self.connection = SmtpConnection(settings, clock=time.monotonic)
        self.close_if_idle, self.close = self.connection.close_if_idle, self.connection.close
        self.outgoing: Outgoing = replace(office.outgoing(PATIENCE), gates=())
        self.lines = Lines(lambda: self, 1)

    async def deliver(self, mail: bytes, envelope: Envelope, *, still_ours: Callable[[], bool]) -> Outcome:
        self.outcomes.append(await self.connection.deliver(mail, envelope, still_ours=still_ours))
        return self.outcomes[-1]

    async def attempt(self, message_id: str) -> StoredMessage:
        """Take this message up, whenever it is due, on a channel without a past; what became of it."""
        self.outgoing = replace(self.outgoing, channel=Channel(), on_undeliverable=_nobody)
        await self.office.rows.update_one({"_id": message_id, "due_at": {"$exists": True}}, {"$set": {"due_at": now()}})
        due = await self.office.messages.due(5, now=now())
        until = now() + timedelta(seconds=60)
        for message in await self.office.messages.lease(due, lease="mine", now=now(), until=until):
            await attempt_message(message, self.lines, lambda: True, outgoing=self.outgoing)
        found = await self.office.messages.find(message_id)
        assert found is not None
        return found

    async def words(self, message: StoredMessage) -> list[str]:
        """What the server said to each attempt."""
        texts = []
        for number, attempt in enumerate(message.attempts):
            assert attempt.words is not None
            place = words_place(message.message_id, number)
            texts.append((await self.office.vault.unseal(attempt.words, ServerWords, place=place)).text)
        return texts


async def _nobody(*_: object) -> None:
    return


def _settings(row: Row, port: int, certificates: Certificates) -> SmtpSettings:
    timeouts = TIMEOUTS
    if any(answer in {SILENCE, HALF_A_LINE, TRICKLE} for answer in row.rude.values()):
        timeouts = replace(TIMEOUTS, **{f"{row.phase.value}_seconds": SHORT})
    if row.tls is TlsMode.NONE:
        return SmtpSettings(host="127.0.0.1", port=port, tls=row.tls, timeouts=timeouts)
    return SmtpSettings(
        host="localhost",
        port=port,
        tls=row.tls,
        ca_file=str(certificates.ca),
        timeouts=timeouts,
        username="forloeb",
        password="a secret of the test",
    )


def _server(row: Row, certificates: Certificates) -> ScriptedSmtp:
    """Rude the first time, polite afterwards."""
    polite = ScriptedSmtp()._answers
    rude = {
        verb: (answer, polite[verb][0]) for verb, answer in row.rude.items() if verb != "EHLO" or not row.certificate
    }
    offers = {"EHLO": row.rude["EHLO"]} if "EHLO" in row.rude and row.tls is not TlsMode.NONE else {}
    if "EHLO" in row.rude and row.tls is TlsMode.NONE:
        rude["EHLO"] = (row.rude["EHLO"], polite["EHLO"][0])
    if row.what == "refuses our password":
        offers = {"EHLO": "250-test\r\n250 AUTH PLAIN"}
    speaks_tls = row.tls is not TlsMode.NONE and row.what not in {"offers no TLS", "speaks no TLS where it should"}
    context = certificates.server(row.certificate) if speaks_tls else None
    return ScriptedSmtp(
        rude | offers,
        tls=context,
        implicit_tls=row.tls is TlsMode.IMPLICIT and speaks_tls,
        **row.server,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.what)
async def test_what_a_mail_server_does_wrong_has_its_outcome(
    row: Row, office: Office, certificates: Certificates
) -> None:
    """The table: what it means, whether it counts, what is kept, where the message stands, and how many copies there are."""
    message = await put_mail(office)
    async with _server(row, certificates) as server:
        sender = Sender(office, _settings(row, server.port, certificates))
        first = await sender.attempt(message.message_id)
        [outcome] = sender.outcomes
        assert (outcome.kind, outcome.reason, outcome.phase) == (row.kind, row.reason, row.phase)
        assert (first.state, len(first.attempts)) == (row.state, row.burnt)
        assert (sender.connection.is_open, len(server.held)) == (row.kept, row.held)
        if row.tls is not TlsMode.NONE:
            assert "MAIL" not in server.verbs
            await sender.close()
            return
        last = await sender.attempt(message.message_id)
        await sender.close()
    assert last.state == ("failed" if row.state == "failed" else "accepted")
    assert len(server.held) == row.copies
    assert all(message.internet_message_id.encode() in mail for mail in server.held)
    assert len(set(server.mails)) <= 1
    assert len(office.published) == 1
    assert server.verbs.count("GREETING") == 2 - (row.kept or row.state in {"accepted", "failed"})


async def test_the_words_of_the_server_are_kept_for_staff_alone(office: Office) -> None:
    """Each refusal and the receipt, sealed under the recipient's key; nothing of it stands in clear."""
    message = await put_mail(office)
    async with ScriptedSmtp({"RCPT": ("450 4.2.0 leder@kommune.example: wait", "250 ok")}) as server:
        sender = Sender(office, SmtpSettings(host="127.0.0.1", port=server.port, tls=TlsMode.NONE))
        await sender.attempt(message.message_id)
        found = await sender.attempt(message.message_id)
        await sender.close()
    assert await sender.words(found) == ["4.2.0 leder@kommune.example: wait", "2.0.0 queued as 4F1A"]
    stored = str(await office.stored())
    assert "kommune.example: wait" not in stored
    assert "4F1A" not in stored


class AwayAfterOpening(Vault):
    """A key store that is away as soon as the mail was opened, or from which the person was erased meanwhile."""

    def __init__(self, keys: Collection, error: Exception) -> None:
        super().__init__(keys=keys, master_key=MasterKey("A" * 43 + "="), clock=now)
        self._error = error

    async def seal(self, *_: object, **__: object) -> object:  # type: ignore[override]
        raise self._error


@pytest.mark.parametrize("error", [DependencyDownError("vault"), ErasedError()], ids=["away", "erased"])
async def test_an_outcome_is_not_lost_with_its_words(office: Office, error: Exception) -> None:
    """The mail is accepted all the same, and never sent again."""
    message = await put_mail(office)
    async with ScriptedSmtp() as server:
        sender = Sender(office, SmtpSettings(host="127.0.0.1", port=server.port, tls=TlsMode.NONE))
        sender.outgoing = replace(sender.outgoing, vault=AwayAfterOpening(office.vault._keys, error))
        found = await sender.attempt(message.message_id)
        await sender.close()
    assert (found.state, found.attempts[0].outcome, found.attempts[0].words) == ("accepted", "accepted", None)


async def test_each_message_has_a_return_path_that_names_it(office: Office) -> None:
    """So a report about it finds it; and where the server can, it is asked for reports."""
    messages = []
    async with ScriptedSmtp({"EHLO": "250-test\r\n250-DSN\r\n250 SIZE"}) as server:
        sender = Sender(office, SmtpSettings(host="127.0.0.1", port=server.port, tls=TlsMode.NONE))
        for _ in range(2):
            messages.append(await put_mail(office))
            await sender.attempt(messages[-1].message_id)
        await sender.close()
    for message, command in zip(messages, _commands(server, "MAIL"), strict=True):
        path, *options = command.removeprefix("MAIL FROM:").split(" ")
        assert message_of(path.strip("<>"), key=BOUNCE_KEY) == message.message_id
        assert path.startswith("<bounce+")
        assert options[1:] == ["RET=HDRS", f"ENVID={message.message_id}"]
    assert {command.partition("> ")[2] for command in _commands(server, "RCPT")} == {"NOTIFY=FAILURE,DELAY"}


async def test_a_server_that_cannot_report_is_asked_for_nothing(office: Office) -> None:
    """An option that a server does not offer is an error to it."""
    message = await put_mail(office)
    async with ScriptedSmtp() as server:
        sender = Sender(office, SmtpSettings(host="127.0.0.1", port=server.port, tls=TlsMode.NONE))
        await sender.attempt(message.message_id)
        await sender.close()
    [mail], [recipient] = _commands(server, "MAIL"), _commands(server, "RCPT")
    assert "ENVID" not in mail
    assert recipient == "RCPT TO:<leder@kommune.example>"


def _commands(server: ScriptedSmtp, verb: str) -> list[str]:
    return [command for command in server.commands if command.startswith(f"{verb} ")]


@pytest.mark.parametrize("answer", ["421 4.7.0 one mail each", "451 4.7.0 one mail each", DROP])
async def test_a_server_that_takes_one_mail_on_each_connection_gets_a_new_one_for_the_next(
    office: Office, answer: Answer
) -> None:
    """Nothing of the second mail was sent yet: it is no attempt, and no trouble."""
    messages = [await put_mail(office) for _ in range(3)]
    async with ScriptedSmtp(one_mail_each=answer) as server:
        sender = Sender(office, SmtpSettings(host="127.0.0.1", port=server.port, tls=TlsMode.NONE))
        found = [await sender.attempt(message.message_id) for message in messages]
        await sender.close()
    assert [(one.state, len(one.attempts)) for one in found] == [("accepted", 1)] * 3
    assert (len(server.held), server.verbs.count("GREETING")) == (3, 3)


async def test_a_message_that_nobody_needs_any_more_is_not_offered(office: Office) -> None:
    """It lay too long, say while the mail server was away: it has failed, and the others hear of it."""
    message = await put_mail(office, useful_until=now() - timedelta(seconds=1))
    async with ScriptedSmtp() as server:
        sender = Sender(office, SmtpSettings(host="127.0.0.1", port=server.port, tls=TlsMode.NONE))
        found = await sender.attempt(message.message_id)
    assert (found.state, found.why, server.commands) == ("failed", "too_late", [])
    assert [event.envelope.type for event in office.published] == ["dk.forloeb.MessageFailed.v1"]


async def test_a_message_whose_lease_is_over_is_given_back_before_it_goes_out(office: Office) -> None:
    """The process was frozen between the recipient and the mail: somebody else may have it by now."""
    message = await put_mail(office)
    async with ScriptedSmtp() as server:
        sender = Sender(office, SmtpSettings(host="127.0.0.1", port=server.port, tls=TlsMode.NONE))
        due = await office.messages.due(5, now=now())
        leased = await office.messages.lease(due, lease="mine", now=now(), until=now() + timedelta(seconds=60))
        await attempt_message(leased[0], sender.lines, lambda: False, outgoing=sender.outgoing)
        found = await office.messages.find(message.message_id)
    assert found is not None
    assert (found.state, found.attempts, server.verbs[-1], server.mails) == ("pending", (), "RCPT", [])


async def test_a_message_that_brings_the_server_down_lets_others_go_first(office: Office) -> None:
    """It is put back further each time it meets trouble, and given up at the usual age."""
    message = await put_mail(office)
    async with ScriptedSmtp({"DOT": "421 4.3.0 crashed"}) as server:
        sender = Sender(office, SmtpSettings(host="127.0.0.1", port=server.port, tls=TlsMode.NONE))
        pauses = []
        for _ in range(3):
            found = await sender.attempt(message.message_id)
            assert found.due_at is not None
            pauses.append(round((found.due_at - now()).total_seconds()))
        assert (found.state, found.attempts) == ("pending", ())
        assert pauses == [1, 2, 5]
        long_ago = now() - timedelta(days=6)
        await office.rows.update_one({}, {"$set": {"created_at": long_ago, "not_before": long_ago}})
        found = await sender.attempt(message.message_id)
    assert (found.state, found.why) == ("failed", "gave_up")


async def test_complaints_of_servers_slow_down_the_domain_or_all(office: Office) -> None:
    """A 4.7.x about a recipient concerns its domain, one about us all mail."""
    pacing = Pacing(per_second=1000.0, domain_per_second=1000.0)
    complaints = ("450 4.7.1 too fast", "250 ok")
    async with ScriptedSmtp({"RCPT": complaints, "MAIL": ("250 ok", "451 4.7.0 slow down", "250 ok")}) as server:
        sender = Sender(office, SmtpSettings(host="127.0.0.1", port=server.port, tls=TlsMode.NONE))
        sender.outgoing = replace(sender.outgoing, pacing=pacing)
        await sender.attempt((await put_mail(office)).message_id)
        assert pacing.rate(now(), domain="kommune.example") < 100
        assert pacing.rate(now()) == 1000
        await sender.close()
        await sender.attempt((await put_mail(office, recipient="a@region.example")).message_id)
        assert pacing.rate(now()) < 100
        assert pacing.rate(now(), domain="region.example") == 1000
        await sender.close()
