"""Writes the golden files anew, `.venv/bin/python -m tests.contract.write_golden`. A changed file is a changed contract."""

import json

from shared.events import EVENTS
from tests.contract.test_golden_events import GOLDEN, produced


def main() -> None:
    GOLDEN.mkdir(exist_ok=True)
    for old in GOLDEN.glob("*.json"):
        old.unlink()
    for kind in EVENTS.values():
        content = json.dumps(produced(kind), ensure_ascii=False, indent=2)
        (GOLDEN / f"{kind.__name__}.json").write_text(content + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
