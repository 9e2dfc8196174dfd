"""Other dates for a meeting: the best few are held for a choice, and the chosen one is taken."""

from services.scheduler.alternatives import Alternative, alternatives, claims_of
from services.scheduler.conflicts import consultants_at
from services.scheduler.course import Course
from services.scheduler.course_change import Before, Change, Impossible, kept
from services.scheduler.history import done_by_itself, extended
from services.scheduler.means import Means
from services.scheduler.move_meeting import places_of
from services.scheduler.rebook import rebooked
from services.scheduler.standing import OFFER_HELD, releases_at, sitting, without_offer
from services.scheduler.unheard import unheard
from shared.course_facts import Offer
from shared.events import DatesOffered
from shared.said import DateChosen, DatesAsked

DATE_CHOSEN = "course.date_chosen"
"""Code in the history."""
WHOEVER_APPLIED = "-"


def plan_offer(before: Before, asked: DatesAsked, *, means: Means, give_up: bool = False) -> Change:
    """The best three other times, held for a while; without any, an offer of none says so. It takes the place of an older one.

    `give_up`: offers were planned and could not be written, so nothing is held.
    """
    if not _may_ask(before.course, asked.person_id):
        return unheard(before, "not-a-contact")
    return _offered(before, asked, means=means, give_up=give_up)


def plan_chosen(before: Before, chosen: DateChosen, *, means: Means, give_up: bool = False) -> Change:
    """The meeting at the chosen time, if it is still held; else a fresh offer. `give_up` as in `plan_offer`."""
    course = before.course
    meeting = sitting(course, chosen.meeting_id)
    if not _may_ask(course, chosen.person_id):
        return unheard(before, "not-a-contact")
    if meeting is not None and meeting.start == chosen.start:
        return unheard(before, "so-already")
    taken = None if give_up else _taken(before, chosen, means=means)
    return taken or _offered(before, chosen, means=means, give_up=give_up)


def plan_release(before: Before) -> Change | Impossible:
    """The course without the dates that it offers, once their time is over. Nobody is told: the offer said until when."""
    until = releases_at(before.course)
    if until is None or until > before.now:
        return Impossible("unchanged")
    return Change(course=without_offer(before.course), held=kept(before))


def _taken(before: Before, chosen: DateChosen, *, means: Means) -> Change | None:
    course, offer = before.course, before.course.offer
    if offer is None or (offer.number, offer.meeting_id) != (chosen.offer, chosen.meeting_id):
        return None
    wall = next((one.wall_start for one in offer.starts if one.start == chosen.start), None)
    until = releases_at(course)
    if wall is None or until is None or until <= before.now:
        return None
    # The notice counts from when it was offered.
    places = places_of(before, chosen.meeting_id, means=means, noticed=offer.at)
    if isinstance(places, Impossible) or wall not in places.found:
        return None
    meeting = course.sittings[places.index]
    entry = done_by_itself(
        DATE_CHOSEN,
        {"meeting": meeting.meeting_id, "code": meeting.code, "from": meeting.wall_start, "start": wall},
        at=before.now,
        random=means.random,
    )
    wanted = without_offer(course).model_copy(update={"history": extended(course.history, entry)})
    planned = rebooked(before, wanted, places.found[wall].course, means=means, cause="new_dates")
    return None if isinstance(planned, Impossible) else planned


def _offered(before: Before, said: DatesAsked | DateChosen, *, means: Means, give_up: bool) -> Change:
    places = places_of(before, said.meeting_id, means=means)
    best: list[Alternative] = []
    claims: list[str] = []
    if not give_up and not isinstance(places, Impossible):
        best = alternatives(before.course, places)
        claims = [key for one in best for key in claims_of(places, one)]
    own = set(before.claims)
    offer = Offer(
        number=said.number,
        meeting_id=said.meeting_id,
        person_id=said.person_id,
        starts=tuple(one.told for one in best),
        at=before.now,
        until=before.now + OFFER_HELD,
    )
    course = before.course.model_copy(
        update={
            "offer": offer,
            "offered": tuple(dict.fromkeys(key for key in claims if key not in own)),
            "decided_at": before.now,
        }
    )
    meeting = sitting(course, said.meeting_id)
    people = () if meeting is None or not best else tuple(consultants_at(meeting, course))
    return Change(course=course, held=kept(before), kind=DatesOffered, relies_on=people)


def _may_ask(course: Course, person_id: str) -> bool:
    return course.state == "booked" and person_id in (*course.request.contacts, WHOEVER_APPLIED)
