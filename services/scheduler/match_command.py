"""The what-if command: reads an instance file, prints the matcher's answer as JSON, books nothing."""

import sys
import time
from pathlib import Path
from typing import TextIO

from services.scheduler.instance import InstanceError, read_instance
from services.scheduler.instance_format import Instance
from services.scheduler.instance_problem import booked_of, problem_of
from services.scheduler.matching import match
from services.scheduler.repair import repair
from services.scheduler.why_not_json import why_not
from shared.terminal import json_text, one_line

INSTANCE_BYTES_MAX = 256 * 1024 * 1024
EXIT_FAULTY_FILE = 2


EVERYBODY = "*"
"""Asked why not of everybody who was not chosen."""


def match_file(
    path: Path,
    *,
    others: bool = False,
    why_not_of: str | None = None,
    out: TextIO | None = None,
    err: TextIO | None = None,
) -> int:
    """Answer the instance in a file ("-" is standard input): a new course, or the repair of the booked one.

    The exit code is 0, also where nobody is found. `why_not_of` is a consultant, or EVERYBODY.

    A file that cannot be read or is not an instance gives one sentence on `err`, with the path of the wrong field,
    and EXIT_FAULTY_FILE. `milliseconds` counts from the checked file to the answer, building the bitmaps included.
    """
    try:
        instance = read_instance(_read(path))
        _check_why_not(instance, why_not_of)
    except InstanceError as error:
        print(one_line(str(error)), file=err or sys.stderr)
        return EXIT_FAULTY_FILE
    except OSError as error:
        print(one_line(f"{path}: {error.strerror}."), file=err or sys.stderr)
        return EXIT_FAULTY_FILE
    began = time.perf_counter()
    problem, booked = problem_of(instance), booked_of(instance)
    result = match(problem, others=others) if booked is None else repair(problem, *booked, others=others)
    milliseconds = round((time.perf_counter() - began) * 1000, 3)
    answer = result.as_json(milliseconds=milliseconds)
    if why_not_of is not None:
        answer["why_not"] = why_not(instance, None if why_not_of == EVERYBODY else {why_not_of})
    print(json_text(answer, indent=2), file=out or sys.stdout)
    return 0


def _check_why_not(instance: Instance, why_not_of: str | None) -> None:
    if why_not_of is None:
        return
    if instance.booked is not None:
        raise InstanceError("booked", "Why not is asked of new courses only.")
    if why_not_of not in (EVERYBODY, *(one.id for one in instance.consultants)):
        raise InstanceError("consultants", f"Nobody here has the id {why_not_of}.")


def _read(path: Path) -> bytes:
    if str(path) == "-":
        text = sys.stdin.buffer.read(INSTANCE_BYTES_MAX + 1)
    else:
        with path.open("rb") as file:
            text = file.read(INSTANCE_BYTES_MAX + 1)
    if len(text) > INSTANCE_BYTES_MAX:
        raise InstanceError("$", f"The file is larger than {INSTANCE_BYTES_MAX // 1024 // 1024} MiB.")
    return text
