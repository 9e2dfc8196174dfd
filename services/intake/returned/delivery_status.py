"""The part of a report that is written for machines: groups of fields about each recipient (RFC 3464 sections 2.1 to 2.3). Pure."""

import re
from typing import Final

from services.intake.imip.fields import Fields, read_fields
from services.intake.returned.report import Action, Report
from services.intake.returned.status_code import says_nothing, status_in, status_of

STATUS_BYTES_MAX: Final = 65_536
GROUPS_MAX: Final = 50
"""Our mails have one recipient; a list behind that address may have some more."""

_BLANK_LINES: Final = re.compile(rb"(?:\r?\n[ \t]*){2,}")
_WORD: Final = re.compile(r"\s*([A-Za-z]+)")
_ARRIVED: Final = frozenset({"delivered", "relayed", "expanded"})


def read_delivery_status(parts: list[bytes]) -> Report:
    """What became of the mail: it failed only where every recipient's group says so, since else somebody may have it yet."""
    groups = [group for part in parts for group in _groups(part)][:GROUPS_MAX]
    said = [(action, group) for group in groups if (action := _action(group)) is not None]
    actions = {action for action, _ in said}
    if not actions:
        return Report(reason="no-action")
    if actions & _ARRIVED:
        return Report(reason="delivered")
    wanted: Action = "delayed" if "delayed" in actions else "failed"
    group = next(group for action, group in said if action == wanted)
    return Report(action=wanted, status=_status(group), reason="delivery-status")


def _groups(part: bytes) -> list[Fields]:
    return [read_fields(block) for block in _BLANK_LINES.split(part[:STATUS_BYTES_MAX])]


def _action(group: Fields) -> str | None:
    """The word of Action, comments aside. Without the field a code of class 5 is as clear; a code of class 4 is not."""
    field = group.first("action")
    if field is None:
        status = status_of(group.first("status") or "")
        return "failed" if status and status.startswith("5.") else None
    found = _WORD.match(field)
    word = found[1].lower() if found else ""
    return word if word in _ARRIVED or word in ("failed", "delayed") else None


def _status(group: Fields) -> str | None:
    """The Status field; where it says nothing, what the server on the other side said (Diagnostic-Code)."""
    status = status_of(group.first("status") or "")
    if not says_nothing(status):
        return status
    told = status_in(group.first("diagnostic-code") or "")
    return told if told is not None and (status is None or not says_nothing(told)) else status
