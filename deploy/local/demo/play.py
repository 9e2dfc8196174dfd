"""Plays the story against a running system, and looks at what came of it: in the staff's view and in everybody's mailbox."""

import time
from collections.abc import Mapping, Sequence

from deploy.local.demo.conversation import converse
from deploy.local.demo.expectations import count_overlaps, letter_faults, planned_faults, second_message_ids
from deploy.local.demo.mistyped import correct_address
from deploy.local.demo.mistyped_checks import look_at_correction
from deploy.local.demo.outcome import Cast, Conversation, Outcome, Report, States, System, expected_of
from deploy.local.demo.people import JSON
from deploy.local.demo.story import APPLICANTS, CONSULTANTS, LATECOMER, Applicant
from deploy.local.demo.waiting import PATIENCE_SECONDS, pause, wait_for_courses, wait_for_letters

DECIDED = ("booked", "waiting")


def play(system: System, *, report: Report) -> Outcome:
    """The whole story, to its end.

    Raises:
        RefusedError: something was refused, or did not happen in time.

    """
    report("Consultants in the roster", 0, 1)
    added = system.staff.import_roster(CONSULTANTS)["added"]
    report("Consultants in the roster", added, added)
    cast, states = _apply(system, report), States()
    _confirm(system, cast, report)
    courses = wait_for_courses(system, lambda rows: _decided(rows, DECIDED), "Courses sought", len(cast), report)
    states.add(courses)
    waiting = {course_id: course["reasons"] for course_id, course in courses.items() if course["state"] == "waiting"}
    _change_things(system, cast, states, report)
    ends = {one.sent.application_id: _end_state(one.applicant) for one in cast}
    courses = wait_for_courses(
        system, lambda rows: _at_their_end(rows, ends), "Courses at their end", len(cast), report
    )
    states.add(courses)
    why_not = _why_not(system, courses[cast[0].sent.application_id], system.staff.consultants())
    if system.returns_mail:
        for one in cast:
            if one.applicant.right_address:
                correct_address(system, one, report=report)
    conversation = None
    if system.post is not None:
        conversation = converse(system, system.post, cast, states, report=report)
    return _look(system, cast, states, waiting, why_not, conversation, report)


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
        pause(deadline, f"the receipts of {len(cast) - confirmed} applications")


def _change_things(system: System, cast: list[Cast], states: States, report: Report) -> None:
    """What helps the one that waits; and whoever gives up does so with all the invites in the calendar."""
    system.staff.import_roster(LATECOMER)
    for one in cast:
        if one.applicant.ending == "withdrawn":
            invites = expected_of([one], states, system.staff.consultants())
            wait_for_letters(system, invites, "Invites before a withdrawal", report)
            system.applicants.withdraw(one.link or "")


def _decided(courses: Mapping[str, JSON], states: tuple[str, ...]) -> int:
    return sum(course["state"] in states for course in courses.values())


def _at_their_end(courses: Mapping[str, JSON], ends: Mapping[str, str]) -> int:
    return sum(courses[course_id]["state"] == state for course_id, state in ends.items() if course_id in courses)


def _end_state(applicant: Applicant) -> str:
    return "cancelled" if applicant.ending == "withdrawn" else "booked"


def _look(
    system: System,
    cast: list[Cast],
    states: States,
    waiting: Mapping[str, JSON],
    why_not: tuple[str, Sequence[str]] | None,
    conversation: Conversation | None,
    report: Report,
) -> Outcome:
    """Into every mailbox, until all that must lie there does; what does not is a fault."""
    consultants, courses = system.staff.consultants(), system.staff.courses()
    states.add(courses)
    expected = expected_of(cast, states, consultants)
    mailboxes = wait_for_letters(system, expected, "Calendar mails in the mailboxes", report)
    own_count = system.staff.overlaps()
    overlaps = own_count["overlapping"] + own_count["unclaimed"] + count_overlaps(courses.values())
    correction = look_at_correction(system, cast)
    planned = sorted(
        (mail for course_id in courses for mail in system.mails.planned(course_id)), key=lambda mail: mail["due_at"]
    )
    faults = [
        *_faults(cast, set(waiting), overlaps, letter_faults(expected, mailboxes), second_message_ids(mailboxes)),
        *planned_faults(planned, courses),
        *(correction.faults if correction else ()),
        *(conversation.faults if conversation else ()),
    ]
    return Outcome(
        cast=cast,
        courses=courses,
        consultants=consultants,
        waitlisted=len(waiting),
        overlaps=overlaps,
        expected=expected,
        mailboxes=mailboxes,
        waited_for=waiting,
        states=states,
        why_not=why_not,
        bounced=len(system.mails.bounced()),
        planned=planned,
        correction=correction,
        conversation=conversation,
        faults=tuple(faults),
    )


def _why_not(system: System, course: JSON, consultants: Mapping[str, JSON]) -> tuple[str, Sequence[str]] | None:
    """One consultant who was not chosen for a course, and what the matcher says: why, and what would have changed it."""
    for consultant_id in sorted(consultants.keys() - {course["consultant"]}):
        found = system.staff.why_not(course["application_id"], consultant_id)
        if found is not None and found["first"]:
            return consultant_id, found["words"]["en"]
    return None


def _faults(cast: list[Cast], waiting: set[str], overlaps: int, letters: list[str], second_ids: list[str]) -> list[str]:
    faults = [*letters, *(f"sent under a second Message-ID: {words}" for words in second_ids)]
    should_wait = {one.sent.application_id for one in cast if one.applicant.ending == "booked after waiting"}
    if waiting != should_wait:
        faults.append(f"{len(waiting)} applications were on the waiting list, expected {len(should_wait)}")
    if overlaps:
        faults.append(f"{overlaps} half hours or meetings of a consultant overlap")
    return faults
