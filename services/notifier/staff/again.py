"""Whether a mail can be sent again as it is: only what is still true, to an address that is still the person's. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.notifier.message import UNSENT, MailContent, NewMessage, internet_message_id
from services.notifier.staff.known import Known
from services.notifier.stored_message import StoredMessage
from services.notifier.timed.due import mails_of
from shared import ids
from shared.programme import Programme
from shared.sealing import Sealed

AGAIN_MAX: Final = 5
"""So often one mail is sent again."""


@dataclass(frozen=True, kw_only=True)
class Before:
    """A message with all that tells whether it can be sent again.

    `others` are all messages of its application, `content` the mail; None: it was erased. `suppressed`: its address takes no mail.
    """

    message: StoredMessage
    others: Sequence[StoredMessage]
    content: MailContent | None
    known: Known
    suppressed: bool
    now: datetime

    @property
    def earlier(self) -> list[StoredMessage]:
        """What it was sent again as before."""
        return [one for one in self.others if one.resend_of == self.message.message_id]


def why_not_again(before: Before, programme: Programme) -> str | None:  # noqa: PLR0911 - a line for each reason
    """A code of `refusals.REFUSALS`; None: it can."""
    message, content = before.message, before.content
    if message.state in UNSENT:
        return "unsent"
    address = before.known.addressee(message.person_id, programme).mail
    if content is None or not address:
        return "erased"
    if address.casefold() != content.recipient.casefold():
        return "other_address"
    if before.suppressed:
        return "suppressed"
    if message.useful_until is not None and before.now >= message.useful_until:
        return "past_use"
    if message.timed and not _is_still_given(before, programme):
        return "not_so_any_more"
    if _is_outdated(before, content):
        return "outdated"
    if any(one.state in UNSENT for one in before.earlier):
        return "under_way"
    return "often" if len(before.earlier) >= AGAIN_MAX else None


def again(before: Before, mail: Sealed, *, message_id: str, now: datetime, traceparent: str, domain: str) -> NewMessage:
    """The message that repeats this one; `mail` is the same content, sealed for it."""
    message = before.message
    return NewMessage(
        message_id=message_id,
        application_id=message.application_id,
        person_id=message.person_id,
        kind=message.kind,
        about=message.about,
        replaces=message.replaces,
        sequence=message.sequence,
        meeting_id=message.meeting_id,
        internet_message_id=internet_message_id(message_id, domain),
        created_at=now,
        due_at=now,
        traceparent=traceparent,
        mail=mail,
        addressee=message.addressee,
        domain=message.domain,
        useful_until=message.useful_until,
        timed=message.timed,
        resend_of=message.message_id,
    )


def id_again(message_id: str, number: int) -> str:
    """The same for whoever presses the button twice; `number` counts how often it was sent again before."""
    return ids.derived(message_id, "again", str(number))


def _is_still_given(before: Before, programme: Programme) -> bool:
    """Whether the course as it is now gives this mail at its time: nothing asks later, since staff know what they send."""
    message, by_id = before.message, {one.message_id: one for one in before.others}
    first = message
    while first.resend_of in by_id:
        first = by_id[first.resend_of]
    given = mails_of(before.known.view, programme)
    return any(one.message(message.application_id, sequence=0).message_id == first.message_id for one in given)


def _is_outdated(before: Before, content: MailContent) -> bool:
    """A newer mail says something else about the same, or the calendar object is not what holds now."""
    message = before.message
    newer = (
        one.sequence > message.sequence and (one.person_id, one.about) == (message.person_id, message.about)
        for one in before.others
    )
    return any(newer) or (content.ics is not None and not _is_current(before, content.ics))


def _is_current(before: Before, ics: str) -> bool:
    person = before.known.in_course.get(before.message.person_id)
    if person is None:
        return False
    return ics in {one.ics for one in person.invites} | {one.ics for one in person.counter_replies}
