"""Reads a mail for what it says about a meeting. Pure, and never raises, whatever the bytes are."""

from services.intake.imip.understood import Understood, not_ours


def read_mail(raw: bytes, *, authserv_id: str | None, envelope_from: str | None = None) -> Understood:
    """What a mail says.

    `authserv_id` is the name by which our own mail server signs its findings (RFC 8601); without it nothing is believed.
    `envelope_from` is the sender of the envelope: empty for a null return path, None where it is not known.
    """
    del raw, authserv_id, envelope_from
    return not_ours("unreadable")
