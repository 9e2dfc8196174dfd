"""The meetings of a course that is booked anew: each gets its UID for life, and a reply token per person who takes part."""

from uuid import UUID

from services.scheduler.course import BookedMeeting
from services.scheduler.course_plan import meetings_of
from services.scheduler.invite import next_dtstamp
from services.scheduler.means import Means
from services.scheduler.outcome import Plan
from services.scheduler.sought import Sought
from shared.address_token import RANDOM_BYTES
from shared.events import Matter
from shared.programme_meetings import hosts_of


def new_meetings(
    sought: Sought, matter: Matter, plan: Plan, second: Plan | None, *, means: Means
) -> tuple[BookedMeeting, ...]:
    """In the order of the plan. The second consultant takes part in those that her own plan names."""
    dtstamp = next_dtstamp(means.clock(), None)
    planned = meetings_of(sought.request, means.programme)
    hosts = hosts_of(planned, len(matter.workplaces))
    hers = {placed.code for placed in second.meetings} if second else set()
    meetings = []
    for one, host, placed in zip(planned, hosts, plan.meetings, strict=True):
        meeting_id = str(UUID(bytes=means.random(16), version=4))
        invited = [*sought.opened.contacts, plan.consultant]
        if second is not None and one.code in hers:
            invited.append(second.consultant)
        meetings.append(
            BookedMeeting(
                meeting_id=meeting_id,
                code=one.code,
                place=one.place,
                workplace=host,
                minutes=one.minutes,
                start=placed.starts_at,
                wall_start=placed.wall,
                zone=means.programme.zone,
                uid=f"{meeting_id}@{means.programme.sender.domain}",
                sequence=0,
                dtstamp=dtstamp,
                status="confirmed",
                name=one.name,
                tokens={person_id: means.random(RANDOM_BYTES).hex() for person_id in invited},
            )
        )
    return tuple(meetings)
