"""What an answer from a calendar makes of a course: it is noted, and what can no longer be held is placed anew."""

from dataclasses import replace

from services.scheduler import refusals
from services.scheduler.answers import all_declined, known_answer, outdated, says_the_same, taken_in, with_answer
from services.scheduler.course import BookedMeeting, Course
from services.scheduler.course_change import Before, Change, kept
from services.scheduler.means import Means
from services.scheduler.mend import mended
from services.scheduler.standing import sitting
from services.scheduler.unheard import unheard
from shared.course_facts import KnownAnswer
from shared.events import AnswerNoted
from shared.said import CalendarAnswer


def plan_answer(before: Before, answer: CalendarAnswer, *, means: Means, give_up: bool = False) -> Change:
    """An answer to an earlier version of its meeting is noted and never acts. `give_up` as in `mended`."""
    course = before.course
    meeting = sitting(course, answer.meeting_id)
    if meeting is None or meeting.start <= before.now:
        return unheard(before, "no-such-meeting")
    if not meeting.attends(answer.person_id):
        return unheard(before, "not-invited")
    news, known = taken_in(answer, meeting), known_answer(course.answers, answer.meeting_id, answer.person_id)
    if outdated(news, known):
        return unheard(before, "outdated")
    kind = None if says_the_same(news, known) else AnswerNoted
    noted = course.model_copy(update={"answers": with_answer(course.answers, news)})
    refused = _refused(before, noted, meeting, news)
    if refused == course.refused:
        return Change(course=noted, held=kept(before), kind=kind)
    wanted = noted.model_copy(update={"refused": refused})
    planned = mended(before, wanted, means=means, give_up=give_up)
    return planned if planned.kind is not None else replace(planned, kind=kind)


def _refused(before: Before, course: Course, meeting: BookedMeeting, answer: KnownAnswer) -> refusals.Refused:
    """The times refused for the course after this answer. A consultant speaks for herself, contacts together for the workplace."""
    if answer.sequence != meeting.sequence or answer.partstat not in ("ACCEPTED", "DECLINED"):
        return course.refused
    is_contact = answer.person_id in course.request.contacts
    who = refusals.WORKPLACE if is_contact else answer.person_id
    if answer.partstat == "ACCEPTED":
        return refusals.taken_back(course.refused, who, meeting)
    # Whoever was erased answers no more.
    contacts = [one for one in before.opened.contacts if meeting.attends(one)]
    if is_contact and not all_declined(course.answers, meeting, contacts):
        return course.refused
    return refusals.refusing(course.refused, who, meeting)
