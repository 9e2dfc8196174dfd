"""What was sent in, as the status page repeats it: the labels of the form, codes in words. Pure.

How to reach a contact is told to that contact and to whoever sent the application in. Who has been erased is left out;
where the application itself was, so are its texts, themes and workplaces.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.intake.form.choices import FUNCTIONS, LANGUAGES, WEEKDAYS, week_label
from services.intake.form.field_table import field_of
from services.intake.form.marking import N_
from services.intake.form.steps import Step, title_of
from services.intake.status.content import Content
from shared.events import ApplicationState, Person, UnavailablePeriod, Workplace
from shared.programme import Programme
from shared.reference.dates import format_clock, format_date, format_short_date
from shared.reference.municipalities import Municipalities
from shared.words import Choice, Language, Words

_LEADER: Final = N_("Leader")
_REPRESENTATIVE: Final = N_("Employee representative")
_OTHER: Final = N_("Other contact")
_BEST_HOURS: Final = N_("Hours that suit you best")
_HOURS_OUT: Final = N_("Hours of the week when you cannot meet")
_DAYS_OUT: Final = N_("Days and periods when you cannot meet")
_SOON: Final = N_("As soon as possible")
_WORKPLACE: Final = N_("Workplace")
_PROMISED: Final = N_("You have confirmed")
_PROMISES: Final = ("agreed", "evaluation", "privacy_read")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    label: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, kw_only=True)
class SentIn:
    """`gettext` translates our own texts, `say` those of the programme.

    `reader` is the contact who looks, None for whoever sent the application in.
    """

    reader: str | None
    state: ApplicationState
    content: Content
    programme: Programme
    municipalities: Municipalities
    language: Language
    gettext: Callable[[str], str]
    say: Callable[[Words, Language], str]

    def sections(self) -> list[Section]:
        """The sections of the form in their order; rows without an answer are left out."""
        parts = (
            (Step.COURSE, self._course()),
            (Step.WORKPLACES, self._workplaces()),
            (Step.CONTACTS, self._contacts()),
            (Step.MATTER, self._matter()),
            (Step.TIMES, self._times()),
        )
        found = [
            Section(title=self.gettext(title_of(step)), rows=tuple(row for row in rows if row.lines))
            for step, rows in parts
        ]
        return [section for section in found if section.rows]

    def _course(self) -> Iterator[Row]:
        plan = self.programme.plans.get(self.state.kind)
        yield self._row("kind", self.say(plan.name, self.language) if plan else self.state.kind)
        committee = self._choice(self.programme.committee_kind(self.state.committee), self.state.committee)
        particulars = self.content.particulars
        yield self._row("committee.kind", committee, particulars.committee_name if particulars else "")

    def _workplaces(self) -> Iterator[Row]:
        for workplace in self.content.matter.workplaces if self.content.matter else ():
            yield self._labelled(_WORKPLACE, *self._workplace(workplace))
        yield self._row("sector", self._choice(self.programme.sector(self.state.sector), self.state.sector))
        yield self._row("employees", str(self.state.employees))
        yield self._row("participants", str(self.state.participants))
        yield self._row("committees_expected", str(self.state.committees_expected or ""))

    def _workplace(self, workplace: Workplace) -> tuple[str, ...]:
        code = workplace.municipality
        municipality = self.municipalities.get(code).name if code in self.municipalities else code
        return (workplace.name, workplace.street, f"{workplace.postal_code} {workplace.town}", municipality)

    def _contacts(self) -> Iterator[Row]:
        labels = {"leader": _LEADER, "employee": _REPRESENTATIVE}
        for person in self.content.people.values():
            yield self._labelled(labels.get(person.function, _OTHER), *self._person(person))

    def _person(self, person: Person) -> Iterator[str]:
        particulars = self.content.particulars
        role = particulars.participants_roles.get(person.person_id, "") if particulars else ""
        yield person.name
        if person.function != "leader":
            yield self.gettext(FUNCTIONS[role]) if role in FUNCTIONS else ""
        yield person.title
        # A mistyped address lets a stranger read this page: it must not hand out other people's details as well.
        if self.reader in (None, person.person_id):
            yield from (person.mail, person.phone, self.gettext(LANGUAGES[person.language]))

    def _matter(self) -> Iterator[Row]:
        if self.content.matter is not None:
            themes = self.content.matter.themes
            yield self._row("themes", *(self._choice(self.programme.theme(theme), theme) for theme in themes))
        particulars = self.content.particulars
        if particulars is None:
            return
        yield self._row("challenge", *particulars.challenge.splitlines())
        yield self._row("desired_change", *particulars.desired_change.splitlines())
        given = [name for name in _PROMISES if getattr(particulars, name)]
        yield self._labelled(_PROMISED, *(self._label(name) for name in given))

    def _times(self) -> Iterator[Row]:
        wishes = self.state.wishes
        yield self._row("format", self._format())
        yield self._row("earliest_start", self._start())
        yield self._row("wishes.avoid_weekdays", *(self._weekday(day) for day in wishes.avoid_weekdays))
        best = wishes.preferred_hours
        yield self._labelled(_BEST_HOURS, self._hours(*best) if best else "")
        hours = (
            f"{self._weekday(one.weekday)} {self._hours(one.from_time, one.to_time)}" for one in wishes.avoid_hours
        )
        yield self._labelled(_HOURS_OUT, *hours)
        yield self._labelled(_DAYS_OUT, *(self._period(one) for one in wishes.unavailable))

    def _format(self) -> str:
        plan = self.programme.plans.get(self.state.kind)
        chosen = next((one for one in plan.formats if one.code == self.state.format), None) if plan else None
        return self._choice(chosen, self.state.format or "")

    def _start(self) -> str:
        """The form asks for a week, programs for a day; where nothing was given, it is the day of the application."""
        start = self.state.earliest_start
        if start <= self.state.submitted_at.astimezone(self.programme.tz).date():
            return self.gettext(_SOON)
        return format_date(start, self.language) if start.weekday() else week_label(start, self.language)

    def _weekday(self, code: str) -> str:
        return self.gettext(WEEKDAYS[code]) if code in WEEKDAYS else code

    def _hours(self, start: str, end: str) -> str:
        return f"{_clock(start, self.language)}–{_clock(end, self.language)}"

    def _period(self, period: UnavailablePeriod) -> str:
        """Whole days by their dates, both included; parts of days with their clock times."""
        start, end = datetime.fromisoformat(period.start), datetime.fromisoformat(period.end)
        if start.time() == end.time() == datetime.min.time():
            last = end - timedelta(days=1)
            days = [format_short_date(one.date(), self.language) for one in (start, last)]
            return days[0] if days[0] == days[1] else f"{days[0]} – {days[1]}"
        clocks = [format_clock(one, self.language) for one in (start, end)]
        days = [format_short_date(one.date(), self.language) for one in (start, end)]
        if days[0] == days[1]:
            return f"{days[0]}, {clocks[0]}–{clocks[1]}"
        return f"{days[0]}, {clocks[0]} – {days[1]}, {clocks[1]}"

    def _choice(self, choice: Choice | None, code: str) -> str:
        """The programme may have dropped what was chosen then."""
        return self.say(choice, self.language) if choice else code

    def _row(self, name: str, *lines: str) -> Row:
        return Row(label=self._label(name), lines=_filled(lines))

    def _labelled(self, label: str, *lines: str) -> Row:
        return Row(label=self.gettext(label), lines=_filled(lines))

    def _label(self, name: str) -> str:
        field = field_of(name)
        if field is None:
            raise KeyError(name)
        return self.gettext(field.label)


def _filled(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(line for line in lines if line.strip())


def _clock(wall: str, language: Language) -> str:
    return "24" if wall == "24:00" else format_clock(datetime.fromisoformat(f"2000-01-01T{wall}"), language)
