"""What each field with a choice offers, in the reader's language. Pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.intake.form.field import Field
from services.intake.form.marking import N_
from shared.programme import Programme
from shared.reference.dates import format_short_date, format_week
from shared.reference.municipalities import Municipalities
from shared.words import Choice, Language, Words

Option = tuple[str, str, str]
"""The value, what the reader sees, and a hint that may be empty."""

FUNCTIONS: Final = {
    "leader": N_("Leader"),
    "tr": N_("Union representative (TR)"),
    "amr": N_("Health and safety representative (AMR)"),
    "coordinator": N_("Coordinator"),
    "other": N_("Other"),
}
LANGUAGES: Final = {"da": N_("Danish"), "en": N_("English")}
WEEKDAYS: Final = {
    "mon": N_("Monday"),
    "tue": N_("Tuesday"),
    "wed": N_("Wednesday"),
    "thu": N_("Thursday"),
    "fri": N_("Friday"),
}
_OF_EMPLOYEES: Final = ("tr", "amr", "other")
_CHOOSE: Final = N_("Choose")
SOON: Final = N_("As soon as possible")


@dataclass(frozen=True, kw_only=True)
class Choices:
    """`gettext` translates our own texts, `say` those of the programme. `kind` of course: as entered, or empty."""

    programme: Programme
    municipalities: Municipalities
    language: Language
    today: date
    gettext: Callable[[str], str]
    say: Callable[[Words, Language], str]
    kind: str = ""

    def of(self, field: Field, entered: str = "") -> list[Option]:
        """The options of a field; a week that is no longer offered stays to be seen while it is `entered`."""
        last = field.pattern.rpartition(".")[2]
        if field.pattern == "kind":
            return [self._option(kind, plan.name) for kind, plan in self.programme.plans.items()]
        if field.pattern == "committee.kind":
            return list(self._committees())
        if field.pattern == "themes":
            return self._choices(self.programme.themes)
        if field.pattern == "earliest_start":
            return [("", self.gettext(SOON), ""), *self._weeks(entered)]
        if field.pattern == "wishes.avoid_weekdays":
            return self._own(WEEKDAYS)
        return self._select(field, last)

    def label(self, field: Field, value: str) -> str:
        """What the reader sees of a value; empty for one that is not offered."""
        return next((label for code, label, _ in self.of(field, value) if code == value and code), "")

    def _select(self, field: Field, last: str) -> list[Option]:
        if last == "format":
            return list(self._formats())
        choose = ("", self.gettext(_CHOOSE), "")
        if last == "sector":
            return [choose, *self._choices(self.programme.sectors)]
        if last == "municipality":
            return [choose, *((one.code, one.name, "") for one in self.municipalities)]
        if last == "weekday":
            return [choose, *self._own(WEEKDAYS)]
        if last == "role":
            codes = _OF_EMPLOYEES if "employee" in field.pattern else tuple(FUNCTIONS)
            return [choose, *self._own({code: FUNCTIONS[code] for code in codes})]
        return self._own(LANGUAGES) if last == "language" else []

    def _committees(self) -> Iterator[Option]:
        for committee in self.programme.committee_kinds:
            plans = (self.programme.plans[kind].name for kind in committee.courses)
            hint = " · ".join(self.say(name, self.language) for name in plans)
            yield committee.code, self.say(committee, self.language), hint

    def _formats(self) -> Iterator[Option]:
        """The ways in which a course of this kind can be held."""
        plan = self.programme.plan(self.kind)
        for one in plan.formats if plan else ():
            yield one.code, self.say(one, self.language), self.say(one.hint, self.language) if one.hint else ""

    def _weeks(self, entered: str) -> Iterator[Option]:
        """The Mondays from which a course may begin, until the last day for a start."""
        plans = self.programme.plans.items()
        notice = min(self.programme.notice_days(kind, code) for kind, plan in plans for code in plan.format_codes())
        first = self.today + timedelta(days=notice)
        last = self.programme.latest_start(self.today)
        mondays = list(_mondays(first, last))
        offered = {monday.isoformat() for monday in mondays}
        if entered and entered not in offered:
            yield entered, _past_label(entered, self.language), ""
        for monday in mondays:
            yield monday.isoformat(), week_label(monday, self.language), ""

    def _choices(self, choices: Sequence[Choice]) -> list[Option]:
        return [self._option(choice.code, choice) for choice in choices]

    def _option(self, code: str, words: Words) -> Option:
        return code, self.say(words, self.language), ""

    def _own(self, texts: dict[str, str]) -> list[Option]:
        return [(code, self.gettext(text), "") for code, text in texts.items()]


def week_label(monday: date, language: Language) -> str:
    """The week with its dates, Monday to Friday."""
    friday = monday + timedelta(days=4)
    days = f"{format_short_date(monday, language)} – {format_short_date(friday, language)}"
    return f"{format_week(monday, language)}: {days}"


def _past_label(entered: str, language: Language) -> str:
    """A week that has gone out of the list since it was chosen; what never stood in it is shown as it is."""
    try:
        return week_label(date.fromisoformat(entered), language)
    except (ValueError, OverflowError):
        return entered


def _mondays(first: date, last: date) -> Iterable[date]:
    monday = first + timedelta(days=-first.weekday() % 7)
    while monday <= last:
        yield monday
        monday += timedelta(days=7)
