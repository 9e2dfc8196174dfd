"""The sealed blocks of the view: sealed anew for their place there, and opened again when changes that waited are told."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Literal, TypeVar

from services.notifier.course_view import COLLECTION
from shared.events import ApplicationState, CourseState, Matter, Person
from shared.sealing import Sealed, document_place
from shared.vault import ErasedError, Vault

State = TypeVar("State", ApplicationState, CourseState)
Half = Literal["application", "course"]


async def kept(
    state: State, people: Mapping[str, Person], *, half: Half, place: tuple[str, ...], vault: Vault
) -> State:
    """The state as the view keeps it, without the blocks of erased people. `place` is that of the event's blocks."""
    blocks: dict[str, Sealed] = {}
    for person_id, person in people.items():
        with suppress(ErasedError):
            blocks[person_id] = await vault.seal(
                person, key_id=state.people[person_id].key_id, place=_place(state, half, f"people.{person_id}")
            )
    update: dict[str, object] = {"people": blocks}
    matter = await open_matter(state.matter, place=place, vault=vault)
    if matter is not None:
        with suppress(ErasedError):
            update["matter"] = await vault.seal(matter, key_id=state.matter.key_id, place=_place(state, half, "matter"))
    return state.model_copy(update=update)


async def open_kept(course: CourseState, *, vault: Vault) -> tuple[dict[str, Person], Matter | None]:
    """The people and the matter of a course in the view, without those who were erased. Raises as `Vault.unseal`."""
    people: dict[str, Person] = {}
    for person_id, block in course.people.items():
        with suppress(ErasedError):
            place = _place(course, "course", f"people.{person_id}")
            people[person_id] = await vault.unseal(block, Person, place=place)
    return people, await open_matter(course.matter, place=_place(course, "course", "matter"), vault=vault)


async def open_application(application: ApplicationState, *, vault: Vault) -> dict[str, Person]:
    """The contacts of an application in the view, without those who were erased. Raises as `Vault.unseal`."""
    people: dict[str, Person] = {}
    for person_id, block in application.people.items():
        with suppress(ErasedError):
            place = _place(application, "application", f"people.{person_id}")
            people[person_id] = await vault.unseal(block, Person, place=place)
    return people


async def open_matter(block: Sealed, *, place: tuple[str, ...], vault: Vault) -> Matter | None:
    """None where the application was erased."""
    try:
        return await vault.unseal(block, Matter, place=place)
    except ErasedError:
        return None


def _place(state: ApplicationState | CourseState, half: Half, block: str) -> tuple[str, ...]:
    return document_place(COLLECTION, state.application_id, f"{half}.{block}")
