"""Answers from calendars as a course keeps them: the newest of each person for each meeting, and which outlive a change. Pure."""

from collections.abc import Collection, Iterable, Sequence

from services.scheduler.course import BookedMeeting
from shared.course_facts import KnownAnswer
from shared.said import CalendarAnswer

Answers = tuple[KnownAnswer, ...]


def known_answer(answers: Iterable[KnownAnswer], meeting_id: str, person_id: str) -> KnownAnswer | None:
    """The newest answer of one person for one meeting."""
    return next((one for one in answers if (one.meeting_id, one.person_id) == (meeting_id, person_id)), None)


def taken_in(answer: CalendarAnswer, meeting: BookedMeeting) -> KnownAnswer:
    """An answer as it is kept. A SEQUENCE above the meeting's own is nobody's to give: it would lock later answers out."""
    values = answer.model_dump(exclude={"kind", "number"})
    return KnownAnswer.model_validate(values | {"sequence": min(answer.sequence, meeting.sequence)})


def outdated(answer: KnownAnswer, known: KnownAnswer | None) -> bool:
    """Whether something newer is known: ordered by SEQUENCE, then DTSTAMP; of equal ones the later arrival wins."""
    return known is not None and (answer.sequence, answer.dtstamp) < (known.sequence, known.dtstamp)


def says_the_same(answer: KnownAnswer, known: KnownAnswer | None) -> bool:
    """Whether nobody has to be told of it."""
    return known is not None and (answer.partstat, answer.sequence, answer.answered_by) == (
        known.partstat,
        known.sequence,
        known.answered_by,
    )


def with_answer(answers: Answers, answer: KnownAnswer) -> Answers:
    """The answers with this one in the place of the person's older one for the meeting."""
    place = (answer.meeting_id, answer.person_id)
    return (*(one for one in answers if (one.meeting_id, one.person_id) != place), answer)


def all_declined(answers: Answers, meeting: BookedMeeting, people: Collection[str]) -> bool:
    """Whether each of them, and there are some, declined the meeting as it is now."""
    known = [known_answer(answers, meeting.meeting_id, one) for one in people]
    return bool(known) and all(
        one is not None and one.partstat == "DECLINED" and one.sequence == meeting.sequence for one in known
    )


def still_answered(answers: Answers, before: Sequence[BookedMeeting], after: Sequence[BookedMeeting]) -> Answers:
    """The answers that a change leaves: a raised SEQUENCE asks everybody anew (RFC 5546 section 2.1.4), as if nobody had answered."""
    was = {one.meeting_id: one.sequence for one in before}
    still = {one.meeting_id for one in after if one.status == "confirmed" and one.sequence == was.get(one.meeting_id)}
    return tuple(one for one in answers if one.meeting_id in still)
