"""Runs all tests: `python -m tests.run [WORD]`, two runs side by side, since the patient tests mostly wait for servers to come back.

The quick ones are shown as they run, the patient ones when they are done. WORD takes the tests whose name holds it.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from tests import needs

PROJECT = Path(__file__).resolve().parents[1]
PATIENT = ("tests/reliability", "tests/integration")
QUICK = ("tests/unit", "tests/contract", "tests/component", "tests/browser", "tests/compose")
LOG = PROJECT / "build" / "patient-tests.log"
NO_TESTS = 5
"""pytest's exit code where WORD fits none."""


def main(words: list[str]) -> int:
    """The exit code: 0 where all that ran was good, and something ran."""
    # What both would fetch is fetched once, before.
    for name in needs.NEEDS:
        needs.missing(name)
    LOG.parent.mkdir(exist_ok=True)
    chosen = ["-k", " ".join(words)] if words else []
    begun = time.monotonic()
    with LOG.open("wb") as log:
        patient = subprocess.Popen(
            [*_pytest(PATIENT), "-o", "cache_dir=build/pytest-patient", *chosen], cwd=PROJECT, stdout=log, stderr=log
        )
        try:
            quick = subprocess.run([*_pytest(QUICK), *chosen], cwd=PROJECT, check=False).returncode
            print(f"\n== The patient tests ({', '.join(PATIENT)})", flush=True)
            codes = {quick, patient.wait()}
        except KeyboardInterrupt:
            patient.terminate()
            patient.wait()
            raise
    sys.stdout.write(LOG.read_text(encoding="utf-8", errors="replace"))
    print(f"== All tests took {time.monotonic() - begun:.0f} s")
    return max(codes - {NO_TESTS}, default=NO_TESTS)


def _pytest(folders: tuple[str, ...]) -> list[str]:
    return [sys.executable, "-m", "pytest", *folders]


if __name__ == "__main__":
    os.chdir(PROJECT)
    raise SystemExit(main(sys.argv[1:]))
