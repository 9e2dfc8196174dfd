"""Opens the names of consultants for a page: they stand sealed in the roster."""

from services.scheduler.means import Means
from services.scheduler.people import open_consultant
from shared.events import Person
from shared.vault import ErasedError


async def consultants_by_id(*, means: Means) -> dict[str, Person]:
    """Everybody in the roster who was not erased. Raises as `Vault.unseal`."""
    found: dict[str, Person] = {}
    for document in await means.store.list_consultants():
        try:
            found[document["_id"]] = await open_consultant(document, vault=means.vault)
        except ErasedError:
            continue
    return found
