from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.classify import Kind
from services.notifier.decide import TOO_LATE, Patience, decide
from services.notifier.message import Attempt
from services.notifier.retrying import JITTER, PAUSE_SECONDS, RETRY_SECONDS, Channel, retry_after
from shared.events import MessageFailed, MessageSent
from tests.notifier_samples import leased

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PATIENCE = Patience(retry_seconds=(60.0, 600.0), give_up_after=timedelta(days=5))


def attempt(outcome: Kind, code: int | None = None, at: datetime = NOW) -> Attempt:
    return Attempt(at=at, phase="data", outcome=outcome, reason="none", code=code, enhanced=None)


def test_an_accepted_message_is_done_and_says_so() -> None:
    """The event carries the server's code and counts this attempt."""
    decision = decide(leased(attempts=2), attempt(Kind.ACCEPTED, 250), patience=PATIENCE, random=0.5)
    assert (decision.state, decision.due_at) == ("accepted", None)
    assert isinstance(decision.event, MessageSent)
    assert (decision.event.message.attempts, decision.event.message.code) == (3, 250)


def test_a_refused_message_has_failed_for_good() -> None:
    """No second attempt: the answer will be the same."""
    decision = decide(leased(), attempt(Kind.FAILED, 550), patience=PATIENCE, random=0.5)
    assert (decision.state, decision.due_at) == ("failed", None)
    assert isinstance(decision.event, MessageFailed)


@pytest.mark.parametrize(("outcome", "state"), [(Kind.DEFERRED, "deferred"), (Kind.UNKNOWN, "unknown")])
def test_what_may_still_succeed_is_tried_again_after_a_longer_and_longer_pause(outcome: Kind, state: str) -> None:
    """The schedule's last pause repeats."""
    for attempts, seconds in ((0, 60), (1, 600), (7, 600)):
        decision = decide(leased(attempts=attempts), attempt(outcome), patience=PATIENCE, random=0.5)
        assert (decision.state, decision.due_at, decision.event) == (state, NOW + timedelta(seconds=seconds), None)


@pytest.mark.parametrize("outcome", [Kind.DEFERRED, Kind.UNKNOWN])
def test_a_message_that_is_too_old_is_given_up(outcome: Kind) -> None:
    """Somebody must learn that it never arrived."""
    late = NOW + timedelta(days=5)
    decision = decide(leased(created_at=NOW), attempt(outcome, 451, late), patience=PATIENCE, random=0.5)
    assert decision.state == "failed"
    assert isinstance(decision.event, MessageFailed)


def test_a_message_is_as_old_as_the_time_since_it_could_be_sent() -> None:
    """Staff moved it a week ahead: when that time has come it has all its patience yet."""
    moved = leased(created_at=NOW - timedelta(days=7), not_before=NOW)
    assert decide(moved, attempt(Kind.DEFERRED, 451), patience=PATIENCE, random=0.5).state == "deferred"


def test_a_retry_that_would_come_too_late_ends_the_message() -> None:
    """Nobody needs a reminder after its meeting: it has failed, and the others hear why."""
    soon = leased(useful_until=NOW + timedelta(seconds=60))
    decision = decide(soon, attempt(Kind.DEFERRED, 451), patience=PATIENCE, random=0.5)
    assert (decision.state, decision.due_at, decision.why) == ("failed", None, TOO_LATE)
    assert isinstance(decision.event, MessageFailed)
    assert (decision.event.message.reason, decision.event.message.code) == (TOO_LATE, 451)
    in_time = leased(useful_until=NOW + timedelta(seconds=61))
    assert decide(in_time, attempt(Kind.DEFERRED, 451), patience=PATIENCE, random=0.5).state == "deferred"


@pytest.mark.parametrize(("asked", "seconds"), [(10, 60), (300, 330), (0, 60)])
def test_a_pause_that_the_server_asked_for_is_never_cut_short(asked: int, seconds: int) -> None:
    """Ours stays where it is longer; a longer one grows by the jitter."""
    pause = timedelta(seconds=asked)
    decision = decide(leased(), attempt(Kind.DEFERRED, 450), patience=PATIENCE, random=0.5, asked=pause)
    assert decision.due_at == NOW + timedelta(seconds=seconds)


def test_the_event_of_a_failure_says_why_and_whether_the_address_takes_mail() -> None:
    """A word for staff, and for the list of addresses that are left alone; the older message that it repeats, too."""
    refused = attempt(Kind.FAILED, 550)
    message = leased(resend_of="older")
    decision = decide(message, refused, patience=PATIENCE, random=0.5, undeliverable=True)
    assert decision.event is not None
    told = decision.event.message
    assert (told.reason, told.undeliverable, told.resend_of) == ("none", True, "older")
    gone = decide(message, attempt(Kind.ACCEPTED, 250), patience=PATIENCE, random=0.5)
    assert gone.event is not None
    assert (gone.event.message.reason, gone.event.message.undeliverable) == (None, False)


@given(st.integers(1, 100), st.floats(0, 1, exclude_max=True))
def test_a_pause_keeps_to_its_schedule_within_the_jitter(attempts: int, random: float) -> None:
    """Neither at once nor never."""
    planned = RETRY_SECONDS[min(attempts, len(RETRY_SECONDS)) - 1]
    seconds = retry_after(attempts, schedule=RETRY_SECONDS, random=random).total_seconds()
    assert planned * (1 - JITTER) - 0.001 <= seconds <= planned * (1 + JITTER) + 0.001


def test_a_channel_in_trouble_rests_and_is_then_tried_with_one_mail() -> None:
    """The server is not knocked at by every waiting mail."""
    channel = Channel()
    assert channel.room(8, 3, NOW) == 5
    assert channel.trouble(NOW) == timedelta(seconds=PAUSE_SECONDS[0])
    assert channel.room(8, 0, NOW) == 0
    later = NOW + timedelta(seconds=PAUSE_SECONDS[0])
    assert channel.room(8, 0, later) == 1
    assert channel.room(8, 1, later) == 0
    assert channel.fine()
    assert channel.room(8, 0, later) == 8


def test_mails_that_fail_together_are_one_trouble() -> None:
    """Eight connections that break at once do not make the rest eight steps longer."""
    channel = Channel()
    assert [channel.trouble(NOW) is not None for _ in range(8)] == [True] + [False] * 7


def test_rests_grow_to_the_longest_and_stay_there() -> None:
    """However long the server is away, it is asked at least once a minute."""
    channel, now, rests = Channel(), NOW, []
    for _ in range(len(PAUSE_SECONDS) + 2):
        rest = channel.trouble(now)
        assert rest is not None
        rests.append(rest.total_seconds())
        now += rest
    assert rests == [*PAUSE_SECONDS, PAUSE_SECONDS[-1], PAUSE_SECONDS[-1]]


def test_a_clock_that_is_put_back_prolongs_no_rest() -> None:
    """The trouble came while it was a day ahead; the next mail is tried at once, and not after that day."""
    channel = Channel()
    channel.trouble(NOW + timedelta(days=1))
    assert channel.rests(NOW + timedelta(days=1))
    assert not channel.rests(NOW)
    assert channel.room(8, 0, NOW) == 1
