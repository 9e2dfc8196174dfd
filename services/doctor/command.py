"""The command that looks at everything the services need: one line per thing, and what to do where it is wrong."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Mapping
from datetime import UTC, datetime
from itertools import zip_longest
from typing import TextIO

from services.doctor.check_kafka import check_kafka
from services.doctor.check_mail_in import check_mail_in
from services.doctor.check_mongodb import check_mongodb
from services.doctor.check_plans import check_plans
from services.doctor.check_school_holidays import check_school_holidays
from services.doctor.check_settings import check_settings
from services.doctor.check_smtp import check_smtp
from services.doctor.check_staff import check_staff
from services.doctor.check_zone import check_zone
from services.doctor.finding import Finding, skipped
from shared.terminal import json_text, printable

EXIT_WRONG = 1
SIGNS = {"ok": "ok     ", "wrong": "WRONG  ", "skipped": "skipped"}


def examine(
    *,
    environment: Mapping[str, str] | None = None,
    mail_to: str | None = None,
    as_json: bool = False,
    out: TextIO | None = None,
) -> int:
    """Print what was found; the exit code is 0 where nothing is wrong."""
    out = out or sys.stdout
    findings = asyncio.run(look(os.environ if environment is None else environment, mail_to=mail_to))
    if as_json:
        out.write(json_text([one.as_row() for one in findings], indent=2) + "\n")
    else:
        for one, following in zip_longest(findings, findings[1:]):
            out.write(printable(f"{SIGNS[one.state]} {one.what}: {one.text}\n"))
            if one.advice and (following is None or following.advice != one.advice):
                out.write(printable(f"        {one.advice}\n"))
    return EXIT_WRONG if any(one.state == "wrong" for one in findings) else 0


async def look(environment: Mapping[str, str], *, mail_to: str | None) -> list[Finding]:
    """All findings, in the order of the settings, the servers and the machine."""
    now = datetime.now(UTC)
    findings, known = check_settings(environment)
    if known.programme is not None:
        today = now.astimezone(known.programme.tz).date()
        findings += [*check_plans(known.programme, today), check_school_holidays(known.programme, today)]
    if known.common is not None:
        findings.append(check_staff(known.common))
    checks: list[Awaitable[list[Finding]]] = []
    if known.common is None:
        findings += [skipped(what, "correct the settings first") for what in ("kafka", "mongodb")]
    else:
        checks += [check_kafka(known.common), check_mongodb(known.common)]
    if known.notifier is None:
        findings.append(skipped("mail server", "correct the settings first"))
    else:
        checks.append(check_smtp(known.notifier, known.programme, mail_to=mail_to))
    if known.intake is None:
        findings.append(skipped("incoming mail", "correct the settings first"))
    else:
        checks.append(check_mail_in(known.intake, known.programme))
    for found in await asyncio.gather(*checks):
        findings += found
    return [*findings, check_zone(now)]
