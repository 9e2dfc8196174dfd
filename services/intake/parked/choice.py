"""What a coordinator has chosen on a form: who answered what to which meeting. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from shared.events import Meeting
from shared.said import PartStat
from shared.words import Words

Answer = PartStat | Literal["PROPOSAL"]
"""`PROPOSAL` takes the time that a mail proposes."""
ANSWERS_BY_HAND: Final[tuple[PartStat, ...]] = ("ACCEPTED", "TENTATIVE", "DECLINED", "DELEGATED", "NEEDS-ACTION")
PROPOSAL: Final = "PROPOSAL"

_NO_MEETING: Final = Words(da="Vælg mødet.", en="Choose the meeting.")
_NO_PERSON: Final = Words(da="Vælg personen.", en="Choose the person.")
_NOT_INVITED: Final = Words(
    da="Vælg en, der er indkaldt til mødet.", en="Choose somebody who is invited to the meeting."
)
_NO_ANSWER: Final = Words(da="Vælg svaret.", en="Choose the answer.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """`also_hers`: the mail's address is the person's, too, from now on."""

    meeting_id: str
    person_id: str
    answer: Answer
    also_hers: bool = False


class ChoiceWrongError(ValueError):
    """Something is missing on the form; `faults` says it by field."""

    def __init__(self, faults: Mapping[str, Words]) -> None:
        super().__init__("the choice is not complete")
        self.faults = dict(faults)


def choice_of(fields: Mapping[str, str], meetings: Collection[Meeting], *, can_propose: bool) -> Choice:
    """Read the form. `meetings` are those that can be answered.

    Raises:
        ChoiceWrongError: with a sentence for each wrong field.

    """
    faults: dict[str, Words] = {}
    meeting = next((one for one in meetings if one.meeting_id == fields.get("meeting", "")), None)
    person_id = fields.get("person", "")
    if meeting is None:
        faults["meeting"] = _NO_MEETING
    if not person_id:
        faults["person"] = _NO_PERSON
    elif meeting is not None and person_id not in meeting.attendees:
        faults["person"] = _NOT_INVITED
    answer = answer_of(fields.get("answer", ""), can_propose=can_propose)
    if answer is None:
        faults["answer"] = _NO_ANSWER
    if meeting is None or answer is None or faults:
        raise ChoiceWrongError(faults)
    return Choice(
        meeting_id=meeting.meeting_id, person_id=person_id, answer=answer, also_hers=fields.get("also_hers") == "yes"
    )


def answer_of(text: str, *, can_propose: bool) -> Answer | None:
    """The answer of this code, if it can be given."""
    if text == PROPOSAL and can_propose:
        return PROPOSAL
    return next((one for one in ANSWERS_BY_HAND if one == text), None)
