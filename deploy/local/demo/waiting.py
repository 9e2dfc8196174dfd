"""Waits for what the system has to do, with a limit for each step: for courses as staff see them, and for mails in mailboxes."""

import time
from collections.abc import Callable, Sequence

from deploy.local.demo.expectations import Expected, count_found, found_letters
from deploy.local.demo.mailboxes import Letter
from deploy.local.demo.outcome import Report, System
from deploy.local.demo.people import JSON, RefusedError

PATIENCE_SECONDS = 60.0
"""For each step; on a small machine each takes one to three."""
POLL_SECONDS = 0.3
MAIL_POLL_SECONDS = 0.5


def wait_for_courses(
    system: System, done: Callable[[dict[str, JSON]], int], step: str, total: int, report: Report
) -> dict[str, JSON]:
    """The courses once `done` counts so many. Raises RefusedError: they never were."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        courses = system.staff.courses()
        report(step, done(courses), total)
        if done(courses) >= total:
            return courses
        pause(deadline, f"{step.lower()}: {total - done(courses)} of {total}")


def wait_for_letters(
    system: System, expected: Sequence[Expected], step: str, report: Report
) -> dict[str, list[Letter]]:
    """Everybody's letters, once all that is expected is there, or the patience is over."""
    mailboxes: dict[str, list[Letter]] = {}
    lacking = {one.mailbox for one in expected}
    deadline = time.monotonic() + PATIENCE_SECONDS
    while lacking and time.monotonic() < deadline:
        mailboxes |= system.mailboxes.read_all(lacking)
        found = found_letters(mailboxes)
        lacking = {one.mailbox for one in expected if one not in found}
        report(step, count_found(expected, mailboxes), len(expected))
        time.sleep(MAIL_POLL_SECONDS if lacking else 0)
    # Once more all of them, for what should not be there.
    return system.mailboxes.read_all(mailboxes)


def pause(deadline: float, what: str) -> None:
    """Raises RefusedError: the deadline is over."""
    if time.monotonic() > deadline:
        raise RefusedError(f"nothing more came within {PATIENCE_SECONDS:.0f} s: {what}")
    time.sleep(POLL_SECONDS)
