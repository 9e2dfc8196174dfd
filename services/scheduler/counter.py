"""What a proposed time makes of a course: the meeting is moved there, or whoever proposed it hears what would be possible."""

from datetime import UTC, datetime, timedelta
from typing import Final

from services.scheduler.alternatives import alternatives
from services.scheduler.course import BookedMeeting, Course, TurnedDown
from services.scheduler.course_change import Before, Change, Impossible, kept
from services.scheduler.history import done_by_itself, extended
from services.scheduler.invite import next_dtstamp
from services.scheduler.means import Means
from services.scheduler.move_meeting import Places, places_of
from services.scheduler.rebook import rebooked
from services.scheduler.standing import DECLINED_COUNTERS_MAX, sitting, still_kept
from services.scheduler.unheard import unheard
from shared.course_facts import PossibleStart
from shared.events import AnswerNoted, CounterDeclined
from shared.said import CounterProposal

COUNTER_TAKEN = "course.counter_followed"
COUNTER_DECLINED = "course.counter_refused"
"""Codes in the history of what the scheduler did by itself."""
PROPOSED_WITHIN: Final = timedelta(days=1000)
"""Farther away, in the past or to come, no time is meant: nobody has to hear that the year 9999 cannot be."""


def plan_counter(before: Before, proposal: CounterProposal, *, means: Means, give_up: bool = False) -> Change:
    """Whoever is at a meeting to come may propose another time for it; what her calendar answered stays as it is.

    `give_up`: a move was planned and could not be written, so none is planned.
    """
    course = before.course
    meeting = sitting(course, proposal.meeting_id)
    if course.state != "booked" or meeting is None or meeting.start <= before.now:
        return unheard(before, "no-such-meeting")
    if not meeting.attends(proposal.person_id) or proposal.start == meeting.start:
        return unheard(before, "so-already" if meeting.attends(proposal.person_id) else "not-invited")
    if abs(proposal.start - before.now) > PROPOSED_WITHIN:
        return unheard(before, "no-such-time")
    if give_up:
        return _refused(before, proposal, meeting, means=means)
    return _answered(before, proposal, meeting, means=means)


def _answered(before: Before, proposal: CounterProposal, meeting: BookedMeeting, *, means: Means) -> Change:
    if proposal.sequence < meeting.sequence:
        return _refused(before, proposal, meeting, means=means, outdated=True)
    places = places_of(before, meeting.meeting_id, means=means)
    wall = wall_start_of(places, proposal.start)
    if isinstance(places, Impossible) or wall is None:
        return _refused(before, proposal, meeting, means=means)
    if means.programme.counter == "ask":
        return _asked(before, proposal)
    wanted = _noted(before, before.course, COUNTER_TAKEN, proposal, meeting, wall, means=means)
    taken = rebooked(before, wanted, places.found[wall].course, means=means, cause="counter")
    return _refused(before, proposal, meeting, means=means) if isinstance(taken, Impossible) else taken


def open_counter(course: Course, number: int) -> CounterProposal | None:
    """The proposal that waits for staff under this number."""
    return next((one for one in course.open_counters if one.number == number), None)


def without_counter(course: Course, number: int) -> Course:
    left = tuple(one for one in course.open_counters if one.number != number)
    return course.model_copy(update={"open_counters": left})


def turned_down(
    before: Before,
    proposal: CounterProposal,
    meeting: BookedMeeting,
    *,
    means: Means,
    by_staff: bool = False,
    outdated: bool = False,
) -> Course:
    """The course that answers the proposal with the possible times that are nearest to it."""
    places = places_of(before, meeting.meeting_id, means=means)
    near = (
        []
        if isinstance(places, Impossible)
        else alternatives(before.course, places, near=proposal.start, but=proposal.start if by_staff else None)
    )
    answer = TurnedDown(
        number=proposal.number,
        meeting_id=meeting.meeting_id,
        person_id=proposal.person_id,
        proposed=_told(proposal.start, means),
        starts=tuple(one.told for one in near),
        at=before.now,
        by="staff" if by_staff else "rules",
        outdated=outdated,
        sequence=meeting.sequence,
        dtstamp=next_dtstamp(before.now, meeting.dtstamp),
        start=meeting.start,
        minutes=meeting.minutes,
    )
    course = without_counter(before.course, proposal.number)
    declined = still_kept((*course.declined_counters, answer), now=before.now)
    return course.model_copy(update={"declined_counters": declined, "decided_at": before.now})


def _refused(
    before: Before, proposal: CounterProposal, meeting: BookedMeeting, *, means: Means, outdated: bool = False
) -> Change:
    wall = _told(proposal.start, means).wall_start
    course = turned_down(before, proposal, meeting, means=means, outdated=outdated)
    course = _noted(before, course, COUNTER_DECLINED, proposal, meeting, wall, means=means)
    return Change(course=course, held=kept(before), kind=CounterDeclined)


def _asked(before: Before, proposal: CounterProposal) -> Change:
    """One per person and meeting waits for staff: the newest."""
    others = tuple(
        one
        for one in before.course.open_counters
        if (one.person_id, one.meeting_id) != (proposal.person_id, proposal.meeting_id)
    )
    news = {"open_counters": (*others, proposal), "decided_at": before.now}
    return Change(course=before.course.model_copy(update=news), held=kept(before), kind=AnswerNoted)


def _noted(
    before: Before,
    course: Course,
    act: str,
    proposal: CounterProposal,
    meeting: BookedMeeting,
    wall: str,
    *,
    means: Means,
) -> Course:
    facts = counter_facts(proposal, meeting, wall)
    entry = done_by_itself(act, facts, at=before.now, random=means.random)
    history = course.history
    refused = [one for one in history if one.act == COUNTER_DECLINED]
    if act == COUNTER_DECLINED and len(refused) >= DECLINED_COUNTERS_MAX:
        # A calendar program that proposes without end pushes nothing else out of the history.
        history = tuple(one for one in history if one is not refused[0])
    return course.model_copy(update={"history": extended(history, entry)})


def counter_facts(proposal: CounterProposal, meeting: BookedMeeting, wall: str) -> dict[str, str]:
    """What the history keeps of a proposal: ids and wall times."""
    return {
        "person": proposal.person_id,
        "meeting": meeting.meeting_id,
        "code": meeting.code,
        "from": meeting.wall_start,
        "start": wall,
    }


def wall_start_of(places: Places | Impossible, start: datetime) -> str | None:
    """The wall time of the place that begins at this instant."""
    if isinstance(places, Impossible):
        return None
    return next((wall for wall, one in places.found.items() if one.starts_at == start), None)


def _told(start: datetime, means: Means) -> PossibleStart:
    wall = start.astimezone(means.programme.tz)
    return PossibleStart(start=start.astimezone(UTC), wall_start=f"{wall:%Y-%m-%dT%H:%M}")
