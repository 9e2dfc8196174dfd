"""Takes in one stored mail: read, judged, and then exactly one of said, returned, held, parked, dropped or put off.

Done twice it is done once: what is said or held knows the mail that it came from, and a mail is decided once.
"""

from datetime import timedelta
from typing import Final

import structlog

from services.intake import reply_rows
from services.intake.held.hold import hold
from services.intake.imip.judge import Token, Verdict, judge
from services.intake.imip.row import Row
from services.intake.imip.understood import Understood
from services.intake.mail_in.decided import KEPT, WAIT_MAX, Decided
from services.intake.mail_in.mail import PLAIN, About, Contents, StoredMail, message_of_recipient
from services.intake.mail_in.means import Means
from services.intake.mail_in.metrics import DECIDED
from services.intake.mail_in.said_of import said_of, source_of
from services.intake.mail_in.say_mail import JudgedTooSoonError, say_mail
from services.intake.returned.take_report import take_report
from shared import address_digest, crash

AHEAD_WAIT_MAX: Final = timedelta(minutes=10)
"""For the news of a course that was moved, to which a mail may be the answer; then it counts for what is known here."""
WAIT_PAUSE_MIN: Final = timedelta(seconds=5)
WAIT_PAUSE_MAX: Final = timedelta(minutes=30)

log = structlog.get_logger(__name__)


async def take_in(mail: StoredMail, *, means: Means, courses: reply_rows.Store | None = None) -> Decided:
    """Do what is to be done about a mail, and store that it is done. `courses` is asked for its course first.

    Raises:
        DependencyDownError: nothing is decided; try again.
        OSError: the same; the reader could not be started.

    """
    try:
        decided = await _act(mail, courses or means.store, means=means)
    except JudgedTooSoonError:
        decided = await _act(mail, means.store, means=means)
    now = means.clock()
    if decided.state == "waiting":
        await means.mails.wait(mail, decided.reason, due_at=now + pause_after(now - mail.received_at))
    else:
        crash.reached(crash.AFTER_SAID_BEFORE_DECIDED)
        understood = (
            await means.mail_vault.seal_understood(decided.understood, mail.mail_id) if decided.understood else None
        )
        await means.mails.decide(
            mail,
            decided.state,
            decided.reason,
            now=now,
            keep=KEPT[decided.state],
            about=decided.about,
            parked_under=decided.parked_under,
            understood=understood,
        )
        if decided.is_erased:
            await means.mail_vault.drop([mail.mail_id])
    DECIDED.labels(decided.state, decided.reason).inc()
    log.info(
        "mail-taken-in",
        document_id=mail.mail_id,
        outcome=decided.state,
        reason=decided.reason,
        application_id=decided.about.application_id if decided.about else None,
    )
    return decided


def pause_after(age: timedelta) -> timedelta:
    """Until a mail that waits is looked at again: the longer it has waited, the longer."""
    return min(max(age / 2, WAIT_PAUSE_MIN), WAIT_PAUSE_MAX)


async def _act(mail: StoredMail, courses: reply_rows.Store, *, means: Means) -> Decided:
    contents = await means.mail_vault.open(mail)
    if contents is None:
        return Decided(state="dropped", reason="erased", is_erased=True)
    message_id = message_of_recipient(mail.recipient)
    if message_id is not None:
        return await take_report(mail, contents, message_id, means=means)
    return await _act_on_answer(mail, contents, courses, means=means)


async def _act_on_answer(mail: StoredMail, contents: Contents, courses: reply_rows.Store, *, means: Means) -> Decided:
    understood = await means.reader.read(
        contents.raw, authserv_id=means.authserv_id, envelope_from=contents.envelope_from
    )
    verdict = await _judged(mail, understood, courses, means=means)
    if verdict.alarm:
        log.warning("mail-alarm", document_id=mail.mail_id, reason=verdict.reason)
    about = _about(verdict.row)
    age = means.clock() - mail.received_at
    if verdict.outcome == "wait" and age < WAIT_MAX:
        return Decided(state="waiting", reason=verdict.reason)
    if _is_ahead(understood, verdict) and age < AHEAD_WAIT_MAX:
        return Decided(state="waiting", reason="course-ahead")
    if verdict.outcome in {"park", "wait"}:
        return await _parked(
            mail, understood, verdict.reason, about, is_hers=_is_hers(understood, verdict), means=means
        )
    if verdict.outcome == "drop":
        # Of somebody who was erased there is no address any more.
        is_erased = verdict.row is not None and not verdict.row.address
        return Decided(state="dropped", reason=verdict.reason, about=about, is_erased=is_erased)
    return await _said_or_held(mail, understood, verdict, means=means)


def _is_ahead(understood: Understood, verdict: Verdict) -> bool:
    """Whether it counts, for a later version of the meeting than is known here."""
    counts = verdict.outcome in {"accept", "confirm"}
    return counts and verdict.row is not None and (understood.sequence or 0) > verdict.row.sequence


async def _judged(mail: StoredMail, understood: Understood, courses: reply_rows.Store, *, means: Means) -> Verdict:
    """Rows are sought only for what may be an answer, and those of a UID only where no token tells the row."""
    row: Row | None = None
    of_uid: list[Row] = []
    token: Token = "none"  # noqa: S105 - no password
    if mail.recipient != PLAIN:
        row = await reply_rows.row_of_reply_id(mail.recipient, store=courses, vault=means.vault)
        token = "unknown" if row is None else "valid"
    elif understood.uid is not None and not understood.drop:
        of_uid = await reply_rows.rows_of_uid(understood.uid, store=courses, vault=means.vault)

    def digest(address: str) -> str:
        return address_digest.digest(address, key=means.address_key)

    return judge(understood, token=token, row=row, rows_of_uid=of_uid, digest=digest, now=means.clock())


async def _said_or_held(mail: StoredMail, understood: Understood, verdict: Verdict, *, means: Means) -> Decided:
    row = verdict.row
    if row is None:
        raise ValueError("nothing is said about nobody")
    about = About(application_id=row.application_id, meeting_id=row.meeting_id, person_id=row.person_id)
    if verdict.outcome == "accept":
        number = await say_mail(mail, understood, verdict, row, means=means)
        if number is None:
            return Decided(state="dropped", reason="no-course", about=about)
        return Decided(state="answered", reason=verdict.reason, about=about)
    held = await hold(
        row.application_id,
        said_of(understood, verdict, row, number=0, received_at=mail.received_at),
        source=source_of(mail, understood, row),
        store=means.store,
        vault=means.vault,
        signer=means.signer,
        programme=means.programme,
        now=means.clock(),
    )
    if held == "gone":
        return Decided(state="dropped", reason="no-course", about=about)
    if held == "again":
        is_hers = _is_hers(understood, verdict)
        return await _parked(mail, understood, "asked-already", about, is_hers=is_hers, means=means)
    return Decided(state="held", reason=verdict.reason, about=about)


async def _parked(
    mail: StoredMail, understood: Understood, reason: str, about: About | None, *, is_hers: bool, means: Means
) -> Decided:
    key = await means.parking.key_for(recipient=mail.recipient, uid=understood.uid, now=means.clock(), is_hers=is_hers)
    if key is None:
        return Decided(state="dropped", reason="no-room", about=about)
    return Decided(state="parked", reason=reason, about=about, parked_under=key, understood=understood)


def _is_hers(understood: Understood, verdict: Verdict) -> bool:
    """Whether our mail server vouches that it is from the invited person's registered address."""
    is_from_her = verdict.row is not None and bool(verdict.row.address) and understood.sender == verdict.row.address
    return is_from_her and understood.authentication == "pass"


def _about(row: Row | None) -> About | None:
    if row is None:
        return None
    return About(application_id=row.application_id, meeting_id=row.meeting_id, person_id=row.person_id)
