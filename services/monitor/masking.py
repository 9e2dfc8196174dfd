"""What of an event staff may see: ids, codes, numbers and instants. Sealed blocks become the name of their key; texts are hidden.

Pure. It starts from what is known to be a fact, so a field that nobody has thought of is left out rather than shown.
"""

import re
from datetime import date
from typing import Any

from pydantic import BaseModel

from shared.sealing import Sealed

HIDDEN = {"hidden": True}
CODE_CHARACTERS_MAX = 120
DEPTH_MAX = 12
# Ids, codes, references, zones, instants; no blank and no "@", so no name with its surname, no sentence and no address.
_CODE = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._:+/-]{{0,{CODE_CHARACTERS_MAX - 1}}}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Message-IDs (RFC 5322 3.6.4) and UIDs of meetings (RFC 7986 5.3) as we make them: a UUID at the organisation's domain.
_UUID_AT_DOMAIN = re.compile(rf"<?{_UUID.pattern}@[A-Za-z0-9.-]{{1,80}}>?")


def code(text: object) -> str | None:
    """The text itself where it looks like an id or a code, else None."""
    return text if isinstance(text, str) and _CODE.fullmatch(text) else None


def own_id(text: object) -> str | None:
    """The text itself where it is a UUID, as all our ids are; for records that nobody can vouch for."""
    return text if isinstance(text, str) and _UUID.fullmatch(text) else None


def masked(value: Any, depth: int = 0) -> Any:
    """A model, or a part of one, as JSON values. Only declared fields are followed; extra ones are never looked at."""
    if depth > DEPTH_MAX:
        return HIDDEN
    if isinstance(value, Sealed):
        return {"sealed": code(value.key_id) or "?"}
    if isinstance(value, BaseModel):
        return {name: masked(getattr(value, name), depth + 1) for name in type(value).model_fields}
    if isinstance(value, dict):
        return {code(name) or "?": masked(part, depth + 1) for name, part in value.items()}
    if isinstance(value, tuple | list):
        return [masked(part, depth + 1) for part in value]
    return _masked_scalar(value)


def _masked_scalar(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, date):  # datetimes too
        return value.isoformat()
    if isinstance(value, str) and _UUID_AT_DOMAIN.fullmatch(value):
        return value
    return code(value) or HIDDEN
