"""Change the language of one contact's page and mails, from that contact's own link."""

from dataclasses import replace
from datetime import datetime

from services.intake import blocks
from services.intake.confirm import WRITES_MAX, Store
from services.intake.course_view import CourseView
from services.intake.errors import LinkError
from services.intake.links import Link, Purpose, Signer
from services.intake.opening import links_until, open_link
from services.intake.record import Application
from shared.errors import DependencyDownError
from shared.events import ContactChanged
from shared.programme import Programme
from shared.vault import ErasedError, Vault
from shared.words import Language


async def choose_language(
    link: Link, language: Language, *, store: Store, vault: Vault, signer: Signer, programme: Programme, now: datetime
) -> tuple[Application, CourseView | None]:
    """Write to this contact in this language from now on; the one that is chosen already changes nothing.

    Raises:
        LinkError: the link is no contact's, or leads nowhere any more.
        DependencyDownError: try again later.

    """
    if link.purpose is not Purpose.CONTACT:
        raise LinkError
    for _ in range(WRITES_MAX):
        application, course = await open_link(link, store=store, programme=programme, now=now)
        try:
            person = await blocks.open_person(vault, application.state, link.person_id)
            if person.language == language:
                return application, course
            person = person.model_copy(update={"language": language})
            block = await blocks.people_for_document(vault, application.id, [person])
            state = application.state.model_copy(update={"people": {**application.state.people, **block}})
            event = await blocks.next_event(
                ContactChanged,
                replace(application, state=state),
                state,
                without_link=application.unmailed,
                links_until=links_until(state.submitted_at, programme),
                vault=vault,
                signer=signer,
                now=now,
            )
        except ErasedError:
            raise LinkError from None
        after = await store.change(
            application,
            state=state,
            unmailed=application.unmailed,
            addresses=application.addresses,
            events=(event,),
            now=now,
        )
        if after is not None:
            return after, course
    raise DependencyDownError("database")
