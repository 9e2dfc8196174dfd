"""The command `forloeb`. It must start fast: whatever a command needs is imported when that command runs."""

import asyncio
import importlib
import sys
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from deploy.local.cli import app as stack_commands
from services.accounts.cli import app as staff_commands
from services.messages_cli import add_commands

if TYPE_CHECKING:
    from services.monitor.cli import Monitor
    from shared.settings import CommonSettings

Result = TypeVar("Result")

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(stack_commands, name="stack")
app.add_typer(staff_commands, name="staff")
topics = typer.Typer(no_args_is_help=True, help="Kafka's topics.")
app.add_typer(topics, name="topics")
indexes = typer.Typer(no_args_is_help=True, help="The database's indexes.")
app.add_typer(indexes, name="indexes")
roster = typer.Typer(no_args_is_help=True, help="The consultants.")
app.add_typer(roster, name="roster")
answers = typer.Typer(no_args_is_help=True, help="Answers to invites.")
app.add_typer(answers, name="answers")
time_zones = typer.Typer(no_args_is_help=True, help="Time zone rules and booked meetings.")
app.add_typer(time_zones, name="tz")
messages = typer.Typer(no_args_is_help=True, help="Mails to people.")
app.add_typer(messages, name="messages")
add_commands(messages)
programmes = typer.Typer(no_args_is_help=True, help="The file with what an organisation decides.")
app.add_typer(programmes, name="programme")

EXIT_FAULT = 1
EXIT_USAGE = 2
INTAKE_URL = "http://127.0.0.1:8000"
SCHEDULER_URL = "http://127.0.0.1:8001"
MONITOR_URL = "http://127.0.0.1:8004"

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


class MailLanguage(StrEnum):
    """The languages of mails."""

    DA = "da"
    EN = "en"


class MailReader(StrEnum):
    """Who a mail is for, where its kind differs by that."""

    CONTACT = "contact"
    CONSULTANT = "consultant"


class Service(StrEnum):
    """The services, each with a `main.py` whose `run()` serves until it is stopped."""

    INTAKE = "intake"
    SCHEDULER = "scheduler"
    NOTIFIER = "notifier"
    MONITOR = "monitor"


@app.command()
def run(service: Service) -> None:
    """Run one service in the foreground; its settings come from the environment (docs/settings.md)."""
    from shared.settings import SettingsError  # noqa: PLC0415 - only this command needs it

    try:
        importlib.import_module(f"services.{service}.main").run()
    except SettingsError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(EXIT_USAGE) from None


@app.command()
def healthy(
    service: Annotated[
        Service | None, typer.Argument(help="By default the one that this container runs.", show_default=False)
    ] = None,
    *,
    ready: Annotated[bool, typer.Option("--ready", help="Also whether all that it needs answers.")] = False,
) -> None:
    """Ask the service on this machine whether it is alive; the health check of its container."""
    from services.healthy import examine, first_process, service_of  # noqa: PLC0415 - only this command needs it

    name = service or service_of(first_process(), list(Service))
    if name is None:
        print("No service runs here as process 1: name one.", file=sys.stderr)
        raise typer.Exit(EXIT_USAGE)
    raise typer.Exit(examine(str(name), ready=ready))


@app.command()
def match(
    file: Annotated[Path, typer.Argument(help='An instance as JSON; "-" is standard input.')],
    consultant: Annotated[
        str | None, typer.Argument(help="With --why-not: of this one alone.", show_default=False)
    ] = None,
    *,
    others: Annotated[bool, typer.Option("--others", help="Also what each other consultant would cost.")] = False,
    why_not: Annotated[bool, typer.Option("--why-not", help="Also what alone would have made the others win.")] = False,
) -> None:
    """Ask the matcher what it would book, and why; books nothing. Prints JSON."""
    from services.scheduler.match_command import EVERYBODY, match_file  # noqa: PLC0415 - only this command needs it

    if consultant is not None and not why_not:
        print("A consultant is named only with --why-not.", file=sys.stderr)
        raise typer.Exit(EXIT_USAGE)
    why_not_of = consultant or EVERYBODY if why_not else None
    raise typer.Exit(match_file(file, others=others, why_not_of=why_not_of))


@app.command()
def demo(
    *,
    once: Annotated[
        bool, typer.Option("--once", help="Do the main job, check it, stop; the last line is JSON.")
    ] = False,
) -> None:
    """Everything from nothing: consultants, applications, courses, invites in mailboxes. Stays up until Ctrl-C."""
    from deploy.local.cli import kafka_kind  # noqa: PLC0415 - only this command needs it
    from deploy.local.demo.run import run_demo  # noqa: PLC0415 - same

    raise typer.Exit(run_demo(kafka=kafka_kind(), once=once))


@app.command()
def apply(
    file: Annotated[Path, typer.Argument(help="An application as JSON.")],
    *,
    trusted: Annotated[
        bool, typer.Option("--trusted", help="As the caller of FORLOEB_INTAKE_API_TOKEN: needs no confirmation.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Send an application to the intake service at FORLOEB_PUBLIC_URL, or of the stack on this machine."""
    from deploy.local.environment import settings_environment  # noqa: PLC0415 - only this command needs it
    from services.intake.apply_command import apply_file  # noqa: PLC0415 - same

    environment = settings_environment()
    token = environment.get("FORLOEB_INTAKE_API_TOKEN")
    if trusted and not token:
        print("--trusted needs FORLOEB_INTAKE_API_TOKEN in the environment.", file=sys.stderr)
        raise typer.Exit(EXIT_USAGE)
    intake = environment.get("FORLOEB_PUBLIC_URL") or INTAKE_URL
    raise typer.Exit(apply_file(file, intake=intake, token=token if trusted else None, as_json=as_json))


@app.command()
def doctor(
    *,
    mail_to: Annotated[str | None, typer.Option("--mail-to", help="Send a test mail to this address.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Check settings, Kafka, database, mail server, clock and time zone, and say what to do about what is wrong.

    Looks at the system that the environment names, or else at the stack on this machine.
    """
    from deploy.local.environment import settings_environment  # noqa: PLC0415 - only this command needs it
    from services.doctor.command import examine  # noqa: PLC0415 - same

    raise typer.Exit(examine(environment=settings_environment(), mail_to=mail_to, as_json=as_json))


@programmes.command("check")
def check_programme(
    file: Annotated[Path, typer.Argument(help="A programme as TOML.")], *, as_json: JsonOption = False
) -> None:
    """Say what is wrong with a programme, or from when to when courses of its plans cannot begin."""
    from services.doctor.programme_command import check_file  # noqa: PLC0415 - only this command needs it

    raise typer.Exit(check_file(file, today=datetime.now(UTC).date(), as_json=as_json))


@messages.command("preview")
def preview_message(
    kind: Annotated[
        str | None, typer.Argument(help="Such as receipt; see docs/messages.md.", show_default=False)
    ] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="All kinds, in all their forms.")] = False,
    lang: Annotated[MailLanguage | None, typer.Option("--lang", help="By default both.", show_default=False)] = None,
    reader: Annotated[
        MailReader | None, typer.Option("--reader", help="The form that goes to this reader.", show_default=False)
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="Folder to write to.")] = Path("mails"),
    templates: Annotated[
        Path | None,
        typer.Option(
            "--templates", help="Folder with your own; by default FORLOEB_NOTIFIER_TEMPLATES.", show_default=False
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write a mail as people get it, from a sample, as .eml, .html and .txt; an invite without its calendar object."""
    from deploy.local.environment import settings_environment  # noqa: PLC0415 - only this command needs it
    from services.notifier.preview.command import preview  # noqa: PLC0415 - same

    if every == (kind is not None):
        print("Name one kind, or give --all.", file=sys.stderr)
        raise typer.Exit(EXIT_USAGE)
    named = settings_environment().get("FORLOEB_NOTIFIER_TEMPLATES")
    code = preview(
        kind,
        languages=[lang.value] if lang else [one.value for one in MailLanguage],
        reader=reader.value if reader else None,
        folder=out,
        own=templates or (Path(named) if named else None),
        as_json=as_json,
    )
    raise typer.Exit(code)


@answers.command("read")
def read_answer(
    file: Annotated[Path, typer.Argument(help='A mail (.eml) or a calendar object (.ics); "-" is standard input.')],
    *,
    authserv_id: Annotated[
        str | None, typer.Option("--authserv-id", help="Name of our mail server in Authentication-Results.")
    ] = None,
) -> None:
    """Print as JSON what is understood of an answer from a calendar, and what the mail decides by itself; or of a report."""
    from services.intake.imip.answers_command import read_file  # noqa: PLC0415 - only this command needs it

    raise typer.Exit(read_file(file, authserv_id=authserv_id))


@roster.command("import")
def import_roster(
    file: Annotated[Path, typer.Argument(help="Consultants as CSV (.csv) or JSON.")], *, as_json: JsonOption = False
) -> None:
    """Add and change consultants; a bad line is reported with its number and changes nothing."""
    from deploy.local.environment import settings_environment  # noqa: PLC0415 - only this command needs it
    from services.scheduler.roster_command import import_file  # noqa: PLC0415 - same

    environment = settings_environment()
    scheduler = environment.get("FORLOEB_SCHEDULER_URL") or SCHEDULER_URL
    token = environment.get("FORLOEB_STAFF_TOKEN", "")
    raise typer.Exit(import_file(file, scheduler=scheduler, staff_token=token, as_json=as_json))


@time_zones.command("check")
def check_time_zones(
    *,
    apply: Annotated[bool, typer.Option("--apply", help="Put them right, and send updates.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Compare booked meetings with today's time zone rules; exit code 1 where any is off the wall time agreed to."""
    from deploy.local.environment import settings_environment  # noqa: PLC0415 - only this command needs it
    from services.scheduler.time_zones.tz_command import check  # noqa: PLC0415 - same

    environment = settings_environment()
    scheduler = environment.get("FORLOEB_SCHEDULER_URL") or SCHEDULER_URL
    token = environment.get("FORLOEB_STAFF_TOKEN", "")
    raise typer.Exit(check(scheduler=scheduler, staff_token=token, apply=apply, as_json=as_json))


@app.command()
def events(
    *,
    follow: Annotated[bool, typer.Option("--follow", help="Go on with what comes, until Ctrl-C.")] = False,
    topic: Annotated[str | None, typer.Option("--topic", help="Only of this one, such as courses.")] = None,
    reference: Annotated[str | None, typer.Option("--reference", help="Only of this application.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="How many of the last ones.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """The events that passed, oldest first; people stay sealed."""
    from services.monitor.cli import print_events  # noqa: PLC0415 - only this command needs it

    with _monitor() as monitor:
        code = print_events(monitor, topic=topic, reference=reference, limit=limit, follow=follow, as_json=as_json)
    raise typer.Exit(code)


@app.command()
def lag(*, as_json: JsonOption = False) -> None:
    """How far each service is behind: records that wait, and for how long the oldest has."""
    from services.monitor.cli import print_lag  # noqa: PLC0415 - only this command needs it

    with _monitor() as monitor:
        code = print_lag(monitor, as_json=as_json)
    raise typer.Exit(code)


def _monitor() -> "Monitor":
    from deploy.local.environment import settings_environment  # noqa: PLC0415 - only two commands need it
    from services.monitor.cli import Monitor  # noqa: PLC0415 - same

    environment = settings_environment()
    address = environment.get("FORLOEB_MONITOR_URL") or MONITOR_URL
    return Monitor(address, staff_token=environment.get("FORLOEB_STAFF_TOKEN", ""))


@topics.command("create")
def create_topics() -> None:
    """Create the topics that do not exist yet; may be repeated at any time."""
    from deploy.preparation import prepare_topics  # noqa: PLC0415 - only this command needs it

    made = _prepared(prepare_topics)
    print("\n".join(f"created {name}" for name in made) or "All topics were there.")


@indexes.command("create")
def create_indexes() -> None:
    """Create the indexes of every service that do not exist yet; may be repeated at any time."""
    from deploy.preparation import prepare_indexes  # noqa: PLC0415 - only this command needs it

    _prepared(prepare_indexes)


def _prepared(step: Callable[["CommonSettings"], Coroutine[Any, Any, Result]]) -> Result:
    from deploy.local.environment import settings_environment  # noqa: PLC0415 - only these commands need it
    from shared.errors import DependencyDownError  # noqa: PLC0415 - same
    from shared.settings import CommonSettings, SettingsError, load  # noqa: PLC0415 - same

    try:
        return asyncio.run(step(load(CommonSettings, settings_environment())))
    except (SettingsError, DependencyDownError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(EXIT_FAULT) from None


def main() -> None:
    app()


if __name__ == "__main__":
    main()
