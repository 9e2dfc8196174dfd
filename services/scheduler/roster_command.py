"""The command that imports a roster: sends the file to the scheduler, prints what became of each line."""

import sys
from pathlib import Path
from typing import Any, TextIO

import httpx2

from shared.terminal import json_text, one_line

FILE_BYTES_MAX = 4 * 1024 * 1024
TIMEOUT_SECONDS = 300.0
EXIT_FAULTY_LINES = 1
EXIT_NOT_IMPORTED = 2


def import_file(
    path: Path, *, scheduler: str, staff_token: str, as_json: bool = False, out: TextIO | None = None
) -> int:
    """Import a roster from CSV (`.csv`) or JSON; the exit code is 0 where every line was good.

    `scheduler` is the address of its API. A line with faults gives EXIT_FAULTY_LINES, although the good ones are in;
    EXIT_NOT_IMPORTED and one sentence on standard error where nothing was imported.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        return _refused(f"{path}: {error.strerror}.")
    if len(content) > FILE_BYTES_MAX:
        return _refused(f"{path} is larger than {FILE_BYTES_MAX // 1024 // 1024} MiB: split it.")
    kind = "text/csv" if path.suffix.lower() == ".csv" else "application/json"
    try:
        answer = httpx2.post(
            f"{scheduler.rstrip('/')}/api/v1/consultants/import",
            content=content,
            headers={"Authorization": f"Bearer {staff_token}", "Content-Type": kind},
            timeout=TIMEOUT_SECONDS,
        )
        report = answer.json()
    except (httpx2.HTTPError, ValueError) as error:
        return _refused(f"The scheduler at {scheduler} did not answer ({type(error).__name__}): is it running?")
    if answer.status_code != httpx2.codes.OK:
        return _refused(" ".join(part for part in (report.get("title", ""), report.get("detail", "")) if part))
    _print(report, as_json=as_json, out=out or sys.stdout)
    return EXIT_FAULTY_LINES if report["faulty"] else 0


def _print(report: dict[str, Any], *, as_json: bool, out: TextIO) -> None:
    if as_json:
        print(json_text(report, indent=2), file=out)
        return
    for line in report["lines"]:
        print(one_line(f"line {line['line']}: {line['id'] or '?'} {line['outcome']}"), file=out)
        for fault in line["faults"]:
            print(one_line(f"    {fault['field']}: {fault['reason']}"), file=out)
    print(
        f"{report['added']} added, {report['changed']} changed, {report['unchanged']} unchanged, "
        f"{report['faulty']} with faults",
        file=out,
    )


def _refused(sentence: str) -> int:
    print(one_line(sentence), file=sys.stderr)  # noqa: T201 - a command
    return EXIT_NOT_IMPORTED
