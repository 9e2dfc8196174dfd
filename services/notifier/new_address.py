"""Somebody has another address: what was known of the old one, and what she is told anew. Pure.

Addresses stand here by their keyed digests.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from services.notifier.course_view import Told, View
from shared.events import CourseState

ADDRESSES_KEPT_MAX: Final = 10

Addresses = Mapping[str, tuple[str, ...]]
"""By person, the newest last."""


def about_address(person_id: str) -> str:
    """What mails are about that tell that somebody's address takes no mail."""
    return f"address:{person_id}"


def under_key(view: View, mark: str) -> View:
    """The view without digests that another key made: nobody has moved because a secret was changed."""
    if view.address_mark == mark:
        return view
    return view.model_copy(update={"address_mark": mark, "addresses": {}, "course_addresses": {}})


def remembered(known: Addresses, now: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """With the addresses that people have now; one that somebody has again is not an old one."""
    after = dict(known)
    for person_id, address in now.items():
        earlier = [one for one in known.get(person_id, ()) if one != address]
        after[person_id] = (*earlier, address)[-ADDRESSES_KEPT_MAX:]
    return after


def moved(known: Addresses, now: Mapping[str, str]) -> frozenset[str]:
    """Who had another address before."""
    return frozenset(person_id for person_id, one in now.items() if known.get(person_id, (one,))[-1] != one)


def is_old(known: Addresses, person_id: str, address: str) -> bool:
    """Whether the person has another one by now."""
    return address in known.get(person_id, ())[:-1]


def left_behind(view: View, now: Mapping[str, str]) -> dict[str, str]:
    """Where mails about the course went, but for those who have just left that address: what was stopped there is told anew.

    That holds for the same address, too, should somebody come back to it. Who was told the course at the new one already stays.
    """
    gone = moved(view.addresses, now)
    return {
        person_id: "" if person_id in gone and address == view.addresses[person_id][-1] else address
        for person_id, address in view.course_addresses.items()
    }


def told_nothing_yet(known: Told, state: CourseState, *, now: datetime) -> Told:
    """What somebody with a new address believes of a course: nothing yet, but for meetings that are over.

    Of the end of a course she is not told once more.
    """
    over = {one.meeting_id for one in state.meetings if one.start <= now}
    meetings = {meeting_id: version for meeting_id, version in known.meetings.items() if meeting_id in over}
    ended = state.state in ("cancelled", "completed")
    return known.model_copy(
        update={
            "course": known.course if ended else None,
            "meetings": meetings,
            "stall": known.stall if ended else None,
        }
    )
