"""The kinds of field that the form has: each cleans what was typed and refuses what cannot be right.

Errors carry a code of `fault_texts` as their type and never what was typed.
"""

import re
import unicodedata
from datetime import date, datetime
from typing import Annotated, Any, Final

from email_validator import EmailNotValidError, validate_email
from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from services.intake.cpr import contains_cpr

EMAIL_CHARACTERS_MAX: Final = 254
"""RFC 5321 4.5.3.1.3, without the angle brackets."""
NAME_CHARACTERS_MAX: Final = 100
LINE_CHARACTERS_MAX: Final = 120
FREE_TEXT_CHARACTERS_MAX: Final = 2000
CODE_CHARACTERS_MAX: Final = 40
PHONE_CHARACTERS_MAX: Final = 25
_PHONE_DIGITS_DANISH: Final = 8
LINE_TYPED_CHARACTERS_MAX: Final = 1000
FREE_TEXT_TYPED_CHARACTERS_MAX: Final = 3 * FREE_TEXT_CHARACTERS_MAX
"""As typed, before it is cleaned: with room for letters whose accents count apart. What is longer is too long, and
putting its accents in order (NFC) would take the square of its length."""
YEARS: Final = range(2000, 2200)
"""Years that a form may name: what lies outside is a slip, and far enough out dates cannot be reckoned with."""

_JOINER: Final = "\u200d"
"""Joins the parts of one emoji."""


def _refused(code: str) -> PydanticCustomError:
    return PydanticCustomError(code, "refused")


def one_line(typed: Any) -> Any:
    """Return the text on one line with single spaces, normalised (NFC), without invisible formatting characters.

    What is far too long for any line comes back as it is: the limit of the field refuses it.
    """
    if not isinstance(typed, str) or len(typed) > LINE_TYPED_CHARACTERS_MAX:
        return typed
    text = unicodedata.normalize("NFC", typed).strip()
    if not text.isprintable():
        # Looking at each character is slow, and nearly no text needs it.
        text = "".join(c for c in text if unicodedata.category(c) != "Cf").strip()
        if any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in text):
            raise _refused("control_characters")
    return _without_cpr(" ".join(text.split()))


def free_text(typed: Any) -> Any:
    """Return the text with plain line breaks; tabs become spaces, other control characters are refused.

    What is far too long comes back as it is: the limit of the field refuses it.
    """
    if not isinstance(typed, str) or len(typed) > FREE_TEXT_TYPED_CHARACTERS_MAX:
        return typed
    text = re.sub("\r\n|[\r\u2028\u2029]", "\n", unicodedata.normalize("NFC", typed)).replace("\t", " ").strip()
    if not text.replace("\n", "").isprintable():
        text = "".join(c for c in text if c == _JOINER or unicodedata.category(c) != "Cf")
        if any(unicodedata.category(c) in {"Cc", "Cs"} for c in text if c != "\n"):
            raise _refused("control_characters")
    return _without_cpr(text)


def _without_cpr(text: str) -> str:
    if contains_cpr(text):
        raise _refused("cpr")
    return text


def _email(typed: Any) -> Any:
    text = one_line(typed)
    if not isinstance(text, str) or not text or len(text) > EMAIL_CHARACTERS_MAX:
        return text
    try:
        found = validate_email(text, check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError:
        raise _refused("email") from None
    # The ASCII form is what mail servers take; a domain such as københavn.example has one as well.
    return found.ascii_email


def _phone(typed: Any) -> Any:
    text = one_line(typed)
    if not isinstance(text, str) or not text or len(text) > PHONE_CHARACTERS_MAX:
        return text
    digits = re.sub(r"[ ()./-]", "", text)
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if re.fullmatch(rf"[1-9][0-9]{{{_PHONE_DIGITS_DANISH - 1}}}", digits):
        return "+45" + digits
    # E.164: at most 15 digits, none of the country codes begins with 0.
    if re.fullmatch(r"\+45[1-9][0-9]{7}|\+(?!45)[1-9][0-9]{6,14}", digits):
        return digits
    raise _refused("phone")


def _postal_code(typed: Any) -> Any:
    text = one_line(typed)
    if isinstance(text, str) and text and not re.fullmatch(r"[0-9]{4}", text):
        raise _refused("postal_code")
    return text


def _day(typed: Any) -> Any:
    day = typed
    text = one_line(typed)
    if isinstance(text, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise _refused("date") from None
    if isinstance(day, date) and not isinstance(day, datetime) and day.year in YEARS:
        return day
    raise _refused("date")


def _clock(typed: Any) -> Any:
    text = one_line(typed)
    if isinstance(text, str) and re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00", text):
        return text
    raise _refused("clock")


def _start_clock(typed: Any) -> Any:
    text = _clock(typed)
    if text == "24:00":
        raise _refused("clock")
    return text


def _iso_week(typed: Any) -> Any:
    text = one_line(typed)
    if isinstance(text, str) and (found := re.fullmatch(r"([0-9]{4})-W([0-9]{2})", text)):
        year, week = int(found[1]), int(found[2])
        try:
            date.fromisocalendar(year, week, 1)
        except ValueError:
            raise _refused("iso_week") from None
        if year in YEARS:
            return text
    raise _refused("iso_week")


# Constraints stand before the validator, so that they are checked on the cleaned text and stand in the JSON schema.
Name = Annotated[str, Field(min_length=2, max_length=NAME_CHARACTERS_MAX), BeforeValidator(one_line)]
Line = Annotated[str, Field(min_length=1, max_length=LINE_CHARACTERS_MAX), BeforeValidator(one_line)]
OptionalLine = Annotated[str, Field(max_length=LINE_CHARACTERS_MAX), BeforeValidator(one_line)]
FreeText = Annotated[str, Field(min_length=10, max_length=FREE_TEXT_CHARACTERS_MAX), BeforeValidator(free_text)]
ChoiceCode = Annotated[str, Field(min_length=1, max_length=CODE_CHARACTERS_MAX), BeforeValidator(one_line)]
Email = Annotated[
    str,
    Field(min_length=1, max_length=EMAIL_CHARACTERS_MAX, json_schema_extra={"format": "email"}),
    BeforeValidator(_email),
]
Phone = Annotated[str, Field(min_length=1, max_length=PHONE_CHARACTERS_MAX), BeforeValidator(_phone)]
PostalCode = Annotated[
    str,
    Field(min_length=1, max_length=4, json_schema_extra={"pattern": "^[0-9]{4}$"}),
    BeforeValidator(_postal_code),
]
Day = Annotated[date, BeforeValidator(_day)]
Clock = Annotated[
    str,
    Field(json_schema_extra={"pattern": "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"}),
    BeforeValidator(_clock),
]
StartClock = Annotated[
    str,
    Field(json_schema_extra={"pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}),
    BeforeValidator(_start_clock),
]
IsoWeek = Annotated[
    str,
    Field(json_schema_extra={"pattern": "^[0-9]{4}-W[0-9]{2}$"}),
    BeforeValidator(_iso_week),
]
