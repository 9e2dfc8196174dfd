"""`forloeb stack`: the embedded stack on this machine. Everything heavy is imported inside the commands."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from deploy.local.home import Home
    from deploy.local.stack import Stack

app = typer.Typer(
    no_args_is_help=True, help="The embedded stack: servers and services on this machine, without Docker."
)

HomeOption = Annotated[Path | None, typer.Option("--home", help="Its folder; default: FORLOEB_HOME, or .forloeb here.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
EXIT_NOT_UP = 1
EXIT_USAGE = 2


@app.command()
def up(
    *,
    home: HomeOption = None,
    servers_only: Annotated[bool, typer.Option("--servers-only", help="Without the four services.")] = False,
    foreground: Annotated[bool, typer.Option("--foreground", help="Stay, and stop it all on Ctrl-C.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Start everything, or what is missing of it, and print the addresses.

    KAFKA=apache in the environment takes real Apache Kafka instead of noida-db, KAFKA=apache3 three nodes of it.
    """
    from deploy.kafka.jars import KafkaUnavailableError  # noqa: PLC0415 - heavy
    from deploy.local.foreground import ended_by_signals  # noqa: PLC0415 - heavy
    from deploy.local.home import Home  # noqa: PLC0415 - heavy
    from deploy.local.probes import NotReadyError  # noqa: PLC0415 - heavy
    from deploy.local.stack import Stack, held_stack  # noqa: PLC0415 - heavy

    place, kafka = Home(home), kafka_kind()
    try:
        if foreground:
            if any(program.running.alive for program in place.programs()):
                _fail("The stack is up already: `forloeb stack down` first, or leave out --foreground.")
            with ended_by_signals(), held_stack(place, say=_say, kafka=kafka, servers_only=servers_only) as stack:
                _print_addresses(place, as_json=as_json)
                _stay(stack)
        else:
            before = place.programs()
            Stack(place, kafka=kafka, servers_only=servers_only).up(_say)
            _say("The stack is up already." if place.programs() == before else "The stack is up.")
            _print_addresses(place, as_json=as_json)
    except (NotReadyError, KafkaUnavailableError) as error:
        _fail(str(error))
    except KeyboardInterrupt:
        _say("Stopped.")


@app.command()
def down(*, home: HomeOption = None) -> None:
    """Stop everything. Data, ports and secrets stay for the next time; the mailboxes are in memory only and go."""
    from deploy.local.home import Home  # noqa: PLC0415 - heavy
    from deploy.local.stack import Stack  # noqa: PLC0415 - heavy

    stopped = Stack(Home(home)).down()
    _say(f"Stopped: {', '.join(stopped)}." if stopped else "Nothing was running.")


@app.command()
def status(*, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Each program with its state and log, and the addresses. The exit code is 0 if everything that was started is up."""
    from deploy.local.home import Home  # noqa: PLC0415 - heavy
    from deploy.local.stack import Stack  # noqa: PLC0415 - heavy

    place = Home(home)
    programs, states = place.programs(), Stack(place).status()
    if as_json:
        rows = {
            program.running.name: {
                "state": states[program.running.name],
                "pid": program.running.pid,
                "log": str(program.running.log),
            }
            for program in programs
        }
        print(json.dumps({"programs": rows, "addresses": place.addresses()}))
    elif not programs:
        print("Nothing is running. Start it with: forloeb stack up")
    else:
        for program in programs:
            running = program.running
            print(f"{running.name:<12}{states[running.name]:<11}process {running.pid:<9}{running.log}")
        _print_addresses(place, as_json=False)
    if not states or set(states.values()) != {"up"}:
        raise typer.Exit(EXIT_NOT_UP)


def kafka_kind() -> str:
    from deploy.local.servers import KAFKA_KINDS  # noqa: PLC0415 - heavy

    kind = os.environ.get("KAFKA") or "noida"
    if kind not in KAFKA_KINDS:
        _fail(f"KAFKA={kind}: it is one of {', '.join(KAFKA_KINDS)}.", code=EXIT_USAGE)
    return kind


def _stay(stack: "Stack") -> None:
    """Return only when the stack was stopped by somebody else, or something in it has died."""
    from deploy.local.foreground import stay  # noqa: PLC0415 - heavy

    _say("Ctrl-C stops it all.")
    ended = stay(stack)
    if ended is not None:
        running = ended.running
        _fail(f"{running.name} has ended, so the rest stops too. The end of {running.log}:\n{running.log_tail()}")


def _print_addresses(place: "Home", *, as_json: bool) -> None:
    addresses = place.addresses() or {}
    if as_json:
        print(json.dumps(addresses))
        return
    from deploy.local.services import SERVICES  # noqa: PLC0415 - heavy

    started = {program.running.name for program in place.programs()}
    for name, address in addresses.items():
        if address is not None and (name in started or name not in SERVICES):
            print(f"  {name:<10} {address}")


def _say(line: str) -> None:
    print(line, file=typer.get_text_stream("stderr"))


def _fail(text: str, *, code: int = EXIT_NOT_UP) -> NoReturn:
    _say(text)
    raise typer.Exit(code)
