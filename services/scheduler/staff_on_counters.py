"""Staff take or decline a time that somebody proposed and that waits for them."""

from services.scheduler.acts import DeclineCounter, TakeCounter
from services.scheduler.counter import open_counter, turned_down, wall_start_of, without_counter
from services.scheduler.course import BookedMeeting
from services.scheduler.course_change import Before, Change, Impossible, kept
from services.scheduler.means import Means
from services.scheduler.move_meeting import places_of
from services.scheduler.rebook import rebooked
from services.scheduler.standing import is_open, sitting
from shared.events import CounterDeclined
from shared.said import CounterProposal


def plan_take_counter(before: Before, act: TakeCounter, *, means: Means) -> Change | Impossible:
    """The meeting at the proposed time, if the matcher still says that it can be."""
    found = _waiting(before, act.number)
    if isinstance(found, Impossible):
        return found
    proposal, meeting = found
    places = places_of(before, meeting.meeting_id, means=means)
    if isinstance(places, Impossible):
        return places
    wall = wall_start_of(places, proposal.start)
    if wall is None:
        return Impossible("place")
    wanted = without_counter(before.course, act.number)
    return rebooked(before, wanted, places.found[wall].course, means=means, cause="counter")


def plan_decline_counter(before: Before, act: DeclineCounter, *, means: Means) -> Change | Impossible:
    """Nothing moves; the answer names the possible times that are nearest to the proposed one."""
    found = _waiting(before, act.number)
    if isinstance(found, Impossible):
        return found
    proposal, meeting = found
    course = turned_down(before, proposal, meeting, means=means, by_staff=True)
    return Change(course=course, held=kept(before), kind=CounterDeclined)


def _waiting(before: Before, number: int) -> tuple[CounterProposal, BookedMeeting] | Impossible:
    proposal = open_counter(before.course, number)
    meeting = None if proposal is None else sitting(before.course, proposal.meeting_id)
    if proposal is None or meeting is None:
        return Impossible("counter")
    if not is_open(before.course, meeting.meeting_id, proposal.sequence, now=before.now):
        return Impossible("counter")
    return proposal, meeting
