"""Tells of an address that takes no mail: the coordinators, and the other contacts, who are asked for a new one.

The mails have ids of their own for each person and address, so nobody hears of the same twice; of an address that staff had let
have mail again, and that takes none after all, they hear once more.
"""

import structlog

from services.notifier.address_mail_facts import AddressReportFacts, AddressWantedFacts
from services.notifier.desk import Desk, put_in
from services.notifier.facts import Facts
from services.notifier.keeping import open_application
from services.notifier.message import LeasedMessage
from services.notifier.new_address import about_address
from services.notifier.planned import COORDINATORS, Plan, PlannedMessage, Stream, planned
from services.notifier.stored_message import StoredMessage
from services.notifier.suppress.store import Suppressions
from services.notifier.suppress.who_hears import Hearers, who_hears
from shared.address_digest import digest
from shared.errors import DependencyDownError

log = structlog.get_logger(__name__)


async def tell_undeliverable(
    message: LeasedMessage | StoredMessage, addressee: str, *, suppressions: Suppressions, desk: Desk
) -> None:
    """`addressee` is the digest of the address that the mail was for. Where that cannot be told, it stays with the log.

    Raises:
        DependencyDownError: the database or the key store does not answer; may be repeated.

    """
    if message.person_id == COORDINATORS:
        log.error("coordinators-get-no-mail", needs_attention=True, message_id=message.message_id)
        return
    try:
        await _tell(message, addressee, suppressions=suppressions, desk=desk)
    except DependencyDownError:
        raise
    except Exception:
        # What becomes of the mail is more than who hears of it.
        log.exception("address-not-told", message_id=message.message_id)


async def _tell(
    message: LeasedMessage | StoredMessage, addressee: str, *, suppressions: Suppressions, desk: Desk
) -> None:
    view = await desk.views.read(message.application_id)
    state = view.application
    if state is None:
        return
    people = await open_application(state, vault=desk.vault)
    digests = {one.person_id: digest(one.mail, key=desk.address_key) for one in people.values()}
    if digests.get(message.person_id, addressee) != addressee:
        # She has another address by now.
        return
    taking_none = {addressee, *await suppressions.of_digests(digests.values())}
    working = {person_id for person_id, one in digests.items() if one not in taking_none}
    hearers = who_hears(state, message.person_id, kind=message.kind, working=working)
    stream = Stream(message.application_id, "applications", view.seen.applications)
    known = await suppressions.find(addressee)
    again = known.acts if known else 0
    plan = _plan(hearers, stream, message.person_id, addressee, again, report=desk.programme.coordinators is not None)

    def facts(planned: PlannedMessage) -> Facts:
        if planned.kind == "address_report":
            url = f"{desk.staff_url}/messages/applications/{state.application_id}"
            return AddressReportFacts(reference=state.reference, messages_url=url)
        link = people[planned.person_id].links.get("status")
        return AddressWantedFacts(reference=state.reference, status_url=link)

    await put_in(plan, message.application_id, people, facts, sequence=stream.sequence, desk=desk)


def _plan(hearers: Hearers, stream: Stream, person_id: str, addressee: str, again: int, *, report: bool) -> Plan:
    about, once = about_address(person_id), f"address:{person_id}:{addressee}" + (f":{again}" if again else "")
    messages = [planned(stream, one, "address_wanted", about=about, once=once) for one in hearers.contacts]
    if hearers.coordinators and report:
        messages.append(planned(stream, COORDINATORS, "address_report", about=about, once=once))
    return Plan(tuple(messages), {})
