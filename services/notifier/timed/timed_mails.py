"""Which mails a course as it stands gives at their times, the past ones among them: pure, and without what its matter is.

What is due is always worked out anew from the current course: so a meeting that moved has other mails, and one that is off has none.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final

from services.notifier.planned import MessageKind
from services.notifier.timed.hours import closing, opening
from services.notifier.timed.timed_mail import TimedMail
from shared.events import CourseState, Meeting
from shared.programme import Programme
from shared.programme_messages import Evaluation, PlannedTrial, TrialCheck
from shared.working_days import working_day_from, working_days_after, working_days_before

EVALUATION_DAYS: Final = 14
"""A questionnaire right after the last meeting helps for so long."""
LATER_EVALUATION_DAYS: Final = 30
TRIAL_CHECK_WORKING_DAYS: Final = 3
"""So shortly before the next meeting nobody is asked any more how it goes until then."""
LATER: Final = "later"


def timed_mails(state: CourseState, programme: Programme) -> tuple[TimedMail, ...]:
    """All of them, the first due first. Materials are among them where any theme has some: those of this course are sealed."""
    confirmed = sorted((one for one in state.meetings if one.status == "confirmed"), key=lambda one: one.start)
    if not confirmed:
        return ()
    mails: list[TimedMail] = []
    if state.state == "booked":
        certain = [one for one in confirmed if state.stall is None or one.meeting_id not in state.stall.meetings]
        mails += _before_first(state, confirmed, certain, programme)
        for meeting in certain:
            mails += _reminders(state, meeting, programme)
        mails += _trial_checks(state, certain, programme)
    if state.state in ("booked", "completed"):
        mails += _evaluations(state, confirmed[-1], programme)
    return tuple(sorted(mails, key=in_order))


def in_order(mail: TimedMail) -> tuple[datetime, str, str, str]:
    """Key for sorting: the first due first."""
    return mail.due_at, mail.kind, mail.meeting_id, mail.person_id


def rules_of(programme: Programme) -> tuple[str, ...]:
    """What `TimedMail.rule` can be in this programme."""
    messages = programme.messages
    rules: list[str] = []
    for kind, before in (("homework", messages.homework), ("briefing", messages.briefing)):
        rules += [f"{kind}:{before.working_days_before}"] if before else []
    rules += [f"materials:{messages.materials.working_days_before}"] if messages.materials else []
    rules += [f"reminder:{days}" for days in (messages.reminders.working_days_before if messages.reminders else ())]
    if messages.trial_check:
        checked = messages.trial_check
        rules += [_trial_rule(checked, trial) for plan in programme.plans.values() for trial in plan.trials]
    if messages.evaluation:
        rules += [rule for rule, _, _ in _questionnaires(messages.evaluation)]
    return tuple(dict.fromkeys(rules))


def attendees_of(state: CourseState, meeting: Meeting) -> tuple[str, ...]:
    """Who is asked to a meeting; courses that were booked long ago do not say, and there it was everybody."""
    everybody = (*state.contacts, *(one for one in (state.consultant_id, state.second_id) if one))
    return meeting.attendees or everybody


def _before_first(
    state: CourseState, confirmed: Sequence[Meeting], certain: Sequence[Meeting], programme: Programme
) -> Iterator[TimedMail]:
    """Contacts before the first meeting of all, each consultant before the first of hers."""
    messages, first = programme.messages, confirmed[0]
    if first in certain:
        if messages.homework and _has_preparation(state, first, programme):
            yield from _ahead(state.contacts, first, "homework", messages.homework.working_days_before, programme)
        if messages.materials and any(theme.materials for theme in programme.themes):
            yield from _ahead(state.contacts, first, "materials", messages.materials.working_days_before, programme)
    if messages.briefing:
        for person_id in (state.consultant_id, state.second_id):
            hers = (one for one in confirmed if person_id in attendees_of(state, one))
            meeting = next(hers, None)
            if person_id and meeting in certain and meeting is not None:
                days = messages.briefing.working_days_before
                yield from _ahead((person_id,), meeting, "briefing", days, programme)


def _ahead(
    people: Sequence[str], meeting: Meeting, kind: MessageKind, days: int, programme: Programme
) -> Iterator[TimedMail]:
    """So many working days before the meeting. What needs time is told until the evening of the last working day before it."""
    day = _day(meeting.start, programme)
    until = meeting.start if kind == "briefing" else closing(working_days_before(day, 1, programme), programme)
    due_at = opening(working_days_before(day, days, programme), programme)
    for person_id in people:
        yield _mail(meeting, person_id, kind, rule=f"{kind}:{days}", due_at=due_at, useful_until=until)


def _reminders(state: CourseState, meeting: Meeting, programme: Programme) -> Iterator[TimedMail]:
    """Each helps until the next one is due, the last one until the meeting begins. Whoever declined the meeting gets none."""
    if programme.messages.reminders is None:
        return
    day = _day(meeting.start, programme)
    offsets = sorted(programme.messages.reminders.working_days_before, reverse=True)
    times = [opening(working_days_before(day, days, programme), programme) for days in offsets]
    declined = {
        answer.person_id
        for answer in state.answers
        if answer.meeting_id == meeting.meeting_id
        and answer.partstat == "DECLINED"
        and answer.sequence >= meeting.sequence
    }
    for days, (due_at, until) in zip(offsets, pairwise([*times, meeting.start]), strict=True):
        for person_id in attendees_of(state, meeting):
            if person_id not in declined:
                yield _mail(
                    meeting,
                    person_id,
                    "reminder",
                    offset=str(days),
                    rule=f"reminder:{days}",
                    due_at=due_at,
                    useful_until=until,
                )


def _trial_checks(state: CourseState, certain: Sequence[Meeting], programme: Programme) -> Iterator[TimedMail]:
    """Half-way between two meetings of the course that are far enough apart. A tailored course may lack one of them."""
    check, plan = programme.messages.trial_check, programme.plans.get(state.kind)
    if check is None or plan is None:
        return
    for trial in plan.trials:
        first = next((one for one in certain if one.code == trial.first), None)
        last = next((one for one in certain if one.code == trial.last), None)
        if first is None or last is None:
            continue
        begins, ends = _day(first.start, programme), _day(last.start, programme)
        days_between = (ends - begins).days
        if days_between < check.least_days_between:
            continue
        due_at = opening(working_day_from(begins + timedelta(days=days_between // 2), programme), programme)
        until = opening(working_days_before(ends, TRIAL_CHECK_WORKING_DAYS, programme), programme)
        if due_at < until:
            for person_id in state.contacts:
                rule = _trial_rule(check, trial)
                yield _mail(last, person_id, "trial_check", rule=rule, due_at=due_at, useful_until=until)


def _evaluations(state: CourseState, last: Meeting, programme: Programme) -> Iterator[TimedMail]:
    """After the last meeting, which must have been held: a course of which it is in doubt is not over."""
    evaluation = programme.messages.evaluation
    if evaluation is None or (state.stall is not None and last.meeting_id in state.stall.meetings):
        return
    held_on = _day(last.start, programme)
    for rule, offset, days in _questionnaires(evaluation):
        if offset == LATER:
            on = working_day_from(months_later(held_on, evaluation.months_after or 0), programme)
        else:
            on = working_days_after(held_on, evaluation.working_days_after, programme)
        until = closing(on + timedelta(days=days), programme)
        for person_id in state.contacts:
            due_at = opening(on, programme)
            yield _mail(last, person_id, "evaluation", offset=offset, rule=rule, due_at=due_at, useful_until=until)


def _questionnaires(evaluation: Evaluation) -> Iterator[tuple[str, str, int]]:
    """The rule, the offset, and for how many days it helps."""
    yield f"evaluation:{evaluation.working_days_after}", "", EVALUATION_DAYS
    if evaluation.months_after:
        yield f"evaluation:{evaluation.months_after}m", LATER, LATER_EVALUATION_DAYS


def months_later(day: date, months: int) -> date:
    """The same day so many calendar months later; the last one of a month that has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)
    return last.replace(day=min(day.day, last.day))


def _trial_rule(check: TrialCheck, trial: PlannedTrial) -> str:
    return f"trial_check:{trial.first}:{trial.last}:{check.least_days_between}"


def _has_preparation(state: CourseState, meeting: Meeting, programme: Programme) -> bool:
    plan = programme.plans.get(state.kind)
    planned = plan.meeting(meeting.code) if plan else None
    return planned is not None and planned.preparation is not None


def _day(start: datetime, programme: Programme) -> date:
    return start.astimezone(programme.tz).date()


def _mail(
    meeting: Meeting,
    person_id: str,
    kind: MessageKind,
    *,
    rule: str,
    due_at: datetime,
    useful_until: datetime,
    offset: str = "",
) -> TimedMail:
    return TimedMail(
        kind=kind,
        person_id=person_id,
        meeting_id=meeting.meeting_id,
        offset=offset,
        rule=rule,
        starts_at=meeting.start,
        version=meeting.sequence,
        due_at=due_at,
        useful_until=useful_until,
    )
