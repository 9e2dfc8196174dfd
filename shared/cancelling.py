"""Telling a cancellation that is meant for us from a stray one."""

import asyncio


def is_meant_for_us() -> bool:
    """Whether the running task itself is being cancelled.

    A CancelledError also comes out of awaiting something that was cancelled below; let through, it would silently end a task
    that nobody asked to end.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
