import itertools
from collections import defaultdict
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.notifier.pacing import (
    BURST_SECONDS,
    DOMAIN_FLOOR_PER_SECOND,
    DOMAINS_MAX,
    ONE_COMPLAINT_SECONDS,
    PUT_OFF_SECONDS_MAX,
    RECOVERY_SECONDS,
    TOTAL_FLOOR_PER_SECOND,
    Go,
    Pacing,
    PutOff,
    Wait,
)

BEGIN = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
RATE, DOMAIN_RATE = 20.0, 5.0


def new() -> Pacing:
    return Pacing(per_second=RATE, domain_per_second=DOMAIN_RATE)


def at(seconds: float) -> datetime:
    return BEGIN + timedelta(seconds=seconds)


def sent(paced: Pacing, domain: str, begin: float, end: float, *, step: float = 0.05) -> list[float]:
    """When mails to a domain that has any number of them may go, asked every `step` seconds."""
    moments, now = [], begin
    while now < end:
        while isinstance(paced.admit(domain, at(now)), Go):
            moments.append(now)
        now += step
    return moments


asked = st.lists(
    st.tuples(
        st.floats(0, 0.5),  # seconds since the last one
        st.sampled_from(["a", "b", "c", ""]),
        st.sampled_from(["mail"] * 12 + ["domain complains", "all complain"]),
    ),
    max_size=80,
)


@given(asked)
def test_in_no_window_more_goes_out_than_the_rate_allows(steps: list[tuple[float, str, str]]) -> None:
    """Neither in all nor to one domain, however mails and complaints come; a second's mails may go at once."""
    paced, now = new(), 0.0
    gone: dict[str | None, list[float]] = defaultdict(list)
    for passed, domain, what in steps:
        now += passed
        if what == "domain complains":
            paced.slow_down(at(now), domain=domain or "a")
        elif what == "all complain":
            paced.slow_down(at(now))
        elif isinstance(paced.admit(domain, at(now)), Go):
            gone[None].append(now)
            gone[domain].append(now)
    for domain, moments in gone.items():
        if domain == "":
            continue
        rate = RATE if domain is None else DOMAIN_RATE
        for first, last in itertools.combinations(range(len(moments)), 2):
            window = moments[last] - moments[first]
            assert last - first + 1 <= rate * (window + BURST_SECONDS) + 0.001


def test_a_clock_that_is_put_back_holds_no_mail() -> None:
    """It was an hour ahead for a moment: mails go on at their rate, complaints count, and nothing waits for that hour."""
    paced = new()
    for seconds in (0.0, 3600.0):
        assert len(sent(paced, "a", seconds, seconds + 0.01)) == DOMAIN_RATE
    assert isinstance(paced.admit("a", at(3600.01)), PutOff)
    assert DOMAIN_RATE * 0.8 <= len(sent(paced, "a", 1.0, 2.0)) <= DOMAIN_RATE * 2
    assert paced.slow_down(at(2.0), domain="a")
    put_back = paced.admit("a", at(1.0))
    assert isinstance(put_back, PutOff)
    assert put_back.until < at(1.0 + PUT_OFF_SECONDS_MAX)
    assert paced.slow_down(at(1.0), domain="a")


@given(st.integers(0, 500), st.integers(1, 10))
def test_a_slowed_domain_starves_no_other(backlog: int, others: int) -> None:
    """However many of its mails lie before the others', these go at once; it loses nothing but time."""
    paced = new()
    paced.slow_down(BEGIN, domain="slow")
    verdicts = [paced.admit("slow", BEGIN) for _ in range(backlog)]
    assert all(isinstance(verdict, PutOff) for verdict in verdicts)
    assert all(isinstance(paced.admit(f"other-{number}", BEGIN), Go) for number in range(others))
    moments = [verdict.until for verdict in verdicts if isinstance(verdict, PutOff)]
    assert moments == sorted(moments)
    assert all(BEGIN < moment <= at(PUT_OFF_SECONDS_MAX) for moment in moments)


def test_mails_that_were_put_off_come_when_they_may_go() -> None:
    """Each is looked at again about when it is its turn, so that few are put off twice."""
    paced = new()
    waiting = []
    for _ in range(40):
        verdict = paced.admit("a", BEGIN)
        if isinstance(verdict, PutOff):
            waiting.append(verdict.until)
    assert len(waiting) == 40 - DOMAIN_RATE
    assert all(isinstance(paced.admit("a", moment + timedelta(milliseconds=1)), Go) for moment in waiting)


def test_the_rate_in_all_holds_for_mails_of_many_domains() -> None:
    """When it is used up nothing is put off: mails wait where they are, and it is told until when."""
    paced = new()
    verdicts = [paced.admit(f"domain-{number}", BEGIN) for number in range(int(RATE) + 1)]
    assert all(isinstance(verdict, Go) for verdict in verdicts[:-1])
    assert verdicts[-1] == Wait(at(1 / RATE))
    assert isinstance(paced.admit("one-more", at(1 / RATE + 0.001)), Go)


def test_a_complaint_halves_what_went_out_lately() -> None:
    """Not what might have gone out: a server that complains at three mails a second gets half of that next."""
    paced = new()
    moments = sent(paced, "a", 0, 60, step=1 / 3)
    assert len(moments) > 150
    assert paced.rate(at(60), domain="a") == DOMAIN_RATE
    slower = new()
    for number in range(60 * 3):
        assert isinstance(slower.admit("a", at(number / 3)), Go)
    assert slower.slow_down(at(60), domain="a")
    assert 1.2 < slower.rate(at(60), domain="a") < 1.6
    assert slower.rate(at(60), domain="b") == DOMAIN_RATE
    assert slower.rate(at(60)) == RATE


def test_refusals_that_come_together_are_one_complaint() -> None:
    """Eight mails on their way at once do not divide the rate by 256."""
    paced = new()
    sent(paced, "a", 0, 30)
    assert [paced.slow_down(at(30 + number / 100), domain="a") for number in range(8)] == [True] + [False] * 7
    assert paced.rate(at(30.1), domain="a") > DOMAIN_RATE / 2 * 0.9
    assert paced.slow_down(at(30.1 + ONE_COMPLAINT_SECONDS), domain="a")


def test_no_complaint_stops_mail_altogether() -> None:
    """However often a server complains, it is asked now and then."""
    paced = new()
    for number in range(50):
        paced.slow_down(at(number * ONE_COMPLAINT_SECONDS), domain="a")
        paced.slow_down(at(number * ONE_COMPLAINT_SECONDS))
    now = 50 * ONE_COMPLAINT_SECONDS
    assert paced.rate(at(now), domain="a") >= DOMAIN_FLOOR_PER_SECOND
    assert paced.rate(at(now)) >= TOTAL_FLOOR_PER_SECOND
    assert sent(paced, "a", now, now + 2 / DOMAIN_FLOOR_PER_SECOND) != []


def test_the_rate_recovers_evenly_and_no_further_than_it_was() -> None:
    """As much in each minute, and all of it after half an hour without complaints."""
    paced = new()
    paced.slow_down(BEGIN, domain="a")
    rates = [paced.rate(at(minute * 60), domain="a") for minute in range(int(RECOVERY_SECONDS / 60) + 5)]
    steps = [later - earlier for earlier, later in itertools.pairwise(rates)]
    assert max(steps[:-6]) - min(steps[:-6]) < 1e-9
    assert steps[0] > 0
    assert rates[-1] == DOMAIN_RATE


def test_a_rate_below_the_floor_is_kept_as_it_is() -> None:
    """Who sets a lower rate than the floor means it."""
    paced = Pacing(per_second=0.01, domain_per_second=0.01)
    assert isinstance(paced.admit("a", BEGIN), Go)
    paced.slow_down(BEGIN, domain="a")
    assert paced.rate(BEGIN, domain="a") == 0.01
    assert isinstance(paced.admit("a", at(99)), PutOff)


def test_of_many_domains_those_that_had_no_mail_for_longest_are_forgotten() -> None:
    """Memory is bounded, and a domain in use keeps its rate."""
    paced = Pacing(per_second=1e9, domain_per_second=DOMAIN_RATE)
    paced.slow_down(BEGIN, domain="slow")
    for number in range(DOMAINS_MAX + 10):
        paced.admit(f"domain-{number}", BEGIN)
        if number % 100 == 0:
            paced.admit("slow", BEGIN)
    assert paced.domains == DOMAINS_MAX
    assert paced.rate(BEGIN, domain="slow") < DOMAIN_RATE


def test_a_clock_that_goes_back_gives_nothing_away() -> None:
    """Nobody may send twice what a second allows because the clock was put right."""
    paced = new()
    while isinstance(paced.admit("a", BEGIN), Go):
        pass
    assert isinstance(paced.admit("a", at(-3600)), PutOff)
