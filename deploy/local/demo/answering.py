"""People answer their invites, each from the calendar program that she has: who answers what, and whether it has arrived."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from deploy.local.demo.answer_mails import PROGRAMS, Partstat, Reply
from deploy.local.demo.mailboxes import CalendarObject, Letter
from deploy.local.demo.people import JSON
from deploy.local.demo.post import Post

ANSWERED_AT_ONCE = 2
"""People answer the invites to their next meetings, and leave the others for later."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody with a mailbox and a calendar program; `person_id` is known of consultants only."""

    name: str
    mail: str
    program: str
    person_id: str | None = None

    def writes(
        self, meeting: CalendarObject, *, partstat: Partstat = "ACCEPTED", proposed: datetime | None = None
    ) -> tuple[str, bytes]:
        """To whom, and the mail."""
        reply = Reply(
            meeting=meeting,
            name=self.name,
            mail=self.mail,
            at=datetime.now(UTC),
            partstat=partstat,
            proposed=proposed,
        )
        return meeting.organizer, PROGRAMS[self.program](reply)


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What somebody's calendar sent about one version of a meeting."""

    who: Person
    meeting_id: str
    partstat: Partstat


def consultants_of(rows: Mapping[str, JSON]) -> dict[str, Person]:
    """The consultants by id, with the programs in turn."""
    names = list(PROGRAMS)
    return {
        consultant_id: Person(
            name=row["name"],
            mail=row["mail"].lower(),
            program=names[place % len(names)],
            person_id=consultant_id,
        )
        for place, (consultant_id, row) in enumerate(sorted(rows.items()))
    }


def contacts_of(application: JSON, *, place: int) -> list[Person]:
    """Both contacts; `place` is where the turn of the programs begins."""
    names, contacts = list(PROGRAMS), application["contacts"]
    people = (contacts["leader"], contacts["employee_representative"])
    return [
        Person(name=one["name"], mail=one["email"].lower(), program=names[(place + number) % len(names)])
        for number, one in enumerate(people)
    ]


def newest_invites(letters: Iterable[Letter]) -> dict[str, CalendarObject]:
    """The invites that stand, by meeting: the newest version of each, unless it took the meeting back."""
    newest: dict[str, CalendarObject] = {}
    for letter in letters:
        found = letter.calendar
        if found is None or found.method not in ("REQUEST", "CANCEL"):
            continue
        meeting_id = found.uid.partition("@")[0]
        known = newest.get(meeting_id)
        if known is None or (found.sequence, found.dtstamp) > (known.sequence, known.dtstamp):
            newest[meeting_id] = found
    return {meeting_id: found for meeting_id, found in newest.items() if found.method == "REQUEST"}


def send_answers(post: Post, person: Person, invites: Mapping[str, CalendarObject]) -> list[Answered]:
    """Yes to the next meeting, "perhaps" to the one after."""
    soonest = sorted(invites, key=lambda name: invites[name].starts_at)[:ANSWERED_AT_ONCE]
    answers = [
        Answered(who=person, meeting_id=meeting_id, partstat="TENTATIVE" if later else "ACCEPTED")
        for later, meeting_id in enumerate(soonest)
    ]
    post.send(person.mail, [person.writes(invites[one.meeting_id], partstat=one.partstat) for one in answers])
    return answers


def known_of(answers: Sequence[Answered]) -> Callable[[Mapping[str, JSON]], int]:
    """Counts how many of these answers the courses know, as staff see them. Contacts' are told apart by meeting only."""
    consultants = [(one.meeting_id, one.who.person_id, one.partstat) for one in answers if one.who.person_id]
    contacts = Counter((one.meeting_id, one.partstat) for one in answers if one.who.person_id is None)
    ids = {one.who.person_id for one in answers}

    def count(courses: Mapping[str, JSON]) -> int:
        rows = [row for course in courses.values() for row in course["answers"]]
        hers = {(row["meeting_id"], row["person_id"], row["partstat"]) for row in rows}
        theirs = Counter((row["meeting_id"], row["partstat"]) for row in rows if row["person_id"] not in ids)
        return len(hers.intersection(consultants)) + (theirs & contacts).total()

    return count
