"""What the pages of parked mails and of answers by hand share: names and times in words, and the options of their form."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.intake.imip.answer_words import ANSWERS, PROPOSES
from services.intake.meeting_words import name_of
from services.intake.parked.choice import ANSWERS_BY_HAND, PROPOSAL
from services.intake.parked.look import Candidates
from services.intake.parts import Parts
from services.intake.status.meeting_rows import span_of
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
    meetings: list[tuple[str, str]] = []
    if found:
        kind = found.application.state.kind
        for one in found.meetings:
            name = parts.site.say(name_of(one, kind, parts.programme), language)
            meetings.append((one.meeting_id, f"{name}: {span_of(one, language)}"))
    return FormFields(
        meetings=meetings,
        people=[(key, one.name) for key, one in found.people.items()] if found else [],
        answers=[(value, parts.site.say(words, language)) for value, words in answers],
        typed=typed,
        faults=faults or {},
    )


def moment(instant: datetime, parts: Parts, language: Language) -> str:
    """Day and clock time in the programme's zone."""
    wall = instant.astimezone(parts.programme.tz)
    between = "," if language == "en" else " kl."
    return f"{format_short_date(wall.date(), language)}{between} {format_clock(wall, language)}"
