"""What an answer says, in words for people. Pure."""

from collections.abc import Mapping
from typing import Final

from shared.said import PartStat
from shared.words import Words

ANSWERS: Final[Mapping[PartStat, Words]] = {
    "ACCEPTED": Words(da="Ja", en="Yes"),
    "TENTATIVE": Words(da="Måske", en="Perhaps"),
    "DECLINED": Words(da="Nej", en="No"),
    "DELEGATED": Words(da="Sender en anden", en="Sends somebody else"),
    "NEEDS-ACTION": Words(da="Intet svar", en="No answer"),
}
PROPOSES: Final = Words(da="Foreslår et andet tidspunkt", en="Proposes another time")
