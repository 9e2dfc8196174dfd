"""What a person reads in the calendar entry: a neutral title, and who else takes part.

Titles never tell what the course is about, since calendars lie open at a workplace. The other people stand by name and
function; how to reach them is told to the consultant alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from services.scheduler.calendar_text import clean_line, clean_name

Language = Literal["da", "en"]
Function = Literal["leader", "employee", "other", "consultant"]

_FUNCTIONS: dict[Language, dict[Function, str]] = {
    "da": {
        "leader": "leder",
        "employee": "medarbejderrepræsentant",
        "other": "deltager",
        "consultant": "konsulent",
    },
    "en": {
        "leader": "manager",
        "employee": "employee representative",
        "other": "participant",
        "consultant": "consultant",
    },
}
_COURSE: dict[Language, str] = {"da": "{programme}-forløb: {meeting}", "en": "{programme} course: {meeting}"}
_REFERENCE: dict[Language, str] = {"da": "Reference: {reference}", "en": "Reference: {reference}"}
_OTHERS: dict[Language, str] = {"da": "Med til mødet:", "en": "Also at the meeting:"}
_ANSWER: dict[Language, str] = {
    "da": "Svar gerne ja eller nej i kalenderen.",
    "en": "Please answer yes or no in your calendar.",
}


@dataclass(frozen=True, slots=True)
class OtherPerson:
    """Somebody else at the meeting. `mail` and `phone` stay empty except in the consultant's copy."""

    name: str
    function: Function
    mail: str = ""
    phone: str = ""


def meeting_title(*, programme: str, meeting: str, language: Language) -> str:
    """`SPARK-forløb: planlægningsmøde`, from the programme's name and the meeting's neutral label."""
    return clean_line(_COURSE[language].format(programme=programme, meeting=_uncapitalised(meeting)))


def meeting_description(*, reference: str, others: Sequence[OtherPerson], language: Language, asks: bool = True) -> str:
    """The text of one person's calendar entry, with LF between the lines; it `asks` for an answer where one can be given."""
    people = [_person_line(person, language) for person in others]
    parts = [
        _REFERENCE[language].format(reference=clean_line(reference)),
        "\n".join([_OTHERS[language], *people]) if people else "",
        _ANSWER[language] if asks else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _person_line(person: OtherPerson, language: Language) -> str:
    reach = ", ".join(clean_line(way) for way in (person.mail, person.phone) if way)
    known_as = f"- {clean_name(person.name)}, {_FUNCTIONS[language][person.function]}"
    return f"{known_as} ({reach})" if reach else known_as


def _uncapitalised(label: str) -> str:
    """A label in the middle of a line; an abbreviation at its beginning keeps its capitals."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]
