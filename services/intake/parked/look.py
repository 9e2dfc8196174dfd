"""What staff see of parked mails: the list, and one mail opened. Mails about people who were erased are removed at sight."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.intake import blocks
from services.intake.course_view import CourseView
from services.intake.errors import LinkError
from services.intake.imip.understood import Understood
from services.intake.mail_in.mail import StoredMail
from services.intake.parked.staff_say import open_meetings
from services.intake.parked.text_of import text_of
from services.intake.parts import Parts
from services.intake.record import Application
from shared.events import Meeting, Person
from shared.vault import KeyMissingError, person_key


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A parked mail with what it says. `other_address` is one that its writer uses, in lower case; empty where it names none."""

    mail: StoredMail
    understood: Understood | None
    text: str
    raw: bytes

    @property
    def other_address(self) -> str:
        """The address that answers, rather than the one that sends: a secretary's is not her leader's."""
        if self.understood is None:
            return ""
        return (self.understood.attendee or self.understood.sender or "").lower()


@dataclass(frozen=True, kw_only=True)
class Candidates:
    """An application with the meetings that can be answered and the people who are invited to them."""

    application: Application
    course: CourseView | None
    meetings: tuple[Meeting, ...]
    people: dict[str, Person]


async def parked_mails(parts: Parts) -> list[StoredMail]:
    """The oldest first, without what they say."""
    return await without_erased(await parts.parked_mails.all(), parts)


async def open_mail(mail_id: str, parts: Parts) -> Opened:
    """Raises LinkError: there is no such mail, it is parked no more, or the person that it is about was erased."""
    mail = await parts.parked_mails.mail(mail_id)
    if mail is None or mail.state != "parked" or not await without_erased([mail], parts):
        raise LinkError
    try:
        contents = await parts.mail_vault.open(mail)
        understood = await parts.mail_vault.open_understood(mail)
    except KeyMissingError:
        # Of a mail whose days are over, the key goes first.
        raise LinkError from None
    raw = contents.raw if contents else b""
    return Opened(mail=mail, understood=understood, text=text_of(raw), raw=raw)


async def candidates(application: Application, parts: Parts) -> Candidates:
    """Whom and what an answer could be about. Raises as `Vault.unseal`, but for erased people."""
    course = await parts.store.course(application.id)
    meetings = open_meetings(application, course)
    people = await blocks.open_people(parts.vault, application.state)
    if course is not None:
        others = {key: block for key, block in course.people.items() if key not in application.state.people}
        people |= await parts.vault.unseal_known(others, Person, place=course.place(application.id))
    invited = dict.fromkeys(person for one in meetings for person in one.attendees)
    return Candidates(
        application=application,
        course=course,
        meetings=meetings,
        people={person: people[person] for person in invited if person in people},
    )


async def without_erased(mails: Sequence[StoredMail], parts: Parts) -> list[StoredMail]:
    """Those that are about nobody who was erased; the others are removed with their keys."""
    people = {person_key(one.about.person_id) for one in mails if one.about}
    erased = await parts.vault.erased(sorted(people)) if people else set()
    kept = []
    for mail in mails:
        if mail.about and person_key(mail.about.person_id) in erased:
            await parts.mail_vault.drop([mail.mail_id])
            await parts.parked_mails.delete(mail.mail_id)
        else:
            kept.append(mail)
    return kept
