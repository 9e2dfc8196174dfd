"""Plays the story against a running system, and looks at what came of it: in the staff's view and in everybody's mailbox."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from deploy.local.demo.expectations import (
    Expected,
    count_found,
    count_overlaps,
    expected_letters,
    found_letters,
    letter_faults,
    second_message_ids,
)
from deploy.local.demo.mailboxes import Letter, MailReader
from deploy.local.demo.people import JSON, Applicants, RefusedError, Sent, Staff
from deploy.local.demo.story import APPLICANTS, CONSULTANTS, LATECOMER, Applicant

PATIENCE_SECONDS = 60.0
"""For each step; on a small machine each takes one to three."""
POLL_SECONDS = 0.2
MAIL_POLL_SECONDS = 0.5
DECIDED = ("booked", "waiting")

Report = Callable[[str, int, int], None]
"""Takes the step, how much of it is done, and how much there is."""


@dataclass(frozen=True, kw_only=True)
class System:
    """Where the people of the story find what they need."""

    applicants: Applicants
    staff: Staff
    mailboxes: MailReader


@dataclass
class Cast:
    """One applicant on the way: what was sent, and the link from the mail."""

    applicant: Applicant
    sent: Sent
    link: str | None = None

    @property
    def confirmer(self) -> str:
        return self.sent.contacts[self.applicant.confirms]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What there is at the end. `faults` is empty where everything is as it must be.

    `waited_for` counts, by course that was on the waiting list, the consultants whom each rule ruled out. `why_not` is a
    consultant who did not get the first course, with sentences about her.
    """

    cast: Sequence[Cast]
    courses: Mapping[str, JSON]
    consultants: Mapping[str, JSON]
    waitlisted: int
    overlaps: int
    expected: Sequence[Expected]
    mailboxes: Mapping[str, Sequence[Letter]]
    waited_for: Mapping[str, JSON]
    why_not: tuple[str, Sequence[str]] | None = None
    faults: Sequence[str] = field(default_factory=tuple)

    def count(self, state: str) -> int:
        return sum(course["state"] == state for course in self.courses.values())

    def booked_meetings(self) -> set[str]:
        """Ids of the meetings that will be held."""
        return {
            meeting["meeting_id"]
            for course in self.courses.values()
            for meeting in course["meetings"]
            if meeting["status"] == "confirmed"
        }

    def invites_in_mailboxes(self) -> int:
        """Invites to the meetings that will be held."""
        held = self.booked_meetings()
        return count_found((one for one in self.expected if one.meeting_id in held), self.mailboxes)

    def cancellations_in_mailboxes(self) -> int:
        return count_found((one for one in self.expected if one.method == "CANCEL"), self.mailboxes)


def play(system: System, *, report: Report) -> Outcome:
    """The whole story, to its end.

    Raises:
        RefusedError: something was refused, or did not happen in time.

    """
    report("Consultants in the roster", 0, 1)
    added = system.staff.import_roster(CONSULTANTS)["added"]
    report("Consultants in the roster", added, added)
    cast = _apply(system, report)
    _confirm(system, cast, report)
    courses = _wait_for(system, lambda rows: _decided(rows, DECIDED), "Courses sought", len(cast), report)
    waiting = {course_id: course["reasons"] for course_id, course in courses.items() if course["state"] == "waiting"}
    _change_things(system, cast, courses, report)
    ends = {one.sent.application_id: _end_state(one.applicant) for one in cast}
    courses = _wait_for(system, lambda rows: _at_their_end(rows, ends), "Courses at their end", len(cast), report)
    return _look(system, cast, courses, waiting, report)


def _apply(system: System, report: Report) -> list[Cast]:
    cast: list[Cast] = []
    for applicant in APPLICANTS:
        cast.append(Cast(applicant, system.applicants.apply(applicant.application())))
        report("Applications sent", len(cast), len(APPLICANTS))
    return cast


def _confirm(system: System, cast: list[Cast], report: Report) -> None:
    """Each presses the button behind the link in her mail, as soon as the mail is there."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while missing := [one for one in cast if one.link is None]:
        inboxes = system.mailboxes.read_all(one.confirmer for one in missing)
        for one in missing:
            links = [link for letter in inboxes[one.confirmer] for link in letter.links]
            if links:
                one.link = links[0]
                system.applicants.confirm(one.link)
        confirmed = sum(one.link is not None for one in cast)
        report("Confirmed through the mail", confirmed, len(cast))
        _pause(deadline, f"the receipts of {len(cast) - confirmed} applications")


def _change_things(system: System, cast: list[Cast], courses: Mapping[str, JSON], report: Report) -> None:
    """What helps the one that waits; and whoever gives up does so with all the invites in the calendar."""
    system.staff.import_roster(LATECOMER)
    for one in cast:
        if one.applicant.ending == "withdrawn":
            invites = _expected([one], courses, system.staff.consultants())
            _mailboxes_of(system, invites, "Invites before a withdrawal", report)
            system.applicants.withdraw(one.link or "")


def _expected(cast: Sequence[Cast], courses: Mapping[str, JSON], consultants: Mapping[str, JSON]) -> list[Expected]:
    found: list[Expected] = []
    for one in cast:
        course = courses[one.sent.application_id]
        found += expected_letters(course, one.sent.contacts, consultants[course["consultant"]]["mail"])
    return found


def _wait_for(
    system: System, done: Callable[[dict[str, JSON]], int], step: str, total: int, report: Report
) -> dict[str, JSON]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        courses = system.staff.courses()
        report(step, done(courses), total)
        if done(courses) == total:
            return courses
        _pause(deadline, f"{step.lower()}: {total - done(courses)} of {total}")


def _decided(courses: Mapping[str, JSON], states: tuple[str, ...]) -> int:
    return sum(course["state"] in states for course in courses.values())


def _at_their_end(courses: Mapping[str, JSON], ends: Mapping[str, str]) -> int:
    return sum(courses[course_id]["state"] == state for course_id, state in ends.items() if course_id in courses)


def _end_state(applicant: Applicant) -> str:
    return "cancelled" if applicant.ending == "withdrawn" else "booked"


def _look(
    system: System, cast: list[Cast], courses: dict[str, JSON], waiting: Mapping[str, JSON], report: Report
) -> Outcome:
    """Into every mailbox, until all that must lie there does; what does not is a fault."""
    consultants = system.staff.consultants()
    expected = _expected(cast, courses, consultants)
    mailboxes = _mailboxes_of(system, expected, "Calendar mails in the mailboxes", report)
    own_count = system.staff.overlaps()
    overlaps = own_count["overlapping"] + own_count["unclaimed"] + count_overlaps(courses.values())
    return Outcome(
        cast=cast,
        courses=courses,
        consultants=consultants,
        waitlisted=len(waiting),
        overlaps=overlaps,
        expected=expected,
        mailboxes=mailboxes,
        waited_for=waiting,
        why_not=_why_not(system, courses[cast[0].sent.application_id], consultants),
        faults=_faults(cast, set(waiting), overlaps, letter_faults(expected, mailboxes), second_message_ids(mailboxes)),
    )


def _why_not(system: System, course: JSON, consultants: Mapping[str, JSON]) -> tuple[str, Sequence[str]] | None:
    """One consultant who was not chosen for a course, and what the matcher says: why, and what would have changed it."""
    for consultant_id in sorted(consultants.keys() - {course["consultant"]}):
        found = system.staff.why_not(course["application_id"], consultant_id)
        if found is not None and found["first"]:
            return consultant_id, found["words"]["en"]
    return None


def _mailboxes_of(system: System, expected: Sequence[Expected], step: str, report: Report) -> dict[str, list[Letter]]:
    """Everybody's letters, once all that is expected is there, or the patience is over."""
    mailboxes: dict[str, list[Letter]] = {}
    lacking = {one.mailbox for one in expected}
    deadline = time.monotonic() + PATIENCE_SECONDS
    while lacking and time.monotonic() < deadline:
        mailboxes |= system.mailboxes.read_all(lacking)
        found = found_letters(mailboxes)
        lacking = {one.mailbox for one in expected if one not in found}
        report(step, count_found(expected, mailboxes), len(expected))
        time.sleep(MAIL_POLL_SECONDS if lacking else 0)
    # Once more all of them, for what should not be there.
    return system.mailboxes.read_all(mailboxes)


def _faults(
    cast: list[Cast], waiting: set[str], overlaps: int, letters: list[str], second_ids: list[str]
) -> tuple[str, ...]:
    faults = [*letters, *(f"sent under a second Message-ID: {words}" for words in second_ids)]
    should_wait = {one.sent.application_id for one in cast if one.applicant.ending == "booked after waiting"}
    if waiting != should_wait:
        faults.append(f"{len(waiting)} applications were on the waiting list, expected {len(should_wait)}")
    if overlaps:
        faults.append(f"{overlaps} half hours or meetings of a consultant overlap")
    return tuple(faults)


def _pause(deadline: float, what: str) -> None:
    if time.monotonic() > deadline:
        raise RefusedError(f"nothing more came within {PATIENCE_SECONDS:.0f} s: {what}")
    time.sleep(POLL_SECONDS)
