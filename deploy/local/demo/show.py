"""What the demo shows: progress on a terminal, then what was booked with whom and when, the checks, and where to look."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from deploy.local.demo.expectations import count_found
from deploy.local.demo.outcome import Conversation, Outcome, Report
from deploy.local.demo.staff import COORDINATOR, OPERATOR
from shared.reference.dates import format_short_date, format_span
from shared.reference.municipalities import load_municipalities

MEMORY_GOAL_MB = 150
JSON = dict[str, Any]


@contextmanager
def progress_on(console: Console) -> Iterator[Report]:
    """Bars, one per step; nothing at all where nobody is looking."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    steps: dict[str, Any] = {}
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:

        def report(step: str, done: int, total: int) -> None:
            if step not in steps:
                steps[step] = bars.add_task(step, total=total)
            bars.update(steps[step], completed=done, total=total)

        yield report


def show_courses(console: Console, outcome: Outcome) -> None:
    """One line per application, and below it the meetings' dates."""
    names = {one.code: one.short_name for one in load_municipalities()}
    table = Table(
        "Reference",
        "Workplace",
        "Became",
        "Consultant",
        "Meetings",
        title="Applications and their courses, as first booked",
    )
    for one in outcome.cast:
        course = outcome.first_state(one)
        consultant = outcome.consultants[course["consultant"]]
        workplace = one.sent.application["workplaces"][0]
        table.add_row(
            course["reference"],
            f"{workplace['name']}, {names[workplace['municipality']]} ({course['kind']})",
            one.applicant.ending,
            f"{consultant['name']}, {names[consultant['municipality']]}",
            f"{len(course['meetings'])} from {_day(course['meetings'][0])} to {_day(course['meetings'][-1])}",
        )
    console.print(table)
    first = outcome.first_state(outcome.cast[0])
    console.print(f"The meetings of {first['reference']}, for example:")
    for meeting in first["meetings"]:
        console.print(f"  {meeting['name']['en']}: {_span(meeting)} ({meeting['place']})", highlight=False)
    _show_reasons(console, outcome, first)


def _show_reasons(console: Console, outcome: Outcome, first: JSON) -> None:
    """Why an application waited, and why a course did not go to somebody else."""
    for course_id, reasons in outcome.waited_for.items():
        reference = outcome.courses[course_id]["reference"]
        counts = ", ".join(f"{count} by {rule}" for rule, count in reasons.items())
        console.print(
            f"{reference} waited (consultants ruled out: {counts}) until the roster changed.", highlight=False
        )
    if outcome.why_not is not None:
        consultant_id, sentences = outcome.why_not
        name = outcome.consultants[consultant_id]["name"]
        console.print(f"Why did {first['reference']} not go to {name}?", highlight=False)
        for sentence in sentences:
            console.print(f"  {sentence.replace(consultant_id, name)}", highlight=False)


def show_checks(console: Console, outcome: Outcome, memory_mb: Mapping[str, int]) -> None:
    console.print(
        f"{count_found(outcome.expected, outcome.mailboxes)} of the {len(outcome.expected)} calendar mails that were to come lie in "
        f"{len(outcome.mailboxes)} mailboxes: {outcome.invites_in_mailboxes()} invites to meetings that stand, "
        f"{outcome.cancellations_in_mailboxes()} cancellations, and the invites that these took back. "
        f"Overlaps: {outcome.overlaps}."
    )
    figures = ", ".join(f"{name} {size} MB" for name, size in memory_mb.items())
    over = [name for name, size in memory_mb.items() if size >= MEMORY_GOAL_MB]
    console.print(f"Memory: {figures}" + (f" (over {MEMORY_GOAL_MB} MB: {', '.join(over)})" if over else ""))
    for fault in outcome.faults:
        console.print(f"[bold red]Wrong:[/] {fault}")


def show_addresses(
    console: Console,
    addresses: Mapping[str, str | None],
    *,
    staff: Mapping[str, str],
    mailbox: str,
    pages: Sequence[tuple[str, str]],
) -> None:
    """Where to look, while it stays up. `staff`: the password of each account; `pages` come from people's mails."""
    rows = (
        ("The form that applicants fill in (in English: /en/)", f"{addresses['intake']}/"),
        (f"Applications and courses (staff; log in as {COORDINATOR})", f"{addresses['scheduler']}/coordinator"),
        (
            f"Mails: what became of each, and what is planned (staff; log in as {COORDINATOR})",
            f"{addresses['notifier']}/messages",
        ),
        (f"Live page of all events (staff; log in as {OPERATOR})", f"{addresses['monitor']}/"),
        ("Passwords, until the demo is started again", ", ".join(f"{name}: {staff[name]}" for name in staff)),
        (f"Mailboxes (choose {mailbox}, or another)", addresses["mail_web"]),
        *pages,
        (
            "Mail server for answers of your own (account: any address; password: that of all mailboxes)",
            addresses["smtp"],
        ),
        ("Description of the intake API", f"{addresses['intake']}/api/openapi.json"),
        ("Apply once more", ".venv/bin/forloeb apply deploy/local/sample/ringsted-jobcenter.json"),
    )
    console.print()
    for what, where in rows:
        # Each address on a line of its own and never folded, so that it can be clicked.
        console.print(f"{what}:", style="bold")
        console.print(f"  {where}", soft_wrap=True, highlight=False)


def as_json(outcome: Outcome, *, seconds: float, memory_mb: Mapping[str, int]) -> JSON:
    """The figures that scripts look at."""
    return {
        "applications": len(outcome.cast),
        "booked": outcome.count("booked"),
        "waitlisted": outcome.waitlisted,
        "withdrawn": outcome.count("cancelled"),
        "meetings": len(outcome.booked_meetings()),
        "invites_in_mailboxes": outcome.invites_in_mailboxes(),
        "cancellations_in_mailboxes": outcome.cancellations_in_mailboxes(),
        "overlaps": outcome.overlaps,
        "bounced": outcome.bounced,
        "addresses_changed": int(outcome.correction is not None),
        "planned_mails": len(outcome.planned),
        **({} if outcome.conversation is None else _answered(outcome.conversation)),
        "seconds": round(seconds, 1),
        "memory_mb": dict(memory_mb),
    }


def _answered(conversation: Conversation) -> JSON:
    return {
        "answers": sum(conversation.answers.values()),
        "repaired": conversation.count("repaired"),
        "counters_taken": conversation.count("taken", "confirmed"),
        "counters_declined": conversation.count("declined"),
        "held_confirmed": conversation.count("confirmed"),
    }


def _wall(meeting: JSON) -> datetime:
    return datetime.fromisoformat(meeting["start"]).astimezone(ZoneInfo(meeting["zone"]))


def _day(meeting: JSON) -> str:
    return format_short_date(_wall(meeting).date(), "en")


def _span(meeting: JSON) -> str:
    start = _wall(meeting)
    return format_span(start, start + timedelta(minutes=meeting["minutes"]), "en")
