"""Runs the benchmarks: each `bench_NAME.py` here has `measure()` that compares with a baseline in the same run.

`measure` takes nothing and returns at least `ratio`, `goal`, `better` ("higher" or "lower") and `figures`; the answer is written to
`build/bench/NAME.json`, its figures are printed, and a table at the end holds all. The exit code tells a benchmark that broke, not
one that missed its goal.
"""

import importlib
import json
import sys
import time
import traceback
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
RESULTS = PROJECT / "build" / "bench"
KEYS = ("ratio", "goal", "better", "figures")


def names() -> list[str]:
    return sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))


def run(name: str) -> dict[str, Any]:
    """Measure one benchmark and write its file."""
    result = {"name": name} | importlib.import_module(f"tests.bench.bench_{name}").measure()
    if lacking := [key for key in KEYS if key not in result]:
        raise ValueError(f"bench_{name}.measure() returned no {', '.join(lacking)}")
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return result


def reached(result: dict[str, Any]) -> bool:
    if result["better"] == "lower":
        return bool(result["ratio"] <= result["goal"])
    return bool(result["ratio"] >= result["goal"])


def main(chosen: list[str]) -> int:
    if unknown := set(chosen) - set(names()):
        print(f"There is no benchmark {', '.join(sorted(unknown))}; there are: {', '.join(names())}", file=sys.stderr)
        return 2
    rows: list[str] = []
    broken = 0
    for name in chosen or names():
        print(f"{name} is running", file=sys.stderr)
        begun = time.monotonic()
        try:
            result = run(name)
        except Exception:  # noqa: BLE001 - the other benchmarks are run all the same
            traceback.print_exc()
            rows.append(f"{name:<12} broke")
            broken += 1
            continue
        print(json.dumps({name: result["figures"]}, indent=2))
        rows.append(row(name, result, time.monotonic() - begun))
    print("\n".join(rows))
    return 1 if broken else 0


def row(name: str, result: dict[str, Any], seconds: float) -> str:
    goal = f"{'at most' if result['better'] == 'lower' else 'at least'} {result['goal']}"
    verdict = "reached" if reached(result) else "missed"
    return f"{name:<12} ratio {result['ratio']:<8.3g} goal {goal:<14} {verdict:<8} {seconds:.0f} s"


if __name__ == "__main__":
    sys.path.insert(0, str(PROJECT))
    sys.exit(main(sys.argv[1:]))
