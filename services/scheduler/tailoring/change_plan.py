"""Carries changes out on the plan of a course, one after the other, or says which rule forbids them. Pure: dates come later."""

from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass

from services.scheduler.own_plan import ADDED, CourseMeeting, MeetingPlace, PlanGap, extra_code
from services.scheduler.tailoring.changes import Add, Alter, Drop, Gap, Join, KnownPlace, Online, PlanChange, Where
from shared.events import Workplace
from shared.programme_meetings import GAP_DAYS_MAX, MEETING_MINUTES_MAX, PlannedMeeting
from shared.programme_plans import MEETINGS_MAX

VENUES_MAX = 10
"""Places of its own that one course remembers."""


class CannotTailorError(Exception):
    """The plan cannot be changed so; `code` is one of `course_change.Impossible`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class PlanGround:
    """What the changes start from: the plan, which of its meetings are still to come, the places, and the programme's meetings.

    `known` are all codes that meetings of the course ever had; `own` is how many of the `places` are the application's.
    """

    plan: tuple[CourseMeeting, ...]
    coming: Collection[str]
    known: Collection[str]
    places: tuple[Workplace, ...]
    own: int
    municipalities: Container[str]
    programmes: Sequence[PlannedMeeting]


@dataclass(frozen=True, slots=True)
class ChangedPlan:
    """The plan afterwards, and the course's own places."""

    plan: tuple[CourseMeeting, ...]
    venues: tuple[Workplace, ...]


def changed_plan(ground: PlanGround, changes: Sequence[PlanChange]) -> ChangedPlan:
    """The plan with these changes, in their order.

    Raises:
        CannotTailorError: a rule forbids it.

    """
    draft = _Draft(ground)
    for one in changes:
        draft.change(one)
    return draft.finished()


def can_be_joined(one: CourseMeeting, following: CourseMeeting) -> bool:
    """Whether they are of one kind and in one place: people of another workplace would find nobody there."""
    alike = (one.kind, one.place) == (following.kind, following.place)
    return alike and (one.place == "online" or one.workplace == following.workplace)


class _Draft:
    def __init__(self, ground: PlanGround) -> None:
        self._ground = ground
        self._plan = list(ground.plan)
        self._places = list(ground.places)
        self._coming = set(ground.coming)
        self._added: set[str] = set()

    def change(self, change: PlanChange) -> None:
        match change:
            case Drop():
                self._drop(self._index(change.meeting))
            case Add():
                self._add(change)
            case Alter():
                self._alter(change)
            case Join():
                self._join(self._index(change.meeting))

    def finished(self) -> ChangedPlan:
        coming = [one for one in self._plan if one.code in self._coming]
        if not coming:
            raise CannotTailorError("tailor_last")
        if len(self._plan) > MEETINGS_MAX:
            raise CannotTailorError("tailor_many")
        if self._plan[0].code in self._added:
            # How long people wait for their course is told by a first meeting that is booked.
            raise CannotTailorError("tailor_first")
        if tuple(self._plan) == self._ground.plan:
            raise CannotTailorError("unchanged")
        return ChangedPlan(tuple(self._plan), tuple(self._places[self._ground.own :]))

    def _drop(self, index: int) -> None:
        gone = self._plan.pop(index)
        if index < len(self._plan):
            following = self._plan[index]
            gap = None if index == 0 else _summed(gone.gap, following.gap)
            self._plan[index] = following.model_copy(update={"gap": gap})

    def _add(self, change: Add) -> None:
        index = self._index(change.after, coming=False) + 1
        if any(one.code not in self._coming for one in self._plan[index:]):
            raise CannotTailorError("meeting")
        code = extra_code([*self._ground.known, *(one.code for one in self._plan)])
        place, workplace = self._place(change.place)
        new = CourseMeeting(
            code=code,
            kind=change.kind,
            name=ADDED[change.kind],
            minutes=change.minutes,
            place=place,
            workplace=workplace,
            gap=change.gap.in_plan(),
            co=any(one.co for one in self._ground.programmes if one.kind == change.kind),
        )
        if index < len(self._plan):
            following = self._plan[index]
            self._plan[index] = following.model_copy(update={"gap": _split(following.gap, change.gap)})
        self._plan.insert(index, new)
        self._coming.add(code)
        self._added.add(code)

    def _alter(self, change: Alter) -> None:
        index = self._index(change.meeting)
        update: dict[str, object] = {}
        if change.minutes is not None:
            update["minutes"] = change.minutes
        if change.place is not None:
            update["place"], update["workplace"] = self._place(change.place)
        if change.gap is not None:
            if index == 0:
                raise CannotTailorError("tailor_gap")
            update["gap"] = change.gap.in_plan()
        self._plan[index] = self._plan[index].model_copy(update=update)

    def _join(self, index: int) -> None:
        one = self._plan[index]
        following = self._plan[index + 1] if index + 1 < len(self._plan) else None
        if following is None or not can_be_joined(one, following):
            raise CannotTailorError("tailor_join")
        alike = [planned for planned in self._ground.programmes if planned.kind == one.kind]
        whole = max(alike, key=lambda planned: planned.minutes, default=None)
        update: dict[str, object] = {"minutes": min(one.minutes + following.minutes, MEETING_MINUTES_MAX)}
        if whole is not None and whole.minutes > max(one.minutes, following.minutes):
            update = {"minutes": whole.minutes, "name": whole.name}
        self._plan[index] = one.model_copy(update={**update, "co": one.co or following.co})
        del self._plan[index + 1]

    def _index(self, code: str, *, coming: bool = True) -> int:
        index = next((place for place, one in enumerate(self._plan) if one.code == code), None)
        if index is None or (coming and code not in self._coming):
            raise CannotTailorError("meeting")
        return index

    def _place(self, where: Where) -> tuple[MeetingPlace, int]:
        if isinstance(where, Online):
            return "online", 0
        if isinstance(where, KnownPlace):
            number = where.number
            if number >= len(self._places):
                raise CannotTailorError("tailor_place")
        else:
            venue = where.venue.as_workplace()
            if venue.municipality not in self._ground.municipalities:
                raise CannotTailorError("tailor_place")
            if venue not in self._places:
                if len(self._places) - self._ground.own >= VENUES_MAX:
                    raise CannotTailorError("tailor_place")
                self._places.append(venue)
            number = self._places.index(venue)
        return ("workplace" if number < self._ground.own else "venue"), number


def _summed(gone: PlanGap | None, following: PlanGap | None) -> PlanGap | None:
    """From what came before the dropped meeting: what stays may lie where it lies, or nearer, as near as either gap allows."""
    if gone is None or following is None:
        return None
    ideal = min(gone.ideal + following.ideal, GAP_DAYS_MAX)
    return PlanGap(
        min=min(max(gone.min, following.min), ideal), ideal=ideal, max=min(gone.max + following.max, GAP_DAYS_MAX)
    )


def _split(gap: PlanGap | None, before: Gap) -> PlanGap | None:
    """What is left of a gap after a meeting was put into it."""
    if gap is None:
        return None
    ideal = max(gap.ideal - before.ideal, 1)
    least = max(gap.min - before.max, 1)
    return PlanGap(min=min(least, ideal), ideal=ideal, max=max(gap.max - before.min, ideal))
