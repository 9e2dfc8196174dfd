"""What the pages of parked mails and of answers by hand share: names and times in words, and the options of their form."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.intake.imip.answer_words import ANSWERS, PROPOSES
from services.intake.meeting_words import meeting_name
from services.intake.parked.choice import ANSWERS_BY_HAND, PROPOSAL
from services.intake.parked.look import Candidates
from services.intake.parts import Parts
from services.intake.status.meeting_rows import span_of
from shared.events import Meeting
from shared.reference.dates import format_clock, format_short_date
from shared.words import Language, Words

REVIEW: Final = "/review"
FORM_TOKEN: Final = "form_token"  # noqa: S105 - the name of a field


@dataclass(frozen=True, slots=True, kw_only=True)
class FormFields:
    """The options of the three questions: value and text of each. `typed` was chosen before, `faults` say what is missing."""

    meetings: list[tuple[str, str]]
    people: list[tuple[str, str]]
    answers: list[tuple[str, str]]
    typed: Mapping[str, str]
    faults: Mapping[str, Words]


def form_fields(
    found: Candidates | None,
    *,
    can_propose: bool,
    typed: Mapping[str, str],
    faults: Mapping[str, Words] | None,
    parts: Parts,
    language: Language,
) -> FormFields:
    """No meetings and people where the application is not known yet."""
    answers = [(str(one), ANSWERS[one]) for one in ANSWERS_BY_HAND]
    if can_propose:
        answers.append((PROPOSAL, PROPOSES))
    meetings = found.meetings if found else ()
    return FormFields(
        meetings=[
            (one.meeting_id, f"{parts.site.say(name_of(one, found, parts), language)}: {span_of(one, language)}")
            for one in meetings
            if found
        ],
        people=[(key, one.name) for key, one in found.people.items()] if found else [],
        answers=[(value, parts.site.say(words, language)) for value, words in answers],
        typed=typed,
        faults=faults or {},
    )


def name_of(meeting: Meeting, found: Candidates, parts: Parts) -> Words:
    """The meeting's own neutral name, or that of its plan."""
    if meeting.label:
        return Words(da=meeting.label.da, en=meeting.label.en)
    return meeting_name(meeting.code, found.application.state.kind, parts.programme)


def moment(instant: datetime, parts: Parts, language: Language) -> str:
    """Day and clock time in the programme's zone."""
    wall = instant.astimezone(parts.programme.tz)
    between = "," if language == "en" else " kl."
    return f"{format_short_date(wall.date(), language)}{between} {format_clock(wall, language)}"
