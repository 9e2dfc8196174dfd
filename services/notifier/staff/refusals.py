"""Why staff cannot do with a mail what they asked for, in words. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from shared.words import Words

REFUSALS: Final[Mapping[str, Words]] = {
    "done": Words(
        da="Mailen er allerede færdig: den er sendt, stoppet eller kunne ikke sendes.",
        en="The mail is done with already: it was sent, stopped, or could not be sent.",
    ),
    "in_hand": Words(
        da="Mailen bliver sendt lige nu. Prøv igen om et minut.",
        en="The mail is being sent just now. Try again in a minute.",
    ),
    "changed": Words(
        da="Mailen ændrede sig i samme øjeblik. Se på den igen.",
        en="The mail changed at the same moment. Look at it again.",
    ),
    "time_past": Words(da="Tidspunktet er allerede forbi.", en="That time is past already."),
    "time_useless": Words(
        da="Så sent hjælper mailen ikke længere. Vælg et tidligere tidspunkt.",
        en="So late the mail helps nobody any more. Choose an earlier time.",
    ),
    "time_far": Words(da="Tidspunktet ligger for langt ude i fremtiden.", en="That time is too far ahead."),
    "unsent": Words(
        da="Mailen er ikke sendt endnu. Den bliver prøvet, som den er.",
        en="The mail is not sent yet. It is tried as it is.",
    ),
    "under_way": Words(da="Mailen bliver allerede sendt igen.", en="The mail is already on its way once more."),
    "erased": Words(
        da="Modtageren er slettet, eller er ikke længere med.", en="The recipient was erased, or takes part no more."
    ),
    "other_address": Words(
        da="Modtageren har fået en anden adresse siden. Alt, der gælder nu, bliver sendt til den nye adresse.",
        en="The recipient has another address since. All that holds now is sent to the new one.",
    ),
    "suppressed": Words(
        da="Adressen tager ikke imod mails. Ret adressen, eller ophæv spærringen først.",
        en="The address takes no mail. Change it, or let it have mail again, first.",
    ),
    "past_use": Words(
        da="Mailen hjælper ikke længere: den gjaldt en tid, der er gået.",
        en="The mail helps nobody any more: its time has passed.",
    ),
    "outdated": Words(
        da="Mailen passer ikke længere: der er en nyere om det samme. Send den nyere igen.",
        en="The mail is not so any more: there is a newer one about the same. Send the newer one again.",
    ),
    "not_so_any_more": Words(
        da="Mailen passer ikke længere: mødet er flyttet eller aflyst.",
        en="The mail is not so any more: the meeting was moved or cancelled.",
    ),
    "often": Words(
        da="Mailen er allerede sendt igen så mange gange, som vi gør.", en="The mail was sent again as often as we do."
    ),
    "not_planned": Words(
        da="Mailen er ikke længere planlagt: forløbet er ændret, eller den er allerede skrevet.",
        en="The mail is not planned any more: the course has changed, or it was written already.",
    ),
    "outside_hours": Words(
        da="På det tidspunkt sender vi ikke mails. Vælg en arbejdsdag inden for de timer, hvor vi sender.",
        en="No mails go out at that time. Choose a working day and the hours in which they do.",
    ),
    "often_changed": Words(
        da="Mails i dette forløb er ændret så mange gange, som det kan lade sig gøre.",
        en="Mails of this course were changed as often as can be.",
    ),
    "not_suppressed": Words(da="Adressen får allerede mails igen.", en="The address gets mails again already."),
}
"""By code; programs get the codes."""


@dataclass(frozen=True, slots=True)
class Refused:
    """`code` is one of REFUSALS."""

    code: str

    @property
    def words(self) -> Words:
        return REFUSALS[self.code]
