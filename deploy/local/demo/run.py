"""`forloeb demo`: starts everything from nothing, plays the story, shows what came of it, and stays up or stops."""

import json
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime

from httpx2 import Client
from rich.console import Console

from deploy.kafka.jars import KafkaUnavailableError
from deploy.local.demo.mailboxes import Mailboxes
from deploy.local.demo.mails import Mails
from deploy.local.demo.memory import resident_mb
from deploy.local.demo.outcome import Outcome, System
from deploy.local.demo.people import Applicants, RefusedError, Staff, browser
from deploy.local.demo.play import play
from deploy.local.demo.post import Post
from deploy.local.demo.show import as_json, progress_on, show_addresses, show_checks, show_courses
from deploy.local.demo.show_answers import page_addresses, show_conversation
from deploy.local.demo.show_mails import mail_addresses, show_mails
from deploy.local.demo.staff import make_staff
from deploy.local.foreground import ended_by_signals, stay
from deploy.local.home import Home
from deploy.local.probes import NotReadyError
from deploy.local.processes import Running
from deploy.local.servers import MAIL_PASSWORD
from deploy.local.services import SERVICES
from deploy.local.stack import Stack, held_stack
from shared.staff.account import AccountsError

DATA = "demo"
"""Folder of the demo's own data: it begins from nothing each time and leaves alone what `forloeb stack` stores."""
STOP_SECONDS = 15.0
PIPE_COLUMNS = 140
CONNECTIONS_MAX = 100
"""To mailboxes, kept open while the story is played."""
EXIT_FINE, EXIT_FAULT, EXIT_USAGE = 0, 1, 2


def run_demo(*, kafka: str, once: bool) -> int:
    """The exit code: 0 where every check was good, also after Ctrl-C."""
    begun = time.monotonic()
    home = Home(data=DATA)
    console, notes = Console(), Console(stderr=True)
    if not console.is_terminal:
        console = Console(width=PIPE_COLUMNS)
    if any(program.running.alive for program in home.programs()):
        notes.print("The stack is up already: `forloeb stack down` first.")
        return EXIT_USAGE
    shutil.rmtree(home.data, ignore_errors=True)
    outcome: Outcome | None = None
    memory_mb: dict[str, int] = {}
    try:
        with ended_by_signals():
            notes.print("Starting everything; the logs are in", str(home.logs), highlight=False)
            staff = make_staff(home.staff_file, now=datetime.now(UTC))
            with held_stack(home, say=_quiet, kafka=kafka, patience_seconds=STOP_SECONDS) as stack:
                with progress_on(notes) as report, browser() as client, closing(_mailboxes(stack)) as mailboxes:
                    outcome = play(_system(stack, client, mailboxes), report=report)
                memory_mb = resident_mb(_services(stack))
                show_courses(console, outcome)
                show_conversation(console, outcome)
                show_mails(console, outcome)
                show_checks(console, outcome, memory_mb)
                if not once:
                    _stay(stack, outcome, staff, console, notes)
    except KeyboardInterrupt:
        notes.print("Stopped.")
    except (NotReadyError, KafkaUnavailableError, RefusedError, AccountsError) as error:
        notes.print(str(error), markup=False, highlight=False)
        return EXIT_FAULT
    if outcome is None:
        return EXIT_FAULT
    if once:
        sys.stdout.write(json.dumps(as_json(outcome, seconds=time.monotonic() - begun, memory_mb=memory_mb)) + "\n")
    return EXIT_FAULT if outcome.faults else EXIT_FINE


def _quiet(_line: str) -> None:
    """Which process has which log is of interest only when something goes wrong, and is then told with the fault."""


def _mailboxes(stack: Stack) -> Mailboxes:
    imap = (stack.home.addresses() or {})["imap"] or ""
    return Mailboxes(imap=imap, password=MAIL_PASSWORD, connections_max=CONNECTIONS_MAX)


def _system(stack: Stack, client: Client, mailboxes: Mailboxes) -> System:
    addresses, token = stack.home.addresses() or {}, stack.home.secrets()["FORLOEB_STAFF_TOKEN"]
    return System(
        applicants=Applicants(client, addresses["intake"] or ""),
        staff=Staff(client, addresses["scheduler"] or "", token),
        mails=Mails(client, addresses["notifier"] or "", token),
        mailboxes=mailboxes,
        post=Post(smtp=addresses["smtp"] or "", password=MAIL_PASSWORD),
    )


def _services(stack: Stack) -> Sequence[Running]:
    return [program.running for program in stack.home.programs() if program.running.name in SERVICES]


def _stay(stack: Stack, outcome: Outcome, staff: Mapping[str, str], console: Console, notes: Console) -> None:
    show_addresses(
        console,
        stack.home.addresses() or {},
        staff=staff,
        mailbox=outcome.cast[0].confirmer,
        pages=[
            *page_addresses(outcome, stack.home.addresses() or {}),
            *mail_addresses(outcome, stack.home.addresses() or {}),
        ],
    )
    notes.print("\nCtrl-C stops it all.")
    ended = stay(stack)
    if ended is not None:
        running = ended.running
        raise NotReadyError(f"{running.name} has ended, so the rest stops too:\n{running.log_tail()}")
