"""Which mails can be sent again: only what is still so, to the address that the person still has."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.notifier.course_view import View
from services.notifier.message import MailContent
from services.notifier.staff.again import Before, id_again, why_not_again
from services.notifier.staff.known import Known
from services.notifier.stored_message import StoredMessage
from services.notifier.timed.timed_mails import timed_mails
from tests.factories import spark
from tests.notifier_samples import NOTHING, SUBMITTED_AT, application, course, meeting, people_of

PROGRAMME = spark()
COURSE = course()
PEOPLE = people_of(COURSE)
INVITE = PEOPLE["a001-leader"].invites[0]
REMINDER = next(
    one for one in timed_mails(COURSE, PROGRAMME) if (one.kind, one.person_id) == ("reminder", "a001-leader")
)
REMINDER_ID = REMINDER.message("a001", sequence=0).message_id


def stored(**changes: Any) -> StoredMessage:
    fields: dict[str, Any] = {
        "message_id": "m1",
        "application_id": "a001",
        "person_id": "a001-leader",
        "kind": "course_booked",
        "about": "course",
        "replaces": False,
        "sequence": 1,
        "meeting_id": None,
        "internet_message_id": "<m1@forloeb.example>",
        "created_at": SUBMITTED_AT,
        "state": "accepted",
        "due_at": None,
        "decided_at": SUBMITTED_AT,
        "why": None,
        "obsolete": False,
        "attempts": (),
        "mail": NOTHING,
        "addressee": "digest",
        "domain": "",
        "useful_until": None,
        "timed": False,
        "resend_of": None,
        "version": 3,
        "event_sequence": 1,
    }
    return StoredMessage(**fields | changes)


def content(**changes: Any) -> MailContent:
    fields = {"recipient": "a001-leader@kommune.example", "subject": "s", "text": "t", "html": "h", "language": "da"}
    return MailContent(**fields | changes)


def before(message: StoredMessage, *others: StoredMessage, **changes: Any) -> Before:
    view = View(application_id="a001", application=application("admitted"), course=COURSE)
    known = Known(view=view, reference="r", people=PEOPLE, in_course=PEOPLE, matter=None)
    fields: dict[str, Any] = {
        "message": message,
        "others": [message, *others],
        "content": content(),
        "known": known,
        "suppressed": False,
        "now": SUBMITTED_AT + timedelta(days=1),
    }
    return Before(**fields | changes)


OTHER_MEETING = replace(stored(message_id="m2", about="another", sequence=9))


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (before(stored(), OTHER_MEETING), None),
        (before(stored(state="bounced")), None),
        (before(stored(state="stopped")), None),
        (before(stored(state="deferred")), "unsent"),
        (before(stored(), content=None), "erased"),
        (before(stored(person_id="a001-gone")), "erased"),
        (before(stored(), content=content(recipient="gammel@kommune.example")), "other_address"),
        (before(stored(), content=content(recipient="A001-Leader@kommune.example")), None),
        (before(stored(), suppressed=True), "suppressed"),
        (before(stored(useful_until=SUBMITTED_AT)), "past_use"),
        (before(stored(), stored(message_id="m2", sequence=2)), "outdated"),
        (before(stored(), stored(message_id="m2", resend_of="m1", state="pending")), "under_way"),
        (before(stored(), *(stored(message_id=f"m{number}", resend_of="m1") for number in range(2, 7))), "often"),
        (before(stored(kind="invite"), content=content(method="REQUEST", ics=INVITE.ics)), None),
        (before(stored(kind="invite"), content=content(method="REQUEST", ics="BEGIN:VCALENDAR")), "outdated"),
        (before(stored(message_id=REMINDER_ID, timed=True)), None),
        (before(stored(message_id="m9", timed=True, resend_of=REMINDER_ID), stored(message_id=REMINDER_ID)), None),
        (before(stored(timed=True)), "not_so_any_more"),
    ],
)
def test_a_mail_is_sent_again_only_if_it_is_still_so(case: Before, expected: str | None) -> None:
    """Each reason against it has a code of its own."""
    assert why_not_again(case, PROGRAMME) == expected


def test_a_reminder_of_a_meeting_that_moved_is_not_sent_again() -> None:
    """The course gives another one by now."""
    case = before(stored(message_id=REMINDER_ID, timed=True))
    moved = COURSE.model_copy(update={"meetings": (meeting(0, moves=1), meeting(1, moves=1))})
    known = replace(case.known, view=case.known.view.model_copy(update={"course": moved}))
    assert why_not_again(replace(case, known=known), PROGRAMME) == "not_so_any_more"


def test_the_id_of_a_repeated_mail_is_the_same_for_the_same_press_of_the_button() -> None:
    """And another one each time that it is sent again."""
    assert id_again("m1", 0) == id_again("m1", 0)
    assert len({id_again("m1", 0), id_again("m1", 1), id_again("m2", 0)}) == 3
