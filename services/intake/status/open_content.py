"""Opens what is sealed about an application, as far as it can still be opened: erased people are left out."""

import contextlib

from services.intake import blocks
from services.intake.course_view import CourseView
from services.intake.record import Application, Particulars
from services.intake.status.content import Content
from shared.events import Invite, Matter, Person
from shared.vault import ErasedError, Vault


async def open_content(application: Application, course: CourseView | None, *, vault: Vault) -> Content:
    """What the status page tells. Raises as `Vault.unseal`, but for erased people."""
    state = application.state
    people = await blocks.open_people(vault, state)
    matter: Matter | None = None
    particulars: Particulars | None = None
    # One key opens both: the application's own.
    with contextlib.suppress(ErasedError):
        matter = await blocks.open_matter(vault, state)
        particulars = await blocks.open_particulars(vault, application)
    leads = [await _open(application.id, course, one, vault=vault) for one in (course.consultants if course else ())]
    return Content(
        people={person_id: people[person_id] for person_id in state.contacts if person_id in people},
        matter=matter,
        particulars=particulars,
        consultants=tuple(one for one in leads if one is not None),
        places=await _open_places(application.id, course, vault=vault) or matter,
    )


async def open_invites(
    application_id: str, course: CourseView | None, person_id: str, *, vault: Vault
) -> tuple[Invite, ...]:
    """The person's own copies of the invites, as they were mailed. Raises as `open_content`."""
    person = await _open(application_id, course, person_id, vault=vault)
    return person.invites if person else ()


async def _open(
    application_id: str, course: CourseView | None, person_id: str | None, *, vault: Vault
) -> Person | None:
    if course is None or person_id is None or person_id not in course.people:
        return None
    try:
        return await vault.unseal(course.people[person_id], Person, place=course.place(application_id))
    except ErasedError:
        return None


async def _open_places(application_id: str, course: CourseView | None, *, vault: Vault) -> Matter | None:
    """None for a course that was told before its places were, and for an erased application."""
    if course is None or course.matter is None:
        return None
    try:
        return await vault.unseal(course.matter, Matter, place=course.place(application_id))
    except ErasedError:
        return None
