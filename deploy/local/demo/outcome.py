"""Who takes part in the demo, and what there is at its end: values that the steps of the story pass on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from deploy.local.demo.expectations import Expected, count_found, expected_over, is_told_anew
from deploy.local.demo.mailboxes import Letter, MailReader
from deploy.local.demo.mails import Mails
from deploy.local.demo.people import JSON, Applicants, Sent, Staff
from deploy.local.demo.post import Post
from deploy.local.demo.story import Applicant

Report = Callable[[str, int, int], None]
"""Takes the step, how much of it is done, and how much there is."""
Happening = Literal["repaired", "taken", "declined", "confirmed"]
"""What an answer led to: another consultant or time, the proposed time, a no with possible times; a held answer was confirmed
and then taken."""


@dataclass(frozen=True, kw_only=True)
class System:
    """Where the people of the story find what they need.

    Without `post` nobody answers by mail. `returns_mail`: whether the mail server tells of addresses that it does not know; one that
    keeps all that it gets does not.
    """

    applicants: Applicants
    staff: Staff
    mails: Mails
    mailboxes: MailReader
    post: Post | None = None
    returns_mail: bool = True

    def inbox(self, mailbox: str) -> list[Letter]:
        """Oldest first."""
        return self.mailboxes.read_all([mailbox])[mailbox]


@dataclass
class Cast:
    """One applicant on the way: what was sent, the link from the mail, and the address that took a mistyped one's place."""

    applicant: Applicant
    sent: Sent
    link: str | None = None
    corrected: str | None = None

    @property
    def confirmer(self) -> str:
        return self.sent.contacts[self.applicant.confirms]

    @property
    def mistyped(self) -> str:
        """The employee representative's address, as it was sent."""
        return self.sent.contacts[1]

    @property
    def contacts(self) -> list[str]:
        """Where the contacts are written to by now."""
        if self.corrected is None:
            return self.sent.contacts
        return [self.corrected if one == self.mistyped else one for one in self.sent.contacts]


class States:
    """What calendars were to know of each course, one state after the other, as staff saw them."""

    def __init__(self) -> None:
        self._by_course: dict[str, list[JSON]] = {}

    def add(self, courses: Mapping[str, JSON]) -> None:
        for course_id, course in courses.items():
            known = self._by_course.setdefault(course_id, [])
            if not known or is_told_anew(known[-1], course):
                known.append(course)

    def of(self, course_id: str) -> list[JSON]:
        return [one for one in self._by_course.get(course_id, []) if one["meetings"]]


def expected_of(cast: Sequence[Cast], states: States, consultants: Mapping[str, JSON]) -> list[Expected]:
    mails = {name: row["mail"] for name, row in consultants.items()}
    return [
        expected for one in cast for expected in expected_over(states.of(one.sent.application_id), one.contacts, mails)
    ]


@dataclass(frozen=True, kw_only=True)
class Told:
    """What came of one answer: by whom, to which meeting of a course, and the course before and after."""

    happening: Happening
    who: str
    program: str
    meeting: int
    before: JSON
    now: JSON
    mails: Mapping[str, int] = field(default_factory=dict)

    @property
    def moved(self) -> list[tuple[JSON, JSON]]:
        """Meetings whose start is another one than before."""
        later = {one["meeting_id"]: one for one in self.now["meetings"]}
        pairs = [(one, later[one["meeting_id"]]) for one in self.before["meetings"] if one["meeting_id"] in later]
        return [(was, now) for was, now in pairs if was["start"] != now["start"]]


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """What people answered by mail and what came of it. `answers` counts them by calendar program.

    `feed` is the address of the calendar of whoever leads the repaired course from now on.
    """

    answers: Mapping[str, int]
    people: int
    told: Sequence[Told]
    feed: str | None
    faults: Sequence[str]

    def count(self, *happenings: Happening) -> int:
        return sum(one.happening in happenings for one in self.told)


@dataclass(frozen=True, kw_only=True)
class Correction:
    """An address to which mails came back, and the right one that the other contact gave. `mails` counts what went there then."""

    reference: str
    mistyped: str
    right: str
    given_by: str
    application_id: str
    mails: Mapping[str, int]
    faults: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What there is at the end. `faults` is empty where everything is as it must be.

    `waited_for` counts, by course that was on the waiting list, the consultants whom each rule ruled out. `why_not` is a
    consultant who did not get the first course, with sentences about her. `bounced` counts mails that came back; `planned` are
    those that go out at their time, the next first.
    """

    cast: Sequence[Cast]
    courses: Mapping[str, JSON]
    consultants: Mapping[str, JSON]
    waitlisted: int
    overlaps: int
    expected: Sequence[Expected]
    mailboxes: Mapping[str, Sequence[Letter]]
    waited_for: Mapping[str, JSON]
    states: States
    why_not: tuple[str, Sequence[str]] | None = None
    bounced: int = 0
    planned: Sequence[JSON] = ()
    correction: Correction | None = None
    conversation: Conversation | None = None
    faults: Sequence[str] = field(default_factory=tuple)

    def first_state(self, cast: Cast) -> JSON:
        """The course as it was first booked."""
        return self.states.of(cast.sent.application_id)[0]

    def count(self, state: str) -> int:
        return sum(course["state"] == state for course in self.courses.values())

    def booked_meetings(self) -> dict[str, int]:
        """The meetings that will be held: the sequence by the id."""
        return {
            meeting["meeting_id"]: meeting["sequence"]
            for course in self.courses.values()
            for meeting in course["meetings"]
            if meeting["status"] == "confirmed"
        }

    def invites_in_mailboxes(self) -> int:
        """Invites to the meetings that will be held, as they are in the end."""
        held = self.booked_meetings()
        invites = (one for one in self.expected if one.method == "REQUEST" and held.get(one.meeting_id) == one.sequence)
        return count_found(invites, self.mailboxes)

    def cancellations_in_mailboxes(self) -> int:
        return count_found((one for one in self.expected if one.method == "CANCEL"), self.mailboxes)
