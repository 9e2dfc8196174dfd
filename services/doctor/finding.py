"""What the doctor found about one thing. Pure."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

State = Literal["ok", "wrong", "skipped"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`what` is what was looked at, `text` what was seen, `advice` what to do where it is wrong."""

    what: str
    state: State
    text: str
    advice: str = ""

    def as_row(self) -> dict[str, Any]:
        return asdict(self)


def ok(what: str, text: str) -> Finding:
    return Finding(what=what, state="ok", text=text)


def wrong(what: str, text: str, advice: str) -> Finding:
    return Finding(what=what, state="wrong", text=text, advice=advice)


def skipped(what: str, text: str) -> Finding:
    return Finding(what=what, state="skipped", text=text)
