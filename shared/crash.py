"""Named crash points: where a test says so, the process kills itself just there, as hard as a power cut."""

import os
import signal

AFTER_WRITE_BEFORE_PUBLISH = "after-write-before-publish"
AFTER_PUBLISH_BEFORE_CLEAR = "after-publish-before-clear"
AFTER_CLAIM = "after-claim"
AFTER_LEASE = "after-lease"
AFTER_RCPT = "after-rcpt"
AFTER_DATA_STARTED = "after-data-started"
AFTER_DOT = "after-dot"
AFTER_DATA_BEFORE_RECEIPT = "after-data-before-receipt"
AFTER_FINISH = "after-finish"
AFTER_MAIL_STORED = "after-mail-stored"
AFTER_SAID_BEFORE_DECIDED = "after-said-before-decided"
MAIL_IN_POINTS = frozenset({AFTER_MAIL_STORED, AFTER_SAID_BEFORE_DECIDED})
SENDING_POINTS = frozenset({AFTER_LEASE, AFTER_RCPT, AFTER_DATA_STARTED, AFTER_DOT, AFTER_FINISH})
POINTS = (
    MAIL_IN_POINTS
    | SENDING_POINTS
    | {
        AFTER_WRITE_BEFORE_PUBLISH,
        AFTER_PUBLISH_BEFORE_CLEAR,
        AFTER_CLAIM,
        AFTER_DATA_BEFORE_RECEIPT,
    }
)

_armed: set[str] = set()


def arm(point: str) -> None:
    """Let `reached(point)` kill this process (setting FORLOEB_CRASH_AT)."""
    if point not in POINTS:
        raise ValueError(f"unknown crash point; one of: {', '.join(sorted(POINTS))}")
    _armed.add(point)


def reached(point: str) -> None:
    """Do nothing, unless this point is armed."""
    if point in _armed:
        os.kill(os.getpid(), signal.SIGKILL)
