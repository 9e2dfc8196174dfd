"""A decision in words, Danish and English: the choice, why the others were not chosen, and what would have changed it. Pure.

For pages: `put_in_words(decision, names)`. Nothing in it names a theme. People are named only where the page gives
their names; else they are "konsulenten".
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from services.scheduler.decision import Changes, Chosen, Decision, Freed, MovedDate, Term, Verdict
from services.scheduler.near_words import clock_of, duration, near_words
from services.scheduler.rules import Rule
from shared.reference.dates import format_day_and_month
from shared.words import Words

TERMS: Final[Mapping[Term, Words]] = {
    "wait": Words(da="ventetid", en="waiting"),
    "gap": Words(da="afstand mellem møderne", en="days between meetings"),
    "travel": Words(da="rejse", en="travel"),
    "outside_preferred": Words(da="uden for ønsket tidsrum", en="outside preferred hours"),
    "avoided_weekday": Words(da="fravalgt ugedag", en="avoided weekday"),
    "load": Words(da="belastning", en="load"),
    "no_sector": Words(da="kender ikke området", en="does not know the sector"),
}

RULES: Final[Mapping[Rule, Words]] = {
    "blocked": Words(da="må ikke tage dette forløb", en="may not take this course"),
    "themes": Words(da="dækker ikke alle temaer", en="does not master all themes"),
    "capacity": Words(da="har ikke plads til flere forløb", en="has no room for more courses"),
    "window": Words(da="ingen dage mellem tidligste og seneste dato", en="no days between earliest and latest date"),
    "hours": Words(da="arbejdstid og åbningstid passer ikke sammen", en="working and opening hours do not fit"),
    "closed": Words(da="kan kun på lukkedage", en="can come on closed days only"),
    "busy": Words(da="er optaget, eller kan ikke nå at rejse", en="is busy, or has no time to travel"),
    "travel": Words(da="ville være for længe hjemmefra", en="would be too long away from home"),
    "gaps": Words(da="kan ikke holde afstanden mellem møderne", en="cannot keep the days between meetings"),
    "second": Words(da="ingen anden konsulent kan være med", en="no second consultant can take part"),
}
"""Each rule without numbers; reads after a name or a count."""


@dataclass(frozen=True, slots=True)
class Names:
    """The reader's language, and the names that may be shown: consultants by id, meetings by code."""

    language: str = "da"
    consultants: Mapping[str, str] = field(default_factory=dict)
    meetings: Mapping[str, Words] = field(default_factory=dict)

    def of(self, words: Words) -> str:
        return words.in_language(self.language)

    def consultant(self, consultant_id: str) -> str:
        return self.consultants.get(consultant_id) or self.of(Words(da="konsulenten", en="the consultant"))

    def meeting(self, code: str) -> str:
        return self.of(self.meetings[code]) if code in self.meetings else code


@dataclass(frozen=True, slots=True)
class OtherWords:
    """One consultant who was not chosen: why, and what would have changed it, each a sentence without full stop."""

    id: str
    possible: bool
    why: str
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DecisionWords:
    """`winner` is None where nobody was found."""

    winner: str | None
    others: tuple[OtherWords, ...]


@dataclass(frozen=True, slots=True)
class RuleWords:
    """One rule and the consultants it rules out; `nearest` says why of the one who came nearest, with numbers."""

    rule: Rule
    count: int
    text: str
    nearest: str


def put_in_words(decision: Decision, names: Names) -> DecisionWords:
    """All that a page shows of a decision."""
    return DecisionWords(
        winner=None if decision.winner is None else winner_text(decision.winner, names),
        others=tuple(
            OtherWords(
                id=one.id,
                possible=one.rule is None,
                why=why_text(one, names),
                changes=change_texts(one, names, found=decision.winner is not None),
            )
            for one in decision.others
        ),
    )


def waiting_words(decision: Decision, names: Names) -> tuple[RuleWords, ...]:
    """Why an application waits: rule by rule, the one that rules out most consultants first."""
    counts = Counter(one.rule for one in decision.others if one.rule is not None)
    nearest: dict[Rule, Verdict] = {}
    for one in decision.others:
        if one.rule is not None:
            nearest.setdefault(one.rule, one)
    found = []
    for rule, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        people = Words(
            da=f"{count} konsulent{'er' if count > 1 else ''}", en=f"{count} consultant{'s' if count > 1 else ''}"
        )
        text = f"{names.of(people)}: {names.of(RULES[rule])}"
        found.append(RuleWords(rule=rule, count=count, text=text, nearest=why_text(nearest[rule], names)))
    return tuple(found)


def winner_text(chosen: Chosen, names: Names) -> str:
    """For instance "Anna: 31 point (ventetid 12, rejse 10, belastning 9)"."""
    cost = names.of(Words(da=f"{chosen.cost} point", en=f"cost {chosen.cost}"))
    parts = ", ".join(f"{names.of(TERMS[term])} {value}" for term, value in chosen.terms.items() if value)
    return f"{_first_upper(names.consultant(chosen.consultant))}: {cost}" + (f" ({parts})" if parts else "")


def why_text(verdict: Verdict, names: Names) -> str:
    """Why she was not chosen; for a meeting with the meeting's name before it."""
    if verdict.rule is None:
        return _cost_text(verdict, names)
    if verdict.rule == "themes" and verdict.missing_themes:
        count = verdict.missing_themes
        return names.of(Words(da=f"dækker ikke {count} af temaerne", en=f"does not master {count} of the themes"))
    text = names.of(near_words(verdict.near) if verdict.near is not None else RULES[verdict.rule])
    return text if verdict.meeting is None else f"{names.meeting(verdict.meeting)}: {text}"


def change_texts(verdict: Verdict, names: Names, *, found: bool) -> tuple[str, ...]:
    """What alone would have made her win, the kinds in their order; `found` tells that somebody else was chosen."""
    changes = verdict.changes
    if changes is None:
        return ()
    who = names.consultant(verdict.id)
    wins = Words(da=f"var valget faldet på {who}", en=f"{who} would have been chosen")
    if not found:
        wins = Words(da="kunne forløbet være booket", en="the course could have been booked")
    return tuple(f"{names.of(one)}, {names.of(wins)}" for one in _conditions(changes, who))


def _conditions(changes: Changes, who: str) -> list[Words]:
    found = []
    if changes.freed is not None:
        found.append(_freed_words(changes.freed, who))
    if changes.date is not None:
        found.append(_date_words(changes.date))
    if changes.travel_minutes is not None:
        far = duration(changes.travel_minutes)
        found.append(
            Words(da=f"Hvis rejsen højst var {far.da} hver vej", en=f"If the way there were at most {far.en} long")
        )
    if changes.max_courses is not None:
        most = changes.max_courses
        found.append(Words(da=f"Hvis {who} kunne have {most} forløb ad gangen", en=f"If {who} took {most} courses"))
    return found


def _freed_words(freed: Freed, who: str) -> Words:
    day = datetime.fromisoformat(freed.start).date()
    # The end of a day is written as the next midnight.
    ends = freed.end[-5:] if freed.end[:10] == freed.start[:10] else "24:00"
    da, en = f"{clock_of(freed.start, 'da')}–{ends.replace(':', '.')}", f"{clock_of(freed.start, 'en')}–{ends}"
    return Words(
        da=f"Hvis {who} var fri {format_day_and_month(day, 'da')} kl. {da}",
        en=f"If {who} were free on {format_day_and_month(day, 'en')}, {en}",
    )


def _date_words(moved: MovedDate) -> Words:
    count, later = abs(moved.days), moved.days > 0
    days_da, days_en = f"{count} dag{'e' if count > 1 else ''}", f"{count} day{'s' if count > 1 else ''}"
    becomes_da, becomes_en = (format_day_and_month(moved.becomes, language) for language in ("da", "en"))
    when_da, when_en = ("senere", "later") if later else ("tidligere", "earlier")
    bound_da, bound_en = ("tidligste", "earliest") if moved.bound == "earliest" else ("seneste", "latest")
    return Words(
        da=f"Hvis {bound_da} dato var {days_da} {when_da} ({becomes_da})",
        en=f"If the {bound_en} date were {days_en} {when_en} ({becomes_en})",
    )


def _cost_text(verdict: Verdict, names: Names) -> str:
    possible = Words(da="kunne tage forløbet", en="could have held the course")
    if verdict.difference is None:
        return names.of(possible)
    total = sum(verdict.difference.values())
    more = Words(da=f", men koster {total} mere", en=f", but costs {total} more")
    text = names.of(possible) + names.of(more if total else Words(da=" til samme pris", en=" at the same cost"))
    parts = [f"{names.of(TERMS[term])} {value:+}".replace("-", "−") for term, value in verdict.difference.items()]
    return f"{text} ({', '.join(parts)})" if parts else text


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]
