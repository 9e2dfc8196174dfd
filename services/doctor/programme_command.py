"""The command that checks a programme file before it is used: what is wrong with it, or when its courses can begin."""

import sys
from datetime import date
from pathlib import Path
from typing import Final, TextIO

from services.doctor.check_plans import check_plans
from services.doctor.check_school_holidays import check_school_holidays
from services.doctor.finding import Finding, ok, wrong
from shared.programme import load_programme
from shared.programme_faults import ProgrammeError
from shared.terminal import json_text, printable

EXIT_WRONG: Final = 1


def check_file(path: Path, *, today: date, as_json: bool = False, out: TextIO | None = None) -> int:
    """Print every fault, each with the path of its field; or the name of the programme and what its plans allow.

    The exit code is 0 where services would start with the file.
    """
    out = out or sys.stdout
    usable = True
    try:
        programme = load_programme(path)
        findings = [ok("programme", f"{path}: {programme.name.en}"), *check_plans(programme, today)]
        findings.append(check_school_holidays(programme, today))
    except ProgrammeError as error:
        usable = False
        findings = [wrong("programme", str(fault), f"Correct it in {path}.") for fault in error.faults]
    if as_json:
        out.write(json_text([one.as_row() for one in findings], indent=2) + "\n")
    else:
        out.writelines(printable(_line(one)) for one in findings)
    return 0 if usable else EXIT_WRONG


def _line(one: Finding) -> str:
    return f"{'WRONG  ' if one.state == 'wrong' else 'ok     '} {one.what}: {one.text}\n"
