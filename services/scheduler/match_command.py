"""The what-if command: reads an instance file, prints the matcher's answer as JSON, books nothing."""

import sys
import time
from pathlib import Path
from typing import TextIO

from services.scheduler.instance import InstanceError, read_instance
from services.scheduler.instance_problem import booked_of, problem_of
from services.scheduler.matching import match
from services.scheduler.repair import repair
from shared.terminal import json_text, one_line

INSTANCE_BYTES_MAX = 256 * 1024 * 1024
EXIT_FAULTY_FILE = 2


def match_file(path: Path, *, others: bool = False, out: TextIO | None = None, err: TextIO | None = None) -> int:
    """Answer the instance in a file ("-" is standard input): a new course, or the repair of the booked one.

    The exit code is 0, also where nobody is found.

    A file that cannot be read or is not an instance gives one sentence on `err`, with the path of the wrong field,
    and EXIT_FAULTY_FILE. `milliseconds` counts from the checked file to the answer, building the bitmaps included.
    """
    try:
        instance = read_instance(_read(path))
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
    answer = json_text(result.as_json(milliseconds=milliseconds), indent=2)
    print(answer, file=out or sys.stdout)
    return 0


def _read(path: Path) -> bytes:
    if str(path) == "-":
        text = sys.stdin.buffer.read(INSTANCE_BYTES_MAX + 1)
    else:
        with path.open("rb") as file:
            text = file.read(INSTANCE_BYTES_MAX + 1)
    if len(text) > INSTANCE_BYTES_MAX:
        raise InstanceError("$", f"The file is larger than {INSTANCE_BYTES_MAX // 1024 // 1024} MiB.")
    return text
