"""What the pages say around the facts, in both languages."""

from collections.abc import Mapping
from typing import Final

from shared.words import Words

TEXTS: Final[Mapping[str, Words]] = {
    "skip": Words(da="Gå til indholdet", en="Skip to the content"),
    "title": Words(da="Jeres ansøgning", en="Your application"),
    "reference": Words(da="Referencenummer", en="Reference number"),
    "state": Words(da="Status", en="State"),
    "next": Words(da="Hvad sker der nu?", en="What happens next?"),
    "meetings": Words(da="Jeres møder", en="Your meetings"),
    "confirm_title": Words(da="Bekræft ansøgningen", en="Confirm the application"),
    "confirm_text": Words(
        da="Bekræft, at I vil søge om et forløb, og at mailadressen er jeres. Det er nok, at én af jer gør det.",
        en="Confirm that you wish to apply, and that the e-mail address is yours. It is enough that one of you does so.",
    ),
    "confirm": Words(da="Ja, bekræft ansøgningen", en="Yes, confirm the application"),
    "withdraw": Words(da="Træk ansøgningen tilbage", en="Withdraw the application"),
    "withdraw_title": Words(da="Vil I trække ansøgningen tilbage?", en="Do you want to withdraw the application?"),
    "withdraw_text": Words(
        da="Er der booket møder, bliver de aflyst, og alle får besked. Det kan ikke fortrydes, men I kan altid søge igen.",
        en="Booked meetings are cancelled, and everybody is told. It cannot be undone, but you can always apply again.",
    ),
    "withdraw_yes": Words(da="Ja, træk ansøgningen tilbage", en="Yes, withdraw the application"),
    "withdraw_no": Words(da="Nej, behold ansøgningen", en="No, keep the application"),
    "about": Words(da="Læs om forløbene", en="About the courses"),
    "privacy": Words(da="Sådan behandler vi personoplysninger", en="How we handle personal data"),
}

ERRORS: Final[Mapping[int, tuple[Words, Words]]] = {
    404: (
        Words(da="Linket fører ingen steder hen", en="This link leads nowhere"),
        Words(
            da="Det er forkert, ufuldstændigt eller udløbet. Brug linket i den nyeste mail, I har fået fra os, og se "
            "efter, at det hele er kommet med.",
            en="It is wrong, incomplete or no longer valid. Use the link in the newest mail from us, and make sure that "
            "all of it came along.",
        ),
    ),
    409: (
        Words(da="Det kan ikke længere lade sig gøre", en="This can no longer be done"),
        Words(
            da="Ansøgningen er trukket tilbage, eller forløbet er slut.",
            en="The application was withdrawn, or the course has ended.",
        ),
    ),
    429: (
        Words(da="For mange forsøg", en="Too many attempts"),
        Words(da="Vent et øjeblik, og prøv igen.", en="Wait a moment, then try again."),
    ),
    503: (
        Words(da="Vi kan ikke hente jeres ansøgning lige nu", en="We cannot reach your application just now"),
        Words(
            da="Prøv igen om lidt. Jeres ansøgning er der stadig.",
            en="Try again soon. Your application is still there.",
        ),
    ),
}
