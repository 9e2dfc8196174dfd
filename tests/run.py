"""Runs all tests: `python -m tests.run [WORD]`, three files at a time; WORD takes the tests whose name holds it.

The patient tests mostly wait for servers to come back, so they are spread among the others: while one waits, another works.
Small files come last, which keeps all hands busy to the end.
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests import needs

PROJECT = Path(__file__).resolve().parents[1]
PATIENT = ("reliability", "integration")
LARGE = ("component", "browser")
SMALL = ("unit", "contract", "compose")
AT_ONCE = 3
"""On two cores: some wait for servers at any time."""


def main(words: list[str]) -> int:
    """The exit code: 0 where all that ran was good, and something ran."""
    # What all would fetch is fetched once, before.
    with ThreadPoolExecutor() as fetching:
        list(fetching.map(needs.missing, needs.NEEDS))
    chosen = ["-k", " ".join(words)] if words else []
    begun = time.monotonic()
    files = [*spread(_files(PATIENT), _files(LARGE)), *_files(SMALL)]
    # A file stays in one process: its tests share what they start.
    together = ["-n", str(AT_ONCE), "--dist", "loadfile", "--no-loadscope-reorder"]
    # Compiled files are kept, also where the machine says otherwise, as images of Python do: each of the processes would
    # compile all tests, and each service that a test starts all of itself.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    code = subprocess.run(
        [sys.executable, "-m", "pytest", *together, *chosen, *map(str, files)], cwd=PROJECT, env=kept, check=False
    ).returncode
    print(f"== All tests took {time.monotonic() - begun:.0f} s")
    return code


def spread(some: Sequence[Path], among: Sequence[Path]) -> list[Path]:
    """The files of both, `some` at even distances from the beginning on, each in its order."""
    every = max(1, len(among) // max(1, len(some)))
    mixed = list(among)
    for number, file in reversed(list(enumerate(some))):
        mixed.insert(number * every, file)
    return mixed


def _files(folders: Sequence[str]) -> list[Path]:
    return [path for folder in folders for path in sorted((PROJECT / "tests" / folder).glob("test_*.py"))]


if __name__ == "__main__":
    os.chdir(PROJECT)
    raise SystemExit(main(sys.argv[1:]))
