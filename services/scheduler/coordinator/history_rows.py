"""What happened to a course, for its page: who did what, when and why. Opens the reasons that staff gave."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.scheduler.acts import DONE
from services.scheduler.coordinator.act_words import ACTS
from services.scheduler.coordinator.by_itself import BY_ITSELF, SYSTEM
from services.scheduler.course import Course
from services.scheduler.history import Given, HistoryEntry, reason_place
from services.scheduler.means import Means
from services.scheduler.tailoring.change_words import changes_in_words
from shared.reference.dates import format_clock, format_short_date
from shared.vault import ErasedError
from shared.words import Language

_KINDS = {code: kind for kind, code in DONE.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRow:
    when: str
    account: str
    what: str
    facts: str
    reason: str


async def history_rows(
    course: Course, *, names: Mapping[str, str], language: Language, means: Means
) -> list[HistoryRow]:
    """The newest first; clock times are local to the programme. Raises as `Vault.unseal`, but for erased people."""
    return [await _row(one, course, names, language, means) for one in reversed(course.history)]


async def _row(
    entry: HistoryEntry, course: Course, names: Mapping[str, str], language: Language, means: Means
) -> HistoryRow:
    local = entry.at.astimezone(means.programme.tz)
    return HistoryRow(
        when=f"{format_short_date(local.date(), language)} {format_clock(local, language)}",
        account=_who(entry, names) or SYSTEM.in_language(language),
        what=_what(entry.act, language),
        facts=", ".join(_facts(entry, course, names, language)),
        reason=await _reason(entry, course, means),
    )


def _who(entry: HistoryEntry, names: Mapping[str, str]) -> str:
    """The account; a consultant, who has none, by her name."""
    return names.get(entry.account, entry.account) if entry.facts.get("role") == "consultant" else entry.account


def _what(act: str, language: Language) -> str:
    kind = _KINDS.get(act, "")
    words = ACTS[kind].done if kind in ACTS else BY_ITSELF.get(act)
    return act if words is None else words.in_language(language)


def _facts(entry: HistoryEntry, course: Course, names: Mapping[str, str], language: Language) -> list[str]:
    """Consultants and meetings by name, moments as dates."""
    meetings = {one.code: one.name.in_language(language) for one in course.meetings}
    found = []
    facts = entry.facts
    if "person" in facts:
        found.append(names.get(facts["person"], facts["person"]))
    if "consultant" in facts:
        found.append(names.get(facts["consultant"], facts["consultant"]))
    if "code" in facts:
        found.append(meetings.get(facts["code"], facts["code"]))
    if "from" in facts and "start" in facts:
        found.append(f"{_moment(facts['from'], language)} → {_moment(facts['start'], language)}")
    if "changes" in facts:
        found += changes_in_words(facts["changes"], meetings, language)
    if "latest_start" in facts:
        found.append(_moment(facts["latest_start"], language))
    return found


def _moment(text: str, language: Language) -> str:
    moment = datetime.fromisoformat(text)
    day = format_short_date(moment.date(), language)
    return f"{day} {format_clock(moment, language)}" if "T" in text else day


async def _reason(entry: HistoryEntry, course: Course, means: Means) -> str:
    if entry.reason is None:
        return ""
    try:
        place = reason_place(course.application_id, entry.entry_id)
        return (await means.vault.unseal(entry.reason, Given, place=place)).reason
    except ErasedError:
        return ""
