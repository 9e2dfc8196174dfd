"""What a report about a mail that came back means: for the mail, for its address, and for whom it is told. Pure tables."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.course_view import Told, ToldMeeting
from services.notifier.new_address import is_old, moved, remembered, told_nothing_yet
from services.notifier.plan_application import plan_application
from services.notifier.returns.judge import STREAK, SentMail, is_streak, judge
from services.notifier.returns.readiness import readiness
from services.notifier.returns.returned import PAUSES, newer_than, pause_after
from services.notifier.stored_message import StoredAttempt, StoredMessage
from services.notifier.suppress.who_hears import who_hears
from shared.events import ApplicationState, ReturnedMail
from tests.notifier_samples import NOTHING, SUBMITTED_AT, application, course, person

NOW = datetime(2027, 1, 20, 12, 0, tzinfo=UTC)
LEADER, EMPLOYEE = "a001-leader", "a001-employee"


@pytest.mark.parametrize(
    ("status", "reason", "hard"),
    [
        ("5.1.1", "no_such_recipient", True),
        ("5.1.0", "no_such_recipient", True),
        ("5.1.2", "no_such_recipient", True),
        ("5.1.3", "no_such_recipient", True),
        ("5.1.6", "no_such_recipient", True),
        ("5.1.10", "no_such_recipient", True),
        ("5.1.5", "returned", False),
        ("5.1.7", "policy", False),
        ("5.1.8", "policy", False),
        ("5.2.1", "mailbox_disabled", True),
        ("5.2.2", "mailbox_full", False),
        ("4.2.2", "mailbox_full", False),
        ("5.2.3", "too_large", False),
        ("5.3.4", "too_large", False),
        ("5.4.1", "returned", False),
        ("5.4.4", "no_such_host", True),
        ("5.4.310", "no_such_host", True),
        ("5.4.6", "returned", False),
        ("5.7.1", "policy", False),
        ("5.7.26", "policy", False),
        ("4.4.1", "gave_up", False),
        ("4.7.0", "gave_up", False),
        ("5.0.0", "returned", False),
        ("5.11.1", "returned", False),
        (None, "returned", False),
    ],
)
def test_a_status_says_whether_the_address_is_to_blame(status: str | None, reason: str, *, hard: bool) -> None:
    """Addresses and hosts that do not exist are left alone at once; full mailboxes and policies pass."""
    verdict = judge(status)
    assert (verdict.reason, verdict.hard) == (reason, hard)


def sent(fates: str, apart: timedelta = timedelta(days=1)) -> list[SentMail]:
    """Mails, the oldest first: an x stands for one that came back."""
    return [SentMail(f"m{number}", NOW + number * apart, fate == "x") for number, fate in enumerate(fates)]


@pytest.mark.parametrize(
    ("mails", "this", "streak"),
    [
        (sent("xxx"), "m2", True),
        (sent("xxx"), "m0", True),
        (sent("xx."), "m2", True),
        (sent("xx"), "m1", False),
        (sent("x.xx"), "m3", False),
        (sent("xxx."), "m2", True),
        (sent(".xxx"), "m1", True),
        (sent("xxx", apart=timedelta(days=7)), "m2", True),
        (sent("xxx", apart=timedelta(days=8)), "m2", False),
        (sent("xxx"), "another", False),
    ],
)
def test_three_in_a_row_that_came_back_are_enough(mails: list[SentMail], this: str, *, streak: bool) -> None:
    """One that got through between them breaks the row, and so do too many days; the report at hand counts as come back."""
    assert is_streak(mails, this) is streak


@given(st.text("x.", min_size=1, max_size=12), st.data(), st.randoms(use_true_random=False))
def test_a_row_is_found_in_whatever_order_mails_are_read(fates: str, data: st.DataObject, random: Random) -> None:
    """The same answer as looking at each window of neighbours."""
    mails = sent(fates)
    index = data.draw(st.integers(0, len(fates) - 1))
    flags = [fate == "x" or number == index for number, fate in enumerate(fates)]
    windows = range(max(0, index - STREAK + 1), index + 1)
    expected = any(all(flags[first : first + STREAK]) and first + STREAK <= len(flags) for first in windows)
    shuffled = list(mails)
    random.shuffle(shuffled)
    assert is_streak(shuffled, f"m{index}") is expected


def stored(state: str, *outcomes: str) -> StoredMessage:
    attempts = tuple(
        StoredAttempt(at=NOW, phase="data", outcome=one, reason="none", code=None, enhanced=None, words=None)
        for one in outcomes
    )
    return StoredMessage(
        message_id="m",
        application_id="a001",
        person_id=LEADER,
        kind="receipt",
        about="application",
        replaces=False,
        sequence=1,
        meeting_id=None,
        internet_message_id="<m@forloeb.example>",
        created_at=NOW,
        state=state,  # type: ignore[arg-type]
        due_at=None,
        decided_at=None,
        why=None,
        obsolete=False,
        attempts=attempts,
        mail=NOTHING,
        addressee="digest",
        domain="domain",
        useful_until=None,
        timed=False,
        resend_of=None,
        version=1,
        event_sequence=0,
    )


@pytest.mark.parametrize(
    ("message", "ready"),
    [
        (stored("accepted", "accepted"), "ready"),
        (stored("unknown", "unknown"), "ready"),
        (stored("deferred", "unknown", "deferred"), "ready"),
        (stored("sending", "unknown"), "waits"),
        (stored("sending"), "waits"),
        (stored("deferred", "deferred"), "waits"),
        (stored("pending"), "waits"),
        (stored("bounced", "accepted"), "never"),
        (stored("failed", "failed"), "never"),
        (stored("stopped"), "never"),
    ],
)
def test_a_report_waits_until_its_message_can_be_what_it_is_about(message: StoredMessage, ready: str) -> None:
    """What came back was taken by a server; while somebody has it in hand, that may just be being written down."""
    assert readiness(message) == ready


def test_only_reports_that_were_not_seen_are_taken_in() -> None:
    """Each has an id of its own application, so the same report is the same row."""
    returned = tuple(
        ReturnedMail(number=number, message_id=f"m{number}", action="failed", at=NOW) for number in (3, 4, 5)
    )
    state = application(returned=returned, returned_count=5)
    assert [one.id for one in newer_than(state, 3, now=NOW, traceparent="")] == ["a001:4", "a001:5"]
    assert newer_than(state, 5, now=NOW, traceparent="") == ()
    assert [pause_after(tries) for tries in (0, 99)] == [PAUSES[0], PAUSES[-1]]


EVERYBODY = {LEADER, EMPLOYEE}


@pytest.mark.parametrize(
    ("state", "who", "kind", "working", "hearers"),
    [
        (application("admitted"), LEADER, "invite", {EMPLOYEE}, ("coordinators", EMPLOYEE)),
        (application("admitted"), LEADER, "invite", set(), ("coordinators",)),
        (application("admitted"), "a001-consultant", "invite", EVERYBODY, ("coordinators",)),
        (application("admitted"), EMPLOYEE, "address_wanted", {LEADER}, ("coordinators",)),
        (application("admitted"), LEADER, "address_report", {EMPLOYEE}, ()),
        (application(), LEADER, "receipt", {EMPLOYEE}, ()),
        (application(confirmed_by=(EMPLOYEE,)), LEADER, "receipt", {EMPLOYEE}, (EMPLOYEE,)),
        (application(confirmed_by=(LEADER,)), LEADER, "receipt", {EMPLOYEE}, ()),
        (application(needs_confirmation=False), LEADER, "receipt", {EMPLOYEE}, (EMPLOYEE,)),
        (application("withdrawn"), LEADER, "withdrawn", {EMPLOYEE}, ()),
        (application("declined"), LEADER, "declined", {EMPLOYEE}, ()),
    ],
)
def test_those_who_can_mend_an_address_hear_of_it(
    state: ApplicationState, who: str, kind: str, working: set[str], hearers: tuple[str, ...]
) -> None:
    """Strangers' typos make no mail to staff, and mail about an address makes no more mail to contacts."""
    found = who_hears(state, who, kind=kind, working=working)
    assert (*(("coordinators",) if found.coordinators else ()), *found.contacts) == hearers


def test_an_address_that_somebody_has_again_is_not_an_old_one() -> None:
    """Known addresses stand in the order in which they came, the present one last."""
    known = remembered(remembered({}, {LEADER: "A"}), {LEADER: "B", EMPLOYEE: "C"})
    assert known == {LEADER: ("A", "B"), EMPLOYEE: ("C",)}
    assert (is_old(known, LEADER, "A"), is_old(known, LEADER, "B"), is_old(known, "nobody", "A")) == (
        True,
        False,
        False,
    )
    assert moved(known, {LEADER: "A", EMPLOYEE: "C", "new": "D"}) == {LEADER}
    again = remembered(known, {LEADER: "A"})
    assert again[LEADER] == ("B", "A")
    assert not is_old(again, LEADER, "A")


def test_a_new_address_knows_nothing_but_what_is_over() -> None:
    """Meetings to come are told anew; the end of a course is told once."""
    state = course()
    first, second = state.meetings
    told = {one.meeting_id: ToldMeeting(one.sequence, one.dtstamp) for one in state.meetings}
    known = Told(application="received", course="booked", meetings=told, stall=NOW, counters=(1,))
    between = told_nothing_yet(known, state, now=first.start)
    assert between == Told(application="received", meetings={first.meeting_id: told[first.meeting_id]}, counters=(1,))
    assert told_nothing_yet(known, course("cancelled"), now=SUBMITTED_AT).course == "booked"
    assert second.meeting_id not in between.meetings


def test_an_admitted_application_is_told_to_a_new_address_by_its_link() -> None:
    """A receipt would say that it was just received; before it is admitted, just that is sent."""
    people = {one: person(one.removeprefix("a001-")) for one in (LEADER, EMPLOYEE)}
    told = {EMPLOYEE: Told(application="received")}
    for state, kind in ((application("admitted"), "new_link"), (application(), "receipt")):
        plan = plan_application(state, people, told, sequence=3, readdressed=[LEADER])
        assert [(one.person_id, one.kind) for one in plan.messages] == [(LEADER, kind)]
        assert plan.told[LEADER].application == "received"
