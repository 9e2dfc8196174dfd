"""What staff do to one message: stop it, move it, send it again. The act and its audit event are one write."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.notifier.message import UNSENT, MailContent, mail_place
from services.notifier.message_event import SOURCE
from services.notifier.staff.again import Before, again, id_again, why_not_again
from services.notifier.staff.desk import StaffDesk
from services.notifier.staff.people import known_of
from services.notifier.staff.refusals import Refused
from services.notifier.staff_note import Given, StaffNote, reason_place
from services.notifier.stored_message import StoredMessage
from shared import ids, outbox, trace
from shared.outbox import PendingEvent, Waiting
from shared.sealing import Sealed
from shared.staff.audit import audit
from shared.staff.staff import Staff
from shared.vault import ErasedError, application_key

STOPPED: Final = "message.stopped"
MOVED: Final = "message.moved"
SENT_AGAIN: Final = "message.sent-again"
MOVE_MAX: Final = timedelta(days=60)
"""No mail is moved further ahead."""


class UnknownMessageError(LookupError):
    """There is no message of that id."""


async def find_message(message_id: str, *, desk: StaffDesk) -> StoredMessage:
    """The message as it is now.

    Raises:
        UnknownMessageError: there is none.

    """
    message = await desk.messages.find(message_id)
    if message is None:
        raise UnknownMessageError(message_id)
    return message


async def stop_message(message_id: str, reason: str, *, staff: Staff, desk: StaffDesk) -> Refused | None:
    """Send a message never. None: done. Raises UnknownMessageError, DependencyDownError."""
    message, now = await find_message(message_id, desk=desk), desk.clock()
    refused = may_change(message)
    if refused:
        return refused
    note = await _note(message.message_id, message.application_id, STOPPED, reason, staff=staff, now=now, desk=desk)
    events = [_event(message.message_id, message, STOPPED, len(message.notes) + 1, staff=staff, now=now, desk=desk)]
    written = await desk.messages.stop(
        message_id, why="staff", now=now, events=events, note=note, version=message.version
    )
    return _told(written, desk)


async def move_message(
    message_id: str, due_at: datetime, reason: str, *, staff: Staff, desk: StaffDesk
) -> Refused | None:
    """Have a message go out at another time. None: done. Raises as `stop_message`."""
    message, now = await find_message(message_id, desk=desk), desk.clock()
    refused = may_change(message) or may_move_to(due_at, useful_until=message.useful_until, now=now)
    if refused:
        return refused
    note = await _note(
        message.message_id, message.application_id, MOVED, reason, staff=staff, now=now, desk=desk, to=due_at
    )
    events = [_event(message.message_id, message, MOVED, len(message.notes) + 1, staff=staff, now=now, desk=desk)]
    written = await desk.messages.move(
        message_id, due_at=due_at, now=now, events=events, note=note, version=message.version
    )
    return _told(written, desk)


async def send_again(
    message_id: str, reason: str, *, number: int | None = None, staff: Staff, desk: StaffDesk
) -> str | Refused:
    """Send what a message says once more, as a message of its own; its id. Raises as `stop_message`, and as `Vault.unseal`.

    `number`: how often it had been sent again when staff decided; so a button that is pressed twice sends one mail.
    """
    before = await read_before(message_id, desk=desk)
    number = len(before.earlier) if number is None else number
    new_id = id_again(message_id, number)
    if any(one.message_id == new_id for one in before.earlier):
        return new_id
    refusal = why_not_again(before, desk.programme)
    if refusal or before.content is None:
        return Refused(refusal or "erased")
    message, now = before.message, desk.clock()
    mail = await _sealed_again(before.content, message, new_id, desk=desk)
    if mail is None:
        return Refused("erased")
    note = await _note(new_id, message.application_id, SENT_AGAIN, reason, staff=staff, now=now, desk=desk)
    event = _event(new_id, message, SENT_AGAIN, 1, staff=staff, now=now, desk=desk)
    new = again(
        before, mail, message_id=new_id, now=now, traceparent=trace.current(), domain=desk.programme.sender.domain
    )
    desk.publish_message(await desk.messages.insert_again(new, note=note, events=[event]))
    desk.wake()
    return new_id


async def read_before(message_id: str, *, desk: StaffDesk) -> Before:
    """A message with all that tells whether it can be sent again. Raises as `send_again`."""
    message = await find_message(message_id, desk=desk)
    known = await known_of(await desk.views.read(message.application_id), vault=desk.vault)
    return Before(
        message=message,
        others=await desk.messages.of_application(message.application_id),
        content=await content_of(message, desk=desk),
        known=known,
        suppressed=bool(message.addressee) and await desk.suppressions.is_active(message.addressee),
        now=desk.clock(),
    )


async def content_of(message: StoredMessage, *, desk: StaffDesk) -> MailContent | None:
    """What the recipient reads; None where she was erased. Raises as `Vault.unseal`."""
    try:
        return await desk.vault.unseal(message.mail, MailContent, place=mail_place(message.message_id))
    except ErasedError:
        return None


def may_change(message: StoredMessage) -> Refused | None:
    """Only what waits can be stopped or moved."""
    if message.state == "sending":
        return Refused("in_hand")
    return None if message.state in UNSENT else Refused("done")


def may_move_to(due_at: datetime, *, useful_until: datetime | None, now: datetime) -> Refused | None:
    """Ahead, not too far, and as long as it helps."""
    if due_at <= now:
        return Refused("time_past")
    if useful_until is not None and due_at >= useful_until:
        return Refused("time_useless")
    return Refused("time_far") if due_at > now + MOVE_MAX else None


def _told(written: Waiting | None, desk: StaffDesk) -> Refused | None:
    if written is None:
        return Refused("changed")
    desk.publish_message(written)
    desk.wake()
    return None


async def _sealed_again(content: MailContent, message: StoredMessage, new_id: str, *, desk: StaffDesk) -> Sealed | None:
    try:
        return await desk.vault.seal(content, key_id=message.mail.key_id, place=mail_place(new_id))
    except ErasedError:
        return None


async def _note(
    message_id: str,
    application_id: str,
    act: str,
    reason: str,
    *,
    staff: Staff,
    now: datetime,
    desk: StaffDesk,
    to: datetime | None = None,
) -> StaffNote:
    note_id = str(UUID(bytes=desk.random(16), version=4))
    try:
        sealed = await desk.vault.seal(
            Given(reason=reason), key_id=application_key(application_id), place=reason_place(message_id, note_id)
        )
    except ErasedError:
        sealed = None
    return StaffNote(note_id=note_id, at=now, account=staff.account, act=act, to=to, reason=sealed)


def _event(
    message_id: str,
    message: StoredMessage,
    act: str,
    sequence: int,
    *,
    staff: Staff,
    now: datetime,
    desk: StaffDesk,
) -> PendingEvent:
    return outbox.pending(
        audit(staff=staff, service="notifier", act=act, aggregate_id=message_id, now=now),
        event_id=ids.uuid7(now, desk.random(10)),
        source=SOURCE,
        subject=message_id,
        sequence=sequence,
        now=now,
        traceparent=trace.current(),
        key=message.application_id,
    )
