"""What the holder of a link can do, with the parts of this process filled in: the API and the pages share it."""

from datetime import datetime

from services.intake.change_application import Opened
from services.intake.choose_language import choose_language
from services.intake.confirm import confirm
from services.intake.issue_link import issue_link
from services.intake.links import Link
from services.intake.opening import open_link
from services.intake.parts import Parts
from services.intake.withdraw import withdraw
from shared.words import Language


async def see_with(link: Link, parts: Parts, now: datetime) -> Opened:
    return await open_link(link, store=parts.store, programme=parts.programme, now=now)


async def confirm_with(link: Link, parts: Parts, now: datetime) -> Opened:
    return await confirm(
        link, store=parts.store, vault=parts.vault, signer=parts.signer, programme=parts.programme, now=now
    )


async def withdraw_with(link: Link, parts: Parts, now: datetime) -> Opened:
    return await withdraw(
        link, store=parts.store, vault=parts.vault, signer=parts.signer, programme=parts.programme, now=now
    )


async def choose_language_with(link: Link, language: Language, parts: Parts, now: datetime) -> Opened:
    return await choose_language(
        link, language, store=parts.store, vault=parts.vault, signer=parts.signer, programme=parts.programme, now=now
    )


async def issue_link_with(typed: str, parts: Parts, now: datetime) -> None:
    await issue_link(
        typed,
        store=parts.store,
        vault=parts.vault,
        signer=parts.signer,
        programme=parts.programme,
        address_key=parts.address_key,
        now=now,
    )
