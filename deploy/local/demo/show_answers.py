"""What the demo shows of the conversation by mail: who answered, what their answers changed, and the pages that mails link to."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from deploy.local.demo.outcome import Outcome, Told
from deploy.local.demo.people import JSON
from deploy.local.demo.subscribed import plan_links
from shared.reference.dates import format_clock, format_short_date

WORDS = {
    "repaired": "cannot hold the {meeting}",
    "taken": "proposes another time for the {meeting}",
    "declined": "proposes a Sunday for the {meeting}",
    "confirmed": "proposes another time for the {meeting}, not logged in: confirmed by the link in the mail",
}


def show_conversation(console: Console, outcome: Outcome) -> None:
    """How many answered from which programs, and one line per answer that changed something."""
    found = outcome.conversation
    if found is None:
        return
    programs = ", ".join(f"{count} like {name}" for name, count in sorted(found.answers.items()))
    console.print(f"{found.people} people answered by mail; answers taken in: {programs}.", highlight=False)
    table = Table("Reference", "By mail", "Led", "Leads", "Moved", "Mails of it", title="What answers changed")
    for one in found.told:
        table.add_row(
            one.now["reference"],
            f"{one.who} ({one.program}) {_words(one)}",
            outcome.consultants[one.before["consultant"]]["name"],
            outcome.consultants[one.now["consultant"]]["name"],
            _moved(one),
            ", ".join(f"{count} {kind}" for kind, count in one.mails.items()),
        )
    console.print(table)


def page_addresses(outcome: Outcome, addresses: Mapping[str, str | None]) -> list[tuple[str, str]]:
    """One page of each kind on which answers are seen, for a course whose consultant could not hold a meeting."""
    found = outcome.conversation
    if found is None:
        return []
    repaired = next(one for one in found.told if one.happening == "repaired").now
    course_id = repaired["application_id"]
    cast = next(one for one in outcome.cast if one.sent.application_id == course_id)
    rows = [
        (
            f"{repaired['reference']}, which got another consultant: its contact's page, with the answers",
            cast.link or "",
        ),
        ("The same course as coordinators see it", f"{addresses['scheduler']}/coordinator/courses/{course_id}"),
    ]
    mail = outcome.consultants[repaired["consultant"]]["mail"].lower()
    links = plan_links(repaired["reference"], list(outcome.mailboxes.get(mail, ())))
    rows += [("Its consultant's page, opened by the link in her mail", link) for link in links[-1:]]
    return rows + ([("Her calendar, to subscribe to", found.feed)] if found.feed else [])


def _words(told: Told) -> str:
    return WORDS[told.happening].format(meeting=told.before["meetings"][told.meeting]["name"]["en"])


def _moved(told: Told) -> str:
    pairs = [f"{was['name']['en']}: {_moment(was)} to {_moment(now)}" for was, now in told.moved]
    return "; ".join(pairs) or "no meeting"


def _moment(meeting: JSON) -> str:
    wall = datetime.fromisoformat(meeting["start"]).astimezone(ZoneInfo(meeting["zone"]))
    return f"{format_short_date(wall.date(), 'en')} {format_clock(wall.time(), 'en')}"
