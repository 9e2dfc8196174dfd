"""One gate for every mail address that leaves this system: exactly one plain address, or nothing.

The library for mail messages accepts a header such as `a@b, e@x`, and SMTP clients cut at a line break without a word,
so every address passes here before it stands in a header, an envelope or a calendar object.
"""

from email_validator import EmailNotValidError, validate_email


class AddressError(ValueError):
    """The text is not exactly one plain mail address. The message never repeats the text."""


def one_address(text: str) -> str:
    """The one address in `text`, in ASCII and with its domain in lower case; the local part stays as it was written.

    Display names, lists, comments, quoted local parts, IP literals, control characters and non-ASCII local parts are
    refused with AddressError. Whether the domain exists is not asked: no network is touched.
    """
    try:
        found = validate_email(
            text,
            check_deliverability=False,
            allow_smtputf8=False,
            allow_quoted_local=False,
            allow_domain_literal=False,
            allow_display_name=False,
            strict=True,
        )
    except EmailNotValidError:
        raise AddressError("not exactly one plain mail address") from None
    if found.ascii_email is None:
        raise AddressError("the address cannot be written in ASCII")
    return found.ascii_email
