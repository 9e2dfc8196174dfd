"""Seals the address of a calendar, with what its server said, under the consultant's own key, and opens it again."""

from services.scheduler.calendars.source import CalendarSource, Secret
from services.scheduler.means import Means
from shared.sealing import document_place
from shared.vault import person_key

CALENDARS = "calendars"
FIELD = "secret"


async def open_secret(source: CalendarSource, *, means: Means) -> Secret:
    """The sealed part again. Raises as `Vault.unseal`."""
    place = document_place(CALENDARS, source.consultant_id, FIELD)
    return await means.vault.unseal(source.secret, Secret, place=place)


async def seal_secret(consultant_id: str, secret: Secret, *, means: Means) -> dict[str, str]:
    """The sealed part for a document. Raises as `Vault.seal`."""
    place = document_place(CALENDARS, consultant_id, FIELD)
    sealed = await means.vault.seal(secret, key_id=person_key(consultant_id), place=place)
    return sealed.model_dump()
