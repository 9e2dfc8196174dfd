"""What the demo finds wrong with the address that was mistyped, and with the mails that go out at their time."""

from typing import Any

import pytest

from deploy.local.demo.expectations import planned_faults
from deploy.local.demo.mailboxes import Letter
from deploy.local.demo.mistyped_checks import coordinators_mailbox, correction_faults
from deploy.local.demo.outcome import Cast
from deploy.local.demo.people import Sent
from deploy.local.demo.story import APPLICANTS

COORDINATORS = "koordinator@forloeb.example"


def cast() -> Cast:
    """The application with the mistyped address, put right."""
    applicant = next(one for one in APPLICANTS if one.right_address)
    sent = Sent(application=applicant.application(), application_id="a1", reference="R", status_url="")
    return Cast(applicant, sent, corrected=applicant.right_address)


def letter(name: str) -> Letter:
    return Letter(message_id=f"<{name}>", subject=name, text="", calendar=None)


def message(kind: str, state: str = "accepted", why: str | None = None) -> dict[str, Any]:
    return {"kind": kind, "state": state, "why": why, "internet_message_id": f"<{kind}>"}


def messages() -> list[dict[str, Any]]:
    kinds = ("address_wanted", "address_report", "course_booked")
    return [message("receipt", "bounced", "no_such_recipient"), *(message(kind) for kind in kinds)]


def mailboxes() -> dict[str, list[Letter]]:
    one = cast()
    return {
        one.mistyped: [],
        one.confirmer: [letter("address_wanted")],
        COORDINATORS: [letter("address_report")],
        one.corrected or "": [letter("course_booked")],
    }


def faults(found: list[dict[str, Any]], inboxes: dict[str, list[Letter]]) -> list[str]:
    return correction_faults(found, inboxes, cast=cast(), coordinators=COORDINATORS)


def test_a_corrected_address_has_no_fault() -> None:
    """The contacts are then written to at the right one, the others as before."""
    assert faults(messages(), mailboxes()) == []
    one = cast()
    assert one.contacts == [one.sent.contacts[0], one.corrected]


def test_a_mail_that_did_not_come_back_is_a_fault() -> None:
    """It was accepted, and stayed so."""
    assert len(faults([message("receipt"), *messages()[1:]], mailboxes())) == 1


@pytest.mark.parametrize("place", range(4))
def test_each_mailbox_has_what_it_must_have(place: int) -> None:
    """Nothing where no mail arrives, and each of the others its mail."""
    inboxes = mailboxes()
    address = list(inboxes)[place]
    inboxes[address] = [] if inboxes[address] else [letter("receipt")]
    found = faults(messages(), inboxes)
    assert len(found) == 1
    assert address in found[0]


def test_a_meeting_that_nobody_is_reminded_of_is_a_fault() -> None:
    """And a reminder of one that was cancelled."""
    course = {
        "meetings": [{"meeting_id": "m1", "status": "confirmed"}, {"meeting_id": "m2", "status": "cancelled"}],
    }
    reminder = {"kind": "reminder", "meeting_id": "m1"}
    assert planned_faults([reminder], {"a1": course}) == []
    assert len(planned_faults([], {"a1": course})) == 1
    assert len(planned_faults([reminder, {"kind": "reminder", "meeting_id": "m2"}], {"a1": course})) == 1


def test_the_mailbox_of_coordinators_is_that_of_the_programme() -> None:
    """SPARK has one."""
    assert "@" in coordinators_mailbox()
