"""The meetings of a course as they would be after a change, each with what becomes of it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.scheduler.course import BookedMeeting, Course
from services.scheduler.tailoring.form_view import place_words, when_of
from shared.events import Workplace
from shared.words import Language, Words

SAME: Final = Words(da="som før", en="as before")
NEW: Final = Words(da="nyt møde", en="new meeting")
MOVED: Final = Words(da="flyttes", en="is moved")
CHANGED: Final = Words(da="ændres, samme tidspunkt", en="is changed, at the same time")
DROPPED: Final = Words(da="aflyses", en="is cancelled")


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterRow:
    """`becomes` says what happens to the meeting; `was` is when it was to be, where that is another time."""

    name: str
    when: str
    place: str
    becomes: Words
    was: str = ""


def after_rows(before: Course, after: Course, places: Sequence[Workplace], language: Language) -> list[AfterRow]:
    """In the order of the plan, what is cancelled last."""
    known = {one.meeting_id: one for one in before.sittings}
    rows = [_row(one, known.pop(one.meeting_id, None), places, language) for one in after.sittings]
    return [*rows, *(_dropped(one, places, language) for one in known.values())]


def _row(now: BookedMeeting, old: BookedMeeting | None, places: Sequence[Workplace], language: Language) -> AfterRow:
    moved = old is not None and old.start != now.start
    if old is None:
        becomes = NEW
    elif moved:
        becomes = MOVED
    else:
        becomes = SAME if old.sequence == now.sequence else CHANGED
    return AfterRow(
        name=now.name.in_language(language),
        when=when_of(now, language),
        place=place_words(now.place, now.workplace, places, language),
        becomes=becomes,
        was=when_of(old, language) if old is not None and moved else "",
    )


def _dropped(one: BookedMeeting, places: Sequence[Workplace], language: Language) -> AfterRow:
    return AfterRow(
        name=one.name.in_language(language),
        when=when_of(one, language),
        place=place_words(one.place, one.workplace, places, language),
        becomes=DROPPED,
    )
