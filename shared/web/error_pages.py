"""The page for whatever went wrong: what it means and what to do, never what came in."""

from collections.abc import Mapping
from typing import Final

from fastapi import Request, Response

from shared.web.site import Site
from shared.words import Language, Words

_LEADS_NOWHERE: Final = (
    Words(da="Siden findes ikke", en="There is no such page"),
    Words(
        da="Adressen er forkert, eller siden er flyttet. Begynd forfra fra forsiden.",
        en="The address is wrong, or the page has moved. Start again from the front page.",
    ),
)
_FAULT_OF_OURS: Final = (
    Words(da="Der er sket en fejl hos os", en="Something went wrong on our side"),
    Words(
        da="Prøv igen om lidt. Bliver det ved, så skriv eller ring til os.",
        en="Try again in a moment. If it goes on, write or call us.",
    ),
)
_UNREADABLE: Final = (
    Words(da="Vi kunne ikke læse formularen", en="We could not read the form"),
    Words(
        da="Gå tilbage, hent siden igen, og send den en gang til.",
        en="Go back, reload the page, and send it once more.",
    ),
)
_PAGES: Final[Mapping[int, tuple[Words, Words]]] = {
    403: (
        Words(da="Formularen kom ikke fra vores egen side", en="The form did not come from our own page"),
        Words(
            da="Åbn siden igen her hos os, og send den derfra.", en="Open the page here again, and send it from there."
        ),
    ),
    404: _LEADS_NOWHERE,
    405: _LEADS_NOWHERE,
    409: (
        Words(da="Det kan ikke længere lade sig gøre", en="This can no longer be done"),
        Words(
            da="Ansøgningen er trukket tilbage eller ikke imødekommet, eller forløbet er slut.",
            en="The application was withdrawn or declined, or the course has ended.",
        ),
    ),
    413: (
        Words(da="Det er for meget på én gang", en="That is too much at once"),
        Words(da="Gør teksten kortere, og send den igen.", en="Make the text shorter, and send it again."),
    ),
    429: (
        Words(da="For mange forsøg lige nu", en="Too many attempts just now"),
        Words(
            da="Vent nogle minutter, og prøv igen. Det, I har skrevet, er ikke gået tabt.",
            en="Wait some minutes, then try again. What you have written is not lost.",
        ),
    ),
    503: (
        Words(da="Vi kan ikke svare lige nu", en="We cannot answer just now"),
        Words(
            da="Prøv igen om lidt. Det, I allerede har sendt, er der stadig.",
            en="Try again soon. What you have already sent is still there.",
        ),
    ),
}
SERVER_FAULTS: Final = 500


def error_page(
    site: Site,
    request: Request,
    status_code: int,
    *,
    headers: Mapping[str, str] | None = None,
    language: Language | None = None,
) -> Response:
    """The page for a status code, in the language of the address where none is given."""
    language = language or site.language_of(request)
    title, text = _PAGES.get(status_code, _FAULT_OF_OURS if status_code >= SERVER_FAULTS else _UNREADABLE)
    return site.page(
        request,
        "web/error.html",
        language=language,
        status_code=status_code,
        headers=headers,
        title=site.say(title, language),
        text=site.say(text, language),
    )
