"""What each person has answered to the invitation of a meeting, in words and with a mark that is no colour. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.intake.course_view import CourseView
from services.intake.form.marking import N_
from shared.course_facts import KnownAnswer
from shared.events import Meeting
from shared.said import AnsweredBy, PartStat

UNANSWERED: Final = (N_("%(name)s has not answered yet"), "hourglass")
ANSWERS: Final[Mapping[PartStat, tuple[str, str]]] = {
    "ACCEPTED": (N_("%(name)s has said yes"), "check"),
    "DECLINED": (N_("%(name)s has said no"), "close"),
    "TENTATIVE": (N_("%(name)s has said maybe"), "help"),
    "DELEGATED": (N_("%(name)s has passed the invitation on"), "forward"),
    "NEEDS-ACTION": UNANSWERED,
}
"""The sentence, and the name of its icon in the design system."""
ANSWERED_BY: Final[Mapping[AnsweredBy, str]] = {
    "self": "",
    "other": N_("answered by somebody else at the same place"),
    "staff": N_("noted by us"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRow:
    """`text` and `note` are English texts of the catalogue; `text` takes the `name`, which is None for whoever was erased."""

    name: str | None
    is_consultant: bool
    text: str
    icon: str
    note: str


def answer_rows(
    meeting: Meeting, course: CourseView | None, *, names: Mapping[str, str], contacts: tuple[str, ...]
) -> tuple[AnswerRow, ...]:
    """A row for everybody who is invited: the contacts in the form's order, then who leads the course."""
    if course is None:
        return ()
    invited = [one for one in (*contacts, *course.consultants) if one in meeting.attendees]
    return tuple(
        _row(course.answer(meeting, one), name=names.get(one), is_consultant=one not in contacts) for one in invited
    )


def _row(answer: KnownAnswer | None, *, name: str | None, is_consultant: bool) -> AnswerRow:
    text, icon = ANSWERS[answer.partstat] if answer else UNANSWERED
    note = ANSWERED_BY[answer.answered_by] if answer else ""
    return AnswerRow(name=name, is_consultant=is_consultant, text=text, icon=icon, note=note)
