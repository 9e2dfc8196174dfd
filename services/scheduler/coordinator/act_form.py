"""From the fields of a form to what staff order: an act with its reason, or a sentence for each wrong field. Pure."""

from collections.abc import Mapping
from typing import Final

from pydantic import ValidationError

from services.scheduler.acts import Act, Order
from services.scheduler.history import REASON_CHARS_MAX, REASON_CHARS_MIN
from shared.words import Words

FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "pin": ("consultant",),
    "exclude": ("consultant",),
    "include": ("consultant",),
    "move": ("meeting", "start"),
    "extend_window": ("latest_start",),
    "take_counter": ("number",),
    "decline_counter": ("number",),
}
"""The fields that an act has of its own."""

_FAULTS: Final[Mapping[str, Words]] = {
    "consultant": Words(da="Vælg en konsulent.", en="Choose a consultant."),
    "meeting": Words(da="Vælg et møde.", en="Choose a meeting."),
    "number": Words(da="Vælg et forslag.", en="Choose a proposal."),
    "start": Words(da="Vælg et tidspunkt.", en="Choose a time."),
    "latest_start": Words(da="Skriv en dato.", en="Enter a date."),
    "reason": Words(
        da=f"Skriv hvorfor, med {REASON_CHARS_MIN}-{REASON_CHARS_MAX} tegn. Kun kolleger kan læse det.",
        en=f"Write why, in {REASON_CHARS_MIN}-{REASON_CHARS_MAX} characters. Only colleagues can read it.",
    ),
}


class FormWrongError(ValueError):
    """Something on the form is missing or wrong; `faults` says it by field."""

    def __init__(self, faults: Mapping[str, Words]) -> None:
        super().__init__("the form is not complete")
        self.faults = dict(faults)


def order_of(kind: str, fields: Mapping[str, str], *, act: Act | None = None) -> Order:
    """Read the form of an act. `version` is that of the course as it was shown; `act` is given where the fields were read already.

    Raises:
        FormWrongError: with a sentence for each wrong field.

    """
    values = {"kind": kind, **{name: fields.get(name, "").strip() for name in FIELDS.get(kind, ())}}
    version = fields.get("version", "")
    try:
        return Order.model_validate(
            {
                "act": act or values,
                "mails": fields.get("mails") or None,
                "reason": " ".join(fields.get("reason", "").split()),
                "version": int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None,  # noqa: PLR2004 - an int
            }
        )
    except ValidationError as error:
        wrong = {str(row["loc"][-1]) for row in error.errors(include_url=False, include_input=False)}
        raise FormWrongError({name: text for name, text in _FAULTS.items() if name in wrong}) from None
