"""The municipalities as choices of a form, in Danish order. Pure."""

from shared.reference.danish_order import danish_key
from shared.reference.municipalities import Municipalities


def municipality_options(municipalities: Municipalities) -> list[tuple[str, str]]:
    """(code, name)."""
    return sorted(((one.code, one.name) for one in municipalities), key=lambda row: danish_key(row[1]))
