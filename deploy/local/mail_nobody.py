"""Addresses at which mail does not arrive, so that the demo and tests can see what comes back. Pure."""

from typing import Final

from deploy.local.mail_bounce import Fate

FATES: Final = {
    "ukendt": Fate(action="failed", status="5.1.1", said="550 5.1.1 No such user here"),
    "forsinket": Fate(action="delayed", status="4.4.1", said="451 4.4.1 Connection timed out"),
}
"""By what the local part begins with: "unknown" and "late" in Danish."""


def fate_at(address: str) -> Fate | None:
    """What becomes of mail to this address; None where it simply arrives, as at all others."""
    local_part = address.partition("@")[0].lower()
    return next((fate for word, fate in FATES.items() if local_part.startswith(word)), None)
