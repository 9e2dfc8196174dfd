"""What a page says after something was done. Pure."""

from collections.abc import Mapping
from typing import Final

from shared.words import Words

DONE: Final[Mapping[str, Words]] = {
    "stop": Words(da="Mailen er stoppet", en="The mail is stopped"),
    "move": Words(da="Mailen er flyttet", en="The mail is moved"),
    "again": Words(
        da="Mailen bliver sendt igen. Det er den, I ser her",
        en="The mail is sent again. It is the one that you see here",
    ),
    "planned-stop": Words(da="Den planlagte mail er stoppet", en="The planned mail is stopped"),
    "planned-release": Words(da="Den planlagte mail bliver sendt alligevel", en="The planned mail goes out after all"),
    "planned-move": Words(da="Den planlagte mail er flyttet", en="The planned mail is moved"),
    "lift": Words(da="Adressen får mails igen", en="The address gets mails again"),
}
"""By the word in the page's address."""
