"""What staff can do about a mail, in words: the name of the act, what it means, the question before it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from shared.words import Words

MessageAct = Literal["stop", "move", "again"]
PlannedAct = Literal["stop", "move", "release"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActWords:
    """`hint` says on the form what it does; `question` and `button` stand on the page that asks back."""

    name: Words
    hint: Words
    question: Words
    button: Words


ON_MESSAGES: Final[Mapping[MessageAct, ActWords]] = {
    "stop": ActWords(
        name=Words(da="Stop mailen", en="Stop the mail"),
        hint=Words(
            da="Den bliver ikke sendt. Fortryder I, kan I sende den igen bagefter.",
            en="It is not sent. If you change your mind, you can send it again afterwards.",
        ),
        question=Words(da="Skal mailen stoppes?", en="Stop the mail?"),
        button=Words(da="Ja, stop den", en="Yes, stop it"),
    ),
    "move": ActWords(
        name=Words(da="Flyt mailen", en="Move the mail"),
        hint=Words(
            da="Den bliver sendt på det tidspunkt, I vælger, og ikke før.",
            en="It goes out at the time that you choose, not before.",
        ),
        question=Words(da="Skal mailen flyttes?", en="Move the mail?"),
        button=Words(da="Ja, flyt den", en="Yes, move it"),
    ),
    "again": ActWords(
        name=Words(da="Send mailen igen", en="Send the mail again"),
        hint=Words(
            da="Den samme tekst bliver sendt en gang til, som en ny mail.",
            en="The same text is sent once more, as a new mail.",
        ),
        question=Words(da="Skal mailen sendes igen?", en="Send the mail again?"),
        button=Words(da="Ja, send den", en="Yes, send it"),
    ),
}
ON_PLANNED: Final[Mapping[PlannedAct, ActWords]] = {
    "stop": ActWords(
        name=Words(da="Stop den planlagte mail", en="Stop the planned mail"),
        hint=Words(
            da="Den bliver ikke sendt, når tiden kommer. I kan fortryde, indtil den skulle være sendt.",
            en="It is not sent when its time comes. You can take that back until it was to go out.",
        ),
        question=Words(da="Skal den planlagte mail stoppes?", en="Stop the planned mail?"),
        button=Words(da="Ja, stop den", en="Yes, stop it"),
    ),
    "release": ActWords(
        name=Words(da="Send den planlagte mail alligevel", en="Let the planned mail go after all"),
        hint=Words(da="Den bliver sendt, når tiden kommer.", en="It goes out when its time comes."),
        question=Words(da="Skal den planlagte mail sendes alligevel?", en="Let the planned mail go after all?"),
        button=Words(da="Ja, send den", en="Yes, send it"),
    ),
    "move": ActWords(
        name=Words(da="Flyt den planlagte mail", en="Move the planned mail"),
        hint=Words(
            da="Den bliver skrevet og sendt på det tidspunkt, I vælger, ud fra det, der gælder til den tid.",
            en="It is written and sent at the time that you choose, from what is true by then.",
        ),
        question=Words(da="Skal den planlagte mail flyttes?", en="Move the planned mail?"),
        button=Words(da="Ja, flyt den", en="Yes, move it"),
    ),
}
LIFT: Final = ActWords(
    name=Words(da="Lad adressen få mails igen", en="Let the address have mail again"),
    hint=Words(
        da="Gør det, når I ved, at adressen virker. Kommer en mail retur igen, bliver den spærret på ny.",
        en="Do so when you know that the address works. If a mail comes back once more, it is left alone again.",
    ),
    question=Words(da="Skal adressen have mails igen?", en="Let the address have mail again?"),
    button=Words(da="Ja, lad den få mails", en="Yes, let it have mail"),
)
LINKS_VOID: Final = Words(
    da="Mailen har personlige links, som ikke virker længere. Skal modtageren have et nyt, så bed om et nyt link i stedet.",
    en="The mail has personal links that are void by now. If the recipient needs one, ask for a new link instead.",
)
NOBODY_MAILED: Final = Words(da="Ingen får besked om det.", en="Nobody is told.")
GOES_TO_NOBODY: Final = Words(da="Der bliver ikke sendt noget lige nu.", en="Nothing is sent just now.")
GOES_NOW: Final = Words(
    da="Denne ene mail bliver sendt nu, hvad klokken end er.", en="This one mail is sent now, whatever the time of day."
)
CAN_GO_AGAIN: Final = Words(
    da="Mails, der ikke nåede frem til adressen, kan I derefter sende igen, én for én:",
    en="Mails that did not reach the address you can then send again, one by one:",
)
