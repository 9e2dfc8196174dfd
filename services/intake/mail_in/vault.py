"""The keys of the mails: one each, apart from those of people, since they go by themselves when a mail's days are over."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from services.intake.imip.understood import Understood
from services.intake.mail_in.mail import Contents, StoredMail, contents_place, mail_key, understood_place
from shared.mongo import Client
from shared.sealing import Sealed
from shared.together import Together
from shared.vault import MasterKey, Vault

KEYS: Final = "mail_keys"


class MailVault:
    """Seals and opens what mails say. Every method raises DependencyDownError while the database is away."""

    def __init__(self, client: Client, *, master_key: MasterKey, clock: Callable[[], datetime]) -> None:
        self._vault = Vault(keys=client["vault"][KEYS], master_key=master_key, clock=clock)
        self._keys: Together[str] = Together(self._create_together)

    async def seal(self, contents: Contents, mail_id: str) -> Sealed:
        """Under a new key, which is stored first: a crash leaves a key without a mail, never a mail without its key."""
        await self._keys.do(mail_key(mail_id))
        return await self._vault.seal(contents, key_id=mail_key(mail_id), place=contents_place(mail_id))

    async def open(self, mail: StoredMail) -> Contents | None:
        """What it says; None where that was removed with the person it was about.

        Raises:
            shared.vault.KeyMissingError: the key is not there; that of no other mail need be missing.

        """
        if mail.contents is None:
            return None
        return await self._vault.unseal(mail.contents, Contents, place=contents_place(mail.mail_id))

    async def seal_understood(self, understood: Understood, mail_id: str) -> Sealed:
        """What was read in it, under its own key: it is not read again for those who look at it."""
        return await self._vault.seal(understood, key_id=mail_key(mail_id), place=understood_place(mail_id))

    async def open_understood(self, mail: StoredMail) -> Understood | None:
        """What was read in a parked mail; None where it could not be read. Raises as `open`."""
        if mail.understood is None:
            return None
        return await self._vault.unseal(mail.understood, Understood, place=understood_place(mail.mail_id))

    async def drop(self, mail_ids: Sequence[str]) -> None:
        """Remove the keys for ever."""
        await self._vault.drop([mail_key(mail_id) for mail_id in mail_ids])

    async def _create_together(self, key_ids: Sequence[str]) -> list[None]:
        await self._vault.create(key_ids)
        return [None] * len(key_ids)
