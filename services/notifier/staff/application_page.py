"""All mails of one application, by person: what was sent, what came of it, what is to come, and whether the address works."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from fastapi import Request, Response

from services.notifier.message import UNSENT
from services.notifier.planned import COORDINATORS
from services.notifier.staff.desk import StaffDesk
from services.notifier.staff.done_words import DONE
from services.notifier.staff.known import Addressee, Known
from services.notifier.staff.people import known_of
from services.notifier.staff.rows import AttemptRow, MessageRow, PlannedRow, Rows
from services.notifier.staff.words import FUNCTIONS, words_of
from services.notifier.stored_message import ServerWords, StoredMessage, words_place
from services.notifier.suppress.suppression import Suppression
from shared.address_digest import digest
from shared.staff.staff import Staff
from shared.vault import ErasedError
from shared.words import Language, Words


@dataclass(frozen=True, kw_only=True)
class PersonRows:
    """`change_address` is where staff give her another address; empty where they cannot. `suppressed`: her address takes no mail."""

    to: Addressee
    function: Words
    suppressed: Suppression | None
    since: str
    change_address: str
    planned: list[PlannedRow]
    messages: list[tuple[MessageRow, list[AttemptRow]]]


async def application_page(
    request: Request, application_id: str, *, staff: Staff, desk: StaffDesk, done: str = ""
) -> Response | None:
    """None: nothing is known of such an application. Raises as `Vault.unseal`."""
    view = await desk.views.read(application_id)
    messages = await desk.messages.of_application(application_id)
    if not view.version and not messages:
        return None
    language = desk.site.language_of(request)
    known = await known_of(view, vault=desk.vault)
    return desk.site.page(
        request,
        "messages/application.html",
        language=language,
        staff=staff,
        reference=known.reference or application_id,
        application_id=application_id,
        has_course=view.course is not None,
        people=await _people(known, messages, language, desk=desk),
        done=DONE.get(done),
        unsent=sum(1 for one in messages if one.state in UNSENT),
    )


async def attempts_of(message: StoredMessage, language: Language, *, desk: StaffDesk) -> list[AttemptRow]:
    """Each attempt with what the mail server said. Raises as `Vault.unseal`."""
    rows, said = Rows(language, desk.programme.tz), await words_said(message, language, desk=desk)
    return [rows.attempt(attempt, words) for attempt, words in zip(message.attempts, said, strict=True)]


async def words_said(message: StoredMessage, language: Language, *, desk: StaffDesk) -> list[str]:
    """The mail server's own words to each attempt without secrets; empty where there are none, or cannot be read any more."""
    hider, found = desk.hider(language), []
    for number, attempt in enumerate(message.attempts):
        said = ""
        if attempt.words is not None:
            with suppress(ErasedError):
                place = words_place(message.message_id, number)
                said = (await desk.vault.unseal(attempt.words, ServerWords, place=place)).text
        found.append(hider.text(said))
    return found


async def _people(
    known: Known, messages: Iterable[StoredMessage], language: Language, *, desk: StaffDesk
) -> list[PersonRows]:
    """The contacts first, then the consultants, then whoever else was written to."""
    chosen = sorted(messages, key=lambda one: (one.created_at, one.message_id), reverse=True)
    rows, view = Rows(language, desk.programme.tz), known.view
    planned = known.coming(desk.programme, desk.clock())
    contacts = view.application.contacts if view.application else view.course.contacts if view.course else ()
    written_to = [*known.people, *(one.person_id for one in planned), *(one.person_id for one in chosen)]
    order = dict.fromkeys([*contacts, *written_to])
    addressees = {person_id: known.addressee(person_id, desk.programme) for person_id in order}
    digests = {one: digest(to.mail, key=desk.address_key) for one, to in addressees.items() if to.mail}
    suppressed = await desk.suppressions.of_digests(digests.values())
    found = []
    for person_id, to in addressees.items():
        block = suppressed.get(digests.get(person_id, ""))
        found.append(
            PersonRows(
                to=to,
                function=words_of(to.function, FUNCTIONS),
                suppressed=block,
                since=rows.moment(block.since) if block else "",
                change_address=_change_address(view.application_id, to, contacts),
                planned=[rows.planned(one, known, desk.programme) for one in planned if one.person_id == person_id],
                messages=[
                    (
                        rows.message(one, to, known.reference, known.meeting(one.meeting_id, desk.programme)),
                        await attempts_of(one, language, desk=desk),
                    )
                    for one in chosen
                    if one.person_id == person_id
                ],
            )
        )
    return found


def _change_address(application_id: str, to: Addressee, contacts: Iterable[str]) -> str:
    """Contacts' addresses are kept by intake, those of consultants in the roster."""
    if to.person_id in contacts and to.mail:
        return f"/review/applications/{application_id}/contacts/{to.person_id}/address"
    if to.function == "consultant" and to.person_id != COORDINATORS:
        return f"/coordinator/consultants/{to.person_id}"
    return ""
