"""Reports without a part for machines, as older servers write them: told by who wrote them and by their fixed words. Pure.

Whoever is away for a while has an answer sent to the very same address, so nothing here counts that a person's mailbox may have sent.
"""

import re
from typing import Final

from services.intake.imip.fields import Fields
from services.intake.returned.report import Report
from services.intake.returned.status_code import status_in

FIELD_CHARACTERS_MAX: Final = 1_000

_MAIL_SYSTEM: Final = re.compile(r"(?:mailer-?daemon|mail-daemon|postmaster)(?:\+[^@]*)?")
_LOCAL_PART: Final = re.compile(r"([A-Za-z0-9._+-]+)@")
_NAME_ONLY: Final = re.compile(r"\s*(?:<\s*)?(mailer-?daemon|postmaster)\b(?!.*@)", re.IGNORECASE)
_AUTO_REPLY_MARKS: Final = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-autoreply-from")
# What follows is a copy of the mail that came back, in whatever words.
_COPY: Final = re.compile(
    r"^(?:--.*(?:copy of|original message|below this line|message follows|unsent message|returned message|message header).*"
    r"|(?:return-path|received|message-id|from): .*)$",
    re.IGNORECASE | re.MULTILINE,
)
_CHALLENGE: Final = re.compile(
    r"confirm (?:that )?(?:you|your)|verify (?:that )?(?:you|your)|click (?:on )?(?:the|this) link|until you (?:reply|confirm)",
    re.IGNORECASE,
)
_DELAYED: Final = re.compile(
    r"this is a warning message only|no action is required on your part|do not need to resend|will (?:continue|keep) (?:to )?try"
    r"|will be retried|has not yet been delivered|delivery (?:is|has been) delayed|not been able to deliver .{0,60} yet",
    re.IGNORECASE | re.DOTALL,
)
_FAILED: Final = re.compile(
    r"permanent (?:fatal )?error|could ?n[o']t be delivered|(?:wasn't|was not|were not|unable|not able) (?:able )?to deliver"
    r"|undeliver(?:able|ed)|delivery (?:to the following .{0,60})?(?:has )?failed|returned to (?:the )?sender|i've given up"
    r"|kunne ikke leveres|levering(?:en)? .{0,60}mislykkedes",
    re.IGNORECASE | re.DOTALL,
)


def read_words(fields: Fields, text: str, *, return_path: str | None) -> Report:
    """What a mail without a part for machines says. `return_path` is "" for a null one, None where it is not known."""
    if any(fields.first(mark) is not None for mark in _AUTO_REPLY_MARKS):
        return Report(reason="auto-reply")
    if not _is_of_mail_system(fields, return_path):
        submitted = (fields.first("auto-submitted") or "no").strip().lower()
        return Report(reason="auto-reply" if return_path == "" or submitted != "no" else "no-report")
    told = _before_copy(text)
    if _CHALLENGE.search(told):
        return Report(reason="challenge")
    if _DELAYED.search(told):
        return Report(action="delayed", status=_of_class("4", status_in(told)), reason="in-words")
    if _FAILED.search(told):
        return Report(action="failed", status=status_in(told), reason="in-words")
    return Report(reason="no-report")


def is_mail_system(address: str) -> bool:
    """Whether an address is the one in whose name mail servers write (RFC 5321 section 4.5.1, and the old custom)."""
    return _MAIL_SYSTEM.fullmatch(address.strip().strip("<>").partition("@")[0].lower()) is not None


def _is_of_mail_system(fields: Fields, return_path: str | None) -> bool:
    """A mail system is named as its sender, or marks the mail as Exim does, and nobody's mailbox is named as its return path."""
    if return_path and not is_mail_system(return_path):
        return False
    senders = [value[:FIELD_CHARACTERS_MAX] for value in fields.values("from")]
    if len(senders) != 1:
        return False
    local_parts = _LOCAL_PART.findall(senders[0])
    named = is_mail_system(local_parts[-1]) if local_parts else _NAME_ONLY.match(senders[0]) is not None
    return named or (return_path == "" and fields.first("x-failed-recipients") is not None)


def _before_copy(text: str) -> str:
    found = _COPY.search(text)
    return text[: found.start()] if found else text


def _of_class(severity: str, status: str | None) -> str | None:
    return status if status is not None and status.startswith(severity + ".") else None
