"""W3C trace context: one trace follows an application from the form to the last mail, over HTTP and Kafka headers."""

import re
import secrets
from contextvars import ContextVar

_current: ContextVar[str] = ContextVar("traceparent", default="")
_FORM = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")


def begin(parent: str = "") -> str:
    """Start a span: a child of `parent` where that is a valid `traceparent`, else the root of a new trace."""
    match = _FORM.fullmatch(parent)
    trace_id = match.group(1) if match and set(match.group(1)) != {"0"} else secrets.token_hex(16)
    traceparent = f"00-{trace_id}-{secrets.token_hex(8)}-01"
    _current.set(traceparent)
    return traceparent


def current() -> str:
    """The `traceparent` of the running task, begun where there is none."""
    return _current.get() or begin()
