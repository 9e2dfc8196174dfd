"""The doctor in front of real servers: what it finds on an empty system, on a prepared one, and when servers are away."""

import asyncio
from collections.abc import Iterable
from uuid import uuid4

import pytest

from deploy.local import processes
from deploy.local.home import PORT_NAMES
from deploy.local.services import service_settings
from deploy.local.stack import prepare
from services.doctor.command import look
from services.doctor.finding import Finding
from tests.embedded import Embedded


def settings_of(stack: Embedded) -> dict[str, str]:
    home = stack.held.home
    return service_settings(home.addresses() or {}, home.ports(in_use_by_us=set(PORT_NAMES)), home.secrets())


def states(findings: Iterable[Finding]) -> dict[str, str]:
    return {one.what: one.state for one in findings}


def test_the_doctor_sees_what_is_missing_and_what_is_there(own_stack: Embedded) -> None:
    """No topics and no indexes on new servers; after they were made all is well, and the test mail arrives."""
    settings = settings_of(own_stack)
    found = {one.what: one for one in asyncio.run(look(settings, mail_to=None))}
    assert found["topics"].advice == "Run `forloeb topics create`."
    assert found["indexes"].advice == "Run `forloeb indexes create`."
    assert found["test mail"].state == "skipped"
    asyncio.run(prepare(settings))
    address = f"staff-{uuid4().hex}@forloeb.example"
    after = asyncio.run(look(settings, mail_to=address))
    assert {one.what for one in after if one.state != "ok"} == {"staff", "incoming mail"}, after
    assert [str(mail["Subject"]) for mail in own_stack.inbox(address)] == ["Prøve / Test"]


@pytest.mark.timeout(180)
def test_servers_that_are_away_are_told_apart(own_stack: Embedded) -> None:
    """Each is named with its own advice; none of them keeps the doctor from looking at the others."""
    settings = settings_of(own_stack)
    asyncio.run(prepare(settings))
    processes.kill(own_stack.program("mail"))
    assert states(asyncio.run(look(settings, mail_to=None))) == {
        "settings": "ok",
        "programme": "ok",
        "plans": "ok",
        "school holidays": "ok",
        "staff": "skipped",
        "kafka": "ok",
        "topics": "ok",
        "mongodb": "ok",
        "indexes": "ok",
        "clock": "ok",
        "mail server": "wrong",
        # Intake, which takes it, is no part of this stack.
        "incoming mail": "wrong",
        "time zone": "ok",
    }
    processes.kill(own_stack.program("mongodb"))
    processes.kill(own_stack.program("kafka"))
    found = states(asyncio.run(look(settings, mail_to="no address")))
    assert (found["kafka"], found["mongodb"], found["mail server"]) == ("wrong", "wrong", "wrong")


def test_a_bad_address_for_the_test_mail_is_told(own_stack: Embedded) -> None:
    """Nothing is sent; the address is not repeated."""
    found = {one.what: one for one in asyncio.run(look(settings_of(own_stack), mail_to="a@b, c@d"))}
    assert found["test mail"].state == "wrong"
    assert "a@b" not in found["test mail"].text
