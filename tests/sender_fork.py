"""Starts notifiers without the time for their imports: `python -m tests.sender_fork`, then one order in JSON a line.

Each is the whole service, in a process of its own that was forked after its modules were loaded; its number is the answer.
"""

import json
import os
import signal
import sys

from services.notifier.main import main as serve


def main() -> None:
    """Serve orders until the input ends."""
    # Nobody waits for the children: whoever ordered them sees them end.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        order = json.loads(line)
        if (pid := os.fork()) == 0:
            _become_notifier(order["log"], order["environment"])
        print(pid, flush=True)


def _become_notifier(log: str, environment: dict[str, str]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for descriptor, target in ((os.open(os.devnull, os.O_RDONLY), 0), (output, 1), (output, 2)):
        os.dup2(descriptor, target)
    os.environ.update(environment)
    code = 1
    try:
        serve()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
