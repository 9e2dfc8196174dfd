"""A new address while changes of a course wait to be told together: one telling, to the address that counts then."""

from collections.abc import Mapping
from datetime import timedelta

from services.notifier.message import NewMessage
from shared.events import CourseState, Person
from tests.notifier_memory import Room
from tests.notifier_samples import course, meeting, people_of, with_invites

QUIET = timedelta(seconds=60)
CONSULTANT = "a001-consultant"
NEW = "ny@konsulenter.example"


def moved_away(state: CourseState, mail: str = NEW) -> Mapping[str, Person]:
    """The people of a course whose consultant has another address."""
    people = people_of(state)
    return people | {CONSULTANT: with_invites(people[CONSULTANT].model_copy(update={"mail": mail}), state)}


def to_consultant(room: Room, since: int) -> list[tuple[str, str]]:
    rows: list[NewMessage] = list(room.messages.rows.values())[since:]
    return [(row.kind, room.content(row).recipient) for row in rows if row.person_id == CONSULTANT]


async def test_what_waits_is_told_to_the_new_address_with_everything_else() -> None:
    """The meeting that was moved is not told as moved: at the new address nobody knew it before."""
    room, state = Room(quiet=QUIET), course()
    await room.tell(state, people_of(state), sequence=1)
    since = len(room.messages.rows)
    moved = state.model_copy(update={"meetings": (meeting(0, moves=1), state.meetings[1])})
    await room.tell(moved, people_of(moved), sequence=2)
    await room.tell(moved, moved_away(moved), sequence=3)
    assert len(room.messages.rows) == since
    assert await room.wait(QUIET.total_seconds()) == 1
    assert to_consultant(room, since) == [("course_booked", NEW), ("invite", NEW), ("invite", NEW)]
    others = [kind for person_id, kind in room.kinds(since) if person_id == "leader"]
    assert others == ["course_changed", "invite"]


async def test_what_was_told_to_the_new_address_is_not_told_again() -> None:
    """The next event with the same address is no news."""
    room, state = Room(quiet=QUIET), course()
    await room.tell(state, people_of(state), sequence=1)
    await room.tell(state, moved_away(state), sequence=2)
    await room.wait(QUIET.total_seconds())
    since = len(room.messages.rows)
    await room.tell(state, moved_away(state), sequence=3)
    await room.wait(QUIET.total_seconds())
    assert len(room.messages.rows) == since
