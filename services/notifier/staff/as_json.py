"""Messages, planned mails and addresses as programs get them: ids, codes, instants. Nobody's name stands there. Pure."""

from collections.abc import Sequence
from typing import Any

from services.notifier.staff.rows import last_codes
from services.notifier.stored_message import StoredMessage
from services.notifier.suppress.suppression import Suppression
from services.notifier.timed.timed_mail import TimedMail

JSON = dict[str, Any]


def message_as_json(message: StoredMessage, *, reference: str = "") -> JSON:
    """One message without its attempts."""
    code, enhanced = last_codes(message)
    return {
        "message_id": message.message_id,
        "application_id": message.application_id,
        "reference": reference,
        "person_id": message.person_id,
        "kind": message.kind,
        "meeting_id": message.meeting_id,
        "internet_message_id": message.internet_message_id,
        "state": message.state,
        "why": message.bounce_reason or message.why,
        "created_at": message.created_at,
        "due_at": message.due_at,
        "decided_at": message.decided_at,
        "delayed_at": message.delayed_at,
        "bounced_at": message.bounced_at,
        "useful_until": message.useful_until,
        "attempts": len(message.attempts),
        "code": code,
        "enhanced_code": enhanced,
        "resend_of": message.resend_of,
        "resent_as": message.resent_as,
    }


def attempts_as_json(message: StoredMessage, said: Sequence[str]) -> list[JSON]:
    """`said`: the server's words to each attempt, without secrets."""
    return [
        {
            "at": attempt.at,
            "phase": attempt.phase,
            "outcome": attempt.outcome,
            "reason": attempt.reason,
            "code": attempt.code,
            "enhanced_code": attempt.enhanced,
            "said": words,
        }
        for attempt, words in zip(message.attempts, said, strict=True)
    ]


def planned_as_json(mail: TimedMail, *, application_id: str, reference: str) -> JSON:
    """`key` names it below its application."""
    return {
        "application_id": application_id,
        "reference": reference,
        "key": mail.key,
        "kind": mail.kind,
        "person_id": mail.person_id,
        "meeting_id": mail.meeting_id,
        "due_at": mail.due_at,
        "useful_until": mail.useful_until,
        "stopped": mail.stopped,
        "moved_from": mail.moved_from,
    }


def suppression_as_json(one: Suppression, *, reference: str = "") -> JSON:
    """`digest` names the address; in clear it stands on the page alone."""
    return {
        "digest": one.digest,
        "reason": one.reason,
        "code": one.code,
        "since": one.since,
        "message_id": one.message_id,
        "application_id": one.application_id,
        "reference": reference,
        "person_id": one.person_id,
    }
