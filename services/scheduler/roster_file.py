"""Reads a roster from CSV or JSON, line by line: a bad line is reported with its number and spoils no other. Pure."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ValidationError

from services.scheduler.roster import RosterEntry
from services.scheduler.roster_cells import COLUMNS, from_cells
from services.scheduler.roster_check import RosterFault, check, faults_of
from shared.programme import Programme
from shared.reference.municipalities import Municipalities

Format = Literal["csv", "json"]

LINES_MAX = 20_000
NEEDED_COLUMNS = ("id", "name", "mail", "municipality", "themes", "max_courses")


class RosterFileError(ValueError):
    """The file as a whole cannot be read; the text says what to do."""


@dataclass(frozen=True, slots=True)
class RosterLine:
    """One consultant of the file. `number` is the line in a CSV file, and the place in a JSON list, both from 1.

    `consultant_id` is None where even that is not readable.
    """

    number: int
    consultant_id: str | None
    entry: RosterEntry | None
    faults: tuple[RosterFault, ...] = ()


def read_roster(
    content: bytes, *, form: Format, programme: Programme, municipalities: Municipalities
) -> list[RosterLine]:
    """Every line of the file, checked; a consultant who stands twice is faulty the second time.

    Raises:
        RosterFileError: no line can be read, since the file is not what it should be.

    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RosterFileError("The file is not UTF-8 text: save it as UTF-8.") from None
    rows = _csv_rows(text) if form == "csv" else _json_rows(text)
    lines: list[RosterLine] = []
    seen: set[str] = set()
    for number, row in rows:
        if len(lines) >= LINES_MAX:
            raise RosterFileError(f"The file has more than {LINES_MAX} lines: split it.")
        line = _line(number, row, programme=programme, municipalities=municipalities)
        if line.entry is not None and line.entry.id in seen:
            fault = RosterFault("id", "stands on an earlier line already: each consultant stands once")
            line = RosterLine(number, line.consultant_id, None, (fault,))
        if line.consultant_id:
            seen.add(line.consultant_id)
        lines.append(line)
    return lines


def _line(
    number: int, row: dict[str, Any] | RosterFault, *, programme: Programme, municipalities: Municipalities
) -> RosterLine:
    if isinstance(row, RosterFault):
        return RosterLine(number, None, None, (row,))
    try:
        entry = RosterEntry.model_validate(row)
    except ValidationError as error:
        faults = faults_of(error)
        readable = not any(fault.field == "id" for fault in faults)
        return RosterLine(number, str(row["id"]) if readable else None, None, tuple(faults))
    entry, more = check(entry, programme=programme, municipalities=municipalities)
    return RosterLine(number, entry.id, None if more else entry, tuple(more))


def _json_rows(text: str) -> Iterator[tuple[int, dict[str, Any] | RosterFault]]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise RosterFileError("The file is no JSON.") from None
    rows = content.get("consultants") if isinstance(content, dict) else content
    if not isinstance(rows, list):
        raise RosterFileError('The file must hold a list of consultants, or {"consultants": […]}.')
    for number, row in enumerate(rows, 1):
        yield number, row if isinstance(row, dict) else RosterFault("entry", "is not an object")


def _csv_rows(text: str) -> Iterator[tuple[int, dict[str, Any] | RosterFault]]:
    first = text.partition("\n")[0]
    # Danish spreadsheets write semicolons.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",")
    try:
        header = [name.strip().lower() for name in next(reader)]
    except StopIteration:
        raise RosterFileError("The file is empty.") from None
    except csv.Error:
        raise RosterFileError("The first line is no readable CSV line.") from None
    _check_header(header)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield number, RosterFault("entry", "is no readable CSV line")
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            yield number, RosterFault("entry", f"has {len(cells)} cells where the first line has {len(header)}")
            continue
        yield number, from_cells(dict(zip(header, (cell.strip() for cell in cells), strict=True)))


def _check_header(header: list[str]) -> None:
    unknown = [str(place) for place, name in enumerate(header, 1) if name not in COLUMNS]
    missing = [name for name in NEEDED_COLUMNS if name not in header]
    if unknown or missing or len(set(header)) != len(header):
        parts = [
            f"column {', '.join(unknown)} is not known" if unknown else "",
            f"missing: {', '.join(missing)}" if missing else "",
            "a column stands twice" if len(set(header)) != len(header) else "",
        ]
        raise RosterFileError(
            f"The first line must name the columns ({'; '.join(part for part in parts if part)}). "
            f"Known columns: {', '.join(COLUMNS)}."
        )
