"""What the doctor says of the ways in which answers come."""

from collections.abc import AsyncIterator

import pytest

from services.doctor.check_mail_in import check_mail_in
from services.intake.settings import IntakeSettings
from shared.settings import load
from tests.embedded import Embedded
from tests.intake_house import settings_for
from tests.mail_in import PostOffice, post_office


@pytest.fixture(scope="module")
async def office(stack: Embedded) -> AsyncIterator[PostOffice]:
    async with post_office(stack.mongodb) as found:
        yield found


def settings(**given: str) -> IntakeSettings:
    return load(IntakeSettings, settings_for(mongodb="mongodb://127.0.0.1:1", FORLOEB_DEMO="1", **given))


async def test_a_listener_that_refuses_strangers_is_well(office: PostOffice) -> None:
    """It is asked whether it takes mail for an address that nobody has; nothing is delivered."""
    before = len(await office.rows())
    [found] = await check_mail_in(office.intake.settings, office.intake.parts.programme)
    assert found.state == "ok", found
    assert len(await office.rows()) == before


async def test_a_listener_that_is_down_is_told(office: PostOffice) -> None:
    """With what to do; and that no sender can be proven without the name of the mail server."""
    found = await check_mail_in(settings(FORLOEB_INTAKE_LMTP="127.0.0.1:1"), office.intake.parts.programme)
    assert [one.state for one in found] == ["wrong", "wrong"]
    assert "intake" in found[0].advice
    assert "FORLOEB_INTAKE_AUTHSERV_ID" in found[1].advice


@pytest.mark.parametrize(("password", "state"), [("forloeb", "ok"), ("something else", "wrong")])
async def test_a_mailbox_is_opened(stack: Embedded, office: PostOffice, password: str, state: str) -> None:
    """Or the setting to correct is named."""
    given = {
        "FORLOEB_INTAKE_IMAP_URL": stack.imap,
        "FORLOEB_INTAKE_IMAP_USER": "doctor@forloeb.example",
        "FORLOEB_INTAKE_IMAP_PASSWORD": password,
        "FORLOEB_INTAKE_AUTHSERV_ID": "mx.forloeb.example",
    }
    [found] = await check_mail_in(settings(**given), office.intake.parts.programme)
    assert found.state == state
    assert state == "ok" or "FORLOEB_INTAKE_IMAP_PASSWORD" in found.advice


async def test_without_any_way_in_that_is_said(office: PostOffice) -> None:
    """Nothing is wrong with that, but invites then get no answers."""
    [found] = await check_mail_in(settings(), office.intake.parts.programme)
    assert found.state == "skipped"
