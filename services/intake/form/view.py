"""One step as its template sees it: fields with what was typed and what is wrong with it. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.intake.application import OTHER_CONTACTS_MAX, WORKPLACES_MAX
from services.intake.faults import FieldFault
from services.intake.form.choices import Choices
from services.intake.form.control import Control, id_of
from services.intake.form.draft import Draft
from services.intake.form.entries import first, is_joint, row_count, rows_shown
from services.intake.form.field import Group
from services.intake.form.field_table import field_of, group_of, row_of
from services.intake.form.marking import N_
from services.intake.form.steps import ORDER, Step, address, before, title_of
from shared.programme_meetings import hosts_of
from shared.words import Language

_THE_FORM: Final = N_("The form")
_LEADER: Final = N_("leader")
_REPRESENTATIVE: Final = N_("employee representative")

Faults = Mapping[Step, Sequence[FieldFault]]


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One step in the list of steps."""

    number: int
    title: str
    address: str
    current: bool
    state: str


@dataclass(frozen=True, kw_only=True)
class StepView:
    """The page of one step. `faults` are those of all steps, shown or not."""

    draft: Draft
    step: Step
    language: Language
    faults: Faults
    choices: Choices
    gettext: Callable[[str], str]

    @property
    def title(self) -> str:
        return self.gettext(title_of(self.step))

    @property
    def joint(self) -> bool:
        return is_joint(self.draft.entries)

    @property
    def number(self) -> int:
        return ORDER.index(self.step) + 1

    @property
    def steps(self) -> int:
        return len(ORDER)

    @property
    def address(self) -> str:
        return address(self.draft.id, self.step, self.language)

    @property
    def back(self) -> str:
        """The address of the step before; empty at the first one."""
        earlier = before(self.step)
        return "" if earlier is self.step else address(self.draft.id, earlier, self.language)

    def control(self, name: str) -> Control:
        field = field_of(name)
        if field is None:
            raise KeyError(name)
        entries = self.draft.entries
        values = entries.get(name, ())
        row = row_of(name)
        if row and not values:
            values = tuple(value for last, value in row[0].given if last == row[2])
        options = self.choices.of(field, first(entries, name))
        if field.preset and not values:
            values = tuple(value for value, _, _ in options[:1])
        return Control(
            field=field,
            name=name,
            label=self.gettext(field.label),
            hint=self.gettext(field.hint) if field.hint else "",
            values=values,
            options=options,
            fault=self._fault(name),
        )

    def rows(self, prefix: str) -> range:
        group = self._group(prefix)
        count = rows_shown(self.draft.entries, group)
        # What was sent of another kind of course stays to be seen, and to be removed.
        return range(max(count, row_count(self.draft.entries, group)))

    def may_add(self, prefix: str) -> bool:
        group = self._group(prefix)
        if prefix == "workplaces" and not self.joint:
            return False
        return rows_shown(self.draft.entries, group) < group.rows_max

    def group_fault(self, prefix: str) -> str:
        return self._fault(prefix)

    @property
    def hosts(self) -> int:
        """At how many of the workplaces, the first ones, a course of this kind meets."""
        plan = self.choices.programme.plan(self.choices.kind)
        return len(set(hosts_of(plan.meetings, WORKPLACES_MAX))) if plan else 1

    @property
    def others_max(self) -> int:
        return OTHER_CONTACTS_MAX

    @property
    def summary(self) -> list[tuple[str, str]]:
        """The faults of this step: address and text of each."""
        return [self._told(one, "") for one in self._shown()]

    @property
    def remaining(self) -> list[tuple[str, str]]:
        """The faults of all other steps, for the review."""
        return [
            self._told(one, f"{address(self.draft.id, step, self.language)}?then=review")
            for step in ORDER
            if step is not self.step
            for one in self.faults.get(step, ())
        ]

    @property
    def marks(self) -> list[Mark]:
        return [self._mark(number, step) for number, step in enumerate(ORDER, start=1)]

    def label(self, path: str) -> str:
        """What the reader knows a field or group by, with the number of its row."""
        field, group = field_of(path), group_of(path)
        named = field or group
        text = self.gettext(named.label if named else _THE_FORM)
        row = row_of(path)
        if row:
            return f"{text} ({row[1] + 1})" if rows_shown(self.draft.entries, row[0]) > 1 else text
        if path.startswith("contacts.leader"):
            return f"{text} ({self.gettext(_LEADER)})"
        if path.startswith("contacts.employee"):
            return f"{text} ({self.gettext(_REPRESENTATIVE)})"
        return text

    def _mark(self, number: int, step: Step) -> Mark:
        state = "todo"
        if step in self.draft.tried:
            state = "faulty" if self.faults.get(step) else "done"
        return Mark(
            number=number,
            title=self.gettext(title_of(step)),
            address=address(self.draft.id, step, self.language),
            current=step is self.step,
            state=state,
        )

    def _shown(self) -> Sequence[FieldFault]:
        return self.faults.get(self.step, ()) if self.step in self.draft.tried else ()

    def _fault(self, path: str) -> str:
        return next((one.text(self.language) for one in self._shown() if one.path == path), "")

    def _told(self, one: FieldFault, page: str) -> tuple[str, str]:
        field, label, text = field_of(one.path), self.label(one.path), one.text(self.language)
        if field is None or field.control != "tick":
            text = f"{label} {text}" if label.endswith("?") else f"{label}: {text}"
        return f"{page}#{id_of(one.path) or 'main-content'}", text

    def _group(self, prefix: str) -> Group:
        group = group_of(prefix)
        if group is None:
            raise KeyError(prefix)
        return group
