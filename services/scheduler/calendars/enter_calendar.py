"""Staff enter, replace or remove the address of a consultant's calendar. It is sealed under her own key and shown to nobody again."""

from typing import Literal

from services.scheduler.calendars.calendar_address import read_address
from services.scheduler.calendars.source import CalendarSource, Secret
from services.scheduler.means import Means
from services.scheduler.save_consultant import UnknownConsultantError
from shared.sealing import document_place
from shared.vault import person_key

CALENDARS = "calendars"
SECRET = "secret"  # noqa: S105 - the name of a field


async def enter_calendar(consultant_id: str, address: str, *, means: Means) -> Literal["set", "unchanged"]:
    """Take an address; the calendar behind it is read soon, not now. The same address again has it read again.

    Raises:
        AddressError: nothing may be fetched from there.
        UnknownConsultantError: there is nobody of that id.
        ErasedError: she was erased.

    """
    read_address(address)
    if await means.store.facts_of(consultant_id) is None:
        raise UnknownConsultantError(consultant_id)
    now = means.clock()
    known = await means.store.calendars.find(consultant_id)
    if known is not None and (await open_secret(known, means=means)).address == address:
        await means.store.calendars.hurry(consultant_id, now)
        return "unchanged"
    secret = await seal_secret(consultant_id, Secret(address=address), means=means)
    await means.store.calendars.enter(consultant_id, {"secret": secret, "set_at": now, "due_at": now})
    return "set"


async def remove_calendar(consultant_id: str, *, means: Means) -> bool:
    """Forget the address and what was read from it; whatever was busy only there is free again. False where there was none."""
    removed = await means.store.calendars.remove(consultant_id)
    if removed:
        openings = means.calendar.openings
        means.calendar.put_busy(consultant_id, None)
        if means.calendar.openings != openings:
            means.try_waiting()
    return removed


async def open_secret(source: CalendarSource, *, means: Means) -> Secret:
    """The sealed part again. Raises as `Vault.unseal`."""
    place = document_place(CALENDARS, source.consultant_id, SECRET)
    return await means.vault.unseal(source.secret, Secret, place=place)


async def seal_secret(consultant_id: str, secret: Secret, *, means: Means) -> dict[str, str]:
    """The sealed part for a document. Raises as `Vault.seal`."""
    place = document_place(CALENDARS, consultant_id, SECRET)
    sealed = await means.vault.seal(secret, key_id=person_key(consultant_id), place=place)
    return sealed.model_dump()
