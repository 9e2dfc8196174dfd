"""What the demo shows of mails beside those about courses: the address that was mistyped, and what goes out at its time."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from rich.console import Console

from deploy.local.demo.outcome import Outcome
from shared.reference.dates import format_short_date

PLANNED_DAYS = 92
"""How far ahead the page of planned mails looks at most."""


def show_mails(console: Console, outcome: Outcome) -> None:
    """One line per thing."""
    found = outcome.correction
    if found is not None:
        console.print(
            f"{found.reference}: mail to {found.mistyped} came back ({outcome.bounced}), and staff heard of it. "
            f"{found.given_by} was asked, and gave {found.right}, "
            f"which then got {found.mails['invites']} invites and {found.mails['others']} other mails.",
            highlight=False,
        )
    if outcome.planned:
        first = format_short_date(datetime.fromisoformat(outcome.planned[0]["due_at"]).date(), "en")
        kinds = ", ".join(
            f"{count} {kind}" for kind, count in Counter(one["kind"] for one in outcome.planned).most_common()
        )
        console.print(
            f"{len(outcome.planned)} mails go out at their time, the first on {first}: {kinds}.", highlight=False
        )


def mail_addresses(outcome: Outcome, addresses: Mapping[str, str | None]) -> list[tuple[str, str]]:
    """The pages on which that is seen."""
    rows = [
        ("Mails that go out in the next three months", f"{addresses['notifier']}/messages/planned?days={PLANNED_DAYS}")
    ]
    found = outcome.correction
    if found is not None:
        page = f"{addresses['notifier']}/messages/applications/{found.application_id}"
        rows.append((f"{found.reference}, with the mail that came back", page))
    return rows
