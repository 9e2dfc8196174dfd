"""The command that compares booked meetings with today's time zone rules: asks the scheduler, prints the differences."""

import sys
from typing import Any, TextIO

import httpx2

from shared.terminal import json_text, one_line

TIMEOUT_SECONDS = 300.0
EXIT_DIFFERENCES = 1
EXIT_NOT_CHECKED = 2


def check(
    *, scheduler: str, staff_token: str, apply: bool = False, as_json: bool = False, out: TextIO | None = None
) -> int:
    """Exit code 0 where every meeting is at the wall time that people agreed to (with `apply`: is so afterwards).

    EXIT_DIFFERENCES where one is not; EXIT_NOT_CHECKED and one sentence on standard error where the scheduler did not say.
    """
    address = f"{scheduler.rstrip('/')}/api/v1/time-zones"
    headers = {"Authorization": f"Bearer {staff_token}"}
    try:
        if apply:
            answer = httpx2.post(f"{address}/apply", headers=headers, timeout=TIMEOUT_SECONDS)
        else:
            answer = httpx2.get(address, headers=headers, timeout=TIMEOUT_SECONDS)
        report = answer.json()
    except (httpx2.HTTPError, ValueError) as error:
        return _refused(f"The scheduler at {scheduler} did not answer ({type(error).__name__}): is it running?")
    if answer.status_code != httpx2.codes.OK:
        return _refused(" ".join(part for part in (report.get("title", ""), report.get("detail", "")) if part))
    _print(report, as_json=as_json, out=out or sys.stdout)
    left = report["left"] if apply else len(report["meetings"])
    return EXIT_DIFFERENCES if left else 0


def _print(report: dict[str, Any], *, as_json: bool, out: TextIO) -> None:
    if as_json:
        print(json_text(report, indent=2), file=out)
        return
    for one in report["meetings"]:
        today = one["today"] or "no such time"
        line = f"{one['reference']} {one['code']}: {one['wall_start']} {one['zone']} was {one['stored']}, is {today}"
        print(one_line(line), file=out)
    for one in report.get("courses", ()):
        print(one_line(f"{one['course']}: {one['outcome']}"), file=out)
    left = f", {report['left']} left" if "left" in report else ""
    print(f"{len(report['meetings'])} meetings off their wall time{left}", file=out)


def _refused(sentence: str) -> int:
    print(one_line(sentence), file=sys.stderr)  # noqa: T201 - a command
    return EXIT_NOT_CHECKED
