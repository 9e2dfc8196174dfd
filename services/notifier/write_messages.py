"""Turns planned messages into finished, sealed ones: composed in the reader's language, ready to be stored and sent."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from services.notifier.compose import Voice, compose
from services.notifier.facts import Facts
from services.notifier.message import MailContent, NewMessage, internet_message_id, mail_place
from services.notifier.planned import PlannedMessage
from services.notifier.recipients import Recipient
from services.notifier.template_files import Templates
from shared import trace
from shared.address_digest import digest, domain_digest
from shared.programme import Programme
from shared.vault import ErasedError, Vault

ORDER_STEP = timedelta(milliseconds=1)
"""Between the times at which messages of one event are due, so that they are taken up in their order."""
_ORGANIZER = re.compile(r"^ORGANIZER(?:;[A-Z-]+=(?:\"[^\"]*\"|[^\";:]*))*:mailto:(\S+)\r?$", re.MULTILINE)


async def write_messages(
    planned: Sequence[PlannedMessage],
    *,
    application_id: str,
    recipients: Mapping[str, Recipient],
    facts: Callable[[PlannedMessage], Facts],
    programme: Programme,
    templates: Templates,
    vault: Vault,
    now: datetime,
    address_key: bytes,
) -> list[NewMessage]:
    """The messages, in their order, due at once where the plan says nothing else; none to people who were erased meanwhile.

    Raises:
        DependencyDownError: the key store does not answer.

    """
    written = []
    for number, each in enumerate(planned):
        recipient = recipients[each.person_id]
        content = _content(each, recipient, facts(each), programme, templates)
        try:
            mail = await vault.seal(content, key_id=recipient.key_id, place=mail_place(each.message_id))
        except ErasedError:
            continue
        written.append(
            NewMessage(
                message_id=each.message_id,
                application_id=application_id,
                person_id=each.person_id,
                kind=each.kind,
                about=each.about,
                replaces=each.replaces or each.follows,
                sequence=each.sequence,
                meeting_id=each.calendar.meeting_id if each.calendar else None,
                internet_message_id=internet_message_id(each.message_id, programme.sender.domain),
                created_at=now,
                due_at=(each.due_at or now) - (len(planned) - number) * ORDER_STEP,
                traceparent=trace.current(),
                mail=mail,
                addressee=digest(recipient.mail, key=address_key),
                domain=domain_digest(recipient.mail, key=address_key),
                useful_until=each.useful_until,
                timed=each.timed,
                resend_of=each.resend_of,
            )
        )
    return written


def organizer_of(ics: str) -> str | None:
    """The address that answers to a calendar object go to; None where it names none."""
    found = _ORGANIZER.search(ics.replace("\r\n ", ""))
    return found.group(1) if found else None


def _content(
    planned: PlannedMessage, recipient: Recipient, facts: Facts, programme: Programme, templates: Templates
) -> MailContent:
    voice = Voice(
        programme=programme.name.in_language(recipient.language),
        sender=programme.sender.display_name,
        privacy_url=programme.links.privacy.in_language(recipient.language),
    )
    words = compose(facts, language=recipient.language, voice=voice, templates=templates)
    return MailContent(
        recipient=recipient.mail,
        sender=organizer_of(planned.calendar.ics) if planned.calendar else None,
        subject=words.subject,
        text=words.text,
        html=words.html,
        language=recipient.language,
        method=planned.calendar.method if planned.calendar else None,
        ics=planned.calendar.ics if planned.calendar else None,
    )
