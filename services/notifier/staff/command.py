"""The commands about mails: ask the notifier, and print for people or, with --json, for programs."""

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Self, TextIO

import httpx2

from shared.terminal import json_text, one_line

API: Final = "/api/v1/messages"
TIMEOUT_SECONDS: Final = 20.0
EXIT_FAULT: Final = 1
MINUTE_CHARS: Final = len("2027-01-12T09:00")

Row = dict[str, Any]
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "messages": ("message_id", "state", "kind", "reference", "due_at", "code", "enhanced_code", "why"),
    "planned": ("target", "due_at", "kind", "reference", "stopped"),
    "suppressed": ("digest", "reason", "code", "since", "reference", "person_id"),
    "tries": ("at", "phase", "outcome", "reason", "code", "enhanced_code", "said"),
}
"""What is printed of each row, by the name of its list in the answer."""


class RefusedError(Exception):
    """The notifier answered, and said no; the text says what it said."""


class Mails:
    """The notifier's API at `address`, for whoever holds the staff token; connected for as long as a `with` block."""

    def __init__(self, address: str, *, staff_token: str) -> None:
        self.address = address.rstrip("/")
        self._client = httpx2.Client(
            base_url=self.address, headers={"Authorization": f"Bearer {staff_token}"}, timeout=TIMEOUT_SECONDS
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, path: str, asked: Mapping[str, str | int | None]) -> Row:
        """The JSON of one answer. Raises RefusedError; httpx2.HTTPError or ValueError where nobody, or somebody else, answers."""
        params = {name: value for name, value in asked.items() if value is not None}
        return self._told(self._client.get(f"{API}{path}", params=params))

    def post(self, path: str, order: Row) -> Row:
        """Have something done; what is told of it. Raises as `get`."""
        return self._told(self._client.post(f"{API}{path}", json=order))

    @staticmethod
    def _told(answer: httpx2.Response) -> Row:
        told: Row = answer.json() if answer.content else {}
        if not answer.is_success:
            faults = (f"{row['field']}: {row['code']}" for row in told.get("errors", ()))
            raise RefusedError(": ".join([*(told[name] for name in ("title", "detail") if told.get(name)), *faults]))
        return told


def print_list(
    mails: Mails, path: str, asked: Mapping[str, str | int | None], *, as_json: bool, out: TextIO | None = None
) -> int:
    """Print what is at this address, one row a line."""
    out = out or sys.stdout
    try:
        told = mails.get(path, asked)
    except RefusedError as error:
        return _refused(str(error))
    except (httpx2.HTTPError, ValueError) as error:
        return _refused(_away(mails, error))
    if as_json:
        print(json_text(told, indent=2), file=out)
        return 0
    if "state" in told:
        _print_facts(told, out)
    for name, columns in COLUMNS.items():
        if name in told:
            _print_rows(_with_targets(name, told[name]), columns, out)
    if told.get("after"):
        print(f"There are more: --after {told['after']}", file=out)
    return 0


def order_act(mails: Mails, path: str, order: Row, *, as_json: bool, out: TextIO | None = None) -> int:
    """Have something done, and print what came of it."""
    out = out or sys.stdout
    try:
        told = mails.post(path, order)
    except RefusedError as error:
        return _refused(str(error))
    except (httpx2.HTTPError, ValueError) as error:
        return _refused(_away(mails, error))
    if as_json:
        print(json_text(told, indent=2), file=out)
    elif told:
        _print_rows([told], COLUMNS["messages"], out)
    else:
        print("Done.", file=out)
    return 0


def instant_of(typed: str) -> str:
    """An instant with its offset; without one it is meant in the zone of this machine.

    Raises:
        ValueError: it is none.

    """
    return datetime.fromisoformat(typed).astimezone().isoformat()


def _with_targets(name: str, rows: Sequence[Row]) -> Sequence[Row]:
    if name != "planned":
        return rows
    return [row | {"target": f"{row['application_id']}/{row['key']}"} for row in rows]


def _print_facts(told: Row, out: TextIO) -> None:
    for name, value in told.items():
        if value is not None and not isinstance(value, list):
            print(one_line(f"{name}: {value}"), file=out)


def _print_rows(rows: Sequence[Row], columns: Sequence[str], out: TextIO) -> None:
    cells = [[_cell(row.get(column)) for column in columns] for row in rows]
    widths = [max((len(row[place]) for row in cells), default=0) for place in range(len(columns))]
    for row in cells:
        line = "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True) if width)
        print(one_line(line.rstrip()), file=out)


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "stopped" if value else ""
    text = "" if value is None else str(value)
    # Instants to the minute: "2027-01-12T08:00:00+00:00" is 2027-01-12T08:00Z.
    is_instant = len(text) > MINUTE_CHARS and text[10:11] == "T" and text.endswith(("+00:00", "Z"))
    return f"{text[:MINUTE_CHARS]}Z" if is_instant else text


def _away(mails: Mails, error: Exception) -> str:
    return f"The notifier at {mails.address} did not answer ({type(error).__name__}): is it running?"


def _refused(sentence: str) -> int:
    print(one_line(sentence), file=sys.stderr)  # noqa: T201 - a command
    return EXIT_FAULT
