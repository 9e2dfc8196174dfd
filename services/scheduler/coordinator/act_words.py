"""What staff can do to a course, and why it sometimes cannot be done, in words. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from shared.words import Words


@dataclass(frozen=True, slots=True)
class ActWords:
    """`name` as a link and a heading, `done` for the history and once it is done, `hint` on the form."""

    name: Words
    done: Words
    hint: Words


ACTS: Final[Mapping[str, ActWords]] = {
    "move": ActWords(
        Words(da="Flyt et møde", en="Move a meeting"),
        Words(da="Mødet er flyttet", en="The meeting was moved"),
        Words(
            da="Her er de tidspunkter, hvor mødet kan holdes, uden at andet flyttes.",
            en="These are the times at which the meeting can be held without moving anything else.",
        ),
    ),
    "tailor": ActWords(
        Words(da="Tilpas forløbet", en="Tailor the course"),
        Words(da="Forløbet er tilpasset", en="The course was tailored"),
        Words(
            da="Tag møder ud, læg møder til, eller hold dem et andet sted. Resten lægges med så få ændringer som muligt.",
            en="Drop meetings, add some, or hold them elsewhere. The rest is placed with as few changes as can be.",
        ),
    ),
    "close_link": ActWords(
        Words(da="Luk konsulentens link", en="Close the consultant's link"),
        Words(da="Konsulentens link er lukket", en="The consultant's link was closed"),
        Words(
            da="Linket i de mails, konsulenten har fået om forløbet, virker ikke mere. Næste mail har et nyt.",
            en="The link in the mails that the consultant has got about the course works no more. The next mail has a new one.",
        ),
    ),
    "pin": ActWords(
        Words(da="Vælg konsulenten", en="Choose the consultant"),
        Words(da="Konsulenten er valgt", en="The consultant was chosen"),
        Words(
            da="Kun denne konsulent spørges. Er forløbet booket, overtager hun det med så få ændringer som muligt.",
            en="Only this consultant is asked. A booked course goes over to her with as few changes as can be.",
        ),
    ),
    "unpin": ActWords(
        Words(da="Lad alle konsulenter komme i betragtning", en="Let all consultants be considered"),
        Words(da="Alle konsulenter kommer i betragtning", en="All consultants are considered"),
        Words(da="Det, der er booket, bliver stående.", en="What is booked stays."),
    ),
    "exclude": ActWords(
        Words(da="Hold en konsulent ude", en="Keep a consultant out"),
        Words(da="Konsulenten er holdt ude", en="The consultant was kept out"),
        Words(
            da="Konsulenten får aldrig dette forløb. Er hun booket, overtager en anden.",
            en="The consultant never gets this course. Where she is booked, somebody else takes over.",
        ),
    ),
    "include": ActWords(
        Words(da="Lad en konsulent komme med igen", en="Let a consultant in again"),
        Words(da="Konsulenten kommer i betragtning igen", en="The consultant is considered again"),
        Words(da="Det, der er booket, bliver stående.", en="What is booked stays."),
    ),
    "take_counter": ActWords(
        Words(da="Tag det foreslåede tidspunkt", en="Take the proposed time"),
        Words(da="Mødet er flyttet til det foreslåede tidspunkt", en="The meeting was moved to the proposed time"),
        Words(
            da="Mødet flyttes til det tidspunkt, som er foreslået, og alle får en ny indkaldelse.",
            en="The meeting moves to the proposed time, and everybody is asked anew.",
        ),
    ),
    "decline_counter": ActWords(
        Words(da="Sig nej til det foreslåede tidspunkt", en="Decline the proposed time"),
        Words(da="Der er sagt nej til det foreslåede tidspunkt", en="The proposed time was declined"),
        Words(
            da="Mødet bliver liggende. Den, der har foreslået tidspunktet, får svar med op til tre andre tidspunkter.",
            en="The meeting stays. Whoever proposed the time is answered with up to three other times.",
        ),
    ),
    "extend_window": ActWords(
        Words(da="Giv mere tid", en="Allow more time"),
        Words(da="Fristen er flyttet", en="The window was extended"),
        Words(
            da="Forløbet må begynde senere end ellers; det må så også slutte så meget senere.",
            en="The course may begin later than otherwise, and end as much later.",
        ),
    ),
    "try_again": ActWords(
        Words(da="Prøv igen", en="Try again"),
        Words(da="Ventelisten prøver igen", en="The waiting list tries again"),
        Words(
            da="Forløbet må bookes, så snart det kan lade sig gøre.",
            en="The course may be booked as soon as that is possible.",
        ),
    ),
    "put_back": ActWords(
        Words(da="Sæt tilbage på ventelisten", en="Put back on the waiting list"),
        Words(da="Forløbet er sat tilbage på ventelisten", en="The course was put back on the waiting list"),
        Words(
            da="Alle møder aflyses. Forløbet prøves ikke igen, før I beder om det.",
            en="All meetings are cancelled. The course is not tried again before you ask.",
        ),
    ),
    "cancel": ActWords(
        Words(da="Aflys forløbet", en="Cancel the course"),
        Words(da="Forløbet er aflyst", en="The course was cancelled"),
        Words(
            da="Alle møder, der ikke er holdt, aflyses for altid. Det kan ikke gøres om.",
            en="All meetings that were not yet held are cancelled for good. It cannot be undone.",
        ),
    ),
}
"""By the kind of the act, in the order in which pages offer them."""

IMPOSSIBLE: Final[Mapping[str, Words]] = {
    "state": Words(
        da="Det kan ikke lade sig gøre med et forløb i denne tilstand.",
        en="It cannot be done with a course in this state.",
    ),
    "unchanged": Words(da="Sådan er det allerede.", en="It is so already."),
    "begun": Words(da="Et møde er allerede begyndt.", en="A meeting has already begun."),
    "erased": Words(da="Ansøgningen er slettet.", en="The application was erased."),
    "meeting": Words(da="Mødet findes ikke længere, eller det er begyndt.", en="The meeting is gone, or it has begun."),
    "consultant": Words(
        da="Konsulenten er ikke længere i listen, eller hun tager ikke forløb for tiden.",
        en="The consultant is no longer in the roster, or takes no courses at present.",
    ),
    "place": Words(
        da="Tidspunktet er ikke længere ledigt. Vælg et andet.", en="The time is no longer free. Choose another."
    ),
    "nobody": Words(da="Ingen konsulent kan tage forløbet sådan.", en="No consultant can hold the course like this."),
    "plan": Words(
        da="Forløbsplanen er ændret, siden forløbet blev booket.",
        en="The course plan has changed since the course was booked.",
    ),
    "tailor_last": Words(
        da="Der skal være mindst ét møde tilbage. Aflys hellere hele forløbet.",
        en="At least one meeting has to be left. Cancel the whole course instead.",
    ),
    "tailor_many": Words(da="Så mange møder kan et forløb ikke have.", en="A course cannot have so many meetings."),
    "tailor_first": Words(
        da="Det første møde skal være et, der allerede er booket.",
        en="The first meeting has to be one that is already booked.",
    ),
    "tailor_gap": Words(da="Der er intet møde før det første.", en="There is no meeting before the first one."),
    "tailor_place": Words(
        da="Stedet findes ikke, eller kommunen er ukendt.", en="There is no such place, or its municipality is unknown."
    ),
    "tailor_join": Words(
        da="Kun to møder af samme slags, samme sted og lige efter hinanden kan lægges sammen.",
        en="Only two meetings of one kind, in one place and one after the other, can be joined.",
    ),
    "window": Words(
        da="Vælg en dag, der ligger senere end fristen nu, men ikke for langt ude.",
        en="Choose a day after the present last day, but not too far ahead.",
    ),
    "stale": Words(
        da="En anden har ændret forløbet imens. Se, hvordan det står nu, og prøv igen.",
        en="Somebody else has changed the course meanwhile. See how it is now, and try again.",
    ),
    "counter": Words(
        da="Forslaget venter ikke længere på svar.", en="The proposal does not wait for an answer any more."
    ),
}
"""By the code of `course_change.Impossible`."""


def act_link(address: str, kind: str) -> str:
    """The address of an act's form; `address` is the course's own."""
    return f"{address}/acts/{kind}"
