"""What must have come of an address that was mistyped: who heard of it, and what lies in the right mailbox."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.local.demo.mailboxes import Letter
from deploy.local.demo.mistyped import ASKS, REPORTS, mails_of
from deploy.local.demo.outcome import Cast, Correction, System
from deploy.local.demo.people import JSON
from deploy.local.processes import PROJECT
from shared.programme import load_programme


def look_at_correction(system: System, cast: Sequence[Cast]) -> Correction | None:
    """What came of the address that was put right; None where none was."""
    found = next((one for one in cast if one.corrected is not None), None)
    if found is None or found.corrected is None:
        return None
    messages = system.mails.of(found.sent.application_id)
    coordinators = coordinators_mailbox()
    mailboxes = system.mailboxes.read_all([found.mistyped, found.corrected, found.confirmer, coordinators])
    return Correction(
        reference=found.sent.reference,
        application_id=found.sent.application_id,
        mistyped=found.mistyped,
        right=found.corrected,
        given_by=found.confirmer,
        mails=Counter("invites" if letter.calendar else "others" for letter in mailboxes[found.corrected]),
        faults=correction_faults(messages, mailboxes, cast=found, coordinators=coordinators),
    )


def correction_faults(
    messages: Sequence[JSON], mailboxes: Mapping[str, Sequence[Letter]], *, cast: Cast, coordinators: str
) -> list[str]:
    """What is wrong, in sentences. `messages`: all mails about the application, as staff see them."""
    faults = []
    bounced = [one for one in messages if one["state"] == "bounced"]
    if not bounced or {one["why"] for one in bounced} != {"no_such_recipient"}:
        faults.append(f"{len(bounced)} mails to a mistyped address are shown as bounced, {cast.mistyped}")
    if mailboxes[cast.mistyped]:
        faults.append(f"{cast.mistyped} takes no mail, and has some")
    for kind, mailbox in ((ASKS, cast.confirmer), (REPORTS, coordinators)):
        names = mails_of(messages, kind)
        if len(names & {letter.message_id for letter in mailboxes[mailbox]}) != 1:
            faults.append(f"{mailbox} has not one mail about the mistyped address ({kind})")
    right = {letter.message_id for letter in mailboxes[cast.corrected or ""]}
    told = mails_of(messages, "course_booked") & right
    if len(told) != 1:
        faults.append(f"{cast.corrected} was told {len(told)} times that the course is booked, expected 1")
    return faults


def coordinators_mailbox() -> str:
    """Of the programme that the services run."""
    chosen = load_programme(Path(os.environ.get("FORLOEB_PROGRAMME") or PROJECT / "deploy/programme/spark.toml"))
    return chosen.coordinators.mail.lower() if chosen.coordinators else ""
