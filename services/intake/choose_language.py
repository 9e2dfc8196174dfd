"""Change the language of one contact's page and mails, from that contact's own link."""

from datetime import datetime

from services.intake import blocks
from services.intake.change_application import Change, Opened, Store, change_application
from services.intake.course_view import CourseView
from services.intake.errors import LinkError
from services.intake.links import Link, Purpose, Signer
from services.intake.opening import open_link
from services.intake.record import Application
from shared.events import ContactChanged
from shared.programme import Programme
from shared.vault import Vault
from shared.words import Language


async def choose_language(
    link: Link, language: Language, *, store: Store, vault: Vault, signer: Signer, programme: Programme, now: datetime
) -> Opened:
    """Write to this contact in this language from now on; the one that is chosen already changes nothing.

    Raises:
        LinkError: the link is no contact's, or leads nowhere any more.
        DependencyDownError: try again later.

    """
    if link.purpose is not Purpose.CONTACT:
        raise LinkError

    async def read() -> Opened:
        return await open_link(link, store=store, programme=programme, now=now)

    async def plan(application: Application, _course: CourseView | None) -> Change | None:
        person = await blocks.open_person(vault, application.state, link.person_id)
        if person.language == language:
            return None
        person = person.model_copy(update={"language": language})
        block = await blocks.people_for_document(vault, application.id, [person])
        return Change(
            state=application.state.model_copy(update={"people": {**application.state.people, **block}}),
            kind=ContactChanged,
            without_link=application.unmailed,
            unmailed=application.unmailed,
            addresses=application.addresses,
        )

    return await change_application(read, plan, store=store, vault=vault, signer=signer, programme=programme, now=now)
