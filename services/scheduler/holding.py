"""What a plan would hold of whom, and looking again at those whom another process may have changed meanwhile."""

from collections.abc import Iterable, Sequence

from services.scheduler.claims import Held, place_of
from services.scheduler.grains import capacity_key
from services.scheduler.means import Means
from services.scheduler.outcome import Plan
from services.scheduler.roster_calendar import RosterCalendar


def hold_plans(plans: Iterable[Plan], *, calendar: RosterCalendar, own: Sequence[str] = ()) -> Held | None:
    """The claim keys by consultant, one place of hers for an active course among them; None: she has no place left.

    `own` are the keys that this very course holds already: a place among them is kept.
    """
    held: Held = {}
    for plan in plans:
        known = place_of(own, plan.consultant)
        place = calendar.free_place(plan.consultant) if known is None else known
        if place is None:
            return None
        held[plan.consultant] = [*plan.claims(), capacity_key(plan.consultant, place)]
    return held


async def changed_meanwhile(consultant_ids: Iterable[str], *, means: Means) -> bool:
    """Whether another process knows of leave, limits or busy times that this one has not seen: the index guards claims only."""
    openings = means.calendar.openings
    changed = any([await _changed(one, means=means) for one in consultant_ids])
    if means.calendar.openings != openings:
        means.try_waiting()
    return changed


async def look_again(consultant_ids: Iterable[str], *, means: Means) -> None:
    """After a lost race: what is held of these consultants now."""
    openings = means.calendar.openings
    for consultant_id in consultant_ids:
        held = await means.store.held(consultant_id)
        means.calendar.replace_held(consultant_id, held.get(consultant_id, {}))
    if means.calendar.openings != openings:
        # Another process let a course of hers go: this may be the only sight of it.
        means.try_waiting()


async def _changed(consultant_id: str, *, means: Means) -> bool:
    if means.calendar.put_busy(consultant_id, await means.store.calendars.busy_of(consultant_id)):
        return True
    facts = await means.store.facts_of(consultant_id)
    if facts is None or facts == means.calendar.facts_of(consultant_id):
        return False
    if means.calendar.is_left_out(consultant_id, facts):
        return False
    means.calendar.put(consultant_id, facts)
    return True
