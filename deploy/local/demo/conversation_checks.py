"""What must be in the mailboxes after answers have changed courses, beside the calendar mails: pure comparisons."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from deploy.local.demo.mailboxes import Letter
from deploy.local.demo.people import JSON
from deploy.local.demo.scenes import Scene
from shared.reference.dates import format_date

CHANGED = ("er ændret", "has changed")
LEFT = ("ikke længere konsulent", "no longer the consultant")
CAME = ("nyt forløb", "new course")
"""In the subject of the one mail that explains a change: to whoever stays, to a consultant who is replaced, and to who comes."""
POSSIBLE_MAX = 3


def people_of(scene: Scene, now: JSON, contacts: Iterable[str], mails: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Whom a changed course is told to, by mailbox, each with what her mail's subject says. `mails`: consultants' addresses."""
    told: dict[str, tuple[str, ...]] = dict.fromkeys(contacts, CHANGED)
    before, after = scene.course["consultant"], now["consultant"]
    if before == after:
        return told | {mails[after].lower(): CHANGED}
    return told | {mails[before].lower(): LEFT, mails[after].lower(): CAME}


def change_faults(
    reference: str, told: Mapping[str, Sequence[str]], mailboxes: Mapping[str, Sequence[Letter]]
) -> list[str]:
    """Whoever has not exactly one mail that explains the change."""
    counts = {one: len(explaining(reference, words, mailboxes[one])) for one, words in told.items()}
    return [
        f"{one} has {count} mails that explain what has changed, expected 1"
        for one, count in counts.items()
        if count != 1
    ]


def declined_faults(scene: Scene, now: JSON, letters: Sequence[Letter]) -> list[str]:
    """What is wrong with the no to a proposal: one mail, with times to choose from."""
    told = [one for one in now["declined_counters"] if one["meeting_id"] == scene.meeting["meeting_id"]]
    mails = [one.calendar for one in letters if one.calendar and one.calendar.method == "DECLINECOUNTER"]
    if len(told) != 1 or len(mails) != 1:
        return [f"{scene.who.mail} has {len(mails)} mails that decline {len(told)} proposals, expected 1"]
    starts, faults = told[0]["starts"], []
    if not 0 < len(starts) <= POSSIBLE_MAX:
        faults.append(f"a declined proposal came with {len(starts)} possible times")
    if any(_day(start) not in mails[0].comment for start in starts):
        faults.append("a declined proposal's mail lacks a possible time")
    return faults


def mails_of_change(
    now: JSON, told: Mapping[str, Sequence[str]], mailboxes: Mapping[str, Sequence[Letter]]
) -> dict[str, int]:
    """How many mails of each kind told of the change of a course, in everybody's mailbox."""
    found: Counter[str] = Counter()
    meetings = {one["meeting_id"] for one in now["meetings"]}
    for mailbox, words in told.items():
        found["that explain"] += len(explaining(now["reference"], words, mailboxes[mailbox]))
        for letter in mailboxes[mailbox]:
            calendar = letter.calendar
            if calendar is None or calendar.uid.partition("@")[0] not in meetings:
                continue
            if calendar.method == "DECLINECOUNTER":
                found["with possible times"] += 1
            elif calendar.sequence:
                found["invites" if calendar.method == "REQUEST" else "cancellations"] += 1
    return {kind: count for kind, count in found.items() if count}


def explaining(reference: str, words: Sequence[str], letters: Sequence[Letter]) -> list[Letter]:
    return [one for one in letters if reference in one.subject and any(each in one.subject for each in words)]


def _day(start: JSON) -> str:
    return format_date(datetime.fromisoformat(start["wall_start"]).date(), "da")
