"""Who is told that the address of one of a course's people takes no mail. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from shared.events import ApplicationState

ADDRESS_KINDS: Final = frozenset({"address_report", "address_wanted"})
"""Mails about an address that takes no mail."""


@dataclass(frozen=True, slots=True)
class Hearers:
    """`coordinators`: whether they get a report. `contacts`: ids of those who are asked for a new address."""

    coordinators: bool = False
    contacts: tuple[str, ...] = ()


def who_hears(state: ApplicationState, person_id: str, *, kind: str, working: Collection[str]) -> Hearers:
    """`kind` is that of the mail that could not be delivered; `working` are the contacts whose own addresses take mail.

    Before an application is admitted, staff hear of no typo of somebody who may be a stranger, and only those contacts are
    written to who showed that they read their mail. Mail about such a mail asks nobody else again.
    """
    if kind == "address_report" or state.state in ("withdrawn", "declined"):
        return Hearers()
    admitted = state.admitted_at is not None
    if person_id not in state.contacts or kind in ADDRESS_KINDS:
        return Hearers(coordinators=admitted)
    others = tuple(
        one
        for one in state.contacts
        if one != person_id
        and one in working
        and (admitted or not state.needs_confirmation or one in state.confirmed_by)
    )
    return Hearers(coordinators=admitted, contacts=others)
