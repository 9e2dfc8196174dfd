"""What people have answered to a meeting, in words. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.scheduler.course import BookedMeeting, Course
from shared.course_facts import KnownAnswer
from shared.said import AnsweredBy, PartStat
from shared.words import Language, Words

ANSWERS: Final[Mapping[PartStat, Words]] = {
    "NEEDS-ACTION": Words(da="Ikke svaret endnu", en="No answer yet"),
    "ACCEPTED": Words(da="Ja", en="Yes"),
    "DECLINED": Words(da="Nej", en="No"),
    "TENTATIVE": Words(da="Måske", en="Maybe"),
    "DELEGATED": Words(da="Sendt videre til en anden", en="Passed on to somebody else"),
}
BY: Final[Mapping[AnsweredBy, Words | None]] = {
    "self": None,
    "other": Words(da="svaret af en kollega", en="answered by a colleague"),
    "staff": Words(da="skrevet ind af en koordinator", en="entered by a coordinator"),
}
EARLIER: Final = Words(da="til en tidligere udgave af mødet", en="to an earlier version of the meeting")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRow:
    """`note`: whose answer it is, where it is not the person's own, and to which version."""

    name: str
    answer: str
    note: str


def answer_rows(
    course: Course, meeting: BookedMeeting, names: Mapping[str, str], language: Language
) -> list[AnswerRow]:
    """One row for everybody who is invited and still known, contacts first."""
    contacts = course.request.contacts
    invited = [one for one in meeting.tokens if meeting.attends(one) and one in names]
    known = {one.person_id: one for one in course.answers if one.meeting_id == meeting.meeting_id}
    return [
        _row(names[one], known.get(one), meeting, language)
        for one in sorted(invited, key=lambda person: person not in contacts)
    ]


def answer_counts(course: Course, meeting: BookedMeeting, language: Language) -> str:
    """For a list: "2 Ja, 1 Nej", of those who are invited and have answered the meeting as it is."""
    said = [
        one.partstat
        for one in course.answers
        if one.meeting_id == meeting.meeting_id
        and one.sequence == meeting.sequence
        and meeting.attends(one.person_id)
        and one.partstat != "NEEDS-ACTION"
    ]
    return ", ".join(
        f"{said.count(partstat)} {words.in_language(language)}"
        for partstat, words in ANSWERS.items()
        if partstat in said
    )


def _row(name: str, answer: KnownAnswer | None, meeting: BookedMeeting, language: Language) -> AnswerRow:
    if answer is None:
        return AnswerRow(name=name, answer=ANSWERS["NEEDS-ACTION"].in_language(language), note="")
    notes = [BY[answer.answered_by], EARLIER if answer.sequence < meeting.sequence else None]
    return AnswerRow(
        name=name,
        answer=ANSWERS[answer.partstat].in_language(language),
        note=", ".join(one.in_language(language) for one in notes if one is not None),
    )
