"""The commands `forloeb messages …` that ask a running notifier. Imported at every start of `forloeb`: it must stay light."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from services.notifier.staff.command import Mails

NOTIFIER_URL = "http://127.0.0.1:8002"
EXIT_USAGE = 2

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why, in 10-1000 characters; only colleagues can read it.")]
Target = Annotated[str, typer.Argument(help='Id of a mail, or "application/key" of a planned one.')]
MessageId = Annotated[str, typer.Argument(help="Id of a mail.")]
AfterOption = Annotated[str | None, typer.Option("--after", help="Go on where a list ended.", show_default=False)]


def add_commands(messages: typer.Typer) -> None:
    """Add them to the group."""
    messages.command("list")(list_messages)
    messages.command("show")(show_message)
    messages.command("planned")(list_planned)
    messages.command("stop")(stop_message)
    messages.command("move")(move_message)
    messages.command("resend")(resend_message)
    messages.command("suppressed")(list_suppressed)
    messages.command("lift")(lift_address)


def list_messages(
    *,
    show: Annotated[
        str, typer.Option("--show", help="attention, waiting, failed, bounced, accepted, stopped or all.")
    ] = "attention",
    kind: Annotated[str, typer.Option("--kind", help="Only of this kind, such as invite.")] = "",
    day: Annotated[str | None, typer.Option("--day", help="Only of this day, 2027-01-12.", show_default=False)] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=500)] = 50,
    after: AfterOption = None,
    as_json: JsonOption = False,
) -> None:
    """What became of mails, the newest first; people are not named."""
    _print("", as_json=as_json, show=show, kind=kind, day=day, limit=limit, after=after)


def show_message(
    target: Annotated[str, typer.Argument(help="Id of a mail; with --application, of an application.")],
    *,
    application: Annotated[bool, typer.Option("--application", help="All mails of an application.")] = False,
    as_json: JsonOption = False,
) -> None:
    """One mail with each attempt and the server's own words, or all of an application."""
    _print(f"/applications/{target}" if application else f"/{target}", as_json=as_json)


def list_planned(
    *,
    days: Annotated[int, typer.Option("--days", min=1, max=92, help="How far ahead.")] = 14,
    as_json: JsonOption = False,
) -> None:
    """What goes out at its time, the next first."""
    _print("/planned", as_json=as_json, days=days)


def stop_message(
    target: Target,
    *,
    reason: ReasonOption,
    undo: Annotated[bool, typer.Option("--undo", help="Let a planned one go after all.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Stop a mail that is not sent yet, or one that is planned."""
    if undo and "/" not in target:
        print("Only a planned mail can be let go after all: send another one again by resend.", file=sys.stderr)  # noqa: T201 - a command
        raise typer.Exit(EXIT_USAGE)
    _order(f"{_place(target)}/{'release' if undo else 'stop'}", {"reason": reason}, as_json=as_json)


def move_message(
    target: Target,
    *,
    to: Annotated[str, typer.Option("--to", help="When, 2027-01-12T09:00; without an offset in this machine's zone.")],
    reason: ReasonOption,
    as_json: JsonOption = False,
) -> None:
    """Have a mail that is not sent yet, or a planned one, go out at another time."""
    from services.notifier.staff.command import instant_of  # noqa: PLC0415 - only this command needs it

    try:
        due_at = instant_of(to)
    except (ValueError, OverflowError):
        print("--to is no time: write it as 2027-01-12T09:00.", file=sys.stderr)  # noqa: T201 - a command
        raise typer.Exit(EXIT_USAGE) from None
    _order(f"{_place(target)}/move", {"reason": reason, "due_at": due_at}, as_json=as_json)


def resend_message(message_id: MessageId, *, reason: ReasonOption, as_json: JsonOption = False) -> None:
    """Send a mail once more, as a new one."""
    _order(f"/{message_id}/again", {"reason": reason}, as_json=as_json)


def list_suppressed(*, after: AfterOption = None, as_json: JsonOption = False) -> None:
    """Addresses that take no mail, by their digests, the newest first."""
    _print("/suppressed", as_json=as_json, after=after)


def lift_address(
    digest: Annotated[
        str, typer.Argument(help='As `forloeb messages suppressed` names it; after "--" if it begins with "-".')
    ],
    *,
    reason: ReasonOption,
    as_json: JsonOption = False,
) -> None:
    """Let an address have mail again."""
    _order(f"/suppressed/{digest}/lift", {"reason": reason}, as_json=as_json)


def _print(path: str, *, as_json: bool, **asked: str | int | None) -> None:
    from services.notifier.staff.command import print_list  # noqa: PLC0415 - only when a command runs

    with _mails() as mails:
        code = print_list(mails, path, asked, as_json=as_json)
    raise typer.Exit(code)


def _order(path: str, order: dict[str, Any], *, as_json: bool) -> None:
    from services.notifier.staff.command import order_act  # noqa: PLC0415 - only when a command runs

    with _mails() as mails:
        code = order_act(mails, path, order, as_json=as_json)
    raise typer.Exit(code)


def _place(target: str) -> str:
    """Where a mail is acted on: a planned one by "application/key"."""
    return f"/planned/{target}" if "/" in target else f"/{target}"


def _mails() -> "Mails":
    from deploy.local.environment import settings_environment  # noqa: PLC0415 - only when a command runs
    from services.notifier.staff.command import Mails  # noqa: PLC0415 - same

    environment = settings_environment()
    address = environment.get("FORLOEB_NOTIFIER_URL") or NOTIFIER_URL
    return Mails(address, staff_token=environment.get("FORLOEB_STAFF_TOKEN", ""))
