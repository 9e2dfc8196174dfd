"""What staff did to a mail, in words: who, when, what, and why."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from services.notifier.staff.act_on_message import MOVED, SENT_AGAIN, STOPPED
from services.notifier.staff.desk import StaffDesk
from services.notifier.staff.rows import Rows
from services.notifier.staff.words import words_of
from services.notifier.staff_note import Given, reason_place
from services.notifier.stored_message import StoredMessage
from shared.vault import ErasedError
from shared.words import Words

ACTS: Final[Mapping[str, Words]] = {
    STOPPED: Words(da="Stoppet", en="Stopped"),
    MOVED: Words(da="Flyttet", en="Moved"),
    SENT_AGAIN: Words(da="Sendt igen", en="Sent again"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRow:
    when: str
    account: str
    act: Words
    to: str
    reason: str


async def notes_of(message: StoredMessage, rows: Rows, *, desk: StaffDesk) -> list[NoteRow]:
    """The newest first. Raises as `Vault.unseal`."""
    found = []
    for note in reversed(message.notes):
        reason = ""
        if note.reason is not None:
            with suppress(ErasedError):
                place = reason_place(message.message_id, note.note_id)
                reason = (await desk.vault.unseal(note.reason, Given, place=place)).reason
        found.append(
            NoteRow(
                when=rows.moment(note.at),
                account=note.account,
                act=words_of(note.act, ACTS),
                to=rows.moment(note.to),
                reason=reason,
            )
        )
    return found
