"""Staying in the foreground: until Ctrl-C, a polite kill or a closed terminal, or until something in the stack has died."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deploy.local.program import Started
    from deploy.local.stack import Stack

WATCH_SECONDS = 0.5


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """A closed terminal or a polite kill is to stop the stack in order, as Ctrl-C does: KeyboardInterrupt, once."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        # Once: a second Ctrl-C must not cut the stopping short.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    yield


def stay(stack: "Stack") -> "Started | None":
    """Return only when the stack was stopped by somebody else (None), or a program of it has died (that one)."""
    while stack.home.programs():
        for program in stack.ended():
            if stack.home.programs():
                return program
        time.sleep(WATCH_SECONDS)
    return None
