"""`forloeb answers read`: what is understood of a calendar answer, or of a report, in a file; without server, database or settings."""

import sys
from pathlib import Path
from typing import TextIO

from services.intake.imip.limits import MESSAGE_BYTES_MAX
from services.intake.imip.read_mail import read_calendar, read_mail
from services.intake.imip.verdict import verdict_of
from services.intake.returned.read_report import read_report
from shared.terminal import json_text, one_line

EXIT_FAULTY_FILE = 2
_SHOWN = {"method", "uid", "attendee", "partstat", "sequence", "dtstamp", "proposed_start", "comment"}
_BEGIN = b"BEGIN:VCALENDAR"
_UTF8_MARK = b"\xef\xbb\xbf"


def read_file(
    path: Path, *, authserv_id: str | None = None, out: TextIO | None = None, err: TextIO | None = None
) -> int:
    """Print what a mail (.eml) or a bare calendar object (.ics) says, as JSON; "-" is standard input.

    What a mail server wrote about another mail is told as a report: whether it is one of ours only the address it came to knows.
    Whatever the bytes are, the exit code is 0: that nothing can be made of them is an answer, too. A file that cannot be read
    gives one sentence on `err` and EXIT_FAULTY_FILE.
    """
    try:
        content = _content(path)
    except OSError as error:
        print(one_line(f"{path}: {error.strerror}."), file=err or sys.stderr)
        return EXIT_FAULTY_FILE
    bare = content.removeprefix(_UTF8_MARK).lstrip()[: len(_BEGIN)].upper() == _BEGIN
    report = None if bare else read_report(content, envelope_from=None)
    if report is not None and report.is_report:
        print(json_text({"kind": "report", **report.model_dump(mode="json")}, indent=2), file=out or sys.stdout)
        return 0
    read = read_calendar(content) if bare else read_mail(content, authserv_id=authserv_id)
    verdict, reason = verdict_of(read, has_sender=not bare)
    shown = read.model_dump(mode="json", include=_SHOWN)
    print(
        json_text({"kind": read.what, **shown, "verdict": verdict, "reason": reason}, indent=2), file=out or sys.stdout
    )
    return 0


def _content(path: Path) -> bytes:
    """The bytes, or one more than are ever read: the reader then says that they are too many."""
    if str(path) == "-":
        return sys.stdin.buffer.read(MESSAGE_BYTES_MAX + 1)
    with path.open("rb") as file:
        return file.read(MESSAGE_BYTES_MAX + 1)
