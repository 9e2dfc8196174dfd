"""One address is mistyped: its mails come back, staff and the other contact hear of it, and the other contact gives the right one."""

import time
from collections.abc import Sequence

from deploy.local.demo.outcome import Cast, Report, System
from deploy.local.demo.people import JSON
from deploy.local.demo.waiting import PATIENCE_SECONDS, pause

STEP = "Mistyped address corrected"
ASKS, REPORTS = "address_wanted", "address_report"
"""The kinds of the mails to the other contact, and to the coordinators."""


def correct_address(system: System, one: Cast, *, report: Report) -> None:
    """Wait for the mail that asks the other contact, open its link, and put the right address into the page.

    Raises:
        RefusedError: something was refused, or did not happen in time.

    """
    report(STEP, 0, 1)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not _gives(system, one):
        pause(deadline, "a mail that asks for the right address in place of a mistyped one")
    one.corrected = one.applicant.right_address
    report(STEP, 1, 1)


def _gives(system: System, one: Cast) -> bool:
    """The mail may be there a moment before the page knows what came back."""
    asked = mails_of(system.mails.of(one.sent.application_id), ASKS)
    letters = [each for each in system.inbox(one.confirmer) if each.message_id in asked]
    links = [link for each in letters for link in each.links]
    return bool(links) and system.applicants.give_address(links[-1], one.applicant.right_address or "")


def mails_of(messages: Sequence[JSON], kind: str) -> set[str]:
    """The Message-IDs of the mails of a kind that a mail server has taken."""
    return {each["internet_message_id"] for each in messages if each["kind"] == kind and each["state"] == "accepted"}
