"""The command `forloeb`. It must start fast: whatever a command needs is imported when that command runs."""

import asyncio
import importlib
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from deploy.local.cli import app as stack_commands

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(stack_commands, name="stack")
topics = typer.Typer(no_args_is_help=True, help="Kafka's topics.")
app.add_typer(topics, name="topics")
indexes = typer.Typer(no_args_is_help=True, help="The database's indexes.")
app.add_typer(indexes, name="indexes")

EXIT_FAULT = 1
EXIT_USAGE = 2


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
def match(
    file: Annotated[Path, typer.Argument(help='An instance as JSON; "-" is standard input.')],
    *,
    others: Annotated[bool, typer.Option("--others", help="Also what each other consultant would cost.")] = False,
) -> None:
    """Ask the matcher what it would book, and why; books nothing. Prints JSON."""
    from services.scheduler.match_command import match_file  # noqa: PLC0415 - only this command needs it

    raise typer.Exit(match_file(file, others=others))


@topics.command("create")
def create_topics() -> None:
    """Create the topics that do not exist yet; may be repeated at any time."""
    from shared.errors import DependencyDownError  # noqa: PLC0415 - only this command needs it
    from shared.kafka import KafkaAddress  # noqa: PLC0415 - same
    from shared.kafka import create_topics as create  # noqa: PLC0415 - same
    from shared.settings import CommonSettings, SettingsError, load  # noqa: PLC0415 - same

    try:
        settings = load(CommonSettings)
        address = KafkaAddress(bootstrap_servers=settings.kafka)
        made = asyncio.run(
            create(address, partitions=settings.kafka_partitions, replication=settings.kafka_replication)
        )
    except (SettingsError, DependencyDownError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(EXIT_FAULT) from None
    print("\n".join(f"created {name}" for name in made) or "All topics were there.")


@indexes.command("create")
def create_indexes() -> None:
    """Create the indexes of every service that do not exist yet; may be repeated at any time."""
    from shared.errors import DependencyDownError  # noqa: PLC0415 - only this command needs it
    from shared.settings import CommonSettings, SettingsError, load  # noqa: PLC0415 - same

    try:
        settings = load(CommonSettings)
        asyncio.run(_create_indexes(settings.mongodb.get_secret_value()))
    except (SettingsError, DependencyDownError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(EXIT_FAULT) from None


async def _create_indexes(uri: str) -> None:
    from shared import mongo  # noqa: PLC0415 - only this command needs it

    client = mongo.connect(uri, app_name="forloeb-indexes")
    try:
        for service in Service:
            await importlib.import_module(f"services.{service}.store").create_indexes(client)
    finally:
        client.close()


def main() -> None:
    app()


if __name__ == "__main__":
    main()
