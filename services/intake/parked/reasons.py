"""Why a mail waits for staff, in words. Pure."""

from collections.abc import Mapping
from typing import Final

from shared.words import Words

_UNREAD: Final = Words(
    da="Mailen er for stor eller for indviklet til at blive læst.",
    en="The mail is too large or too complex to be read.",
)
_UNCLEAR: Final = Words(
    da="Kalenderdelen siger for lidt eller for meget til at være et svar.",
    en="The calendar part says too little or too much to be an answer.",
)
_OTHERWISE: Final = Words(da="Mailen skal ses af et menneske.", en="The mail has to be seen by a person.")
REASONS: Final[Mapping[str, Words]] = {
    "failed-authentication": Words(
        da="Mailserveren siger, at afsenderen ikke er den, der står i mailen.",
        en="The mail server says that the sender is not who the mail names.",
    ),
    "sender-doubtful": Words(da="Afsenderen kan ikke læses sikkert.", en="The sender cannot be told for certain."),
    "other-sender": Words(
        da="Mailen kommer fra en anden adresse end den indkaldtes.",
        en="The mail comes from another address than that of who was invited.",
    ),
    "other-attendee": Words(
        da="Svaret er fra en, der ikke er indkaldt på den adresse.",
        en="The answer is from somebody who is not invited at that address.",
    ),
    "other-uid": Words(
        da="Svaret gælder et andet møde end det, adressen hører til.",
        en="The answer is about another meeting than its address belongs to.",
    ),
    "no-token": Words(
        da="Svaret kom uden indkaldelsens egen adresse.", en="The answer came without the invitation's own address."
    ),
    "two-attendees": Words(da="Svaret nævner flere personer.", en="The answer names several people."),
    "parts-disagree": Words(da="Mailens dele siger hver sit.", en="The parts of the mail contradict each other."),
    "no-calendar-part": Words(
        da="Almindelig mail uden kalendersvar.", en="An ordinary mail without an answer of a calendar."
    ),
    "proposal-unreadable": Words(
        da="Et andet tidspunkt er foreslået, men det kan ikke læses.",
        en="Another time is proposed, but it cannot be read.",
    ),
    "unknown-token": Words(
        da="Adressen hører til et forløb, som ikke er kendt.", en="The address belongs to a course that is not known."
    ),
    "asked-already": Words(
        da="Den indkaldte er spurgt for nylig og kan ikke spørges igen.",
        en="The invited person was asked not long ago, and cannot be asked again.",
    ),
    "failed": Words(da="Mailen kunne ikke behandles.", en="The mail could not be handled."),
    **dict.fromkeys(("unreadable", "too-large", "headers-too-large", "too-many-parts", "overran"), _UNREAD),
    **dict.fromkeys(
        ("no-method", "method-other", "no-event", "two-events", "recurrence", "no-uid", "no-attendee", "no-partstat"),
        _UNCLEAR,
    ),
}
"""By the codes of the judge, the reader and the worker that takes mails in."""


def reason_in_words(code: str) -> Words:
    return REASONS.get(code, _OTHERWISE)
