"""What the review shows: everything that was entered, in words, with the way back to each field. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from services.intake.form import typed
from services.intake.form.choices import SOON, Choices, week_label
from services.intake.form.control import id_of
from services.intake.form.entries import Entries, first, is_blank, row_count
from services.intake.form.field_table import field_of, group_of
from services.intake.form.marking import N_
from services.intake.form.steps import Step, address, title_of
from shared.words import Language

_LEADER: Final = N_("Leader")
_REPRESENTATIVE: Final = N_("Employee representative")


@dataclass(frozen=True, kw_only=True)
class Row:
    """`lines` are empty where nothing was entered; `change` leads to the field."""

    label: str
    lines: Sequence[str]
    change: str


@dataclass(frozen=True, kw_only=True)
class Section:
    title: str
    rows: Sequence[Row]


@dataclass(frozen=True, kw_only=True)
class Review:
    """The sections of one draft in the reader's language."""

    draft_id: str
    entries: Entries
    choices: Choices
    language: Language
    gettext: Callable[[str], str]

    def sections(self) -> list[Section]:
        parts = (
            (Step.COURSE, self._course()),
            (Step.WORKPLACES, self._workplaces()),
            (Step.CONTACTS, self._contacts()),
            (Step.MATTER, self._matter()),
            (Step.TIMES, self._times()),
        )
        return [Section(title=self.gettext(title_of(step)), rows=list(rows)) for step, rows in parts]

    def _course(self) -> Iterator[Row]:
        yield self._field("kind")
        yield self._row(Step.COURSE, "committee.kind", N_("Who applies?"), ("committee.kind", "committee.name"))

    def _workplaces(self) -> Iterator[Row]:
        for number in self._numbers("workplaces"):
            head = f"workplaces.{number}"
            town = " ".join(self._values(f"{head}.postal_code", f"{head}.town"))
            place = self._values(f"{head}.name", f"{head}.street")
            lines = [*place, *([town] if town else []), *self._values(f"{head}.municipality")]
            label = self._numbered(N_("Workplace"), number, "workplaces")
            yield Row(label=label, lines=lines, change=self._change(Step.WORKPLACES, f"{head}.name"))
        yield self._field("sector")
        yield self._field("employees")
        yield self._field("participants")
        if first(self.entries, "kind") == "joint":
            yield self._field("committees_expected")

    def _contacts(self) -> Iterator[Row]:
        yield self._person("contacts.leader", self.gettext(_LEADER))
        yield self._person("contacts.employee_representative", self.gettext(_REPRESENTATIVE))
        for number in self._numbers("contacts.others"):
            label = self._numbered(N_("Other contact"), number, "contacts.others")
            yield self._person(f"contacts.others.{number}", label)

    def _matter(self) -> Iterator[Row]:
        yield self._field("themes")
        yield self._field("challenge")
        yield self._field("desired_change")

    def _times(self) -> Iterator[Row]:
        yield from self._format()
        start = self._values("earliest_start") or [self.gettext(SOON)]
        yield self._lines("earliest_start", N_("Which week can you begin?"), start)
        yield self._field("wishes.avoid_weekdays")
        span = " – ".join(self._values("wishes.preferred_hours.from_time", "wishes.preferred_hours.to_time"))
        yield self._lines("wishes.preferred_hours.from_time", N_("Hours that suit you best"), [span] if span else [])
        hours = [self._hours(f"wishes.avoid_hours.{number}") for number in self._numbers("wishes.avoid_hours")]
        yield self._lines("wishes.avoid_hours.0.weekday", N_("Hours of the week when you cannot meet"), hours)
        yield self._lines("wishes.weeks_out", N_("Weeks when you cannot meet"), self._weeks())
        days = [self._days(f"wishes.unavailable.{number}") for number in self._numbers("wishes.unavailable")]
        yield self._lines("wishes.unavailable.0.first_day", N_("Days and periods when you cannot meet"), days)

    def _format(self) -> Iterator[Row]:
        """How they meet, where there is a choice; the first way counts until another one is chosen."""
        field = field_of("format")
        options = self.choices.of(field) if field else []
        if field and options:
            preset = self.choices.label(field, options[0][0])
            yield self._lines("format", field.label, self._values("format") or [preset])

    def _person(self, head: str, label: str) -> Row:
        parts = ("name", "role", "title", "email", "phone", "language")
        lines = self._values(*(f"{head}.{part}" for part in parts if field_of(f"{head}.{part}")))
        return Row(label=label, lines=lines, change=self._change(Step.CONTACTS, f"{head}.name"))

    def _hours(self, head: str) -> str:
        span = " – ".join(self._values(f"{head}.from_time", f"{head}.to_time"))
        return " ".join([*self._values(f"{head}.weekday"), span])

    def _days(self, head: str) -> str:
        days = " – ".join(self._values(f"{head}.first_day", f"{head}.last_day"))
        clocks = " – ".join(self._values(f"{head}.from_time", f"{head}.to_time"))
        return ", ".join(part for part in (days, clocks) if part)

    def _weeks(self) -> list[str]:
        """The weeks with their dates, or what was typed if it cannot be read."""
        text = first(self.entries, "wishes.weeks_out").strip()
        horizon = self.choices.programme.windows.horizon_days
        try:
            weeks = typed.weeks(text, today=self.choices.today, horizon_days=horizon)
        except typed.WeeksUnreadableError:
            return [text]
        return [week_label(typed.monday_of(week), self.language) for week in weeks]

    def _field(self, name: str) -> Row:
        field = field_of(name)
        if field is None:
            raise KeyError(name)
        return self._row(field.step, name, field.label, (name,))

    def _row(self, step: Step, name: str, label: str, names: Sequence[str]) -> Row:
        return Row(label=self.gettext(label), lines=self._values(*names), change=self._change(step, name))

    def _lines(self, name: str, label: str, lines: Sequence[str]) -> Row:
        return Row(label=self.gettext(label), lines=lines, change=self._change(Step.TIMES, name))

    def _values(self, *names: str) -> list[str]:
        """What was entered in these fields, choices in words, blank ones left out."""
        found: list[str] = []
        for name in names:
            field = field_of(name)
            for value in self.entries.get(name, ()):
                if field and field.control in ("select", "radios", "checkboxes"):
                    found.append(self.choices.label(field, value))
                else:
                    found.append(value.strip())
        return [value for value in found if value]

    def _numbers(self, prefix: str) -> list[int]:
        group = group_of(prefix)
        if group is None:
            raise KeyError(prefix)
        count = row_count(self.entries, group)
        return [number for number in range(count) if not is_blank(self.entries, group, number)]

    def _numbered(self, label: str, number: int, prefix: str) -> str:
        text = self.gettext(label)
        return f"{text} {number + 1}" if len(self._numbers(prefix)) > 1 else text

    def _change(self, step: Step, name: str) -> str:
        return f"{address(self.draft_id, step, self.language)}?then=review#{id_of(name)}"
