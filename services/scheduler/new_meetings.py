"""The meetings of a course that are booked anew: each gets its UID for life, and a reply token per person who takes part."""

from collections.abc import Sequence
from uuid import UUID

from services.scheduler.course import BookedMeeting
from services.scheduler.invite import next_dtstamp
from services.scheduler.means import Means
from services.scheduler.outcome import PlacedMeeting, Plan
from services.scheduler.own_plan import CourseMeeting
from services.scheduler.sought import Sought
from shared.address_token import RANDOM_BYTES


def new_meetings(
    sought: Sought, planned: Sequence[CourseMeeting], plan: Plan, second: Plan | None, *, means: Means
) -> tuple[BookedMeeting, ...]:
    """In the order of the plan. The second consultant takes part in those that her own plan names."""
    hers = {placed.code for placed in second.meetings} if second else set()
    meetings = []
    for one, placed in zip(planned, plan.meetings, strict=True):
        invited = [*sought.opened.contacts, plan.consultant]
        if second is not None and one.code in hers:
            invited.append(second.consultant)
        meetings.append(new_meeting(one, placed, invited, means=means))
    return tuple(meetings)


def new_meeting(
    planned: CourseMeeting, placed: PlacedMeeting, invited: Sequence[str], *, means: Means
) -> BookedMeeting:
    """One meeting that nobody was asked to before."""
    meeting_id = str(UUID(bytes=means.random(16), version=4))
    return BookedMeeting(
        meeting_id=meeting_id,
        code=planned.code,
        place=planned.place,
        workplace=planned.workplace,
        minutes=planned.minutes,
        start=placed.starts_at,
        wall_start=placed.wall,
        zone=means.programme.zone,
        uid=f"{meeting_id}@{means.programme.sender.domain}",
        sequence=0,
        dtstamp=next_dtstamp(means.clock(), None),
        status="confirmed",
        name=planned.name,
        tokens={person_id: means.random(RANDOM_BYTES).hex() for person_id in invited},
    )
