"""Who gave a new address, in words. Pure."""

from collections.abc import Mapping
from typing import Final

from services.intake.new_address.changed import Giver
from shared.words import Words

GIVERS: Final[Mapping[Giver, Words]] = {
    "self": Words(da="personen selv", en="the person"),
    "contact": Words(da="en anden kontaktperson", en="another contact"),
    "staff": Words(da="os", en="us"),
}
