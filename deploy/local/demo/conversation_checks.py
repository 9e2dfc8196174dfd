"""What must be in the mailboxes after answers have changed courses, beside the calendar mails: pure comparisons but for the reading."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from deploy.local.demo.mailboxes import Letter
from deploy.local.demo.outcome import System
from deploy.local.demo.people import JSON
from deploy.local.demo.scenes import Scene
from shared.reference.dates import format_date

CHANGED = ("er ændret", "has changed")
"""In the subject of the one mail that explains a change, in either language."""
POSSIBLE_MAX = 3


def conversation_faults(
    scenes: Sequence[Scene], courses: Mapping[str, JSON], contacts: Mapping[str, Sequence[str]], system: System
) -> list[str]:
    """One explaining mail for each contact of a changed course, and times to choose from in the no to a proposal."""
    faults = []
    for scene in scenes:
        course = courses[scene.course["application_id"]]
        reference = course["reference"]
        if scene.happening == "declined":
            faults += _counter_faults(scene, course, system.inbox(scene.who.mail))
            continue
        for mailbox in contacts[course["application_id"]]:
            count = len(explaining(reference, system.inbox(mailbox)))
            if count != 1:
                faults.append(f"{mailbox} has {count} mails that explain what has changed, expected 1")
    return faults


def explaining(reference: str, letters: Sequence[Letter]) -> list[Letter]:
    return [one for one in letters if reference in one.subject and any(words in one.subject for words in CHANGED)]


def mails_of_change(course: JSON, mailboxes: Mapping[str, Sequence[Letter]]) -> dict[str, int]:
    """How many mails of each kind told of the change of this course, in everybody's mailbox."""
    found: Counter[str] = Counter()
    meetings = {one["meeting_id"] for one in course["meetings"]}
    for letters in mailboxes.values():
        found["that explain"] += len(explaining(course["reference"], letters))
        for letter in letters:
            calendar = letter.calendar
            if calendar is None or calendar.uid.partition("@")[0] not in meetings:
                continue
            if calendar.method == "DECLINECOUNTER":
                found["with possible times"] += 1
            elif calendar.sequence:
                found["updates" if calendar.method == "REQUEST" else "cancellations"] += 1
    return {kind: count for kind, count in found.items() if count}


def _counter_faults(scene: Scene, course: JSON, letters: Sequence[Letter]) -> list[str]:
    told = [one for one in course["declined_counters"] if one["meeting_id"] == scene.meeting["meeting_id"]]
    mails = [one.calendar for one in letters if one.calendar and one.calendar.method == "DECLINECOUNTER"]
    if len(told) != 1 or len(mails) != 1:
        return [f"{scene.who.mail} has {len(mails)} mails that decline {len(told)} proposals, expected 1"]
    starts, faults = told[0]["starts"], []
    if not 0 < len(starts) <= POSSIBLE_MAX:
        faults.append(f"a declined proposal came with {len(starts)} possible times")
    lacking = sum(_day(start) not in mails[0].comment for start in starts)
    return [*faults, *(["a declined proposal's mail lacks a possible time"] if lacking else [])]


def _day(start: JSON) -> str:
    return format_date(datetime.fromisoformat(start["wall_start"]).date(), "da")
