"""The command that sends an application, as anybody's own program would: once, however often it has to try."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO
from uuid import uuid4

import httpx2

from shared.terminal import json_text, one_line, printable

TIMEOUT_SECONDS = 30.0
PAUSES_SECONDS = (1.0, 3.0, 10.0)
"""Between the tries while nobody answers, or the answer is "not now"; all carry the same Idempotency-Key."""
ACCEPTED = 202
NOT_NOW = 503
EXIT_REFUSED = 1
EXIT_NOT_SENT = 2


def apply_file(
    path: Path,
    *,
    intake: str,
    token: str | None = None,
    as_json: bool = False,
    out: TextIO | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Send the application in a JSON file to the intake service at this address; the exit code is 0 where it was taken.

    EXIT_REFUSED, with a line per wrong field, where it was read and not taken; EXIT_NOT_SENT where nobody took a decision.
    `token` is that of a caller whose applications need no confirmation.
    """
    out = out or sys.stdout
    try:
        content = path.read_bytes()
    except OSError as error:
        return _not_sent(f"{path}: {error.strerror}.")
    try:
        answer = _post(content, intake=intake, token=token, sleep=sleep)
        body: dict[str, Any] = answer.json()
    except (httpx2.HTTPError, ValueError) as error:
        return _not_sent(f"Intake at {intake} gave no answer ({type(error).__name__}): is it running?")
    if as_json:
        out.write(json_text(body, indent=2) + "\n")
    elif answer.status_code == ACCEPTED:
        out.write(printable(f"{body['reference']}: {body['state_label']}\n{body['next']}\n{body['page_url']}\n"))
    if answer.status_code == ACCEPTED:
        return 0
    _tell_refusal(answer.status_code, body)
    return EXIT_REFUSED


def _post(content: bytes, *, intake: str, token: str | None, sleep: Callable[[float], None]) -> httpx2.Response:
    headers = {"Content-Type": "application/json", "Idempotency-Key": uuid4().hex, "Accept-Language": "en"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    url = f"{intake.rstrip('/')}/api/v1/applications"
    for pause in PAUSES_SECONDS:
        try:
            answer = httpx2.post(url, content=content, headers=headers, timeout=TIMEOUT_SECONDS)
        except httpx2.TransportError:
            sleep(pause)
            continue
        if answer.status_code != NOT_NOW:
            return answer
        sleep(pause)
    return httpx2.post(url, content=content, headers=headers, timeout=TIMEOUT_SECONDS)


def _tell_refusal(status_code: int, body: dict[str, Any]) -> None:
    _complain(f"Not taken ({status_code}): {body.get('title', '')} {body.get('detail', '')}".rstrip())
    for fault in body.get("errors", ()):
        _complain(f"  {fault['field'] or 'application'}: {fault['text']}")


def _not_sent(sentence: str) -> int:
    _complain(sentence)
    return EXIT_NOT_SENT


def _complain(line: str) -> None:
    print(one_line(line), file=sys.stderr)  # noqa: T201 - a command
